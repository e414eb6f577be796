"""The pages of one PDF as a run of objects that a book takes over as it is: numbered on, stamped, still.

Of a page only what is seen is kept. Notes, form fields and stamps of readers become part of it; links,
scripts, attachments and what else could act are left behind.
"""

from __future__ import annotations

import copy
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote

from pikepdf import (
    Array,
    Dictionary,
    Name,
    Object,
    ObjectType,
    Page,
    PasswordError,
    Pdf,
    PdfError,
    Stream,
)

from reports.binding.stamping import FONT, Box, Glyph, Strip, Typeface, content, strip

MAX_PAGES = 5000
# A page without a size, or with one that nobody can print, is taken as A4.
A4: Box = (0, 0, 595, 842)
SMALLEST, LARGEST = 3, 14400
KEPT = ("/UserUnit", "/Group")
# What of a stream would make a reader look into another file.
OUTSIDE = ("/Length", "/F", "/FFilter", "/FDecodeParms", "/DL")
NO_PART_OF_A_PAGE = ("/Page", "/Pages", "/Catalog")
# As qpdf writes: brackets within a text always escaped, odd characters of a name too.
TOKEN = re.compile(
    rb"\((?:\\.|[^\\)])*\)|<[0-9a-fA-F]*>|/HvStamp(\d+) /HvStamp\d+|/[^\s\[\]<>()/{}%]*|(\d+) (\d+) R\b",
    re.DOTALL,
)


class Unfit(Exception):
    """The file cannot be bound in; the message is a sentence for the user."""


@dataclass(slots=True)
class Leaf:
    """A page as it will stand in the book."""

    parent: int
    text: str = ""
    # Names of addresses of the form `page:name` → the page where they lead.
    links: Mapping[str, int] = field(default_factory=dict)


class Run:
    """Objects written one after the other, the first under the number `first`."""

    def __init__(self, pdf: Pdf, file: BinaryIO, first: int) -> None:
        self.pdf, self.file, self.first = pdf, file, first
        self.offsets: array[int] = array("Q")
        self.numbers: dict[tuple[int, int], int] = {}
        self._waiting: list[tuple[int, int]] = []

    def reserve(self) -> int:
        self.offsets.append(0)
        return self.first + len(self.offsets) - 1

    def put(self, number: int, text: bytes, data: bytes | None = None) -> int:
        """Write an object; `text` ends with `>>` where it has `data`."""
        self.offsets[number - self.first] = self.file.tell()
        self.file.write(b"%d 0 obj\n" % number)
        if data is None:
            self.file.write(text)
        else:
            self.file.write(text[:-2] + b"/Length %d >>\nstream\n" % len(data))
            self.file.write(data)
            self.file.write(b"\nendstream")
        self.file.write(b"\nendobj\n")
        return number

    def number_of(self, key: tuple[int, int]) -> int:
        """The number in the book of an object of the file, which is written later."""
        if key not in self.numbers:
            self.numbers[key] = self.reserve()
            self._waiting.append(key)
        return self.numbers[key]

    def told(self, value: Object, fonts: Sequence[int] = ()) -> bytes:
        """A value as it is written in the book."""

        def renumbered(found: re.Match[bytes]) -> bytes:
            if found[2]:
                return b"%d 0 R" % self.number_of((int(found[2]), int(found[3])))
            if found[1] and int(found[1]) < len(fonts):
                return b"/HvStamp%d %d 0 R" % (int(found[1]), fonts[int(found[1])])
            return found[0]

        return TOKEN.sub(renumbered, value.unparse(resolved=True))

    def finish(self, fonts: Sequence[int] = ()) -> None:
        """Write all that was referred to, and what that refers to."""
        while self._waiting:
            key = self._waiting.pop()
            self._write(self.numbers[key], self.pdf.get_object(key), fonts)

    def _write(self, number: int, found: Any, fonts: Sequence[int]) -> None:
        if not isinstance(found, Object):
            self.put(number, plain(found))
        elif isinstance(found, Stream):
            described = copy.copy(found.stream_dict)
            for key in OUTSIDE:
                if key in described:
                    del described[key]
            self.put(number, self.told(described, fonts), found.read_raw_bytes())
        elif isinstance(found, Dictionary) and str(found.get("/Type", "")) in NO_PART_OF_A_PAGE:
            self.put(number, b"null")
        else:
            self.put(number, self.told(found, fonts))


def bind(
    pdf: Pdf, file: BinaryIO, first: int, face: Typeface, leaf: Callable[[int, int], Leaf]
) -> tuple[Run, list[int]]:
    """Write the pages of a PDF; the run, and the number of each page. `leaf` tells of page i of n.

    Raises Unfit, or whatever the engine raises at a damaged file.
    """
    count = len(pdf.pages)
    if not count:
        raise Unfit("文件里没有页面")
    if count > MAX_PAGES:
        raise Unfit(f"文件有 {count} 页，超过每份 {MAX_PAGES} 页的上限")
    leaves = [leaf(at, count) for at in range(count)]
    # Links of our own are kept; whatever else lies on a page becomes part of it.
    links = {at: dict(linked(page, leaves[at].links)) for at, page in enumerate(pdf.pages)}
    flatten(pdf)
    run = Run(pdf, file, first)
    pages = [run.reserve() for _ in leaves]
    marked: set[tuple[int, int]] = set()
    for number, each, page, at in zip(pages, leaves, pdf.pages, range(count), strict=True):
        write_page(run, number, page, each, face, marked, links[at])
    run.finish(face.fonts)
    return run, pages


def write_page(
    run: Run,
    number: int,
    page: Page,
    leaf: Leaf,
    face: Typeface,
    marked: set[tuple[int, int]],
    links: Mapping[Box, int],
) -> None:
    visible, rotation = seen(page.obj)
    box = visible
    before: list[int] = []
    after: list[int] = []
    resources = inherited(page.obj, "/Resources")
    if not isinstance(resources, Dictionary):
        resources = Dictionary()
    if leaf.text:
        placed: Strip = strip(visible, rotation)
        box = placed.after
        before = [run.put(run.reserve(), b"<< >>", content(placed, leaf.text, face))]
        after = [run.put(run.reserve(), b"<< >>", b"\nQ")]
        with_fonts(resources, len(face.fonts), marked)
    drawn = [*before, *(run.number_of(key) for key in contents(page.obj)), *after]
    held = run.number_of(resources.objgen) if resources.is_indirect else None
    parts = [
        b"<< /Type /Page /Parent %d 0 R" % leaf.parent,
        b"/MediaBox %b /CropBox %b" % (array_of(box), array_of(box)),
        b"/Rotate %d" % rotation if rotation else b"",
        b"/Contents [%b]" % b" ".join(b"%d 0 R" % each for each in drawn),
        b"/Resources " + (b"%d 0 R" % held if held else run.told(resources, face.fonts)),
        *(key.encode() + b" " + written(run, page.obj[key]) for key in KEPT if key in page.obj),
        *linking(links),
        b">>",
    ]
    run.put(number, b" ".join(filter(None, parts)))


def written(run: Run, value: Any) -> bytes:
    """A value of a page that may be a plain number."""
    if isinstance(value, Object):
        return b"%d 0 R" % run.number_of(value.objgen) if value.is_indirect else run.told(value)
    return plain(value)


def plain(value: Any) -> bytes:
    """A value that is no more than itself."""
    if value is None:
        return b"null"
    return (str(value).lower() if isinstance(value, bool) else f"{value}").encode()


def linking(links: Mapping[Box, int]) -> Iterator[bytes]:
    if links:
        told = [
            b"<< /Type /Annot /Subtype /Link /Border [0 0 0] /Rect %b /Dest [%d 0 R /Fit] >>"
            % (array_of(box), page)
            for box, page in links.items()
        ]
        yield b"/Annots [%b]" % b" ".join(told)


def array_of(box: Box) -> bytes:
    return b"[%b]" % b" ".join(f"{value:.4f}".rstrip("0").rstrip(".").encode() for value in box)


def flatten(pdf: Pdf) -> None:
    """Make part of the pages what lies on them: notes, fields, stamps."""
    if "/AcroForm" in pdf.Root or any("/Annots" in page.obj for page in pdf.pages):
        pdf.generate_appearance_streams()
        pdf.flatten_annotations("all")


def linked(page: Page, places: Mapping[str, int]) -> Iterator[tuple[Box, int]]:
    """Where a page of ours leads by addresses like `page:2-1-01`."""
    for each in page.obj.get("/Annots", ()) if places else ():
        action = each.get("/A")
        address = str(action.get("/URI", "")) if isinstance(action, Dictionary) else ""
        if target := places.get(unquote(address.partition(":")[2])):
            yield box_of(each.Rect) or A4, target


def contents(page: Object) -> Iterator[tuple[int, int]]:
    """The streams that draw a page."""
    drawn: Any = page.get("/Contents")
    parts: Iterable[Any] = drawn if isinstance(drawn, Array) else [drawn]
    return (part.objgen for part in parts if isinstance(part, Stream))


def with_fonts(resources: Object, count: int, marked: set[tuple[int, int]]) -> None:
    """Add our fonts, once for all pages that share them; until written their names stand for them."""
    if resources.is_indirect and resources.objgen in marked:
        return
    marked.add(resources.objgen)
    if not isinstance(resources.get("/Font"), Dictionary):
        resources["/Font"] = Dictionary()
    for at in range(count):
        resources["/Font"][FONT.format(at)] = Name(FONT.format(at))


def seen(page: Object) -> tuple[Box, int]:
    """What is seen of a page, and by how much it is turned."""
    media = box_of(inherited(page, "/MediaBox")) or A4
    crop = box_of(inherited(page, "/CropBox")) or media
    both = tuple(
        f(*pair) for f, pair in zip((max, max, min, min), zip(media, crop, strict=True), strict=True)
    )
    turned: Any = inherited(page, "/Rotate")
    rotation = int(turned) % 360 if isinstance(turned, int) else 0
    return usable(both) or usable(media) or A4, rotation if rotation in (90, 180, 270) else 0


def box_of(value: Any) -> Box | None:
    try:
        a, b, c, d = (float(each) for each in value)
    except (TypeError, ValueError):
        return None
    return (min(a, c), min(b, d), max(a, c), max(b, d))


def usable(box: tuple[Any, ...]) -> Box | None:
    left, bottom, right, top = box
    fits = all(SMALLEST <= length <= LARGEST for length in (right - left, top - bottom))
    return (left, bottom, right, top) if fits else None


def inherited(page: Object, key: str) -> Any:
    """What a page, or the part of the book it stands in, says under a key."""
    node: Any = page
    for _ in range(50):
        if not isinstance(node, Dictionary):
            return None
        if key in node:
            return node[key]
        node = node.get("/Parent")
    return None


def fonts_of(pdf: Pdf, file: BinaryIO, first: int) -> tuple[Run, Typeface]:
    """Take over the fonts of a PDF of ours; what can be written with them."""
    run = Run(pdf, file, first)
    numbers: list[int] = []
    glyphs: dict[str, Glyph] = {}
    for page in pdf.pages:
        for font in inherited(page.obj, "/Resources").get("/Font", {}).values():
            if font._type_code != ObjectType.dictionary or "/DescendantFonts" not in font:
                continue
            for char, code, width in characters(font):
                glyphs.setdefault(char, Glyph(len(numbers), code, width))
            numbers.append(run.number_of(font.objgen))
    run.finish()
    return run, Typeface(tuple(numbers), glyphs)


def characters(font: Object) -> Iterator[tuple[str, str, float]]:
    """Each character of a font, its code and its width."""
    below = font.DescendantFonts[0]
    widths = widths_of(below)
    default = float(below.get("/DW", 1000))
    told = font.ToUnicode.read_bytes().decode("latin-1")
    for block in re.findall(r"beginbfchar(.*?)endbfchar", told, re.DOTALL):
        for code, text in re.findall(r"<([0-9a-fA-F]+)>\s*<([0-9a-fA-F]+)>", block):
            char = bytes.fromhex(text).decode("utf-16-be")
            if len(char) == 1:
                yield char, code, widths.get(int(code, 16), default)


def widths_of(font: Object) -> dict[int, float]:
    """The widths by code: `c [w1 w2 …]` or `first last w`."""
    found: dict[int, float] = {}
    told = list(font.get("/W", ()))
    while told:
        first = int(told.pop(0))
        more = told.pop(0)
        if isinstance(more, Array):
            found |= {first + at: float(width) for at, width in enumerate(more)}
        else:
            width = float(told.pop(0))
            found |= dict.fromkeys(range(first, int(more) + 1), width)
    return found


def opened(path: Path) -> Pdf:
    """A PDF that may be read without a password; Unfit otherwise."""
    try:
        return Pdf.open(path, suppress_warnings=True)
    except PasswordError as fault:
        raise Unfit("文件设有打开密码") from fault
    except PdfError as fault:
        raise Unfit("PDF 文件已损坏，无法读取") from fault
