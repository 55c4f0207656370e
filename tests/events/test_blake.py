"""Our BLAKE2b is hashlib's."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from limner.events.blake import whos_of
from limner.events.codes import who_of


@given(
    secret=st.binary(min_size=1, max_size=64),
    kind=st.text(st.characters(codec="ascii", exclude_characters="\0"), max_size=20),
    values=st.lists(st.text(max_size=300), max_size=20),
    skipped=st.integers(0, 3),
)
def test_identifiers_are_those_of_hashlib(
    secret: bytes, kind: str, values: list[str], skipped: int
) -> None:
    texts = pa.array(values, pa.string()).slice(skipped)
    expected = who_of(secret, [(kind, value) for value in values[skipped:]])
    assert whos_of(secret, kind, values=texts).tolist() == expected.tolist()


def test_lengths_around_a_block_are_right() -> None:
    values = ["x" * n for n in range(520)]
    secret = bytes(range(32))
    expected = who_of(secret, [("user_id", value) for value in values])
    found = whos_of(secret, "user_id", values=pa.array(values))
    assert found.tolist() == expected.tolist()
