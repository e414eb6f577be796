"""Every address that takes a file refuses alike: 413 or 422, a sentence, a line in the log, nothing kept."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import resolve, reverse

from indicators import ledger
from indicators.ledger import Fresh
from indicators.models import Indicator
from projects import jobs
from projects.models import ChangeRequest, Department, Evidence, Job, Project, StoredFile, TaskPoint, User
from reports.models import Conversion, Intake
from tests.hostile import protected
from tests.workbooks import small, workbook

HTML = b"<html><script>alert(1)</script></html>"
# The name of an address, the field that takes the file, the ending that would be right there.
EVIDENCE = (
    ("proof_add point", "materials", ".pdf"),
    ("proof_add indicator", "materials", ".pdf"),
    ("proof_add outcome", "materials", ".pdf"),
    ("material_file", "materials", ".pdf"),
    ("fill", "materials", ".pdf"),
    ("outcome_new", "materials", ".pdf"),
    ("outcome_edit", "materials", ".pdf"),
    ("change_new", "file", ".pdf"),
    ("change_act", "file", ".pdf"),
)
BOOKS = (
    ("import", "file", ".xlsx"),
    ("convert ledger", "file", ".xlsx"),
    ("convert taskbook", "file", ".docx"),
    ("offline", "file", ".xlsx"),
)
DOORS = (*EVIDENCE, *BOOKS, ("import", "evidence", ".zip"), ("outcome_paste", "file", ".xlsx"))

Send = Callable[..., Any]


@pytest.fixture
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    for name in ("EVIDENCE_DIR", "JOBS_DIR", "IMPORTS_DIR"):
        setattr(settings, name, tmp_path / name)
    return tmp_path


@pytest.fixture
def addresses(
    project: Project, point: TaskPoint, office: User, office_department: Department, folder: Path, now: Any
) -> dict[str, str]:
    indicator = Indicator.objects.create(
        project=project, code="1.1", level1="产出", level2="数量", name="制度数", department=office_department
    )
    prize = Fresh({"name": "一等奖", "awarded_on": date(2023, 1, 1), "department_id": office_department.pk})
    (outcome,) = ledger.register(project, [prize], by=office, now=now, submitting=False)
    awaiting = Evidence.objects.create(project=project, file_name="批复.pdf", title="立项批复")
    change = ChangeRequest.objects.create(
        project=project,
        target=point,
        field="unit",
        old_value="部",
        new_value="册",
        reason="理由",
        state="reported",
        asked_by=office,
        asked_on=date(2023, 1, 1),
    )
    routes: dict[str, tuple[Any, ...]] = {
        "proof_add point": ("reports:proof_add", "point", point.pk),
        "proof_add indicator": ("reports:proof_add", "indicator", indicator.pk),
        "proof_add outcome": ("reports:proof_add", "outcome", outcome.pk),
        "material_file": ("reports:material_file", project.pk, awaiting.pk),
        "fill": ("projects:fill", point.pk),
        "outcome_new": ("reports:outcome_new", project.pk),
        "outcome_edit": ("reports:outcome_edit", project.pk, outcome.pk),
        "outcome_paste": ("reports:outcome_paste", project.pk),
        "change_new": ("reports:change_new", project.pk, "taskpoint", point.pk),
        "change_act": ("reports:change_act", project.pk, change.pk, "approve"),
        "import": ("reports:import",),
        "convert ledger": ("reports:convert", "ledger"),
        "convert taskbook": ("reports:convert", "taskbook"),
        "offline": ("reports:offline", project.pk),
    }
    return {name: reverse(route, args=rest) for name, (route, *rest) in routes.items()}


@pytest.fixture
def send(addresses: dict[str, str], office: User, project: Project) -> Send:
    def posted(door: str, field: str, name: str, content: bytes) -> Any:
        client = Client()
        client.force_login(office)
        file = SimpleUploadedFile(name, content)
        data: dict[str, Any] = {field: file, "project": project.pk}
        if field == "evidence":
            data["file"] = SimpleUploadedFile("任务书.xlsx", workbook(small()).getvalue())
        return client.post(addresses[door], data)

    return posted


def kept(folder: Path) -> list[Path]:
    """Files that are left of what was sent, of whatever name."""
    return [path for path in folder.rglob("*") if path.is_file()]


def said(answer: Any) -> str:
    return re.sub(r"\s", " ", answer.content.decode())


def nothing_is_kept(folder: Path) -> bool:
    records = (StoredFile, Intake, Conversion, Job)
    return not kept(folder) and not any(model._default_manager.exists() for model in records)


def test_every_address_that_takes_files_is_here(addresses: dict[str, str]) -> None:
    for door, address in addresses.items():
        assert hasattr(resolve(address).func, "largest_upload"), door
    assert {door for door, *_ in DOORS} == set(addresses)


@pytest.mark.parametrize(("door", "field", "ending"), DOORS)
def test_what_is_not_what_it_is_called_is_refused(
    door: str, field: str, ending: str, send: Send, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    answer = send(door, field, f"网页{ending}", HTML)
    assert answer.status_code == 422
    assert re.search("不是可以上传的类型|没有接收|不是 Excel 工作簿", said(answer))
    assert "refused at" in caplog.text
    assert nothing_is_kept(folder)


@pytest.mark.parametrize(("door", "field", "ending"), BOOKS)
def test_another_kind_of_file_is_no_workbook(
    door: str, field: str, ending: str, send: Send, folder: Path
) -> None:
    answer = send(door, field, f"通知{ending}", b"%PDF-1.7\n%%EOF")
    assert answer.status_code == 422
    assert f"“通知{ending}”的内容是 PDF，没有接收。" in said(answer)
    assert nothing_is_kept(folder)


@pytest.mark.parametrize(("door", "field", "ending"), DOORS)
def test_what_is_too_large_is_413(
    door: str,
    field: str,
    ending: str,
    send: Send,
    folder: Path,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Whether the door turns it away by its length or the form by its size."""
    for name in ("EVIDENCE_MAX_BYTES", "WORKBOOK_MAX_BYTES", "ARCHIVE_MAX_BYTES"):
        if not (field == "evidence" and name == "WORKBOOK_MAX_BYTES"):
            setattr(settings, name, 1000)
    monkeypatch.setattr("reports.ledger_forms.LARGEST_LIST", 1000)
    for size in (2000, 200_000):
        answer = send(door, field, f"大{ending}", b"PK" * (size // 2))
        assert answer.status_code == 413
        assert re.search("超过.*上限|清单不超过", said(answer))
    assert "refused" in caplog.text
    assert nothing_is_kept(folder)


@pytest.mark.parametrize(("door", "field", "ending"), BOOKS)
def test_of_what_cannot_be_read_the_sentence_stays_and_the_file_goes(
    door: str, field: str, ending: str, send: Send, folder: Path
) -> None:
    answer = send(door, field, f"加密{ending}", protected())
    assert answer.status_code == 302
    for job in Job.objects.open():
        jobs.execute(job.pk)
    page = answer.client.get(answer["Location"])
    assert "文件有打开密码" in said(page)
    assert "/file/" not in said(page)
    assert not [path for path in kept(folder) if path.read_bytes() == protected()]
    gone = [f"{answer['Location']}file/"] * (door != "offline")
    assert [answer.client.get(address).status_code for address in gone] == [404] * len(gone)
