"""Which kind of file some bytes are. What a file is called or claims to be does not count."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, BinaryIO

import olefile


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is taken in as evidence, with the extensions it may bear."""

    name: str
    content_type: str
    extensions: tuple[str, ...]
    # Shown by browsers without running anything in it.
    is_safe_inline: bool = False


OFFICE = "application/vnd.openxmlformats-officedocument."

PDF = Kind("PDF", "application/pdf", (".pdf",), is_safe_inline=True)
JPEG = Kind("JPEG 图片", "image/jpeg", (".jpg", ".jpeg"), is_safe_inline=True)
PNG = Kind("PNG 图片", "image/png", (".png",), is_safe_inline=True)
GIF = Kind("GIF 图片", "image/gif", (".gif",), is_safe_inline=True)
WEBP = Kind("WebP 图片", "image/webp", (".webp",), is_safe_inline=True)
DOC = Kind("Word 97—2003 文档", "application/msword", (".doc", ".wps"))
XLS = Kind("Excel 97—2003 工作簿", "application/vnd.ms-excel", (".xls", ".et"))
PPT = Kind("PowerPoint 97—2003 演示文稿", "application/vnd.ms-powerpoint", (".ppt", ".dps"))
DOCX = Kind("Word 文档", f"{OFFICE}wordprocessingml.document", (".docx",))
XLSX = Kind("Excel 工作簿", f"{OFFICE}spreadsheetml.sheet", (".xlsx",))
PPTX = Kind("PowerPoint 演示文稿", f"{OFFICE}presentationml.presentation", (".pptx",))
ODS = Kind("ODS 表格", "application/vnd.oasis.opendocument.spreadsheet", (".ods",))
OFD = Kind("OFD 版式文件", "application/ofd", (".ofd",))
ZIP = Kind("ZIP 压缩包", "application/zip", (".zip",))
MP4 = Kind("MP4 视频", "video/mp4", (".mp4", ".m4v"))

# A zip may claim to hold this much; documents, pictures and videos do not shrink to less than a hundredth.
MOST_PARTS = 10_000
LARGEST_UNPACKED = 4 * 1024**3
HIGHEST_RATIO = 200
FREE_OF_RATIO = 1024 * 1024
# Archives in an archive are looked into, those in them are not: what is packed three times over is refused.
DEEPEST = 2
TOO_MANY = f"压缩包里有超过 {MOST_PARTS} 个文件，请分成几个压缩包。"
LARGEST_NESTED = 512 * 1024**2
# Python's reader makes an object of every entry before it can be asked how many there are.
MOST_ENTRIES = 100_000
ENTRY = b"PK\x01\x02"
PIECE = 1024 * 1024
UNREADABLE = (zipfile.BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError)

KINDS = (PDF, JPEG, PNG, GIF, WEBP, DOC, XLS, PPT, DOCX, XLSX, PPTX, ODS, OFD, ZIP, MP4)

WORKBOOKS = (XLSX, XLS, ODS)

INLINE = frozenset(kind.content_type for kind in KINDS if kind.is_safe_inline)

SIGNATURES = (
    (b"%PDF-", PDF),
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
)
# What the parts of a zipped document are called, and what the streams of a compound one.
PARTS = (
    ("word/document.xml", DOCX),
    ("xl/workbook.xml", XLSX),
    ("ppt/presentation.xml", PPTX),
    ("OFD.xml", OFD),
    (ODS.content_type, ODS),
)
# An OpenDocument file says in this part what it is.
TYPE = "mimetype"
STREAMS = (("WordDocument", DOC), ("Workbook", XLS), ("Book", XLS), ("PowerPoint Document", PPT))
MP4_BRANDS = {
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"MSNV",
    b"dash",
}
HEAD = 64


class Unfit(Exception):
    """A file of a known kind that must not be handed on; the message is the rest of a sentence."""


def kind_of(file: BinaryIO) -> Kind | None:
    """The kind of a file by its content; None for anything that is not on the list. Rewinds the file."""
    file.seek(0)
    head = file.read(HEAD)
    try:
        return _kind(head, file)
    finally:
        file.seek(0)


def is_container(file: BinaryIO) -> bool:
    """Whether a file begins as a zip or an old office document does, whatever is in it. Rewinds the file."""
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    return head.startswith((b"PK", olefile.MAGIC))


def _kind(head: bytes, file: BinaryIO) -> Kind | None:
    for signature, kind in SIGNATURES:
        if head.startswith(signature):
            return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head[4:8] == b"ftyp":
        return MP4 if head[8:12] in MP4_BRANDS else None
    if head.startswith(olefile.MAGIC):
        return _compound_kind(file)
    return _zipped_kind(file) if head.startswith(b"PK") else None


def _compound_kind(file: BinaryIO) -> Kind | None:
    """Old office documents share one container, and so do installers, which are not wanted."""
    try:
        with olefile.OleFileIO(file) as container:
            return next((kind for stream, kind in STREAMS if container.exists(stream)), None)
    except Exception:  # whatever a parser trips over in a damaged container
        return None


def _zipped_kind(file: BinaryIO) -> Kind | None:
    if has_many_entries(file):
        return ZIP
    try:
        with zipfile.ZipFile(file) as container:
            names = set(container.namelist())
            if TYPE in names and container.getinfo(TYPE).file_size == len(ODS.content_type):
                names.add(container.read(TYPE).decode("latin-1"))
    except Exception:  # as above
        return None
    return next((kind for part, kind in PARTS if part in names), ZIP)


def refuse_unfit(file: BinaryIO) -> None:
    """Unfit for a zip that would burst or break out where it is unpacked. Rewinds the file."""
    try:
        file.seek(0)
        if zipfile.is_zipfile(file):
            refuse_many_entries(file)
            with zipfile.ZipFile(file) as container:
                refuse_traps([*entries(container)])
    except zipfile.BadZipFile:
        return
    finally:
        file.seek(0)


def refuse_traps(infos: list[zipfile.ZipInfo]) -> None:
    """Nothing is unpacked here, but whoever takes the zip home unpacks it."""
    if len(infos) > MOST_PARTS:
        raise Unfit(TOO_MANY)
    total = sum(info.file_size for info in infos)
    if total > LARGEST_UNPACKED or any(is_bursting(info) for info in infos):
        raise Unfit("压缩包解压后异常巨大（疑似压缩炸弹），请重新打包或直接上传其中的文件。")
    for info in infos:
        name = info.orig_filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or name[1:3] == ":/":
            raise Unfit(f"压缩包里的文件名“{info.orig_filename[:60]}”带有上级路径，请重新打包。")


def entries(container: zipfile.ZipFile, depth: int = 1) -> Iterator[zipfile.ZipInfo]:
    """What the directories of a zip, and of those in it, tell. Unfit where these cannot be gone through."""
    infos = container.infolist()
    yield from infos
    nested = [info for info in infos if info.filename.lower().endswith(ZIP.extensions)]
    if nested and depth == DEEPEST:
        raise Unfit("压缩包里的压缩包还套着压缩包，请解开后重新打包。")
    if sum(info.file_size for info in nested) > LARGEST_NESTED or any(map(is_bursting, nested)):
        raise Unfit("压缩包里的压缩包太大，请解开后重新打包，或分别上传。")
    for info in nested:
        # What is damaged, locked or only called so does not burst.
        with suppress(*UNREADABLE), container.open(info) as part:
            refuse_many_entries(part)
            with zipfile.ZipFile(part) as inner:
                yield from entries(inner, depth + 1)


def refuse_many_entries(file: IO[bytes]) -> None:
    if has_many_entries(file):
        raise Unfit(TOO_MANY)


def has_many_entries(file: IO[bytes]) -> bool:
    """Whether a zip may be too long to be opened: what looks like an entry is counted. Rewinds the file."""
    file.seek(0)
    count, end = 0, b""
    while count <= MOST_ENTRIES and (piece := file.read(PIECE)):
        count += (end + piece).count(ENTRY)
        end = piece[-3:]
    file.seek(0)
    return count > MOST_ENTRIES


def is_bursting(info: zipfile.ZipInfo) -> bool:
    return info.file_size > FREE_OF_RATIO and info.file_size > HIGHEST_RATIO * max(info.compress_size, 1)
