"""The show on a terminal: one picture of a scene, at whatever size there is."""

from __future__ import annotations

from itertools import zip_longest

from rich.cells import cell_len, set_cell_size
from rich.console import Group, RenderableType
from rich.layout import Layout
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from limner.clock import moment_text
from limner.demo.catalogue import CATEGORY, OFFSET_US
from limner.demo.scene import Scene
from limner.demo.trace import Happening
from limner.demo.wording import (
    KIND_ZH,
    LEFT,
    RIGHT,
    STYLES,
    Section,
    subject,
    value_of,
    written,
)

WIDE = 106
"""From this width on there is room for both languages everywhere."""
BARS, CHIP_ROWS = 5, 2
CHIP = "black on cyan"
_EIGHTHS = " ▏▎▍▌▋▊▉█"
_SPARKS = "▁▂▃▄▅▆▇█"
_QUIET = "bright_black"


def picture(scene: Scene, width: int, *, height: int) -> Layout:
    """The whole screen, so many characters wide and lines high."""
    is_wide = width >= WIDE
    left = min(60, width // 2) if is_wide else max(30, width * 2 // 5)
    inside = height - 5
    layout = Layout()
    body = Layout(name="body")
    layout.split_column(
        Layout(_title(scene, width), size=1),
        body,
        Layout(_figures(scene, width), size=2),
    )
    crowd = max(3, inside // 4)
    events = Layout(name="events", size=left)
    events.split_column(
        Layout(_star_events(scene, left - 4, is_wide=is_wide)),
        Layout(_crowd(scene, left - 4, is_wide=is_wide, lines=crowd), size=crowd + 2),
    )
    room = inside - 3 - 3 - BARS
    shopper = _shopper(scene, width - left - 4, is_wide=is_wide, rows=max(1, room))
    body.split_row(events, Layout(shopper))
    return layout


def _title(scene: Scene, width: int) -> RenderableType:
    row = Table.grid(expand=True)
    row.add_column()
    row.add_column(justify="right")
    name = Text.assemble((" limner ", "bold black on cyan"), ("  a simulated shop", ""))
    if width >= WIDE:
        name.append("  模拟商店 · 实时用户画像", _QUIET)
    done = min(1.0, scene.elapsed / scene.seconds) if scene.seconds else 1.0
    left = max(0.0, scene.seconds - scene.elapsed)
    clock = Text(f"{left:.0f} s left ", _QUIET)
    clock.append_text(bar(done, 12, style="cyan"))
    row.add_row(name, clock)
    return row


def _figures(scene: Scene, width: int) -> RenderableType:
    found = scene.delays.quantiles()
    row = Table.grid(expand=True)
    row.add_column()
    row.add_column(justify="right")
    line = Text(" sent → in a profile  ", _QUIET)
    if found.p50 is None or found.p99 is None:
        line.append("measuring …")
    else:
        line.append(f"p50 {found.p50:.1f} ms", "bold")
        line.append(f"  p99 {found.p99:.1f} ms", "bold")
    if width >= WIDE:
        line.append("  " + spark(scene.delays.last(16)), "cyan")
    rate = Text(f"{scene.events_per_s:.0f} events/s", "bold")
    rate.append(f"  {scene.stored:,} stored ", _QUIET)
    row.add_row(line, rate)
    note = " durable on disk, and read back"
    row.add_row(Text(note, _QUIET), Text("Ctrl-C ends early ", _QUIET))
    return row


def _star_events(scene: Scene, width: int, *, is_wide: bool) -> Panel:
    rows = [_line(one, width, is_wide=is_wide) for one in reversed(scene.star_events)]
    return Panel(
        Group(*rows) if rows else Text("waiting …", _QUIET),
        title=Text("this shopper, now" + (" 顾客动态 (UTC+8)" if is_wide else "")),
        title_align="left",
        subtitle=Text("? not signed in yet", _QUIET),
        subtitle_align="left",
        border_style=_QUIET,
    )


def _line(one: Happening, width: int, *, is_wide: bool) -> Text:
    kind, who = one.event["kind"], one.event["shopper"]
    style = STYLES.get(kind, "")
    line = Text(no_wrap=True, end="")
    if is_wide:
        line.append(local_time(one.at) + " ", _QUIET)
    is_unknown = "user_id" not in who
    line.append("? " if is_unknown else "  ", "bold yellow")
    line.append(set_cell_size(kind, 10), style)
    if is_wide:
        line.append(set_cell_size(KIND_ZH.get(kind, ""), 5), style or _QUIET)
    if "anonymous_id" in who and not is_unknown:
        line.append(f"so it was {who['user_id']}", "bold cyan")
    else:
        line.append(subject(one.event), "italic" if is_unknown else "")
        chinese = " " + subject(one.event, is_chinese=True)
        if is_wide and line.cell_len + cell_len(chinese) <= width:
            line.append(chinese, _QUIET)
    line.truncate(width, overflow="ellipsis")
    return Text.assemble(line, "\n", end="")


def _crowd(scene: Scene, width: int, *, is_wide: bool, lines: int) -> Panel:
    rows = []
    for one in list(scene.other_events)[: -lines - 1 : -1]:
        kind = one.event["kind"]
        name = next(iter(one.event["shopper"].values()))
        line = Text(style=_QUIET, no_wrap=True, end="")
        if is_wide:
            line.append(local_time(one.at) + " ")
        line.append(set_cell_size(name if len(name) < 9 else "someone", 8))
        line.append(set_cell_size(kind, 9) + " ")
        line.append(subject(one.event))
        line.truncate(width, overflow="ellipsis")
        rows.append(Text.assemble(line, "\n", end=""))
    title = "everybody else" + (" 其他顾客" if is_wide else "")
    return Panel(
        Group(*rows), title=Text(title), title_align="left", border_style=_QUIET
    )


def _shopper(scene: Scene, width: int, *, is_wide: bool, rows: int) -> Panel:
    star = scene.star
    facts = scene.profile.get("basic", {})
    said = [facts.get(name) for name in ("gender", "age_band", "region", "device")]
    about = Text(" · ".join(str(fact) for fact in said if fact), no_wrap=True)
    if is_wide and facts.get("occupation"):
        about.append(f" · {facts['occupation']}")
    parts: list[RenderableType] = [about, chips(scene, width), Text("")]
    heading = "Favourite categories" + (" 偏好品类" if is_wide else "")
    parts.append(Text(heading, "bold"))
    parts += _bars(scene, width, is_wide=is_wide)
    parts += [Text(""), _values(scene, width, is_wide=is_wide, rows=rows)]
    return Panel(
        Group(*parts),
        title=Text.assemble(("user_id:" + star.user_id, "bold cyan")),
        title_align="left",
        border_style="cyan",
    )


def chips(scene: Scene, width: int) -> Text:
    """Labels, the new ones first, as many as two lines hold."""
    lines = Text()
    room, rows = width, 1
    for name in sorted(scene.labels, key=lambda name: name in scene.labels_before):
        english, chinese = scene.label_names.get(name, (name, ""))
        is_new = name not in scene.labels_before
        chip = Text(f" {english} {chinese} ", "black on green" if is_new else CHIP)
        size = cell_len(chip.plain)
        if size > room:
            if rows == CHIP_ROWS or size > width:
                break
            lines.append("\n")
            room, rows = width, rows + 1
        lines.append_text(chip)
        lines.append(" ")
        room -= size + 1
    lines.append("\n" * (CHIP_ROWS - rows))
    return lines


def _bars(scene: Scene, width: int, *, is_wide: bool) -> list[RenderableType]:
    tops = scene.categories
    heaviest = max((weight for _, weight, _ in tops), default=1.0)
    label_width = 20 if is_wide else 14
    lines: list[RenderableType] = []
    for key, weight, added in tops[:BARS]:
        category = CATEGORY[key]
        is_fresh = scene.is_fresh(f"category:{key}")
        name = f"{category.english} {category.chinese if is_wide else ''}"
        line = Text(set_cell_size(name, label_width), no_wrap=True, end="")
        size = width - label_width - 13
        line.append_text(
            bar(weight / heaviest, size, style="green" if is_fresh else "cyan")
        )
        line.append(f" {weight:5.1f}", "bold" if is_fresh else "")
        moved = added >= 0.05
        line.append(f" +{added:.1f}" if moved else "", "green")
        lines.append(Text.assemble(line, "\n", end=""))
    lines += [Text("")] * (BARS - len(lines))
    return lines


def _values(scene: Scene, width: int, *, is_wide: bool, rows: int) -> RenderableType:
    """Two columns of values under their dimensions, as many rows as there is room."""
    half = (width - 3) // 2
    left, right = (
        _column(scene, sections, width=half, is_wide=is_wide)[:rows]
        for sections in (LEFT, RIGHT)
    )
    table = Table.grid(padding=(0, 3, 0, 0))
    for one, other in zip_longest(left, right, fillvalue=Text("")):
        table.add_row(one, other)
    return table


def _column(
    scene: Scene, sections: list[Section], *, width: int, is_wide: bool
) -> list[Text]:
    lines = []
    for english, chinese, rows in sections:
        lines.append(Text(f"{english} {chinese if is_wide else ''}", "bold"))
        for shown in rows:
            name = f"{shown.english} {shown.chinese}" if is_wide else shown.english
            said = written(value_of(scene.profile, shown.name), shown.form)
            size = width - len(said) - 1
            line = Text(set_cell_size(name, size), _QUIET, no_wrap=True)
            line.append(
                " " + said, "bold green" if scene.is_fresh(shown.name) else "default"
            )
            lines.append(line)
    return lines


def bar(part: float, width: int, *, style: str) -> Text:
    """A bar of eighths of a character, from 0 to 1 of so many characters."""
    eighths = round(min(1.0, max(0.0, part)) * width * 8)
    full, rest = divmod(eighths, 8)
    text = "█" * full + (_EIGHTHS[rest] if rest else "")
    return Text(text, style).append("·" * (width - len(text)), _QUIET)


def spark(values: list[float]) -> str:
    """Values as a line of little bars, the largest the highest."""
    if not values:
        return ""
    top = max(values)
    return "".join(_SPARKS[min(7, int(8 * value / top))] for value in values)


def local_time(at: int) -> str:
    """The shop's time of day."""
    return moment_text(at + OFFSET_US)[11:19]
