"""Compiled: bytes of a delimited file become rows and cells, exactly and once.

The dialect is that of Python's csv module (RFC 4180 and its usual sins), but for one
thing: a quote that is opened and never properly closed spoils only its own line.
"""

from __future__ import annotations

import numpy as np

from limner.compiled import njit
from limner.events.hashing import mix, xxh64
from limner.intake.rows import ROW_BYTES_MAX

FINE, BAD_ROW, TOO_LARGE, BAD_ENCODING, BLANK, INCOMPLETE = range(6)
LOOK_AHEAD = 1 << 20
"""A quoted cell of several lines is followed this far, in bytes."""

PLAIN, ESCAPED, TAILED = range(3)
"""A cell as it stands; with doubled quotes; with text after its closing quote."""

_LF, _CR, _BLANK, _TAB = 10, 13, 32, 9


@njit
def _ends_cell(byte, delimiter):
    return (byte == delimiter) | (byte == _LF) | (byte == _CR)


@njit
def _is_gap(byte):
    return (byte == _BLANK) | (byte == _TAB)


@njit
def _line_end(data, at, end):
    while at < end and data[at] != _LF and data[at] != _CR:
        at += 1
    return at


@njit
def _after(data, at, end):
    """The start of the next line, where a line ends at `at`."""
    if at < end and data[at] == _CR and at + 1 < end and data[at + 1] == _LF:
        return at + 2
    return min(at + 1, end)


@njit
def _quoted(data, at, end, delimiter, quote):
    """A quoted cell that opens at `at`: (its end, or -1: never closed; mark)."""
    mark, lines, start = PLAIN, False, at
    at += 1
    while at < end and at - start < LOOK_AHEAD:
        byte = data[at]
        if byte == quote:
            if at + 1 < end and data[at + 1] == quote:
                mark = ESCAPED
                at += 2
                continue
            if at + 1 >= end or _ends_cell(data[at + 1], delimiter):
                return at + 1, mark
            if lines:
                return -1, mark
            while at < end and not _ends_cell(data[at], delimiter):
                at += 1
            return at, TAILED
        if _ends_cell(byte, _LF):
            lines = True
        at += 1
    return -1, mark


@njit
def _cells(data, start, end, delimiter, quote, width, spans, base):
    """One row: (end of the row, cells, state). Cells go to spans[base:base + width]."""
    at, count, state = start, 0, FINE
    while True:
        mark, first = PLAIN, at
        if quote and at < end and data[at] == quote:
            stop, mark = _quoted(data, at, end, delimiter, quote)
            if stop < 0:
                return _line_end(data, start, end), count, BAD_ROW
            at = stop
            if mark != TAILED:
                first, stop = first + 1, stop - 1
        else:
            while at < end and not _ends_cell(data[at], delimiter):
                at += 1
            stop = at
        if count < width:
            spans[base + count, 0] = first
            spans[base + count, 1] = stop
            spans[base + count, 2] = mark
        count += 1
        if at >= end or data[at] != delimiter:
            break
        at += 1
    if count != width:
        state = BAD_ROW
    return at, count, state


@njit
def _words(data, start, end, width, spans, base):
    """One row of cells between runs of blanks."""
    at, count = start, 0
    while at < end and not _ends_cell(data[at], _LF):
        if _is_gap(data[at]):
            at += 1
            continue
        first = at
        while at < end and not (_is_gap(data[at]) or _ends_cell(data[at], _LF)):
            at += 1
        if count < width:
            spans[base + count, 0] = first
            spans[base + count, 1] = at
            spans[base + count, 2] = PLAIN
        count += 1
    return at, count, FINE if count == width else BAD_ROW


@njit
def is_utf8(data, at, end):
    """Whether these bytes are UTF-8, as RFC 3629 has it."""
    while at < end:
        lead = data[at]
        if lead < 0x80:
            at += 1
            continue
        low, high, more = 0x80, 0xBF, 1
        if 0xC2 <= lead <= 0xDF:
            more = 1
        elif 0xE0 <= lead <= 0xEF:
            more = 2
            low = 0xA0 if lead == 0xE0 else low
            high = 0x9F if lead == 0xED else high
        elif 0xF0 <= lead <= 0xF4:
            more = 3
            low = 0x90 if lead == 0xF0 else low
            high = 0x8F if lead == 0xF4 else high
        else:
            return False
        if at + more >= end:
            return False
        if not low <= data[at + 1] <= high:
            return False
        for i in range(2, more + 1):
            if not 0x80 <= data[at + i] <= 0xBF:
                return False
        at += more + 1
    return True


@njit
def copy_cell(data, start, end, mark, quote, out, at):
    """Write a cell without its quotes to `out`; returns where it ends there."""
    inside = True
    if mark == TAILED:
        start += 1
    i = start
    while i < end:
        byte = data[i]
        if mark != PLAIN and inside and byte == quote:
            if i + 1 < end and data[i + 1] == quote:
                i += 1
            else:
                inside = False
                i += 1
                continue
        out[at] = byte
        at += 1
        i += 1
    return at


@njit
def _hash_row(data, spans, base, width, quote, scratch):
    value = np.uint64(0)
    for cell in range(base, base + width):
        start, end, mark = spans[cell, 0], spans[cell, 1], spans[cell, 2]
        if mark == PLAIN:
            one = xxh64(data, start, end, np.uint64(0))
        else:
            stop = copy_cell(data, start, end, mark, quote, scratch, 0)
            one = xxh64(scratch, 0, stop, np.uint64(0))
        value = mix(value, one)
    return value


@njit
def _may_go_on(data, at, end, stop, state, quote):
    """Whether bytes still to come may belong to the row at[:stop]."""
    if stop >= end or (data[stop] == _CR and stop + 1 >= end):
        return True
    if state != BAD_ROW or quote == 0 or end - at >= LOOK_AHEAD:
        return False
    for i in range(at, _line_end(data, at, end)):  # noqa: SIM110  compiled
        if data[i] == quote:  # it may yet be closed further on
            return True
    return False


@njit
def split(data, at, is_last, dialect, width, scratch, spans, rows, states, hashes):
    """Split rows out of data[at:]: (rows found, where the next one starts).

    `dialect` is (delimiter, quote), a delimiter of 0 meaning runs of blanks. `rows`
    gets the span of each row; `scratch` has room for the largest. Stops before a row
    that may go on past the end.
    """
    delimiter, quote = dialect
    found, end = 0, len(data)
    while at < end and found < len(states):
        base = found * width
        if delimiter == 0:
            stop, _, state = _words(data, at, end, width, spans, base)
        else:
            stop, _, state = _cells(data, at, end, delimiter, quote, width, spans, base)
        if not is_last and _may_go_on(data, at, end, stop, state, quote):
            break
        if state == BAD_ROW and stop - at > ROW_BYTES_MAX:
            stop = _line_end(data, at, end)
        following = _after(data, stop, end)
        if _is_blank(data, at, stop, delimiter):
            at = following
            continue
        if stop - at > ROW_BYTES_MAX:
            state = TOO_LARGE
        elif not is_utf8(data, at, stop):
            state = BAD_ENCODING
        states[found] = state
        rows[found, 0], rows[found, 1] = at, stop
        if state == FINE:
            hashes[found] = _hash_row(data, spans, base, width, quote, scratch)
        else:
            hashes[found] = xxh64(data, at, stop, np.uint64(1))
        found += 1
        at = following
    return found, at


@njit
def _is_blank(data, at, stop, delimiter):
    if delimiter != 0:
        return at == stop
    for i in range(at, stop):  # noqa: SIM110  compiled
        if not _is_gap(data[i]):
            return False
    return True


@njit
def gather(data, spans, width, column, chosen, quote, offsets, out):
    """The texts of a column of the chosen rows, end to end in `out`."""
    at = 0
    for i in range(len(chosen)):
        cell = chosen[i] * width + column
        start, end, mark = spans[cell, 0], spans[cell, 1], spans[cell, 2]
        at = copy_cell(data, start, end, mark, quote, out, at)
        offsets[i + 1] = at
    return at


@njit
def cell_bytes(spans, width, column, chosen):
    """Room that the texts of a column take at most, in bytes."""
    total = 0
    for row in chosen:
        total += spans[row * width + column, 1] - spans[row * width + column, 0]
    return total
