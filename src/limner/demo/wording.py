"""The words of the show, in English and Chinese: kinds of events, and chosen values."""

from __future__ import annotations

from typing import Any, NamedTuple

from limner.demo.catalogue import ITEM

KIND_ZH: dict[str, str] = {
    "view": "浏览", "page": "访问", "search": "搜索", "favourite": "收藏",
    "like": "点赞", "share": "分享", "comment": "评论", "follow": "关注",
    "referral": "推荐", "cart": "加购", "uncart": "移除", "checkout": "结算",
    "order": "下单", "payment": "支付", "purchase": "购买", "cancel": "取消",
    "refund": "退款", "promotion": "活动", "review": "评价", "rating": "评分",
    "complaint": "投诉", "login": "登录", "identify": "注册",
}  # fmt: skip

STYLES = {
    "cart": "yellow",
    "favourite": "magenta",
    "purchase": "bold green",
    "order": "green",
    "payment": "green",
    "login": "bold cyan",
    "refund": "red",
    "cancel": "red",
    "complaint": "red",
}
"""Kinds that deserve a colour; the rest go without."""


class Shown(NamedTuple):
    """A value of the profile that the show has room for."""

    name: str
    """Its full name, as `limner explain` takes it."""
    english: str
    chinese: str
    form: str
    """How it is written: count, hour, money, days, ago, part or score."""


Section = tuple[str, str, list[Shown]]
"""A dimension in both languages, and what is shown of it."""


def _section(english: str, chinese: str, *rows: str) -> Section:
    shown = []
    for row in rows:
        feature, title, title_zh, form = (cell.strip() for cell in row.split("|"))
        shown.append(Shown(f"{english.lower()}.{feature}", title, title_zh, form))
    return english, chinese, shown


LEFT = [
    _section(
        "Behaviour",
        "行为",
        "views_1h | Views, 1 h | 一小时浏览 | count",
        "carts_24h | Carts, 24 h | 一日加购 | count",
        "sessions_30d | Visits, 30 d | 月访问 | count",
        "heat | Heat | 活跃热度 | score",
        "usual_hour_90d | Usual hour | 常用时段 | hour",
        "active_days_30d | Active days | 月活跃天数 | count",
        "purchase_cycle_days | Cycle | 购买周期 | days",
        "night_share_90d | At night | 夜间占比 | part",
    ),
    _section(
        "Risk",
        "风险",
        "events_1h | Events, 1 h | 一小时事件 | count",
        "payments_24h | Payments | 一日支付 | count",
        "cancels_90d | Cancelled | 取消订单 | count",
    ),
]
RIGHT = [
    _section(
        "Value",
        "价值",
        "orders_365d | Orders | 订单数 | count",
        "spend_365d | Spend | 消费金额 | money",
        "average_order_365d | Mean order | 客单价 | money",
        "recency_days | Last bought | 最近购买 | ago",
        "refunded_365d | Sent back | 退款金额 | money",
    ),
    _section(
        "Preference",
        "偏好",
        "price_median_365d | Usual price | 价格偏好 | money",
        "discount_share_365d | Discounted | 折扣占比 | part",
    ),
    _section("Sentiment", "情感", "rating_mean_365d | Mean rating | 平均评分 | score"),
    _section("Social", "社交", "shares_90d | Shares | 分享次数 | count"),
]
"""The two columns of values; a small terminal shows the first rows alone."""


def value_of(profile: dict[str, dict[str, Any]], name: str) -> Any:
    """A value by its full name; None where the profile has none."""
    dimension, _, feature = name.partition(".")
    return profile.get(dimension, {}).get(feature)


def written(value: Any, form: str) -> str:
    """A value for people; a dash for None."""
    if value is None:
        return "–"
    match form:
        case "money":
            return f"¥{value / 100:,.0f}"
        case "hour":
            return f"{value:02d}–{(value + 1) % 24:02d}"
        case "days":
            return f"{value:.1f} d"
        case "ago":
            return ago(value * 86_400)
        case "part":
            return f"{value:.0%}"
        case "score":
            return f"{value:.1f}"
    return f"{value:,}"


def ago(seconds: float) -> str:
    """A span that has passed, in one unit.

    >>> ago(5), ago(7_200), ago(200_000)
    ('5 s', '2 h', '2 d')
    """
    for unit, length in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * length:
            return f"{seconds / length:.0f} {unit}"
    return f"{max(0.0, seconds):.0f} s"


def subject(event: dict[str, Any], *, is_chinese: bool = False) -> str:
    """What an event is about: an item's name, a query, or nothing.

    Of these, only items have a Chinese name beside the English one.
    """
    item = ITEM.get(event.get("item", ""))
    if item is not None:
        return item.chinese if is_chinese else item.english
    if is_chinese:
        return ""
    if "query" in event:
        return f"“{event['query']}”"
    if "score" in event:
        return f"{event['score']:.0f}/5"
    return ""
