"""A ZIP file read strictly (PKWARE APPNOTE 6.3.10): members stored, one after the other, with nothing between them.

A bundle may come from anybody, and ZIP can say the same thing in two places, and different things at that. So what is
not just as we write it is refused: compression, encryption, comments, prefixes and gaps, overlapping members, names
that do not belong there or stand twice, sizes beyond what a member of that name can have. Then every other program that
unpacks the file sees what was verified here. Files of more than 4 GB (zip64) are as good as others.

>>> from pathlib import Path
>>> from tempfile import TemporaryDirectory
>>> with TemporaryDirectory() as folder:
...     made = Path(folder, "made.zip")
...     with zipfile.ZipFile(made, "w") as writing:
...         writing.writestr("checkpoint", b"a note")
...     with made.open("rb") as file:
...         Archive(file, "made.zip").read("checkpoint")
b'a note'
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from struct import Struct
from typing import BinaryIO, NamedTuple

from audit.bundle.layout import LONGEST_NAME, MOST_FILES, most_bytes
from ledger.errors import FormatError

_LOCAL = Struct("<4s5H3I2H")  # §4.3.7
_CENTRAL = Struct("<4s6H3I5H2I")  # §4.3.12
_END = Struct("<4s4H2IH")  # §4.3.16
_END64 = Struct("<4sQ2H2I4Q")  # §4.3.14, version 1
_LOCATOR = Struct("<4sIQI")  # §4.3.15
_WIDE = Struct("<2HQ")  # §4.5.3 with one value
_FULL16, _FULL32 = 0xFFFF, 0xFFFFFFFF
_BLOCK = 1 << 20
_LONGEST = _CENTRAL.size + LONGEST_NAME + _WIDE.size  # of what the directory says of a member
_NAME = re.compile(rb"[!-~]+")


class Member(NamedTuple):
    """Where a member's local header begins, its size, its CRC-32, and the header that has to stand there."""

    offset: int
    size: int
    crc: int
    stamp: tuple[int, int, int]


class _End(NamedTuple):
    """What the end of the file says: how many members, size and place of the central directory, where that must end."""

    files: int
    size: int
    offset: int
    stop: int


class Archive:
    """The members of an open file by name; ``shown`` is what errors call it. Raises FormatError, see above."""

    def __init__(self, file: BinaryIO, shown: str) -> None:
        self._file, self._shown = file, shown
        length = file.seek(0, 2)
        end = self._end(length)
        if end.files > MOST_FILES or end.offset + end.size != end.stop:
            raise self._wrong("its central directory is not where or what it must be", "中央目录位置或大小有误")
        self.members: dict[str, Member] = {}
        following = 0
        for name, member in self._directory(end):
            most = most_bytes(name)
            if most is None or name in self.members or len(self.members) == end.files:
                raise self._wrong(f"unexpected or repeated member {name[:80]!a}", f"多余或重复的成员 {name[:80]!a}")
            if member.size > most or member.offset != following:
                raise self._wrong(
                    f"member {name}: expected at most {most} bytes, right behind the member before it",
                    f"成员 {name}：应不超过 {most} 字节，且紧接前一成员",
                )
            following += _LOCAL.size + len(name) + member.size
            self.members[name] = member
        if following != end.offset or len(self.members) != end.files:
            raise self._wrong("members and central directory do not fit together", "成员与中央目录不一致")

    def read(self, name: str) -> bytes:
        """The bytes of a member, as they are: :meth:`sound` says whether their CRC-32 is right. FormatError where its
        local header says something else than the central directory.
        """
        offset, size, crc, (version, time, date) = self.members[name]
        header = _LOCAL.pack(b"PK\x03\x04", version, 0, 0, time, date, crc, size, size, len(name), 0) + name.encode()
        found = self._bytes(offset, len(header) + size)
        if found[: len(header)] != header:
            raise self._wrong(f"member {name}: its header differs from the directory", f"成员 {name}：头部与目录不一致")
        return found[len(header) :]

    def sound(self, name: str, data: bytes) -> bool:
        """Whether the data of a member have the CRC-32 that is told: what other programs look at."""
        return zlib.crc32(data) == self.members[name].crc

    def _end(self, length: int) -> _End:
        start = length - _END.size
        mark, *disks, on_disk, files, size, offset, comment = _END.unpack(self._bytes(start, _END.size))
        if mark != b"PK\x05\x06" or any(disks) or on_disk != files or comment:
            raise self._wrong("expected a ZIP file without comment, got none", "应为不带注释的 ZIP 文件，实则不是")
        locator = start - _LOCATOR.size
        if locator < 0 or self._bytes(locator, 4) != b"PK\x06\x07":
            return _End(files, size, offset, start)
        told = files, size, offset
        mark, disk, stop, count = _LOCATOR.unpack(self._bytes(locator, _LOCATOR.size))
        if disk or count != 1 or stop != locator - _END64.size:
            raise self._wrong("its zip64 locator is malformed", "zip64 定位记录有误")
        mark, rest, _, _, disk, other, on_disk, files, size, offset = _END64.unpack(self._bytes(stop, _END64.size))
        narrow = min(files, _FULL16), min(size, _FULL32), min(offset, _FULL32)
        if mark != b"PK\x06\x06" or rest != _END64.size - 12 or disk or other or on_disk != files or told != narrow:
            raise self._wrong("its zip64 end is malformed", "zip64 结束记录有误")
        return _End(files, size, offset, stop)

    def _directory(self, end: _End) -> Iterator[tuple[str, Member]]:
        """Names and members, in the order of the directory; it is read a block at a time."""
        at, block, start = end.offset, b"", 0
        while at < end.stop:
            if len(block) - start < min(_LONGEST, end.stop - at):
                block, start = self._bytes(at, min(_BLOCK, end.stop - at)), 0
            if len(block) - start < _CENTRAL.size:
                raise self._wrong("its central directory is cut short", "中央目录不完整")
            (mark, _, version, flags, method, time, date, crc, packed, size, name_length, extra_length, comment) = (
                _CENTRAL.unpack_from(block, start)[:13]
            )
            disk, _, _, offset = _CENTRAL.unpack_from(block, start)[13:]
            begin = start + _CENTRAL.size
            name = block[begin : begin + name_length]
            extra = block[begin + name_length : begin + name_length + extra_length]
            if (
                mark != b"PK\x01\x02"
                or (flags, method, comment, disk) != (0, 0, 0, 0)
                or packed != size
                or not 0 < name_length <= LONGEST_NAME
                or not _NAME.fullmatch(name)
            ):
                raise self._wrong("expected stored members with plain names", "成员应为不压缩且名称规范")
            if extra_length:  # its local header was written before it was known to need any
                offset, version = self._wide(offset, extra, extra_length), zipfile.DEFAULT_VERSION
            yield name.decode(), Member(offset, size, crc, (version, time, date))
            start = begin + name_length + extra_length
            at += _CENTRAL.size + name_length + extra_length
        if at != end.stop:
            raise self._wrong("its central directory is cut short", "中央目录不完整")

    def _wide(self, offset: int, extra: bytes, length: int) -> int:
        """The place of a member beyond 4 GB: the one extension that has a use here."""
        if length == _WIDE.size == len(extra) and offset == _FULL32:
            tag, size, wide = _WIDE.unpack(extra)
            if (tag, size) == (1, 8):
                return int(wide)
        raise self._wrong("expected no extension fields", "不应有扩展字段")

    def _bytes(self, offset: int, size: int) -> bytes:
        if offset >= 0:
            self._file.seek(offset)
            data = self._file.read(size)
            if len(data) == size:
                return data
        raise self._wrong("it is cut short", "文件不完整")

    def _wrong(self, en: str, zh: str) -> FormatError:
        return FormatError(f"bundle {self._shown}: {en}", f"数据包 {self._shown}：{zh}")


def stored(name: str) -> zipfile.ZipInfo:
    """How we write a member: not compressed, without a time of day or an account that says who made it when."""
    info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    info.create_system = 3
    info.external_attr = 0o644 << 16
    return info
