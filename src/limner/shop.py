"""The ready-made shopper: a complete profile before a line is written.

Days and hours are in the store's time zone; money is in minor units of its currency. A
purchase whose order is cancelled counts as something that the shopper did, but not in
value, preference and cycle features.
"""

from __future__ import annotations

from limner.features.active_days import active_days
from limner.features.attribute import attribute
from limner.features.count import count
from limner.features.decayed import decayed
from limner.features.distinct import distinct
from limner.features.exists import exists
from limner.features.first import first
from limner.features.intervals import intervals
from limner.features.last import last
from limner.features.maximum import maximum
from limner.features.mean import mean
from limner.features.mode import mode
from limner.features.quantile import quantile
from limner.features.sessions import sessions
from limner.features.share import share
from limner.features.since_first import since_first
from limner.features.since_last import since_last
from limner.features.top import top
from limner.features.total import total
from limner.language.kind import Event
from limner.language.vocabulary import (
    Cancel,
    Cart,
    Checkout,
    Click,
    Comment,
    Complaint,
    Favourite,
    Follow,
    Like,
    Login,
    Payment,
    Purchase,
    Rating,
    Referral,
    Refund,
    Review,
    Search,
    Share,
    Uncart,
    View,
)
from limner.profile.definition import Dimension, Profile, label

NOT_CANCELLED = ~Purchase.order.among(Cancel.order)
INTEREST = {View: 1, Favourite: 2, Cart: 3, Purchase: 5}
"""What an event says about the taste of a shopper, relative to a view."""

_orders = distinct(Purchase.order, missing="each").where(NOT_CANCELLED)
_spend = total(Purchase.amount).where(NOT_CANCELLED)


class Basic(Dimension):
    """Who the shopper is, as declared."""

    gender = attribute("gender").named("Gender", "性别")
    age_band = attribute("age_band").named("Age band", "年龄段")
    region = attribute("region").named("Region", "地区")
    occupation = attribute("occupation").named("Occupation", "职业")
    level = attribute("level").named("Member level", "会员等级")
    channel = mode(Event.channel).named("Usual channel", "常用渠道")
    device = mode(Event.device).named("Usual device", "常用设备")
    first_campaign = first(Event.campaign).named("First campaign", "首次触达活动")
    known_days = since_first(Event).named("Days since first seen", "首次出现距今天数")


class Behaviour(Dimension):
    """How often, how long and when."""

    views = count(View).within("1h", "24h", "7d", "30d").named("Views", "浏览次数")
    carts = count(Cart).within("24h", "7d", "30d").named("Added to cart", "加购次数")
    uncarts_7d = count(Uncart).within("7d").named("Removed from cart, 7d", "移出购物车")
    favourites_30d = count(Favourite).within("30d").named("Favourites, 30d", "收藏次数")
    searches_7d = count(Search).within("7d").named("Searches, 7d", "搜索次数")
    clicks_7d = count(Click).within("7d").named("Clicks, 7d", "点击次数")
    checkouts_7d = count(Checkout).within("7d").named("Checkouts, 7d", "结算次数")
    logins_30d = count(Login).within("30d").named("Logins, 30d", "登录次数")
    sessions_30d = (
        sessions(Event, gap="30m").within("30d").named("Visits, 30d", "访问次数")
    )
    active_days_30d = (
        active_days(Event).within("30d").named("Active days, 30d", "活跃天数")
    )
    items_seen_7d = (
        distinct(View.item).within("7d").named("Items viewed, 7d", "浏览商品数")
    )
    usual_hour_90d = (
        mode(Event.local_hour).within("90d").named("Usual hour", "常用时段")
    )
    usual_weekday_90d = (
        mode(Event.weekday).within("90d").named("Usual weekday (Mon = 0)", "常用星期")
    )
    night_share_90d = (
        share(Event, Event.local_hour.between(22, 5))
        .within("90d")
        .named("Share of events at night", "夜间活动占比")
    )
    seconds_7d = (
        total(Event.seconds).within("7d").named("Seconds spent, 7d", "停留时长")
    )
    last_seen_days = since_last(Event).named("Days since last seen", "最近活跃距今天数")
    momentum_7d = (
        count(View).within("7d") / count(View).within("7d").ago("7d") - 1
    ).named("Change of views, week over week", "浏览量周环比")
    heat = decayed(Event, half_life="3d").named("Heat", "活跃热度")
    purchase_cycle_days = (
        intervals(Purchase.order)
        .where(NOT_CANCELLED)
        .named("Days between orders", "购买周期（天）")
    )


class Preference(Dimension):
    """What the shopper likes."""

    categories = (
        top(5, Event.category, weight=INTEREST, half_life="14d")
        .where(~Purchase.order.among(Cancel.order))
        .within("365d")
        .named("Favourite categories", "偏好品类")
    )
    items = (
        top(5, Event.item, weight=INTEREST, half_life="14d")
        .where(~Purchase.order.among(Cancel.order))
        .within("365d")
        .named("Favourite items", "偏好商品")
    )
    brands = (
        top(5, Event.brand, weight=INTEREST, half_life="30d")
        .where(~Purchase.order.among(Cancel.order))
        .within("365d")
        .named("Favourite brands", "偏好品牌")
    )
    favourite_item_365d = (
        mode(Purchase.item)
        .where(NOT_CANCELLED)
        .within("365d")
        .named("Item bought most", "最常购买商品")
    )
    price_median_365d = (
        quantile(0.5, Purchase.price)
        .where(NOT_CANCELLED)
        .within("365d")
        .named("Median price", "价格中位数")
    )
    price_highest_365d = (
        maximum(Purchase.price)
        .where(NOT_CANCELLED)
        .within("365d")
        .named("Highest price", "最高单价")
    )
    viewed_price_median_30d = (
        quantile(0.5, View.price).within("30d").named("Median price viewed", "浏览价位")
    )
    category_breadth_90d = (
        distinct(Event.category)
        .within("90d")
        .named("Breadth of categories", "品类广度")
    )
    discount_share_365d = (
        share(Purchase, Purchase.discount > 0)
        .where(NOT_CANCELLED)
        .within("365d")
        .named("Share bought at a discount", "折扣购买占比")
    )
    last_category = last(View.category).named("Last category viewed", "最近浏览品类")


class Value(Dimension):
    """What the shopper is worth to the shop."""

    orders = _orders.within("30d", "90d", "365d").named("Orders", "订单数")
    items_365d = (
        total(Purchase.quantity)
        .where(NOT_CANCELLED)
        .within("365d")
        .named("Units bought, 365d", "购买件数")
    )
    spend = _spend.within("30d", "90d", "365d").named("Spend", "消费金额")
    refunded_365d = total(Refund.amount).within("365d").named("Refunded", "退款金额")
    refund_share_365d = (refunded_365d / spend["365d"]).named(
        "Refunded part of spend", "退款占比"
    )
    average_order_365d = (spend["365d"] / orders["365d"]).named(
        "Average order", "客单价"
    )
    largest_line_365d = (
        maximum(Purchase.amount)
        .where(NOT_CANCELLED)
        .within("365d")
        .named("Largest line", "最大单笔")
    )
    recency_days = (
        since_last(Purchase)
        .where(NOT_CANCELLED)
        .named("Days since last purchase", "最近购买距今天数")
    )
    first_purchase_days = (
        since_first(Purchase)
        .where(NOT_CANCELLED)
        .named("Days since first purchase", "首次购买距今天数")
    )


class Sentiment(Dimension):
    """How content the shopper is."""

    rating_mean_365d = (
        mean((Rating | Review).score).within("365d").named("Mean rating", "平均评分")
    )
    rating_last = last((Rating | Review).score).named("Last rating", "最近评分")
    reviews_365d = count(Review).within("365d").named("Reviews, 365d", "评论数")
    complaints_90d = count(Complaint).within("90d").named("Complaints, 90d", "投诉次数")


class Social(Dimension):
    """What the shopper tells others."""

    shares_90d = count(Share).within("90d").named("Shares, 90d", "分享次数")
    likes_90d = count(Like).within("90d").named("Likes, 90d", "点赞次数")
    comments_90d = count(Comment).within("90d").named("Comments, 90d", "评论互动")
    follows_90d = count(Follow).within("90d").named("Follows, 90d", "关注次数")
    referrals_365d = count(Referral).within("365d").named("Referrals", "推荐人数")


class Risk(Dimension):
    """What does not look like shopping."""

    events_1h = count(Event).within("1h").named("Events, 1h", "一小时事件数")
    orders_24h = (
        distinct(Purchase.order, missing="each")
        .within("24h")
        .named("Orders, 24h", "一日订单数")
    )
    purchases_24h = count(Purchase).within("24h").named("Purchases, 24h", "一日购买数")
    payments_24h = count(Payment).within("24h").named("Payments, 24h", "一日支付数")
    devices_30d = distinct(Event.device).within("30d").named("Devices", "设备数")
    cancels_90d = count(Cancel).within("90d").named("Cancellations, 90d", "取消订单数")
    refunds_90d = count(Refund).within("90d").named("Refunds, 90d", "退款次数")
    lines_365d = count(Purchase).within("365d").named("Lines bought", "购买行数")


class Labels(Dimension):
    """What people call such a shopper."""

    new = label(Basic.known_days <= 7, en="New", zh="新客")
    active = label(Behaviour.active_days_30d >= 4, en="Active", zh="活跃")
    sleeping = label(
        (Behaviour.last_seen_days > 30) & (Behaviour.last_seen_days <= 180),
        en="Sleeping",
        zh="沉睡",
    )
    lost = label(Behaviour.last_seen_days > 180, en="Lost", zh="流失")
    buyer = label(Value.orders["365d"] >= 1, en="Buyer", zh="已购")
    repeat_buyer = label(Value.orders["365d"] >= 2, en="Repeat buyer", zh="复购客")
    loyal = label(Value.orders["90d"] >= 5, en="Loyal", zh="忠诚客")
    big_spender = label(
        (Value.average_order_365d >= 50_000) & (Value.orders["365d"] >= 2),
        en="Big spender",
        zh="高客单",
    )
    abandoned_cart = label(
        exists(Cart).within("2h") & ~exists(Purchase).within("2h"),
        en="Abandoned cart",
        zh="弃购",
    )
    bargain_hunter = label(
        Preference.discount_share_365d >= 0.5, en="Bargain hunter", zh="折扣敏感"
    )
    night_owl = label(Behaviour.night_share_90d > 0.5, en="Night owl", zh="夜猫子")
    unhappy = label(
        (Sentiment.complaints_90d >= 1) | (Sentiment.rating_last <= 2),
        en="Unhappy",
        zh="不满意",
    )
    returner = label(
        (Value.refund_share_365d > 0.3) & (Risk.refunds_90d >= 2),
        en="Returns a lot",
        zh="高退货",
    )
    suspicious = label(
        (Risk.events_1h > 300) | (Risk.orders_24h >= 4),
        en="Suspicious",
        zh="异常行为",
    )


class Shopper(Profile):
    """The ready-made profile of a shopper of an online shop."""

    basic = Basic
    behaviour = Behaviour
    preference = Preference
    value = Value
    sentiment = Sentiment
    social = Social
    risk = Risk
    labels = Labels
