"""Times from texts, against Python's own datetime."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from limner.clock import moment_text
from limner.intake.times import TimeRule

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1970, 1, 2), datetime(9999, 12, 30))


def read(rule: TimeRule, *texts: str) -> list[str | None]:
    at, fine = rule.moments(pa.array(texts), np.zeros(len(texts), np.bool_))
    return [
        moment_text(int(one)) if ok else None for one, ok in zip(at, fine, strict=True)
    ]


def us(moment: datetime) -> int:
    return (moment - EPOCH) // timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2011-12-09 12:50:00", "2011-12-09T12:50:00Z"),
        ("2011-12-09", "2011-12-09T00:00:00Z"),
        ("2011-12-09T12:50", "2011-12-09T12:50:00Z"),
        ("2011-12-09T12:50:00.123456789Z", "2011-12-09T12:50:00.123456Z"),
        ("2011-12-09T12:50:00+08:00", "2011-12-09T04:50:00Z"),
        ("2011-12-09T12:50:00+0800", "2011-12-09T04:50:00Z"),
        ("20111209T125000Z", "2011-12-09T12:50:00Z"),
        ("2019-10-01 00:00:00 UTC", "2019-10-01T00:00:00Z"),
        (" 2011-12-09 ", "2011-12-09T00:00:00Z"),
        ("1430623510", "2015-05-03T03:25:10Z"),
        ("1454255994000", "2016-01-31T15:59:54Z"),
        ("1326729600000.0", "2012-01-16T16:00:00Z"),
        ("1326729600000000", "2012-01-16T16:00:00Z"),
        ("1.430623510e9", "2015-05-03T03:25:10Z"),
        ("0", "1970-01-01T00:00:00Z"),
        ("2011-02-29", None),
        ("2011-13-01", None),
        ("2011-12-09 24:01:00", None),
        ("2011-12-09 12:60:00", None),
        ("1969-12-31T23:59:59Z", None),
        ("-5", None),
        ("10000-01-01", None),
        ("9" * 17, None),
        ("9" * 40, None),
        ("yesterday", None),
        ("12:00", None),
        ("", None),
    ],
)
def test_iso_times_and_numbers(text: str, expected: str | None) -> None:
    if text == "9" * 17:
        expected = "5138-11-16T09:46:39.999999Z"  # microseconds
    assert read(TimeRule(), text) == [expected]


@pytest.mark.parametrize(
    ("unit", "text"),
    [("s", "5000"), ("ms", "5000000"), ("us", "5000000000"), ("ns", "5000000000000")],
)
def test_a_declared_unit_goes_before_the_size(unit: str, text: str) -> None:
    assert read(TimeRule(unit=unit), text) == ["1970-01-01T01:23:20Z"]


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%Y-%m-%d %H:%M:%S", "2011-12-09 12:50:00"),
        ("%Y%m%d", "19970101"),
        ("%Y%m%d", "1997111"),
        ("%d/%m/%Y %H:%M", "1/2/2011 8:26"),
        ("%m/%d/%y", "1/2/99"),
        ("%Y-%m-%d %H:%M:%S UTC", "2019-10-01 00:00:00 UTC"),
        ("%b %d %Y %I:%M %p", "Jan 2 2011 03:04 PM"),
        ("%Y-%m-%dT%H:%M:%S.%f", "2011-12-09T12:50:00.25"),
        ("%d.%m.%Y %H:%M", "31.12.2011 8:26"),
        ("%Y年%m月%d日", "2011年12月9日"),
    ],
)
def test_patterns_mean_what_strptime_means(pattern: str, text: str) -> None:
    expected = datetime.strptime(text, pattern).replace(tzinfo=UTC)
    assert read(TimeRule(pattern=pattern), text) == [moment_text(us(expected))]


@pytest.mark.parametrize("text", ["2011-02-30", "2011/02/03", "2011-02", "x", "1e9"])
def test_what_does_not_fit_the_pattern_is_no_time(text: str) -> None:
    assert read(TimeRule(pattern="%Y-%m-%d"), text) == [None]


def test_a_zone_in_the_text_goes_before_that_of_the_mapping() -> None:
    rule = TimeRule(zone="Asia/Shanghai")
    assert read(rule, "2011-12-09 12:50:00", "2011-12-09T12:50:00Z", "1430623510") == [
        "2011-12-09T04:50:00Z",
        "2011-12-09T12:50:00Z",
        "2015-05-03T03:25:10Z",
    ]
    pattern = TimeRule(pattern="%Y-%m-%d %H:%M %z", zone="Asia/Shanghai")
    assert read(pattern, "2011-12-09 12:50 +0100") == ["2011-12-09T11:50:00Z"]


def test_times_that_clocks_skip_or_show_twice_are_read_one_way() -> None:
    rule = TimeRule(zone="America/New_York")
    assert read(rule, "2024-03-10 02:30:00", "2024-11-03 01:30:00") == [
        "2024-03-10T07:30:00Z",
        "2024-11-03T05:30:00Z",
    ]


@given(MOMENTS, st.sampled_from(["UTC", "Asia/Shanghai", "America/Sao_Paulo"]))
def test_local_times_are_those_of_zoneinfo(clock: datetime, zone: str) -> None:
    at = us(clock.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
    expected = moment_text(at) if at >= 0 else None
    assert read(TimeRule(zone=zone), clock.isoformat(" ")) == [expected]


@given(
    st.text(max_size=30)
    | st.from_regex(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", fullmatch=True)
)
def test_any_text_is_a_time_or_is_not(text: str) -> None:
    assert len(read(TimeRule(), text)) == 1
    assert len(read(TimeRule(pattern="%Y-%m-%d %H:%M"), text)) == 1


def test_skipped_texts_are_no_fault() -> None:
    at, fine = TimeRule().moments(pa.array(["", "x"]), np.array([True, False]))
    assert (at.tolist(), fine.tolist()) == ([0, 0], [True, False])
