"""Files that come with a workbook, in a zip or a folder: their names put right, nothing believed, and
nothing unpacked under a name of theirs."""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from shutil import copyfileobj
from typing import IO, Protocol

from django.core.files.base import File
from django.template.defaultfilters import filesizeformat

from projects.workbook.cells import clean
from projects.workbook.faults import Fault, Refused

MOST_FILES = 5000
LARGEST_UNPACKED = 4 * 1024**3
# Documents, pictures and videos are packed already: even text shrinks to a hundredth at most.
HIGHEST_RATIO = 200
FREE_OF_RATIO = 1024 * 1024
IS_ENCRYPTED, IS_UTF8 = 0x1, 0x800
IN_MEMORY = 4 * 1024 * 1024
LONGEST_SHOWN = 120
# What systems leave beside the files of people.
LEFT_BY_SYSTEMS = ("thumbs.db", "desktop.ini", "__macosx")


class Bundle(Protocol):
    """Files by their path within the zip or folder."""

    @property
    def sizes(self) -> Mapping[str, int]: ...

    def open(self, path: str) -> IO[bytes]: ...


@dataclass(frozen=True, slots=True)
class Folder:
    """The files in a folder and the folders in it."""

    root: Path
    sizes: Mapping[str, int]

    def open(self, path: str) -> IO[bytes]:
        return (self.root / path).open("rb")


@dataclass(frozen=True, slots=True)
class Archive:
    """The files in a zip."""

    source: Path
    sizes: Mapping[str, int]
    entries: Mapping[str, zipfile.ZipInfo] = field(repr=False)

    def open(self, path: str) -> IO[bytes]:
        with zipfile.ZipFile(self.source) as container:
            # What was opened keeps the file of the archive open.
            return container.open(self.entries[path])


def bundle_of(source: Path, name: str = "") -> Bundle:
    """The files in a folder or in a zip; Refused with all that is wrong with it."""
    name = name or source.name
    try:
        return folder_of(source, name) if source.is_dir() else archive_of(source, name)
    except OSError:
        raise Refused([problem(name, "打不开", "可以读取的文件夹或 zip 压缩包")]) from None


def folder_of(root: Path, name: str) -> Folder:
    paths = {path.relative_to(root).as_posix(): path for path in sorted(root.rglob("*"))}
    wanted = {told: path for told, path in paths.items() if not is_left_by_system(told)}
    faults = [problem(told, "是链接", "文件本身") for told, path in wanted.items() if path.is_symlink()]
    sizes = {told: path.stat().st_size for told, path in wanted.items() if path.is_file()}
    refuse([*faults, *too_much(name, sizes)])
    return Folder(root, sizes)


def archive_of(source: Path, name: str) -> Archive:
    try:
        with zipfile.ZipFile(source) as container:
            infos = [info for info in container.infolist() if not is_folder(info)]
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        right = "zip 格式的压缩包；rar、7z 请解压后重新压缩为 zip"
        raise Refused([problem(name, "不是 zip 压缩包，或已损坏", right)]) from None
    entries: dict[str, zipfile.ZipInfo] = {}
    faults: list[Fault] = []
    for info in infos:
        path = path_of(info)
        if not is_left_by_system(path):
            faults += entry_faults(path, info, is_known=path in entries)
            entries[path] = info
    sizes = {path: info.file_size for path, info in entries.items()}
    refuse([*faults, *too_much(name, sizes)])
    return Archive(source, sizes, entries)


def is_folder(info: zipfile.ZipInfo) -> bool:
    return info.orig_filename.endswith(("/", "\\"))


def path_of(info: zipfile.ZipInfo) -> str:
    """The path as it was written. Without the mark for UTF-8 a name may be in that or in the code page of
    Chinese Windows; zipfile then has read it as the one of the first PCs."""
    name = info.orig_filename
    if not info.flag_bits & IS_UTF8:
        raw = name.encode("cp437")
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
            except UnicodeDecodeError:
                continue
            break
    return name.replace("\\", "/")


def is_left_by_system(path: str) -> bool:
    parts = PurePosixPath(path.lower()).parts
    return any(part in LEFT_BY_SYSTEMS or part.startswith((".", "~$")) and part != ".." for part in parts)


def entry_faults(path: str, info: zipfile.ZipInfo, *, is_known: bool) -> Iterator[Fault]:
    """What is wrong with one file of a zip, told by its directory."""
    if ".." in PurePosixPath(path).parts or path.startswith("/") or ":" in path[:3]:
        yield problem(path, "带有上级目录或盘符", "普通的文件名，例如 2-1-3 校企合作协议.pdf")
    if stat.S_ISLNK(info.external_attr >> 16):
        yield problem(path, "是链接", "文件本身")
    if info.flag_bits & IS_ENCRYPTED:
        yield problem(path, "有密码", "没有密码的压缩包")
    elif info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        yield problem(path, "的压缩方式不能读取", "用系统自带功能压缩的 zip")
    if info.file_size > max(FREE_OF_RATIO, info.compress_size * HIGHEST_RATIO):
        yield problem(path, "压缩得不正常，没有读取", "正常的文档、图片或视频")
    if is_known:
        yield problem(path, "出现了两次", "每个文件一次")


def too_much(name: str, sizes: Mapping[str, int]) -> Iterator[Fault]:
    if len(sizes) > MOST_FILES:
        yield problem(name, f"有 {len(sizes)} 个文件，超过上限 {MOST_FILES} 个", "分成几次导入")
    if (total := sum(sizes.values())) > LARGEST_UNPACKED:
        limit = filesizeformat(LARGEST_UNPACKED)
        yield problem(name, f"里的文件共有 {filesizeformat(total)}，超过上限 {limit}", "分成几次导入")


def problem(name: str, message: str, expected: str) -> Fault:
    """Of the archive, or of one file: its name stands before what is wrong with it."""
    return Fault("", "", shown(name), f"“{shown(name)}”{message}", expected)


def refuse(faults: list[Fault]) -> None:
    if faults:
        raise Refused(faults)


def shown(path: str) -> str:
    text = clean(path)
    return text if len(text) <= LONGEST_SHOWN else f"…{text[1 - LONGEST_SHOWN :]}"


@contextmanager
def taken_out(bundle: Bundle, path: str) -> Iterator[File[bytes]]:
    """A copy of one file, to be read in any order; it goes when the block ends. Refused if it is damaged."""
    with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy:
        try:
            with bundle.open(path) as source:
                copyfileobj(source, copy)
        except (zipfile.BadZipFile, EOFError, OSError, NotImplementedError, RuntimeError, zlib.error):
            raise Refused([problem(path, "已损坏，不能读取", "完整的文件")]) from None
        size = copy.tell()
        copy.seek(0)
        file: File[bytes] = File(copy, name=path)
        file.size = size
        yield file
