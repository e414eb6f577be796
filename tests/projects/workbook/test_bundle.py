"""Files in a zip or a folder: names as they were written, and a sentence for all that is not right."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path
from random import Random

import pytest

from projects.workbook import bundle
from projects.workbook.bundle import bundle_of, taken_out
from projects.workbook.faults import Refused


def zipped(target: Path, *entries: tuple[zipfile.ZipInfo | str, bytes]) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in entries:
            container.writestr(name, data)
    return target


def renamed(source: Path, old: bytes, new: bytes, flags: int = 0) -> Path:
    """The same zip with the bytes of a name put in place, as other systems write them."""
    data = source.read_bytes().replace(old, new)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(mark)
        while at >= 0:
            data = data[: at + offset] + struct.pack("<H", flags) + data[at + offset + 2 :]
            at = data.find(mark, at + 4)
    source.write_bytes(data)
    return source


def problems(source: Path) -> list[str]:
    with pytest.raises(Refused) as caught:
        bundle_of(source)
    return [fault.message for fault in caught.value.faults]


@pytest.mark.parametrize("encoding", ["gbk", "utf-8"])
def test_names_are_read_as_chinese_systems_write_them(encoding: str, tmp_path: Path) -> None:
    raw = "佐证\\协议.pdf".encode(encoding)
    plain = "x" * len(raw)
    source = renamed(zipped(tmp_path / "a.zip", (plain, b"content")), plain.encode(), raw)
    files = bundle_of(source)
    assert dict(files.sizes) == {"佐证/协议.pdf": 7}
    with taken_out(files, "佐证/协议.pdf") as file:
        assert file.read() == b"content"
        assert file.size == 7


def test_names_with_the_mark_are_utf8(tmp_path: Path) -> None:
    assert list(bundle_of(zipped(tmp_path / "a.zip", ("é协议.pdf", b"1"))).sizes) == ["é协议.pdf"]


def test_what_systems_leave_behind_is_passed_over(tmp_path: Path) -> None:
    junk = ("__MACOSX/._甲.pdf", ".DS_Store", "图/Thumbs.db", "~$甲.docx", "空/")
    source = zipped(tmp_path / "a.zip", ("甲.pdf", b"1"), *((name, b"") for name in junk))
    assert list(bundle_of(source).sizes) == ["甲.pdf"]


def test_a_folder_is_read_with_its_folders(tmp_path: Path) -> None:
    (tmp_path / "内").mkdir()
    (tmp_path / "内" / "甲.pdf").write_bytes(b"12")
    files = bundle_of(tmp_path)
    assert dict(files.sizes) == {"内/甲.pdf": 2}
    with taken_out(files, "内/甲.pdf") as file:
        assert file.read() == b"12"
    (tmp_path / "链.pdf").symlink_to(tmp_path / "内" / "甲.pdf")
    assert problems(tmp_path) == ["“链.pdf”是链接"]


@pytest.mark.parametrize("name", ["../x.pdf", "a/../../x.pdf", "/etc/x.pdf", "C:/x.pdf"])
def test_names_that_lead_elsewhere(name: str, tmp_path: Path) -> None:
    assert problems(zipped(tmp_path / "a.zip", (name, b"1"))) == [f"“{name}”带有上级目录或盘符"]


def test_links(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("链.pdf")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    assert problems(zipped(tmp_path / "a.zip", (info, b"/etc/passwd"))) == ["“链.pdf”是链接"]


def test_encrypted_files(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", ("x.pdf", b"1"))
    assert problems(renamed(source, b"", b"", flags=1)) == ["“x.pdf”有密码"]


def test_a_bomb(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", ("x.pdf", bytes(5 * 1024 * 1024)))
    assert problems(source) == ["“x.pdf”压缩得不正常，没有读取"]


def test_too_many_and_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundle, "MOST_FILES", 1)
    monkeypatch.setattr(bundle, "LARGEST_UNPACKED", 3)
    source = zipped(tmp_path / "a.zip", ("x.pdf", b"12"), ("y.pdf", b"34"))
    many, large = problems(source)
    assert many == "“a.zip”有 2 个文件，超过上限 1 个"
    assert large.startswith("“a.zip”里的文件共有 4")


def test_a_name_that_stands_twice(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", ("x.pdf", b"1"), ("y.pdf", b"2"))
    assert problems(renamed(source, b"y.pdf", b"x.pdf")) == ["“x.pdf”出现了两次"]


@pytest.mark.parametrize("data", [b"", b"Rar!\x1a\x07\x00", b"PK\x03\x04 broken", bytes(range(100))])
def test_what_is_no_zip(data: bytes, tmp_path: Path) -> None:
    source = tmp_path / "佐证.rar"
    source.write_bytes(data)
    assert problems(source) == ["“佐证.rar”不是 zip 压缩包，或已损坏"]


def test_what_is_not_there(tmp_path: Path) -> None:
    assert problems(tmp_path / "没有.zip") == ["“没有.zip”打不开"]


def test_a_damaged_file_is_told_when_it_is_read(tmp_path: Path) -> None:
    source = zipped(tmp_path / "a.zip", ("x.pdf", Random(1).randbytes(1000)))
    data = bytearray(source.read_bytes())
    data[500:510] = bytes(10)
    source.write_bytes(data)
    with pytest.raises(Refused) as caught, taken_out(bundle_of(source), "x.pdf"):
        pass
    assert [fault.message for fault in caught.value.faults] == ["“x.pdf”已损坏，不能读取"]
