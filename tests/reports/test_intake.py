"""A workbook handed in: checked, previewed, confirmed, taken back."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from projects import jobs
from projects.models import (
    Entry,
    Institution,
    Job,
    Project,
    ReportingWindow,
    TaskPoint,
    User,
    WindowException,
)
from reports import intake
from reports.exchange import Destination, import_workbook
from reports.models import Intake
from tests.workbooks import ENTRIES, POINTS, PROJECT, TASKS, Rows, small, workbook

pytestmark = pytest.mark.django_db(transaction=True)

State = Intake.State


@pytest.fixture
def by(db: None) -> User:
    """Above the colleges: the workbooks of these tests make their own."""
    return User.objects.create_superuser("platform", password="口令-for-tests")


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    """Jobs are run by the tests, one after the other."""
    monkeypatch.setattr(jobs, "_send", lambda pk: None)
    settings.IMPORTS_DIR = tmp_path / "imports"


def hand_in(
    sheets: dict[str, Rows] | bytes,
    by: User,
    institution: Institution | None = None,
    project: Project | None = None,
) -> Intake:
    data = sheets if isinstance(sheets, bytes) else workbook(sheets).getvalue()
    upload = SimpleUploadedFile("任务书.xlsx", data)
    return work(intake.receive(upload, to=Destination(institution, project), approve=True, by=by))


def work(record: Intake) -> Intake:
    assert record.job
    jobs.execute(record.job.pk)
    record.refresh_from_db()
    assert Job.objects.get(pk=record.job.pk).state == Job.State.DONE
    return record


def preview(record: Intake) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (record.folder / "preview.jsonl").read_text().splitlines()]


def faults(record: Intake) -> list[dict[str, str]]:
    told: list[dict[str, str]] = json.loads((record.folder / "faults.json").read_text())
    return told


def test_nothing_is_written_before_it_is_confirmed(by: User) -> None:
    record = hand_in(small(), by)
    assert record.state == State.READY
    assert not Project.objects.filter(code="T-1").exists()
    assert {item["kind"] for item in preview(record)} == {"new"}
    intake.confirm(record, by=by)
    work(record)
    assert record.state == State.DONE
    assert record.project == Project.objects.get(code="T-1")
    assert TaskPoint.objects.of(record.project).count() == len(POINTS) - 1


def test_the_preview_tells_old_and_new(by: User, now: datetime) -> None:
    assert import_workbook(workbook(small()), now=now, approve=True).ok
    points = [
        POINTS[0],
        ("A.1", 2022, 1, "建设课程", 5, "门"),
        ("A.1", 2024, 1, "新任务点", 1, "项"),
        ("A.1", "某年", 2, "错误的一行", 1, "项"),
    ]
    record = hand_in(small(任务点=points, 完成情况=None), by)
    assert record.state == State.REFUSED
    told = [(item["kind"], item["key"], item["cells"]) for item in preview(record)]
    assert [(fault["cell"], fault["value"]) for fault in faults(record)] == [("B4", "某年")]
    assert told == [
        ("changed", "A.1 / 2022 / 1", [["计划数量", "4", "5"]]),
        (
            "new",
            "A.1 / 2024 / 1",
            [
                ["任务编号", "", "A.1"],
                ["年度", "", "2024"],
                ["序号", "", "1"],
                ["任务点", "", "新任务点"],
                ["计划数量", "", "1"],
                ["单位", "", "项"],
            ],
        ),
        ("missing", "A.1 / 2023 / 1", []),
    ]


def test_what_changed_meanwhile_stops_the_import(by: User, now: datetime) -> None:
    project = import_workbook(workbook(small()), now=now, approve=True).project
    record = hand_in(small(任务点=[*POINTS, ("A.1", 2024, 1, "新任务点", 1, "项")]), by)
    TaskPoint.objects.of(project).filter(year=2023).update(text="改过")
    intake.confirm(record, by=by)
    work(record)
    assert record.state == State.STALE
    assert "任务点：变更 1" in record.note
    assert TaskPoint.objects.of(project).count() == 2
    intake.check_again(record, by=by)
    work(record)
    assert record.state == State.READY
    intake.confirm(record, by=by)
    work(record)
    assert TaskPoint.objects.of(project).count() == 3


def test_the_work_of_others_on_other_sheets_does_not_stop_it(by: User, now: datetime) -> None:
    project = import_workbook(workbook(small()), now=now, approve=True).project
    assert project
    points = [*POINTS, ("A.1", 2024, 1, "新任务点", 1, "项")]
    without = hand_in(small(任务点=points, 完成情况=None), by)
    within = hand_in(small(任务点=points), by)
    point = TaskPoint.objects.of(project).get(year=2023)
    Entry.objects.create(point=point, effective_on=date(2023, 6, 1), quantity=1)
    for record, state in ((within, State.STALE), (without, State.DONE)):
        intake.confirm(record, by=by)
        work(record)
        assert record.state == state


def test_the_preview_names_departments_that_would_be_made(by: User, now: datetime) -> None:
    import_workbook(workbook(small()), now=now)
    points = [(*POINTS[0], "责任部门"), (*POINTS[1], "写错的部门")]
    record = hand_in(small(任务点=points, 完成情况=None), by)
    assert "任务点: 新建部门“写错的部门”" in record.result["notices"]


def test_a_preview_expires(by: User) -> None:
    record = hand_in(small(), by)
    Intake.objects.filter(pk=record.pk).update(at=timezone.now() - timedelta(hours=25))
    record.refresh_from_db()
    with pytest.raises(intake.Refusal, match="24 小时"):
        intake.confirm(record, by=by)
    assert record.state == State.STALE


def test_two_who_confirm_write_once(by: User) -> None:
    record = hand_in(small(), by)
    other = Intake.objects.get(pk=record.pk)
    intake.confirm(record, by=by)
    with pytest.raises(intake.Refusal, match="正在导入"):
        intake.confirm(other, by=by)


def test_an_import_of_today_is_taken_back(by: User) -> None:
    record = hand_in(small(), by)
    intake.confirm(record, by=by)
    work(record)
    with pytest.raises(intake.Refusal, match="当天"):
        intake.undo(record, by=by, now=timezone.now() + timedelta(days=1))
    intake.undo(record, by=by, now=timezone.now())
    assert record.state == State.UNDONE
    assert not Project.objects.filter(code="T-1").exists()
    with pytest.raises(intake.Refusal, match="已撤销"):
        intake.undo(record, by=by, now=timezone.now())


def test_what_was_built_on_an_import_keeps_it(by: User) -> None:
    record = hand_in(small(), by)
    intake.confirm(record, by=by)
    work(record)
    TaskPoint.objects.of(record.project).filter(year=2023).update(text="改过")
    with pytest.raises(intake.Refusal, match="任务点"):
        intake.undo(record, by=by, now=timezone.now())
    record.refresh_from_db()
    assert record.state == State.DONE


SURVEY = (("对象", "年度", "满意度（%）"), ("学生", 2023, 96))
MONEY = (("年度", "资金来源", "预算（万元）"), (2022, "学校自筹", 12))


@pytest.mark.parametrize(
    "sheets",
    [
        {"满意度": SURVEY},
        {"经费": MONEY},
        {"完成情况": [*ENTRIES[:1], ("A.1", 2023, 1, "2023-12-30", 1, "完成")]},
        {"任务点": [*POINTS, ("A.1", 2023, 2, "新任务点", 1, "项")]},
        {"任务点": [(*POINTS[0], "协同部门"), *((*row, "甲部门") for row in POINTS[1:])]},
    ],
)
def test_what_was_finalised_since_is_not_taken_back(sheets: dict[str, Rows], by: User, now: datetime) -> None:
    project = import_workbook(workbook(small()), now=now, approve=True).project
    assert project
    record = hand_in(small(**sheets), by)
    intake.confirm(record, by=by)
    work(record)
    assert record.state == State.DONE
    ReportingWindow.objects.filter(project=project).update(locked_at=now)
    client = Client()
    client.force_login(by)
    answer = client.post(f"/import/{record.pk}/undo/")
    assert answer.status_code == 403
    assert "不能撤销这次导入" in answer.content.decode()
    assert "2023-12-31 及以前的数据已锁定" in answer.content.decode()
    record.refresh_from_db()
    assert record.state == State.DONE
    window, today = project.windows.get(is_main=True), timezone.localdate()
    opened = {"window": window, "reason": "更正", "granted_by": by, "granted_on": today, "until": today}
    WindowException.objects.create(user=by, **opened)
    intake.undo(record, by=by, now=timezone.now())
    assert record.state == State.UNDONE


def test_a_file_that_is_no_workbook(by: User) -> None:
    record = hand_in(b"hello", by)
    assert record.state == State.REFUSED
    assert "不是 Excel 工作簿" in faults(record)[0]["message"]


def test_a_dropped_preview_writes_nothing(by: User) -> None:
    record = hand_in(small(), by)
    intake.drop(record)
    with pytest.raises(intake.Refusal, match="已放弃"):
        intake.confirm(record, by=by)
    assert not Project.objects.filter(code="T-1").exists()


def test_another_college_is_refused(by: User, college: Institution) -> None:
    record = hand_in(small(项目=PROJECT, 建设任务=TASKS), by, institution=college)
    assert record.state == State.REFUSED
    assert "学校名称与您所在的学校不一致" in faults(record)[0]["message"]


def test_a_full_disk_leaves_nothing(by: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake, "write_draft", full)
    with pytest.raises(OSError, match="space"):
        intake.receive(
            SimpleUploadedFile("a.xlsx", BytesIO(b"x").read()), to=Destination(), approve=False, by=by
        )
    assert not Intake.objects.exists()
