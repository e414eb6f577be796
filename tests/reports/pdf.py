"""A report's PDF as a reader meets it: its tables by their number, its text, its bookmarks, its fonts."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import pdfplumber
from pdfplumber.page import Page
from pypdf import PdfReader

CAPTION = re.compile(r"(?P<label>表[\d-]+)[\s　]+(?P<title>\S.*)")
# Margins of paper in points: what lies in them is header and footer.
TOP, BOTTOM = 105, 99
UNKNOWN = ("—", "")
BROKEN = re.compile(r"[\d.,-]\n[\d.,%-]")


@dataclass
class PdfTable:
    """`heads` are the heading rows; a cell that a merged one covers is None. `printed`: with line ends."""

    label: str
    title: str
    heads: list[list[str | None]]
    rows: list[list[str | None]] = field(default_factory=list)
    printed: list[list[str | None]] = field(default_factory=list)

    @property
    def columns(self) -> list[str]:
        """What stands above each column: the heading of its group, then its own."""
        filled = [
            filled_right(head) if len(self.heads) > 1 and not at else head
            for at, head in enumerate(self.heads)
        ]
        return ["/".join(part for part in parts if part) for parts in zip(*filled, strict=True)]

    def column(self, *words: str) -> int:
        """The only column whose heading is this, or else has all these words."""
        named = [at for at, name in enumerate(self.columns) if name == "/".join(words)]
        found = named or [at for at, name in enumerate(self.columns) if all(word in name for word in words)]
        assert len(found) == 1, f"{self.label}: {words} is {found} of {self.columns}"
        return found[0]

    def has(self, *words: str) -> bool:
        return any(all(word in name for word in words) for name in self.columns)

    def texts(self, *words: str) -> list[str]:
        """A column from top to bottom; what is merged downwards stands in each of its rows."""
        at = self.column(*words)
        texts: list[str] = []
        for row in self.rows:
            text = row[at]
            texts.append(texts[-1] if text is None and texts else text or "")
        return texts

    def numbers(self, *words: str) -> list[Decimal | None]:
        return [number(text) for text in self.texts(*words)]

    def row(self, name: str) -> list[str | None]:
        """The only row that begins with this name."""
        found = [row for row in self.rows if (row[0] or "").startswith(name)]
        assert len(found) == 1, f"{self.label}: {name} is in {len(found)} rows"
        return found[0]

    def number(self, name: str, *words: str) -> Decimal | None:
        return number(self.row(name)[self.column(*words)] or "")


def number(text: str) -> Decimal | None:
    """`24,681.5`, `96.88%`, `−27.6` as numbers; "—" and nothing are unknown."""
    if text in UNKNOWN:
        return None
    return Decimal(text.replace(",", "").replace("−", "-").removeprefix("+").removesuffix("%"))


def filled_right(head: list[str | None]) -> list[str | None]:
    filled: list[str | None] = []
    for text in head:
        filled.append(filled[-1] if text is None and filled else text)
    return filled


def squeezed(text: str) -> str:
    """Without what the setting of lines adds."""
    return re.sub(r"\s+", "", text)


def joined(text: str | None) -> str | None:
    """A cell without its line breaks. Spaces between Chinese and digits are those of the text."""
    return None if text is None else text.replace("\n", "")


class Pdf:
    def __init__(self, content: bytes) -> None:
        self.content = content
        self.reader = PdfReader(io.BytesIO(content))
        self.places = {page.indirect_reference: at for at, page in enumerate(self.reader.pages)}
        with pdfplumber.open(io.BytesIO(content)) as file:
            self.bodies = [body(page) for page in file.pages]
            self.lines = [page.extract_text().splitlines() for page in self.bodies]
            self.pages = [squeezed("".join(lines)) for lines in self.lines]
            self.tables = {table.label: table for table in tables(self.bodies)}

    @property
    def text(self) -> str:
        return "".join(self.pages)

    @property
    def bookmarks(self) -> list[tuple[int, str, int]]:
        """Depth, title and number of page (from 0) of each."""
        return list(self._bookmarks(self.reader.outline, 1))

    def _bookmarks(self, outline: Any, depth: int) -> Iterator[tuple[int, str, int]]:
        for each in outline:
            if isinstance(each, list):
                yield from self._bookmarks(each, depth + 1)
            else:
                yield depth, each.title, self.places[each.page]

    @property
    def broken(self) -> list[str]:
        """Cells in which a number, a date or a percentage goes on in the next line."""
        cells = (cell for table in self.tables.values() for row in table.printed for cell in row)
        return [cell for cell in cells if cell and BROKEN.search(cell)]

    @property
    def fonts(self) -> Iterator[tuple[str, bool]]:
        """Name of each font, and whether it is in the file."""
        for page in self.reader.pages:
            resources: Any = page["/Resources"]
            for font in resources.get("/Font", {}).values():
                whole = font.get_object()
                for part in whole.get("/DescendantFonts", [whole]):
                    descriptor = part.get_object().get("/FontDescriptor", {})
                    embedded = any(key in descriptor for key in ("/FontFile", "/FontFile2", "/FontFile3"))
                    yield str(whole["/BaseFont"]).lstrip("/"), embedded


def body(page: Page) -> Page:
    """A page without header and footer."""
    return page.crop((0, TOP - 1, page.width, page.height - BOTTOM + 1))


def tables(pages: list[Page]) -> Iterator[PdfTable]:
    """The captioned tables; one that goes on over the page is one table, its repeated heading left out."""
    last: PdfTable | None = None
    for page in pages:
        captions = list(captions_of(page))
        for found in page.find_tables():
            printed = cells(page, found.bbox)
            rows = [[joined(cell) for cell in row] for row in printed]
            above = [caption for caption in captions if caption[0] < found.bbox[1]]
            if above:
                if last:
                    yield last
                # The nearest caption above is its own, and no other's.
                _, label, title = above[-1]
                captions = [caption for caption in captions if caption[0] > found.bbox[1]]
                last = begun(label, title, rows)
                last.printed += printed
            elif last and rows[: len(last.heads)] == last.heads:
                last.rows += continued(rows[len(last.heads) :])
                last.printed += printed
    if last:
        yield last


def cells(page: Page, box: tuple[float, float, float, float]) -> list[list[str | None]]:
    """The cells of a table. At the end of a page merged ones are open, so the line below is given."""
    left, top, right, bottom = box
    around = page.crop((left - 2, max(top - 2, 0), right + 2, bottom + 2), strict=False)
    whole = around.find_tables({"explicit_horizontal_lines": [bottom]})[0]
    rows: list[list[str | None]] = whole.extract()
    return rows


def continued(rows: list[list[str | None]]) -> list[list[str | None]]:
    """Rows on the next page: what is empty at the left of the first goes on from above."""
    for at, text in enumerate(rows[0] if rows else []):
        if text:
            break
        rows[0][at] = None
    return rows


def captions_of(page: Page) -> Iterator[tuple[float, str, str]]:
    for line in page.extract_text_lines(return_chars=False):
        if found := CAPTION.fullmatch(line["text"]):
            yield line["top"], found["label"], found["title"]


def begun(label: str, title: str, rows: list[list[str | None]]) -> PdfTable:
    """A heading has two rows where columns stand in groups: then its first row has merged cells."""
    tall = 2 if None in rows[0] else 1
    return PdfTable(label, title, rows[:tall], rows[tall:])
