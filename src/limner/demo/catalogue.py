"""What the simulated shop sells: categories, brands and items, in two languages.

Everything here is invented. Prices are in fen, the minor unit of CNY.
"""

from __future__ import annotations

from dataclasses import dataclass

CURRENCY = "CNY"
TIME_ZONE = "Asia/Shanghai"
OFFSET_US = 8 * 3600 * 1_000_000
"""Of the shop's local time from UTC: China keeps no summer time."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something to buy."""

    key: str
    category: str
    brand: str
    english: str
    chinese: str
    price_minor: int
    level: float
    """Where its price stands in its category: 0 the cheapest, 1 the dearest."""


@dataclass(frozen=True, slots=True)
class Category:
    """A shelf of items of one sort."""

    key: str
    english: str
    chinese: str
    peak_month: int
    """The month (1 to 12) in which most of it is sold; 0 where any will do."""
    cycle_days: int
    """After so many days it is used up and bought again; 0 where it lasts."""
    items: tuple[Item, ...]
    """From the cheapest to the dearest."""


_SHELVES = """
coffee   | Coffee     | 咖啡     | 0  | 21 | food  | Mokka Lane, Sunhill, 山岚
  filter beans 手冲豆 68, espresso beans 意式豆 78, drip bags 挂耳包 49
tea      | Tea        | 茶叶     | 4  | 35 | food  | 云上, 山岚, Leafwell
  green tea 绿茶 88, oolong 乌龙茶 108, jasmine tea 茉莉花茶 56
snacks   | Snacks     | 零食     | 1  | 14 | food  | 小满, Nutty, Crispo
  nut mix 混合坚果 39, seaweed 海苔 19, dried mango 芒果干 25
pets     | Pet food   | 宠物粮   | 0  | 28 | food  | Pawly, 小耳朵, Whisker
  cat food 猫粮 119, dog food 狗粮 139, cat treats 猫条 29
skincare | Skincare   | 护肤     | 0  | 40 | goods | Lumia, 花间, Purely
  face cream 面霜 189, serum 精华 269, cleanser 洁面乳 89
baby     | Baby       | 母婴     | 0  | 24 | goods | Milla, 小耳朵, Purely
  nappies 纸尿裤 129, baby bottle 奶瓶 79, wipes 湿巾 29
running  | Running    | 跑步     | 4  | 0  | goods | Stride, 追风, Alto
  road shoes 公路跑鞋 499, trail shoes 越野跑鞋 599, sport socks 运动袜 49
outdoor  | Outdoor    | 户外     | 7  | 0  | goods | Alto, Northcamp, 远山
  tent 帐篷 799, backpack 登山包 459, headlamp 头灯 129
phones   | Phones     | 手机数码 | 9  | 0  | goods | Orbit, 星河, Nimbo
  smartphone 智能手机 1999, earbuds 无线耳机 399, power bank 充电宝 129
home     | Home       | 家居     | 11 | 0  | goods | Nordhus, 木语, Casa
  floor lamp 落地灯 289, bed linen 床品 359, candle 香薰蜡烛 69
kitchen  | Kitchen    | 厨房     | 1  | 0  | goods | Casa, 灶台, Copperfold
  wok 炒锅 199, rice cooker 电饭煲 399, tea kettle 烧水壶 129
books    | Books      | 图书     | 0  | 0  | books | 拾页, Lantern, Quill
  novel 小说 45, cookbook 菜谱 59, history 历史读物 68
toys     | Toys       | 玩具     | 6  | 0  | goods | Brikko, 童趣, Lantern
  building blocks 积木 159, puzzle 拼图 59, board game 桌游 129
fashion  | Fashion    | 服饰     | 10 | 0  | goods | Alder, 花间, Linea
  wool coat 羊毛大衣 899, linen shirt 亚麻衬衫 259, scarf 围巾 129
"""

_GRADES = {
    "food": "Small 小份 0.6, Classic 经典 1, Large 大份 1.8, Organic 有机 2.6",
    "goods": "Basic 基础 0.6, Classic 经典 1, Plus 升级 1.7, Pro 专业 3",
    "books": "Pocket 口袋本 0.6, Paperback 平装 1, Hardcover 精装 1.8, Art 典藏 3",
}


def _list(text: str) -> list[tuple[str, str, float]]:
    """``English words Chinese number`` of each part between commas."""
    parts = [part.strip().rsplit(" ", 2) for part in text.split(",")]
    return [(english, chinese, float(number)) for english, chinese, number in parts]


def _fen(yuan: float) -> int:
    """A shop's price: whole yuan, and from 30 on with a 9 at the end."""
    whole = round(yuan)
    return 100 * (whole // 10 * 10 + 9 if whole >= 30 else whole)


def _shelf(head: str, goods: str) -> Category:
    key, english, chinese, peak, cycle, grades, makers = (
        part.strip() for part in head.split("|")
    )
    brands = [maker.strip() for maker in makers.split(",")]
    sorts = [
        (_fen(price * factor), f"{grade} {noun}", f"{grade_zh}{noun_zh}")
        for noun, noun_zh, price in _list(goods)
        for grade, grade_zh, factor in _list(_GRADES[grades])
    ]
    items = [
        Item(
            key=f"{key}-{n + 1:02d}",
            category=key,
            brand=brands[n % len(brands)],
            english=name,
            chinese=name_zh,
            price_minor=price,
            level=n / (len(sorts) - 1),
        )
        for n, (price, name, name_zh) in enumerate(sorted(sorts))
    ]
    return Category(key, english, chinese, int(peak), int(cycle), tuple(items))


def _shelves() -> tuple[Category, ...]:
    lines = _SHELVES.strip().splitlines()
    return tuple(_shelf(*pair) for pair in zip(lines[::2], lines[1::2], strict=True))


CATEGORIES: tuple[Category, ...] = _shelves()
"""Every category, each with its items."""

CATEGORY: dict[str, Category] = {category.key: category for category in CATEGORIES}
"""Categories by key."""

ITEM: dict[str, Item] = {
    item.key: item for category in CATEGORIES for item in category.items
}
"""Items by key."""
