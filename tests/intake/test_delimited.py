"""Delimited files, row for row as Python's csv module reads them."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from limner.intake.delimited import Dialect, read_delimited
from limner.intake.rows import ROW_BYTES_MAX, Rows

AB = Dialect(columns=("a", "b"))


def pieces(text: bytes, dialect: Dialect, block: int = 1 << 20) -> list[Rows]:
    blocks = [text[at : at + block] for at in range(0, len(text), block)]
    return list(read_delimited(blocks, dialect))


def told(text: bytes, dialect: Dialect = AB, block: int = 1 << 20) -> list[object]:
    """Each row as its cells, or as its fault."""
    found: list[object] = []
    for rows in pieces(text, dialect, block):
        columns = [rows.cells(name).to_pylist() for name in rows.layout.columns]
        cells = dict(zip(rows.good.tolist(), zip(*columns, strict=True), strict=False))
        faults = {row: fault.code for row, fault in rows.faults.items()}
        assert len(cells) + len(faults) == len(rows)
        found += [cells.get(row, faults.get(row)) for row in range(len(rows))]
    return found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (b"1,2\n3,4\n", [("1", "2"), ("3", "4")]),
        (b"1,2\r\n3,4", [("1", "2"), ("3", "4")]),
        (b"1,2\r3,4\r", [("1", "2"), ("3", "4")]),
        (b"\n\n1,2\n\n", [("1", "2")]),
        (b'"1,5","a""b"\n', [("1,5", 'a"b')]),
        (b'"two\nlines",x\n', [("two\nlines", "x")]),
        (b'a"b,c""d\n', [('a"b', 'c""d')]),
        (b'"a"b,"" \n', [("ab", " ")]),
        (b",\n", [("", "")]),
        (b"1\n1,2,3\n1,2\n", ["bad_row", "bad_row", ("1", "2")]),
        (b"1,\xff\n1,2\n", ["bad_encoding", ("1", "2")]),
        (b'"never closed,2\n1,2\n3,4\n', ["bad_row", ("1", "2"), ("3", "4")]),
        (b'1,"x\n1,2\n"y",z\n', ["bad_row", ("1", "2"), ("y", "z")]),
    ],
)
def test_rows_and_their_cells(text: bytes, expected: list[object]) -> None:
    assert told(text) == expected


CELLS = st.text(
    st.sampled_from('ab,"\r\n é鞋𠮷') | st.characters(exclude_categories=["Cs"]),
    max_size=8,
)
TABLES = st.lists(st.tuples(CELLS, CELLS), max_size=12)


@given(TABLES, st.sampled_from(["\n", "\r\n"]), st.integers(1, 40))
@example([('"', "x"), ("\r", "\n")], "\n", 1)
def test_whatever_csv_writes_is_read_whole_in_blocks_of_any_size(
    table: list[tuple[str, str]], ending: str, block: int
) -> None:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerows(table)
    assert told(text.getvalue().encode(), AB, block) == table


@given(st.text('ab,"\r\n ', max_size=30), st.integers(1, 40))
@example('"a"b,c\n', 1)
def test_what_csv_reads_otherwise_is_only_a_quote_over_several_lines(
    text: str, block: int
) -> None:
    rows = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    expected = [tuple(row) if len(row) == 2 else "bad_row" for row in rows]
    got = told(text.encode(), AB, block)
    assert got == expected or (text.count('"') and "bad_row" in got)


@given(st.binary(max_size=60), st.integers(1, 20))
def test_any_bytes_give_the_same_rows_in_blocks_of_any_size(
    text: bytes, block: int
) -> None:
    assert told(text, AB, block) == told(text, AB)


def test_the_number_and_hash_of_a_row_do_not_depend_on_blocks() -> None:
    text = b"".join(b"%d,x\n" % row for row in range(2_000))
    whole, cut = pieces(text, AB), pieces(text, AB, 777)
    assert [r.first for r in whole] == [1]
    assert sum(len(r) for r in cut) == 2_000
    hashes = [value for rows in cut for value in rows.hashes.tolist()]
    assert hashes == whole[0].hashes.tolist()
    assert len(set(hashes)) == 2_000


def test_the_hash_is_of_cells_not_of_quotes() -> None:
    plain, quoted, moved = pieces(b'1,2\n"1",2\n,12\n', AB)[0].hashes.tolist()
    assert plain == quoted != moved


def test_a_row_that_is_too_large_costs_only_itself() -> None:
    huge = b"x" * (ROW_BYTES_MAX + 1)
    assert told(b"1,2\n" + huge + b",2\n3,4\n") == [
        ("1", "2"),
        "too_large",
        ("3", "4"),
    ]


@pytest.mark.parametrize("lead", [b"", b'"'])
def test_a_line_of_many_megabytes_is_refused_and_skipped(lead: bytes) -> None:
    text = b"1,2\n" + lead + b"y" * 5_000_000 + b"\n3,4\n"
    assert told(text, AB, 1 << 18) == [("1", "2"), "too_large", ("3", "4")]


def test_a_quoted_cell_of_many_lines_is_too_large_as_one_row() -> None:
    cell = b'"' + b"line\n" * 10_000 + b'"'
    assert told(b"1," + cell + b"\n3,4\n", AB, 4_096) == ["too_large", ("3", "4")]


def test_a_header_names_the_columns() -> None:
    text = b'\n "first name" , b \r\n1,2\r\n'
    (rows,) = pieces(text, Dialect())
    assert rows.layout.columns == ('"first name"', "b")
    assert rows.first == 1
    (rows,) = pieces(b'"a\nb",c\n1,2\n', Dialect())
    assert (rows.layout.columns, len(rows)) == (("a\nb", "c"), 1)


def test_a_header_that_is_no_text_costs_no_row() -> None:
    text = "größe,b\n1,2\n3,4\n".encode("latin-1")
    (rows,) = pieces(text, Dialect())
    assert rows.layout.columns == ("gr\ufffd\ufffde", "b")
    assert rows.cells("b").to_pylist() == ["2", "4"]


def test_a_file_of_a_header_alone_has_no_rows() -> None:
    assert pieces(b"a,b\n", Dialect()) == []


def test_columns_may_stand_between_blanks() -> None:
    dialect = Dialect(delimiter="whitespace")
    text = b" customer  date\r\n 00001\t19970101 \r\n   \r\n1\r\n"
    assert told(text, dialect) == [("00001", "19970101"), "bad_row"]


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_other_delimiters(delimiter: str) -> None:
    text = f'1{delimiter}"2{delimiter}"\n'.encode()
    dialect = Dialect(delimiter=delimiter, columns=("a", "b"))
    assert told(text, dialect) == [("1", f"2{delimiter}")]


def test_quotes_can_be_switched_off() -> None:
    dialect = Dialect(columns=("a", "b"), quote="")
    assert told(b'"1,2"\n', dialect) == [('"1', '2"')]
