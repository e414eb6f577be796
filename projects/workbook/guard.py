"""What comes before reading: a file may claim anything, so nothing that it says of itself is believed.

Each part of an .xlsx is unpacked once, piece by piece, and what is counted is what comes out. XML is not
read past a document type (and with it no entity), nor past a piece that a parser would have to hold whole.
What passes is read in bounded time and memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo
from zlib import error as DeflateError

from projects.workbook.faults import Fault, Refused, refused

MEGABYTE = 1024 * 1024
PIECE = 256 * 1024
# A workbook with a thousand pictures has some two thousand parts.
MOST_PARTS = 10_000
LARGEST_UNPACKED = 1024 * MEGABYTE
# Of what is held while reading: the sheets of the format, texts, styles.
LARGEST_READ = 192 * MEGABYTE
# The list of sheets and names; every entry of it becomes an object, whether the sheet is wanted or not.
BOOK, LARGEST_BOOK = "xl/workbook.xml", 4 * MEGABYTE
# A tag, a text, a comment: a cell holds 32,767 characters at most.
LONGEST_TOKEN = MEGABYTE
ENTRY, END, END_SIZE = b"PK\x01\x02", b"PK\x05\x06", 22
IS_ENCRYPTED = 1

SAVED_AGAIN = "在 Excel 或 WPS 中打开后另存的 .xlsx 工作簿"
SMALLER = "删去图片和多余内容后的工作簿，或拆成几个文件分别导入"


def damaged(name: str, why: str) -> Refused:
    return refused(f"文件已损坏：其中的 {name[:100]} {why}", SAVED_AGAIN)


def megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.0f} MB"


def content(source: Path | BinaryIO, largest: int) -> bytes:
    """The bytes of a file, never more than `largest`."""
    try:
        if isinstance(source, Path):
            with source.open("rb") as file:
                data = file.read(largest + 1)
        else:
            data = source.read(largest + 1)
    except FileNotFoundError:
        raise refused("没有这个文件", "已有的工作簿", source) from None
    except OSError:
        raise refused("文件打不开", "可以读取的工作簿", source) from None
    if len(data) > largest:
        raise refused(f"文件太大，超过上限 {megabytes(largest)}", SMALLER)
    return data


@dataclass(frozen=True, slots=True)
class Unpacked:
    """How large the parts of a package really are, by lower-case name."""

    sizes: dict[str, int]

    def oddities(self) -> Iterator[str]:
        """What the file holds that is left alone, as sentences."""
        if any(name.endswith("vbaproject.bin") for name in self.sizes):
            yield "文件带有宏：没有读取，也不会保留"
        links = [name for name in self.sizes if name.startswith("xl/externallinks/externallink")]
        if links:
            yield f"文件引用了 {len(links)} 个其他文件：没有打开它们，公式按本文件中保存的结果读取"

    def refuse_too_much(self, names: Iterable[str], sheet: str = "") -> None:
        """These parts together are held while reading."""
        size = sum(self.sizes.get(name, 0) for name in names)
        if size > LARGEST_READ:
            message = f"内容太多：解压后有 {megabytes(size)}，超过上限 {megabytes(LARGEST_READ)}"
            expected = "删去空行、空列和多余内容后的工作簿，或拆成几个文件分别导入"
            raise Refused([Fault(sheet, "", "", message, expected)])


def unpack(data: bytes) -> Unpacked:
    """Go through all parts of a package; Refused where they are too many, too large or not as claimed."""
    if data.count(ENTRY) > MOST_PARTS:
        raise refused(f"文件由超过 {MOST_PARTS} 个部分组成", SAVED_AGAIN)
    if not data[-END_SIZE:].startswith(END):
        # Readers disagree about where the directory of such a file is.
        raise refused("文件已损坏：末尾不完整，或有多余内容", SAVED_AGAIN)
    sizes: dict[str, int] = {}
    with ZipFile(BytesIO(data)) as package:
        refuse_claims(package.infolist())
        left = LARGEST_UNPACKED
        for info in package.infolist():
            name = part_name(info)
            if name in sizes:
                raise damaged(name, "出现了两次")
            sizes[name] = unpacked_size(package, info, left)
            left -= sizes[name]
    if sizes.get(BOOK, 0) > LARGEST_BOOK:
        raise refused("工作表或名称太多", "只留下要导入的工作表的工作簿")
    return Unpacked(sizes)


def part_name(info: ZipInfo) -> str:
    return info.filename.replace("\\", "/").lstrip("/").lower()


def refuse_claims(infos: list[ZipInfo]) -> None:
    """What the directory tells is enough for some."""
    if sum(info.file_size for info in infos) > LARGEST_UNPACKED:
        raise too_large()
    for info in infos:
        if info.flag_bits & IS_ENCRYPTED:
            raise refused("文件有打开密码", "没有打开密码的工作簿")
        if info.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise damaged(part_name(info), "压缩方式不明")


def too_large() -> Refused:
    return refused(f"文件解压后超过 {megabytes(LARGEST_UNPACKED)}，没有读取", SMALLER)


def unpacked_size(package: ZipFile, info: ZipInfo, left: int) -> int:
    """How many bytes a part really has; `left` are allowed."""
    # A reader stops where the directory says that the part ends; this one must not.
    unlimited = copy(info)
    unlimited.file_size = left + 1
    start = Prolog(part_name(info))
    size = 0
    try:
        with package.open(unlimited) as part:
            for piece in pieces(part):
                size += len(piece)
                if size > left:
                    raise too_large()
                start.feed(piece)
    except (BadZipFile, DeflateError, EOFError) as error:
        raise damaged(part_name(info), "不完整") from error
    if size != info.file_size:
        raise damaged(part_name(info), "与目录所说的大小不符")
    return size


def pieces(part: IO[bytes]) -> Iterator[bytes]:
    while piece := part.read(PIECE):
        yield piece


class Prolog:
    """Looks at what stands before the first element of a part that a reader may take for XML."""

    def __init__(self, name: str) -> None:
        self.name, self.fed = name, 0
        self.parser: expat.XMLParserType | None = None
        if name.endswith((".xml", ".rels", ".vml")):
            self.parser = expat.ParserCreate()
            self.parser.StartDoctypeDeclHandler = refusing_doctype(name)
            self.parser.StartElementHandler = self._end

    def feed(self, piece: bytes) -> None:
        if not self.parser:
            return
        try:
            self.parser.Parse(piece)
        except expat.ExpatError:
            self._end()  # whoever reads this part will say so
        self.fed += len(piece)
        if self.parser and self.fed > LONGEST_TOKEN:
            raise damaged(self.name, "有超长的内容")

    def _end(self, *_: object) -> None:
        self.parser = None


def parse(parser: expat.XMLParserType, part: IO[bytes], name: str) -> None:
    """Feed a part to a parser, as far as no piece of it is too long to be held."""
    sections: list[int] = []
    parser.StartDoctypeDeclHandler = refusing_doctype(name)
    parser.StartCdataSectionHandler = lambda: sections.append(parser.CurrentByteIndex)
    parser.EndCdataSectionHandler = sections.clear
    fed = quiet = 0
    try:
        for piece in pieces(part):
            parser.Parse(piece)
            fed += len(piece)
            quiet = 0 if b"<" in piece else quiet + len(piece)
            if max(quiet, fed - min([parser.CurrentByteIndex, *sections])) > LONGEST_TOKEN:
                raise damaged(name, "有超长的内容")
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        raise damaged(name, "不是完整的 XML") from error


def refusing_doctype(name: str) -> Callable[..., None]:
    def refuse(*_: object) -> None:
        raise damaged(name, "带有文档类型声明（DOCTYPE）")

    return refuse
