"""佐证材料 with its files: stored through the evidence machinery, all or nothing, once, and taken back."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from projects import evidence, jobs
from projects.evidence import NotStored, path_of
from projects.models import Evidence, Project, StoredFile, User
from reports import intake
from reports.exchange import Destination, Outcome, import_workbook
from reports.models import Intake
from tests.projects.conftest import PDF
from tests.reports.conftest import Shell
from tests.workbooks import Rows, small, workbook

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = ("文件名", "材料名称", "任务编号", "年度", "序号")
INDEX: Rows = (
    HEAD,
    ("通知.pdf", "启动通知", "A.1", 2022, 1),
    ("附件3.pdf", "校企合作协议", "A.1", 2022, 1),
    ("没有.pdf", "缺少的材料", None, None, None),
)
FILES = {
    "2022/通知.PDF": PDF + b"notice",
    "A.1-3 校企合作协议（盖章）.pdf": PDF + b"agreement",
    "多余.pdf": PDF + b"spare",
}


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(jobs, "_send", lambda pk: None)
    settings.IMPORTS_DIR = tmp_path / "imports"
    settings.EVIDENCE_DIR = tmp_path / "evidence"


def zipped(files: dict[str, bytes]) -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as container:
        for name, data in files.items():
            container.writestr(name, data)
    return file.getvalue()


@pytest.fixture
def take(tmp_path: Path, now: datetime) -> Callable[..., Outcome]:
    """Take an index in with files, as the shell does."""

    def taken(index: Rows, files: dict[str, bytes], **options: Any) -> Outcome:
        source = tmp_path / "佐证.zip"
        source.write_bytes(zipped(files))
        return import_workbook(workbook(small(佐证材料=index)), now=now, files=source, **options)

    return taken


def on_disk(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_files_are_matched_stored_and_linked(take: Callable[..., Outcome]) -> None:
    told = take(INDEX, FILES)
    assert told.ok
    assert told.files == {
        "found": [
            [2, "启动通知", "2022/通知.PDF", "文件名"],
            [3, "校企合作协议", "A.1-3 校企合作协议（盖章）.pdf", "编号和材料名称"],
        ],
        "unclear": [],
        "alone": [[4, "缺少的材料", "没有.pdf"]],
        "left": ["多余.pdf"],
    }
    notice, agreement, lacking = Evidence.objects.order_by("id")
    assert lacking.file is None
    assert StoredFile.objects.count() == 2
    assert notice.file
    assert path_of(notice.file).read_bytes() == FILES["2022/通知.PDF"]
    assert agreement.points.get().seq == "1"


def test_again_changes_nothing_and_another_file_is_a_change(take: Callable[..., Outcome]) -> None:
    take(INDEX, FILES)
    assert take(INDEX, FILES).changes_nothing
    again = take(INDEX, FILES | {"2022/通知.PDF": PDF + b"new notice"})
    assert again.counts["佐证材料"]["changed"] == 1
    notice = Evidence.objects.earliest("id").file
    assert notice
    assert path_of(notice).read_bytes() == PDF + b"new notice"


def test_an_index_of_before_gets_its_files_later(take: Callable[..., Outcome], now: datetime) -> None:
    assert import_workbook(workbook(small(佐证材料=INDEX)), now=now).ok
    told = take(INDEX, FILES)
    assert told.counts["佐证材料"] == {"new": 0, "changed": 2, "unchanged": 1, "missing": 0}
    assert take(INDEX, {}).files["alone"] == [[4, "缺少的材料", "没有.pdf"]]


def test_one_file_for_two_materials_is_stored_once(take: Callable[..., Outcome], tmp_path: Path) -> None:
    take((HEAD, ("通知.pdf", "一"), ("通知.pdf", "二")), {"通知.pdf": PDF})
    assert {each.file for each in Evidence.objects.all()} == set(StoredFile.objects.all())
    assert len(on_disk(tmp_path / "evidence")) == 1


def test_a_name_without_its_ending_gets_one_when_it_is_given_out(take: Callable[..., Outcome]) -> None:
    take((HEAD, ("通知", "启动通知"), ("名单.PDF", "获奖名单")), {"通知.pdf": PDF, "名单.pdf": PDF + b"2"})
    assert [evidence.name_of(each) for each in Evidence.objects.order_by("id")] == ["通知.pdf", "名单.PDF"]


def test_a_file_of_another_kind_is_a_fault_of_its_row(take: Callable[..., Outcome], tmp_path: Path) -> None:
    told = take(INDEX, FILES | {"2022/通知.PDF": b"<html><script>alert(1)</script>"})
    (fault,) = told.faults
    assert (fault.sheet, fault.cell, fault.value) == ("佐证材料", "A2", "通知.pdf")
    assert "“通知.PDF”的内容不是可以上传的类型" in fault.message
    assert not Evidence.objects.exists()
    assert not (tmp_path / "evidence").exists()


def test_a_bad_zip_and_bad_rows_are_told_together(tmp_path: Path, now: datetime) -> None:
    source = tmp_path / "佐证.zip"
    source.write_bytes(b"no zip")
    index = (*INDEX, (None, "没有文件名"))
    told = import_workbook(workbook(small(佐证材料=index)), now=now, files=source)
    assert [str(fault).partition("；")[0] for fault in told.faults] == [
        "文件: “佐证.zip”不是 zip 压缩包，或已损坏",
        "佐证材料!A5: 必填，不能为空",
    ]


def test_files_need_an_index(tmp_path: Path, now: datetime) -> None:
    told = import_workbook(workbook(small()), now=now, files=tmp_path)
    assert [str(fault) for fault in told.faults] == [
        "文件: 有佐证文件，但没有工作表“佐证材料”；应为：写明每个文件名的工作表“佐证材料”"
    ]


def test_a_trial_leaves_no_file(take: Callable[..., Outcome], tmp_path: Path) -> None:
    assert take(INDEX, FILES, dry_run=True).ok
    assert not on_disk(tmp_path / "evidence")
    assert not StoredFile.objects.exists()


def test_a_full_disk_leaves_nothing(
    take: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, calls = evidence.write_draft, []

    def full(upload: Any, target: Path) -> tuple[Path, str]:
        calls.append(upload.name)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(upload, target)

    monkeypatch.setattr(evidence, "write_draft", full)
    with pytest.raises(NotStored, match="磁盘空间"):
        take(INDEX, FILES)
    assert not Project.objects.exists()
    assert not on_disk(tmp_path / "evidence")


@pytest.fixture
def office(db: None) -> User:
    """Above the colleges: the workbook makes its own."""
    return User.objects.create_superuser("platform", password="口令-for-tests")


def hand_in(sheets: dict[str, Rows], files: dict[str, bytes], by: User) -> Intake:
    upload = SimpleUploadedFile("任务书.xlsx", workbook(sheets).getvalue())
    archive = SimpleUploadedFile("佐证.zip", zipped(files))
    return work(intake.receive(upload, archive, to=Destination(), approve=True, by=by))


def work(record: Intake) -> Intake:
    assert record.job
    jobs.execute(record.job.pk)
    record.refresh_from_db()
    return record


def test_a_preview_shows_the_files_and_stores_none(office: User, tmp_path: Path) -> None:
    record = hand_in(small(佐证材料=INDEX), FILES, office)
    assert record.state == Intake.State.READY
    assert record.result["files"] == {"found": 2, "unclear": 0, "alone": 1, "left": 1}
    items = map(json.loads, (record.folder / "preview.jsonl").read_text().splitlines())
    cells = [item["cells"] for item in items if item["sheet"] == "佐证材料"]
    assert cells[0][-1][:2] == ["文件", ""]
    assert cells[0][-1][2].startswith("2022/通知.PDF（")
    assert not on_disk(tmp_path / "evidence")
    intake.drop(record)
    assert record.files
    assert not record.files.exists()


def test_a_confirmed_import_is_stored_and_taken_back(office: User, tmp_path: Path) -> None:
    record = hand_in(small(佐证材料=INDEX), FILES, office)
    intake.confirm(record, by=office)
    work(record)
    assert record.state == Intake.State.DONE
    assert len(on_disk(tmp_path / "evidence")) == 2
    assert {stored.uploaded_by for stored in StoredFile.objects.all()} == {office}
    assert record.files
    assert not record.files.exists()
    intake.undo(record, by=record.by, now=timezone.now())
    assert not Evidence.objects.exists()
    assert not StoredFile.objects.exists()
    assert not on_disk(tmp_path / "evidence")


def test_taking_back_keeps_what_was_there_before(
    office: User, take: Callable[..., Outcome], tmp_path: Path
) -> None:
    take(INDEX, {"通知.pdf": FILES["2022/通知.PDF"]})
    before = set(StoredFile.objects.all())
    record = hand_in(small(佐证材料=INDEX), FILES | {"2022/通知.PDF": PDF + b"new"}, office)
    intake.confirm(record, by=office)
    work(record)
    assert StoredFile.objects.count() == 3
    intake.undo(record, by=record.by, now=timezone.now())
    assert set(StoredFile.objects.all()) == before
    assert Evidence.objects.earliest("id").file in before
    assert len(on_disk(tmp_path / "evidence")) == 1


def test_a_full_disk_ends_the_job_with_a_sentence(office: User, monkeypatch: pytest.MonkeyPatch) -> None:
    record = hand_in(small(佐证材料=INDEX), FILES, office)

    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(evidence, "write_draft", full)
    intake.confirm(record, by=office)
    work(record)
    assert record.job
    assert record.job.state == record.job.State.FAILED
    assert "磁盘空间" in record.job.error
    assert not Project.objects.exists()


def test_the_shell_takes_a_folder(shell: Shell, tmp_path: Path) -> None:
    book, folder = tmp_path / "任务书.xlsx", tmp_path / "佐证"
    book.write_bytes(workbook(small(佐证材料=INDEX)).getvalue())
    for name, data in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    code, out, err = shell("import_workbook", str(book), "--files", str(folder))
    assert (code, err) == (0, "")
    assert "第 3 行“校企合作协议”：A.1-3 校企合作协议（盖章）.pdf（按编号和材料名称）" in out
    assert "第 4 行“缺少的材料”：没有找到文件“没有.pdf”" in out
    assert "佐证文件 多余.pdf：没有对应的行" in out
    code, out, _ = shell("import_workbook", str(book), "--files", str(folder), "--json")
    assert json.loads(out)["files"]["left"] == ["多余.pdf"]
    code, _, err = shell("import_workbook", str(book), "--files", str(tmp_path / "没有"))
    assert (code, err) == (1, "文件: “没有”打不开；应为：可以读取的文件夹或 zip 压缩包\n")
