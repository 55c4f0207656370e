"""Bytes of a file: opened, unpacked, and brought to UTF-8, in blocks."""

from __future__ import annotations

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

import zstandard

from limner.errors import InputError

BLOCK_BYTES = 4 << 20

GZIP, ZSTD = b"\x1f\x8b", b"\x28\xb5\x2f\xfd"
_UNSUPPORTED = {
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"PK\x03\x04": "zip",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"\x04\x22\x4d\x18": "lz4",
}


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class Stream:
    """A file being read once, from its beginning."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = max(_checked_size(path), 1)
        self._file = _opened(path)
        try:
            self._bytes = _unpacked(self._file, path)
        except InputError:
            self._file.close()
            raise

    def __enter__(self) -> Stream:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def done(self) -> float:
        """How much of the file has been read, 0 to 1."""
        if not self._file.seekable():
            return 0.0
        return min(self._file.tell() / self.size, 1.0)

    def blocks(self, encoding: str) -> Iterator[bytes]:
        """Blocks of about 4 MB in UTF-8; bytes that are no text are not UTF-8."""
        for number, block in enumerate(self._decoded(encoding)):
            yield block.removeprefix(codecs.BOM_UTF8) if number == 0 else block

    def _decoded(self, encoding: str) -> Iterator[bytes]:
        if is_utf8_name(encoding):
            yield from self._read()
            return
        decoder = codecs.getincrementaldecoder(encoding)(ESCAPE)
        for block in self._read():
            yield decoder.decode(block).encode("utf-8", "surrogatepass")
        if rest := decoder.decode(b"", True):
            yield rest.encode("utf-8", "surrogatepass")

    def _read(self) -> Iterator[bytes]:
        while True:
            try:
                block = self._bytes.read(BLOCK_BYTES)
            except (EOFError, gzip.BadGzipFile, zlib.error, zstandard.ZstdError):
                raise InputError(
                    f"{self.path}: the compressed file is cut short or damaged"
                ) from None
            if not block:
                return
            yield block


def _checked_size(path: Path) -> int:
    try:
        if path.is_dir():
            raise InputError(f"{path}: a folder, expected a file")
        size = path.stat().st_size
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None
    if size == 0 and path.is_file():
        raise InputError(f"{path}: the file is empty")
    return size


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _unpacked(file: BinaryIO, path: Path) -> _Readable:
    """What a file's first bytes say goes before its name."""
    head = cast(io.BufferedReader, file).peek(8)
    if head.startswith(GZIP):
        return cast(_Readable, gzip.GzipFile(fileobj=file))
    if head.startswith(ZSTD):
        unpacked = zstandard.ZstdDecompressor(max_window_size=2**31)
        return _Full(unpacked.stream_reader(file, read_across_frames=True))
    for magic, name in _UNSUPPORTED.items():
        if head.startswith(magic):
            raise InputError(
                f"{path}: {name} compression, expected gzip, zstd or none;"
                " unpack it first"
            )
    return cast(_Readable, file)


class _Full:
    """A reader that may give less than asked for, made to give it all."""

    def __init__(self, reader: _Readable) -> None:
        self._reader = reader

    def read(self, size: int) -> bytes:
        parts = io.BytesIO()
        while parts.tell() < size:
            part = self._reader.read(size - parts.tell())
            if not part:
                break
            parts.write(part)
        return parts.getvalue()


def _escape(error: UnicodeError) -> tuple[str | bytes, int]:
    """One undecodable byte at a time, kept as a lone surrogate (PEP 383), and back."""
    if isinstance(error, UnicodeDecodeError):
        return chr(0xDC00 + error.object[error.start]), error.start + 1
    if isinstance(error, UnicodeEncodeError):
        return bytes([ord(error.object[error.start]) & 0xFF]), error.start + 1
    raise error


ESCAPE = "limner-escape"
codecs.register_error(ESCAPE, _escape)


def is_utf8_name(encoding: str) -> bool:
    """Whether text in this encoding is UTF-8 as it stands."""
    return codecs.lookup(encoding).name in ("utf-8", "utf-8-sig", "ascii")


def as_written(text: bytes, encoding: str) -> bytes:
    """What `Stream.blocks` gave, as it stood in the file."""
    if is_utf8_name(encoding):
        return text
    return text.decode("utf-8", "surrogatepass").encode(encoding, ESCAPE)


def as_utf8(written: bytes, encoding: str) -> bytes:
    """Bytes in this encoding as `Stream.blocks` gives them."""
    if is_utf8_name(encoding):
        return written
    return written.decode(encoding, ESCAPE).encode("utf-8", "surrogatepass")


def format_of(path: Path) -> str | None:
    """The format that a file's name tells: csv, tsv, jsonl, parquet or None."""
    name = path.name.lower()
    for ending in (".gz", ".gzip", ".zst", ".zstd"):
        name = name.removesuffix(ending)
    return _FORMATS.get(Path(name).suffix)


_FORMATS = {
    ".csv": "csv",
    ".txt": "csv",
    ".dat": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
}
