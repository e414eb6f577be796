"""From a file to raw cells. Whatever is wrong with the file ends in `Refused`."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from projects.workbook import ods, xls, xlsx
from projects.workbook.faults import Refused, refused
from projects.workbook.guard import LARGEST_READ, content, unpack
from projects.workbook.raw import RawSheet

EXTENSIONS = (".xlsx", ".xls", ".et", ".ods")
A_WORKBOOK = "Excel 或 WPS 保存的工作簿（.xlsx、.xls、.et 或 .ods）"
OLE, ZIP = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"PK\x03\x04"
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


@dataclass(frozen=True, slots=True)
class RawBook:
    """The worksheets by title (trimmed), in their order, and what else is worth knowing of the file."""

    sheets: dict[str, RawSheet]
    oddities: tuple[str, ...] = ()


def read_sheets(source: Path | BinaryIO, wanted: Container[str] | None = None) -> dict[str, RawSheet]:
    """The worksheets of a file by title."""
    return read_workbook(content(source, LARGEST_READ), wanted).sheets


def read_workbook(data: bytes, wanted: Container[str] | None = None) -> RawBook:
    """The worksheets of a file; those not `wanted` come without rows. Its content tells what it is."""

    def is_wanted(title: str) -> bool:
        return wanted is None or title.strip() in wanted

    with refusing("文件已损坏，或不是 Excel 工作簿"):
        if is_old(data):
            return RawBook(by_title(xls.sheets(data, is_wanted)))
        unpacked = unpack(data)
        read = ods.sheets if ods.CONTENT in unpacked.sizes else xlsx.sheets
        return RawBook(by_title(read(data, unpacked, is_wanted)), tuple(unpacked.oddities()))


def by_title(sheets: Iterable[RawSheet]) -> dict[str, RawSheet]:
    found: dict[str, RawSheet] = {}
    for sheet in sheets:
        key = sheet.title.strip()
        found[key if key not in found else sheet.title] = sheet
    return found


def is_old(data: bytes) -> bool:
    """Whether the file is an .xls and no package; Refused if it can be neither."""
    if not data:
        raise refused("文件是空的", A_WORKBOOK)
    if ENCRYPTED in data and data.startswith(OLE):
        raise refused("文件有打开密码", "没有打开密码的工作簿")
    if not data.startswith((OLE, ZIP)):
        raise refused("不是 Excel 工作簿", A_WORKBOOK)
    return data.startswith(OLE)


@contextmanager
def refusing(message: str) -> Iterator[None]:
    """Whatever the libraries make of a damaged file is one sentence, also a panic of theirs."""
    try:
        yield
    except Refused:
        raise
    except MemoryError:
        raise refused("文件太大，内存不足", "较小的工作簿") from None
    except BaseException as error:
        # A panic derives from BaseException and its class cannot be imported.
        if isinstance(error, Exception) or type(error).__name__ == "PanicException":
            raise refused(message, A_WORKBOOK) from error
        raise
