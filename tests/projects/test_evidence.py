"""Evidence: known by content, stored once per college, all or nothing, and behind the permission check."""

from __future__ import annotations

import errno
import hashlib
import io
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, example, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from projects import evidence, filetypes
from projects.models import (
    Evidence,
    Institution,
    PointEvidence,
    StoredFile,
    TaskPoint,
    User,
)
from tests.otherformats import ods
from tests.projects.conftest import PDF, pdf

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as container:
        for name in names:
            container.writestr(name, "x")
    return buffer.getvalue()


def compound(*streams: str) -> bytes:
    """The smallest compound file with empty streams of these names: header, one FAT sector, a directory."""
    free, end, fat = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = OLE + bytes(16) + struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIIIIIII", 0, 1, 1, 0, 4096, end, 0, end, 0) + struct.pack(
        "<109I", 0, *[free] * 108
    )
    table = struct.pack("<128I", fat, end, *[free] * 126)

    def entry(name: str, kind: int, right: int, child: int) -> bytes:
        text = name.encode("utf-16-le")
        head = text.ljust(64, b"\0") + struct.pack("<HBBIII", len(text) + 2, kind, 1, free, right, child)
        return head.ljust(116, b"\0") + struct.pack("<III", end, 0, 0)

    entries = [entry("Root Entry", 5, free, 1 if streams else free)]
    for number, name in enumerate(streams, start=2):
        entries.append(entry(name, 2, number if number <= len(streams) else free, free))
    return header + table + b"".join(entries).ljust(512, b"\0")


FILES = [
    ("通知.pdf", PDF, filetypes.PDF),
    ("现场.JPG", b"\xff\xd8\xff\xe0" + bytes(20), filetypes.JPEG),
    ("图.png", b"\x89PNG\r\n\x1a\n" + bytes(20), filetypes.PNG),
    ("图.gif", b"GIF89a" + bytes(20), filetypes.GIF),
    ("图.webp", b"RIFF\x10\0\0\0WEBPVP8 ", filetypes.WEBP),
    ("视频.mp4", b"\0\0\0\x18ftypmp42" + bytes(20), filetypes.MP4),
    ("方案.docx", zipped("[Content_Types].xml", "word/document.xml"), filetypes.DOCX),
    ("台账.xlsx", zipped("[Content_Types].xml", "xl/workbook.xml"), filetypes.XLSX),
    ("汇报.pptx", zipped("[Content_Types].xml", "ppt/presentation.xml"), filetypes.PPTX),
    ("公文.ofd", zipped("OFD.xml"), filetypes.OFD),
    ("台账.ods", ods({"台账": [["名称"]]}), filetypes.ODS),
    ("材料.zip", zipped("照片/1.jpg"), filetypes.ZIP),
    ("材料.zip", zipped("mimetype", "content.xml"), filetypes.ZIP),
    ("旧方案.doc", compound("WordDocument"), filetypes.DOC),
    ("旧方案.wps", compound("WordDocument"), filetypes.DOC),
    ("旧台账.xls", compound("Workbook"), filetypes.XLS),
    ("旧汇报.ppt", compound("PowerPoint Document"), filetypes.PPT),
]
REFUSED = [
    ("网页.html", b"<html><script>alert(1)</script></html>"),
    ("图.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>"),
    ("程序.exe", b"MZ\x90\x00" + bytes(60)),
    ("程序.pdf", b"MZ\x90\x00" + bytes(60)),
    ("网页.pdf", b"<!doctype html>%PDF-1.7"),
    ("安装.msi", compound("Property")),
    ("安装.doc", compound("Property")),
    ("坏.docx", b"PK\x03\x04" + bytes(60)),
    ("坏.doc", OLE + bytes(600)),
    ("照片.heic", b"\0\0\0\x18ftypheic" + bytes(20)),
    ("说明.txt", "纯文本".encode()),
]


@pytest.mark.parametrize(("name", "content", "kind"), FILES)
def test_kinds_are_known_by_their_content(name: str, content: bytes, kind: filetypes.Kind) -> None:
    assert evidence.check(SimpleUploadedFile(name, content)) is kind


@pytest.mark.parametrize(("name", "content"), REFUSED)
def test_what_is_not_on_the_list_is_refused(name: str, content: bytes) -> None:
    with pytest.raises(ValidationError, match=f"“{name}”的内容不是可以上传的类型"):
        evidence.check(SimpleUploadedFile(name, content))


@pytest.mark.parametrize("name", ["通知.docx", "通知.html", "通知", "通知.pdf.exe"])
def test_the_extension_agrees_with_the_content(name: str) -> None:
    with pytest.raises(ValidationError, match=r"的内容是 PDF，扩展名应为 \.pdf，请改名后重新上传。"):
        evidence.check(SimpleUploadedFile(name, PDF))


def test_empty_and_too_large_files_are_refused(settings: LazySettings) -> None:
    settings.EVIDENCE_MAX_BYTES = 1024
    with pytest.raises(ValidationError, match="“通知.pdf”是空文件"):
        evidence.check(SimpleUploadedFile("通知.pdf", b""))
    with pytest.raises(ValidationError, match="“通知.pdf”有 2.0.+KB，超过每个文件 1.0.+KB 的上限"):
        evidence.check(SimpleUploadedFile("通知.pdf", PDF.ljust(2048)))


@budget(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([b"", b"PK\x03\x04", OLE, b"RIFF", compound("Workbook"), zipped("a")]),
    st.binary(max_size=600),
)
@example(compound("WordDocument")[:600], b"")
def test_damaged_files_are_no_kind_and_no_fault(head: bytes, rest: bytes) -> None:
    kind = filetypes.kind_of(io.BytesIO(head + rest))
    assert kind is None or kind in filetypes.KINDS


@pytest.mark.parametrize(
    ("given_name", "name"),
    [
        ("../../etc/通知.pdf", "通知.pdf"),
        ("C:\\桌面\\通知.pdf", "通知.pdf"),
        ("通\n知\x00.pdf", "通知.pdf"),
        ("通知\u202efdp.exe.pdf", "通知fdp.exe.pdf"),
        ("  .pdf", "pdf"),
        ("", "未命名"),
        ("长" * 300 + ".pdf", "长" * 251 + ".pdf"),
    ],
)
def test_names_are_cleaned(given_name: str, name: str) -> None:
    assert evidence.clean_name(given_name) == name


def attach(point: TaskPoint, upload: Any, by: User) -> evidence.Filed:
    with evidence.filing() as files:
        return files.attach(point, upload, by=by)


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_a_file_is_stored_under_its_digest(point: TaskPoint, filler: User, evidence_dir: Path) -> None:
    filed = attach(point, pdf("../印发通知.pdf"), filler)
    stored = filed.evidence.file
    assert stored is not None
    digest = hashlib.sha256(PDF).hexdigest()
    assert (stored.sha256, stored.size, stored.content_type) == (digest, len(PDF), "application/pdf")
    assert stored.uploaded_by == filler
    path = evidence.path_of(stored)
    assert (path.name, path.read_bytes()) == (digest, PDF)
    assert files_in(evidence_dir) == [path]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert (filed.evidence.file_name, filed.evidence.title) == ("印发通知.pdf", "印发通知")
    assert list(point.evidence.all()) == [filed.evidence]


def test_the_same_bytes_are_linked_not_stored_again(
    point: TaskPoint, later_point: TaskPoint, filler: User, evidence_dir: Path
) -> None:
    first = attach(point, pdf(), filler)
    second = attach(later_point, pdf("另一个名字.pdf"), filler)
    assert (first.is_known, second.is_known) == (False, True)
    assert second.evidence == first.evidence
    assert PointEvidence.objects.count() == 2
    assert len(files_in(evidence_dir)) == 1
    assert attach(point, pdf(), filler).is_known
    assert PointEvidence.objects.count() == 2


def test_each_college_has_its_own_copy(filler: User, other_college: Institution, point: TaskPoint) -> None:
    mine = attach(point, pdf(), filler).evidence.file
    with evidence.filing() as files:
        theirs, is_new = files.store(pdf(), other_college, by=None)
    assert mine is not None
    assert is_new
    assert evidence.path_of(theirs) != evidence.path_of(mine)


def test_a_file_that_an_index_awaits_takes_its_place(point: TaskPoint, filler: User) -> None:
    awaited = Evidence.objects.create(
        project=point.task.project, file_name="印发通知.pdf", title="关于印发的通知"
    )
    assert attach(point, pdf(), filler).evidence == awaited
    awaited.refresh_from_db()
    assert awaited.file is not None


def test_another_file_of_the_same_name_gets_a_number(point: TaskPoint, filler: User) -> None:
    titles = [attach(point, pdf(extra=bytes([n])), filler).evidence.title for n in range(3)]
    assert titles == ["印发通知", "印发通知（2）", "印发通知（3）"]


def fail_after_attaching(point: TaskPoint, by: User) -> None:
    def attach_and_fail() -> None:
        with evidence.filing() as files:
            stored = files.attach(point, pdf(), by=by).evidence.file
            assert stored
            assert evidence.path_of(stored).exists()
            raise RuntimeError

    with pytest.raises(RuntimeError):
        attach_and_fail()


def test_a_failed_transaction_leaves_no_file(point: TaskPoint, filler: User, evidence_dir: Path) -> None:
    fail_after_attaching(point, filler)
    assert files_in(evidence_dir) == []
    assert not StoredFile.objects.exists()


def test_a_failed_transaction_leaves_the_files_of_others(
    point: TaskPoint, filler: User, evidence_dir: Path
) -> None:
    attach(point, pdf(), filler)
    fail_after_attaching(point, filler)
    assert len(files_in(evidence_dir)) == 1


def test_a_lost_file_is_healed_by_its_next_upload(point: TaskPoint, filler: User) -> None:
    stored = attach(point, pdf(), filler).evidence.file
    assert stored is not None
    evidence.path_of(stored).unlink()
    attach(point, pdf(), filler)
    assert evidence.path_of(stored).read_bytes() == PDF


class FullDisk(ContentFile):
    def chunks(self, chunk_size: int | None = None) -> Any:
        yield PDF
        raise OSError(errno.ENOSPC, "No space left on device")


def test_a_full_disk_is_said_and_leaves_nothing(point: TaskPoint, filler: User, evidence_dir: Path) -> None:
    with pytest.raises(evidence.NotStored, match="服务器保存“大.pdf”时出错"):
        attach(point, FullDisk(PDF, name="大.pdf"), filler)
    assert files_in(evidence_dir) == []
    assert not Evidence.objects.exists()


# The pages


def add(client: Client, point: TaskPoint, *uploads: SimpleUploadedFile) -> Any:
    address = reverse("reports:proof_add", args=["point", point.pk])
    return client.post(address, {"materials": list(uploads)}, follow=True)


def test_several_files_are_added_at_once(browser: Any, point: TaskPoint, filler: User) -> None:
    answer = add(browser(filler), point, pdf(), pdf("目录.pdf", b"2"))
    assert "已添加 2 份佐证材料。" in answer.content.decode()
    assert {e.title for e in point.evidence.all()} == {"印发通知", "目录"}


def test_one_faulty_file_stops_all_and_each_is_named(browser: Any, point: TaskPoint, filler: User) -> None:
    page = SimpleUploadedFile("网页.html", b"<html>")
    answer = add(browser(filler), point, pdf(), page, SimpleUploadedFile("空.pdf", b""))
    text = answer.content.decode()
    assert "“网页.html”的内容不是可以上传的类型" in text
    assert "“空.pdf”是空文件" in text
    assert not StoredFile.objects.exists()


def test_known_bytes_are_told(browser: Any, point: TaskPoint, filler: User) -> None:
    client = browser(filler)
    add(client, point, pdf())
    answer = add(client, point, pdf("改名.pdf"))
    assert "“印发通知”：该文件已在这里，没有重复添加。" in answer.content.decode()


def test_nothing_chosen_is_told(browser: Any, point: TaskPoint, filler: User) -> None:
    assert "请先选择文件。" in add(browser(filler), point).content.decode()


def test_only_who_fills_the_point_adds(
    browser: Any, point: TaskPoint, other_filler: User, principal: User, outsider: User
) -> None:
    assert add(browser(other_filler), point, pdf()).status_code == 403
    assert add(browser(principal), point, pdf()).status_code == 403
    assert add(browser(outsider), point, pdf()).status_code == 404
    assert not StoredFile.objects.exists()


def read(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_downloads_carry_the_name_and_are_never_run(browser: Any, point: TaskPoint, filler: User) -> None:
    material = attach(point, pdf("规章制度汇编（第二版）.pdf"), filler).evidence
    answer = browser(filler).get(reverse("projects:evidence", args=[material.pk]))
    assert read(answer) == PDF
    disposition = answer["Content-Disposition"]
    assert disposition.startswith("attachment; filename*=utf-8''%E8%A7%84")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Type"] == "application/pdf"


def test_only_safe_kinds_are_shown_in_the_browser(browser: Any, point: TaskPoint, filler: User) -> None:
    shown = attach(point, pdf(), filler).evidence
    document = SimpleUploadedFile("方案.docx", zipped("word/document.xml"))
    kept = attach(point, document, filler).evidence
    client = browser(filler)
    for material, disposition in ((shown, "inline"), (kept, "attachment")):
        answer = client.get(reverse("projects:evidence", args=[material.pk]) + "?view")
        assert answer["Content-Disposition"].startswith(disposition)
        assert read(answer)


def test_downloads_ask_for_permission(
    browser: Any, client: Client, point: TaskPoint, filler: User, principal: User, outsider: User
) -> None:
    address = reverse("projects:evidence", args=[attach(point, pdf(), filler).evidence.pk])
    assert client.get(address).status_code == 302
    assert browser(outsider).get(address).status_code == 404
    assert read(browser(principal).get(address)) == PDF


def test_a_missing_file_is_not_found(browser: Any, point: TaskPoint, filler: User) -> None:
    indexed = Evidence.objects.create(project=point.task.project, file_name="缺.pdf", title="缺")
    lost = attach(point, pdf(), filler).evidence
    assert lost.file is not None
    evidence.path_of(lost.file).unlink()
    for material in (indexed, lost):
        answer = browser(filler).get(reverse("projects:evidence", args=[material.pk]))
        assert answer.status_code == 404


def remove(client: Client, link: PointEvidence) -> Any:
    return client.post(reverse("reports:proof_remove", args=["point", link.point_id, link.evidence_id]))


def test_a_link_is_taken_away_and_the_material_stays(browser: Any, point: TaskPoint, filler: User) -> None:
    attach(point, pdf(), filler)
    assert remove(browser(filler), PointEvidence.objects.get()).status_code == 302
    assert not PointEvidence.objects.exists()
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize("state", ["submitted", "approved"])
def test_what_was_handed_in_keeps_its_evidence(
    browser: Any, point: TaskPoint, filler: User, office: User, state: str, request: pytest.FixtureRequest
) -> None:
    attach(point, pdf(), filler)
    request.getfixturevalue(state)()
    link = PointEvidence.objects.get()
    assert remove(browser(filler), link).status_code == 403
    assert remove(browser(office), link).status_code == 302
    assert not PointEvidence.objects.exists()


def test_a_link_goes_by_post_only(browser: Any, point: TaskPoint, filler: User) -> None:
    attach(point, pdf(), filler)
    link = PointEvidence.objects.get()
    address = reverse("reports:proof_remove", args=["point", link.point_id, link.evidence_id])
    assert browser(filler).get(address).status_code == 405


def test_what_was_taken_away_stands_in_the_record_of_the_point(
    browser: Any, point: TaskPoint, filler: User, office: User, approved: Any
) -> None:
    attach(point, pdf(), filler)
    approved()
    address = reverse("projects:point", args=[point.pk])
    # The bin asks before it takes anything away.
    assert "确认移除" in browser(office).get(address).content.decode()
    remove(browser(office), PointEvidence.objects.get())
    event = browser(filler).get(address).context["events"][0]
    assert (event.label, event.who, event.text) == ("移除佐证材料", str(office), "印发通知")
    proofs = browser(filler).get(reverse("reports:proofs", args=["point", point.pk]))
    assert proofs.context["removed"] == [event]
