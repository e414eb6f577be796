"""A PDF written from its first byte to its last: objects as they come, then what ties them together.

In memory are the places of the objects, eight bytes each, and the pages.
"""

from __future__ import annotations

import shutil
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import md5
from pathlib import Path
from typing import BinaryIO


@dataclass(slots=True)
class Bookmark:
    title: str
    page: int
    below: list[Bookmark] = field(default_factory=list)


@dataclass(slots=True)
class Part:
    """Pages that follow one another under one node of the page tree."""

    node: int
    pages: list[int] = field(default_factory=list)


class Writer:
    """Writes to `file`, which is empty."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file
        # Under 0 nothing; the others as `offset`, 0 for what is still to be written.
        self.offsets: array[int] = array("Q", [0])
        file.write(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        self.root, self.tree = self.reserve(), self.reserve()

    @property
    def next(self) -> int:
        return len(self.offsets)

    def reserve(self) -> int:
        self.offsets.append(0)
        return len(self.offsets) - 1

    def put(self, number: int, text: bytes) -> int:
        self.offsets[number] = self.file.tell()
        self.file.write(b"%d 0 obj\n%b\nendobj\n" % (number, text))
        return number

    def append(self, run: Path, offsets: Iterable[int]) -> None:
        """Take over a run of objects whose first has the number `next`."""
        start = self.file.tell()
        with run.open("rb") as source:
            shutil.copyfileobj(source, self.file, 1024 * 1024)
        self.offsets.extend(start + offset for offset in offsets)

    def close(
        self, parts: Sequence[Part], front: int, bookmarks: Sequence[Bookmark], title: str, made_at: datetime
    ) -> None:
        """Write the page tree, the labels (the first `front` pages i, ii, …), bookmarks and the table."""
        for part in parts:
            kids = b" ".join(b"%d 0 R" % page for page in part.pages)
            self.put(
                part.node,
                b"<< /Type /Pages /Parent %d 0 R /Count %d /Kids [%b] >>"
                % (self.tree, len(part.pages), kids),
            )
        nodes = b" ".join(b"%d 0 R" % part.node for part in parts)
        count = sum(len(part.pages) for part in parts)
        self.put(self.tree, b"<< /Type /Pages /Count %d /Kids [%b] >>" % (count, nodes))
        outlines = self.reserve()
        first, last, shown = self._outline(bookmarks, outlines)
        self.put(
            outlines, b"<< /Type /Outlines /First %d 0 R /Last %d 0 R /Count %d >>" % (first, last, shown)
        )
        self.put(
            self.root,
            b"<< /Type /Catalog /Pages %d 0 R /Outlines %d 0 R /PageMode /UseOutlines /Lang (zh-CN)"
            b" /ViewerPreferences << /DisplayDocTitle true >>"
            b" /PageLabels << /Nums [0 << /S /r >> %d << /S /D >>] >> >>" % (self.tree, outlines, front),
        )
        day = made_at.strftime("D:%Y%m%d%H%M%S").encode()
        info = self.put(self.reserve(), b"<< /Title %b /CreationDate (%b) >>" % (text(title), day))
        self._table(info)

    def _outline(self, items: Sequence[Bookmark], parent: int) -> tuple[int, int, int]:
        """Write bookmarks of one level; the first, the last, and how many there are."""
        numbers = [self.reserve() for _ in items]
        for at, (number, item) in enumerate(zip(numbers, items, strict=True)):
            parts = [
                b"<< /Title %b /Parent %d 0 R /Dest [%d 0 R /Fit]" % (text(item.title), parent, item.page)
            ]
            if at:
                parts.append(b"/Prev %d 0 R" % numbers[at - 1])
            if at + 1 < len(numbers):
                parts.append(b"/Next %d 0 R" % numbers[at + 1])
            if item.below:
                first, last, count = self._outline(item.below, number)
                # Below zero: folded.
                parts.append(b"/First %d 0 R /Last %d 0 R /Count %d" % (first, last, -count))
            self.put(number, b" ".join([*parts, b">>"]))
        return numbers[0], numbers[-1], len(numbers)

    def _table(self, info: int) -> None:
        start = self.file.tell()
        self.file.write(b"xref\n0 %d\n0000000000 65535 f \n" % len(self.offsets))
        for offset in self.offsets[1:]:
            self.file.write(b"%010d 00000 n \n" % offset if offset else b"0000000000 65535 f \n")
        name = md5(b"%d %d" % (start, len(self.offsets)), usedforsecurity=False).hexdigest().encode()
        self.file.write(
            b"trailer\n<< /Size %d /Root %d 0 R /Info %d 0 R /ID [<%b> <%b>] >>\nstartxref\n%d\n%%%%EOF\n"
            % (len(self.offsets), self.root, info, name, name, start)
        )


def text(value: str) -> bytes:
    """A text for people, as PDF writes it."""
    return b"<feff%b>" % value.encode("utf-16-be", errors="replace").hex().encode()
