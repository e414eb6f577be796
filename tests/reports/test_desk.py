"""我的任务: the rows of a person, and the one way in which they are written."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from indicators.models import (
    Indicator,
    IndicatorShare,
    IndicatorTarget,
    IndicatorValue,
    Outcome,
    OutcomePoint,
    SatisfactionResult,
    Vision,
)
from projects import locking, review
from projects.materials import link
from projects.models import (
    Department,
    Entry,
    Evidence,
    PointEvidence,
    PointShare,
    Project,
    ReportingWindow,
    Reviewed,
    Round,
    State,
    StoredFile,
    Task,
    TaskPoint,
    User,
    ZeroReport,
)
from projects.notes import notes_about
from projects.todo import counted
from reports.desk.filing import Filed, Typed, file
from reports.desk.row import Row
from reports.desk.rows import rows

TODAY = date(2024, 3, 1)


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> date:
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    return TODAY


@pytest.fixture
def indicator(project: Project, task: Task, office_department: Department) -> Indicator:
    made = Indicator.objects.create(
        project=project,
        code="1.1.1",
        level1="产出指标",
        level2="数量指标",
        task=task,
        name="规章制度数",
        unit="项",
        department=office_department,
        midterm_target=4,
    )
    IndicatorTarget.objects.create(indicator=made, year=2023, value=4)
    return made


@pytest.fixture
def everything(
    project: Project, point: TaskPoint, indicator: Indicator, office_department: Department
) -> list[str]:
    """One row of every kind for 党政办公室; their keys."""
    area = Task.objects.get(project=project, parent=None)
    area.lead = office_department
    area.save()
    survey = SatisfactionResult.objects.create(
        project=project, who="学生", year=2023, target=90, department=office_department
    )
    vision = Vision.objects.create(project=project, code="1", task=area, text="制度健全")
    outcome = Outcome.objects.create(
        project=project,
        code="CG-0001",
        name="制度建设案例",
        awarded_on=date(2024, 1, 10),
        state=State.DRAFT,
        department=office_department,
    )
    of_point = PointShare.objects.create(point=point, department=office_department, target=1)
    of_indicator = IndicatorShare.objects.create(indicator=indicator, department=office_department, target=2)
    return [
        f"point:{point.pk}",
        f"pointshare:{of_point.pk}",
        f"indicator:{indicator.pk}",
        f"indicatorshare:{of_indicator.pk}",
        f"satisfaction:{survey.pk}",
        f"effect:{area.pk}",
        f"vision:{vision.pk}",
        f"outcome:{outcome.pk}",
    ]


def row_of(user: User, project: Project, key: str) -> Row:
    return next(row for row in rows(user, project, TODAY) if row.key == key)


def put(user: User, project: Project, key: str, step: str = "draft", **values: str) -> Filed:
    """Write one row as a person does who has just opened the page."""
    seen = next((row.seen for row in rows(user, project, TODAY) if row.key == key), "")
    typed = Typed(key, seen, values)
    (filed,) = file(user, project, [typed], today=TODAY, now=timezone.now(), step=step)
    return filed


def test_a_filler_has_a_row_of_every_kind(
    filler: User, other_filler: User, project: Project, everything: list[str]
) -> None:
    assert sorted(row.key for row in rows(filler, project, TODAY)) == sorted(everything)
    assert rows(other_filler, project, TODAY) == []


def test_the_office_has_the_rows_of_all(office: User, project: Project, everything: list[str]) -> None:
    assert {row.key for row in rows(office, project, TODAY)} == set(everything)


TYPED = {
    "point": {"quantity": "0.5", "description": "正在排版"},
    "pointshare": {"quantity": "1", "description": "已供稿"},
    "indicator": {"value": "3", "note": "三项"},
    "indicatorshare": {"quantity": "2"},
    "satisfaction": {"percent": "92.5", "sample": "1200", "surveyor": "第三方机构"},
    "effect": {"effect": "治理水平明显提升。"},
    "vision": {"result": "已建成制度体系。", "degree": "基本实现"},
    "outcome": {"grade": "一等奖", "quantity": "2", "document_no": "教职成〔2024〕1号"},
}


def test_what_is_typed_stands_in_the_row_of_every_kind(
    filler: User, project: Project, everything: list[str]
) -> None:
    for key in everything:
        typed = TYPED[key.partition(":")[0]]
        filed = put(filler, project, key, **typed)
        assert filed.ok, (key, filed)
        for row in (filed.row, row_of(filler, project, key)):
            assert row
            assert {name: row.values[name] for name in typed} == typed


def test_the_row_after_writing_is_that_of_the_page(
    filler: User, project: Project, everything: list[str]
) -> None:
    for key in everything:
        filed = put(filler, project, key, **TYPED[key.partition(":")[0]])
        assert filed.row
        assert filed.row.as_json() == row_of(filler, project, key).as_json() | {
            "last": filed.row.as_json()["last"]
        }


def test_a_draft_then_a_submission(filler: User, project: Project, point: TaskPoint) -> None:
    key = f"point:{point.pk}"
    assert row_of(filler, project, key).group == "missing"
    assert put(filler, project, key, quantity="0.5").ok
    row = row_of(filler, project, key)
    assert (row.group, row.values["effective_on"]) == ("draft", "2024-03-01")
    faulty = put(filler, project, key, "submit")
    assert set(faulty.errors) == {"description", "reason_kind", "reason", "expected_on", "next_step"}
    assert put(filler, project, key, "submit", quantity="1", description="已印发").ok
    entry = Entry.objects.get()
    assert (entry.state, entry.quantity, entry.description) == (State.SUBMITTED, 1, "已印发")
    assert row_of(filler, project, key).group == "submitted"


def test_an_indicator_is_submitted_and_approved(
    filler: User, office: User, project: Project, indicator: Indicator, now: datetime
) -> None:
    key = f"indicator:{indicator.pk}"
    assert put(filler, project, key, "submit", note="没有数").errors == {
        "value": ["完成值和完成比例至少填一项；没有进展请填 0。"]
    }
    assert put(filler, project, key, "submit", value="4", measured_on="2023-12-31").ok
    value = IndicatorValue.objects.get()
    assert (value.state, value.value, value.measured_on) == (State.SUBMITTED, 4, date(2023, 12, 31))
    review.approve(value, by=office, now=now)
    row = row_of(filler, project, key)
    assert (row.group, row.last["quantity"], row.last["on"]) == ("done", "4", "2023-12-31")


def test_a_returned_row_comes_first_with_the_comment(
    filler: User, office: User, project: Project, point: TaskPoint, everything: list[str]
) -> None:
    key = f"point:{point.pk}"
    put(filler, project, key, "submit", quantity="1", description="已印发")
    review.return_for_revision(Entry.objects.get(), by=office, comment="请附印发文件")
    first = rows(filler, project, TODAY)[0]
    assert (first.key, first.group) == (key, "returned")
    assert first.returned
    assert (first.returned.by, first.returned.comment) == ("周敏", "请附印发文件")
    again = put(filler, project, key, "submit")
    assert again.refusal == review.UNCHANGED
    assert put(filler, project, key, "submit", description="已印发，附文件").ok
    assert Entry.objects.count() == 2


def test_a_material_linked_after_the_return_is_something_new(
    filler: User, office: User, project: Project, point: TaskPoint
) -> None:
    key, day = f"point:{point.pk}", timezone.now() - timedelta(days=90)
    stored = StoredFile.objects.create(
        institution=project.institution, sha256="a" * 64, size=1, content_type="application/pdf"
    )
    StoredFile.objects.update(uploaded_at=day)
    materials = [
        Evidence.objects.create(project=project, title=title, file=stored) for title in ("旧通知", "汇编")
    ]
    link(point, materials[0], by=filler)
    put(filler, project, key, "submit", quantity="1", description="已印发")
    review.return_for_revision(Entry.objects.get(), by=office, comment="请附印发文件")
    assert put(filler, project, key, "submit").refusal == review.UNCHANGED
    PointEvidence.objects.update(linked_at=None)
    assert put(filler, project, key, "submit").refusal == review.UNCHANGED
    row = row_of(filler, project, key)
    assert row.is_unchanged
    assert row.lacks[""] == [review.UNCHANGED]
    link(point, materials[1], by=filler)
    row = row_of(filler, project, key)
    assert not row.is_unchanged
    assert "" not in row.lacks
    assert put(filler, project, key, "submit").ok


def test_a_draft_that_says_what_was_returned_is_unchanged(
    filler: User, office: User, project: Project, point: TaskPoint
) -> None:
    key = f"point:{point.pk}"
    put(filler, project, key, "submit", quantity="1", description="已印发")
    review.return_for_revision(Entry.objects.get(), by=office, comment="请附印发文件")
    for words, is_unchanged in (("已印发，附文件", False), ("已 印发", True)):
        filed = put(filler, project, key, description=words)
        assert filed.row
        assert (filed.row.group, filed.row.is_unchanged) == ("draft", is_unchanged)
        assert filed.row == row_of(filler, project, key)
    assert put(filler, project, key, "submit").refusal == review.UNCHANGED


def test_a_returned_ledger_row_with_a_new_material_is_changed(
    filler: User, office: User, project: Project, draft: Outcome
) -> None:
    key = f"outcome:{draft.pk}"
    put(filler, project, key, "submit")
    review.return_for_revision(Outcome.objects.get(), by=office, comment="请附证书")
    assert row_of(filler, project, key).is_unchanged
    material = Evidence.objects.create(project=project, file_name="证书.pdf", title="证书")
    link(draft, material, by=filler)
    assert not row_of(filler, project, key).is_unchanged


def test_what_would_be_refused_is_known_beforehand(
    filler: User, project: Project, point: TaskPoint, draft: Outcome
) -> None:
    """Also what only the ledger speaks against; a row in which nothing was typed is not judged."""
    Outcome.objects.update(state=State.APPROVED, decided_at=timezone.now(), awarded_on=date(2023, 6, 1))
    OutcomePoint.objects.create(outcome=draft, point=point, counts=True)
    key = f"point:{point.pk}"
    assert row_of(filler, project, key).lacks == {}
    filed = put(filler, project, key, quantity="2", description="已印发")
    assert filed.row
    (sentence,) = filed.row.lacks["reason"]
    assert sentence.startswith("台账合计 1 ")
    assert filed.row == row_of(filler, project, key)
    assert put(filler, project, key, "submit").errors == filed.row.lacks
    filed = put(filler, project, key, reason="另有一项未入台账")
    assert filed.row
    assert filed.row.lacks == {}


def test_faults_name_the_field_and_stop_no_other_row(
    filler: User, project: Project, everything: list[str]
) -> None:
    seen = {row.key: row.seen for row in rows(filler, project, TODAY)}
    point, _, indicator, *_ = everything
    typed = [
        Typed(point, seen[point], {"quantity": "二本"}),
        Typed(indicator, seen[indicator], {"value": "3"}),
        Typed("point:999999", "0", {}),
        Typed("nothing:1", "0", {}),
        Typed("point:1; drop", "0", {}),
    ]
    filed = file(filler, project, typed, today=TODAY, now=timezone.now(), step="draft")
    assert [one.ok for one in filed] == [False, True, False, False, False]
    assert filed[0].errors == {"quantity": ["“二本”不是数字，应为数字，例如 2。"]}
    assert "不在本项目中" in filed[2].refusal
    assert (Entry.objects.count(), IndicatorValue.objects.count()) == (0, 1)


def test_an_unknown_column_is_told(filler: User, project: Project, point: TaskPoint) -> None:
    assert put(filler, project, f"point:{point.pk}", state="approved").errors == {"": ["没有“state”这一列。"]}


def test_another_department_and_another_college_are_refused(
    other_filler: User, outsider: User, project: Project, everything: list[str]
) -> None:
    for user in (other_filler, outsider):
        for key in everything:
            filed = put(user, project, key, **TYPED[key.partition(":")[0]])
            assert not filed.ok
            assert filed.is_forbidden
            assert "您不能填报" in filed.refusal
    assert not Entry.objects.exists()
    assert not LogEntry.objects.exists()


def test_a_row_of_another_project_is_not_there(
    filler: User, project: Project, point: TaskPoint, college: Any
) -> None:
    other = Project.objects.create(
        institution=college, code="OTHER", name="另一项目", level="school", start_year=2022, end_year=2025
    )
    typed = [Typed(f"point:{point.pk}", "0", {"quantity": "1"})]
    (filed,) = file(filler, other, typed, today=TODAY, now=timezone.now(), step="draft")
    assert "不在本项目中" in filed.refusal


def test_the_second_writer_is_told_and_sees_the_first_version(
    filler: User, head: User, project: Project, everything: list[str]
) -> None:
    for key in everything:
        typed = TYPED[key.partition(":")[0]]
        old = row_of(filler, project, key).seen
        assert put(head, project, key, **typed).ok
        late = Typed(key, old, typed)
        (filed,) = file(filler, project, [late], today=TODAY, now=timezone.now(), step="draft")
        assert not filed.ok, key
        assert filed.theirs, key
        assert filed.theirs.who == str(head)
        # When a draft was changed is stored nowhere; when it was made is not that.
        assert not (filed.theirs.when and key.startswith(("point:", "indicator:")))
        assert {name: filed.theirs.values[name] for name in typed} == typed
        again = Typed(key, filed.theirs.seen, typed)
        (filed,) = file(filler, project, [again], today=TODAY, now=timezone.now(), step="draft")
        assert filed.ok, key


@pytest.fixture
def asked(project: Project) -> Round:
    return Round.objects.create(
        project=project,
        name="2024年第一季度进展",
        opens_on=TODAY - timedelta(days=5),
        closes_on=TODAY + timedelta(days=5),
    )


FULL = {
    "quantity": "1",
    "effective_on": "2023-12-22",
    "description": "已印发",
    "problems": "无",
    "help_needed": "无",
}


def by_page(user: User, point: TaskPoint, typed: dict[str, str]) -> dict[str, list[str]]:
    client = Client()
    client.force_login(user)
    sent = {**typed, "seen": review.version_of(review.latest(point)), "step": "submit"}
    answer = client.post(reverse("projects:fill", args=[point.pk]), sent)
    assert answer.status_code in (302, 422)
    return {} if answer.status_code == 302 else answer.context["form"].errors


def by_grid(user: User, point: TaskPoint, typed: dict[str, str]) -> dict[str, list[str]]:
    filed = put(user, point.task.project, f"point:{point.pk}", "submit", **typed)
    return {name: list(sentences) for name, sentences in filed.errors.items()}


@pytest.mark.parametrize("door", [by_page, by_grid])
def test_what_the_running_round_asks_for_is_not_left_empty(
    filler: User, point: TaskPoint, asked: Round, door: Any
) -> None:
    TaskPoint.objects.update(due_on=TODAY + timedelta(days=300))
    point.refresh_from_db()
    bare = {name: words for name, words in FULL.items() if name not in ("problems", "help_needed")}
    assert {name: list(each) for name, each in door(filler, point, bare).items()} == {
        "problems": ["本批次要求填写“存在问题”，没有请写“无”。"],
        "help_needed": ["本批次要求填写“需要的支持”，没有请写“无”。"],
    }
    assert {name: list(each) for name, each in door(filler, point, {**FULL, "quantity": "0"}).items()} == {
        "expected_on": ["没有完成的，本批次要求填写“预计完成日期”。"]
    }
    assert not Entry.objects.filter(state=State.SUBMITTED).exists()
    assert not door(filler, point, FULL)
    entry = Entry.objects.get()
    assert (entry.state, entry.problems, entry.help_needed) == (State.SUBMITTED, "无", "无")


@pytest.mark.parametrize("door", [by_page, by_grid])
@pytest.mark.parametrize(
    "change",
    [
        {"asks_problems": False, "asks_help": False, "asks_expected_completion": False},
        {"first_year": 2025, "last_year": 2025},
        {"opens_on": TODAY - timedelta(days=9), "closes_on": TODAY - timedelta(days=1)},
    ],
    ids=["asks for nothing more", "asks for other years", "is over"],
)
def test_a_round_that_does_not_ask_for_it_demands_nothing(
    filler: User, point: TaskPoint, asked: Round, door: Any, change: dict[str, Any]
) -> None:
    TaskPoint.objects.update(due_on=TODAY + timedelta(days=300))
    Round.objects.update(**change)
    bare = {"quantity": "0", "effective_on": "2023-12-22", "description": "在起草"}
    assert not door(filler, point, bare)
    assert Entry.objects.get().state == State.SUBMITTED


@pytest.mark.parametrize("door", [by_page, by_grid])
def test_a_round_that_does_not_ask_for_progress_lets_it_be_left_empty(
    filler: User, point: TaskPoint, asked: Round, door: Any
) -> None:
    Round.objects.update(asks_progress=False)
    mute = {name: words for name, words in FULL.items() if name != "description"}
    # What is due and not done still says why, until when and how on.
    short = {**mute, "quantity": "0"}
    assert set(door(filler, point, short)) == {"reason_kind", "reason", "expected_on", "next_step"}
    assert not door(filler, point, mute)
    assert Entry.objects.get().state == State.SUBMITTED
    # Out of its scope all is as without a round.
    Entry.objects.all().delete()
    Round.objects.update(first_year=2025, last_year=2025)
    assert set(door(filler, point, mute)) == {"description"}


def test_a_draft_may_lack_what_the_round_asks_for(filler: User, point: TaskPoint, asked: Round) -> None:
    assert put(filler, point.task.project, f"point:{point.pk}", quantity="1").ok


def test_a_zero_report_counts_as_filled_and_changes_no_figure(
    filler: User, project: Project, point: TaskPoint, indicator: Indicator, asked: Round
) -> None:
    for key in (f"point:{point.pk}", f"indicator:{indicator.pk}"):
        assert row_of(filler, project, key).group == "missing"
        filed = (
            put(filler, project, key, "zero", description="下半年开展")
            if "point" in key
            else put(filler, project, key, "zero")
        )
        assert filed.ok, filed
        row = row_of(filler, project, key)
        assert (row.group, row.is_zero_reported) == ("done", True)
        assert filed.row == row
    assert not Entry.objects.exists()
    assert ZeroReport.objects.filter(round=asked).count() == 2
    assert put(filler, project, f"point:{point.pk}", "unzero").ok
    row = row_of(filler, project, f"point:{point.pk}")
    assert (row.group, row.is_zero_reported) == ("missing", False)


def test_a_zero_report_needs_a_running_round_that_takes_it(
    filler: User, project: Project, point: TaskPoint, asked: Round, everything: list[str]
) -> None:
    key = f"point:{point.pk}"
    assert "不参加填报批次" in put(filler, project, everything[5], "zero").refusal
    asked.allows_zero_report = False
    asked.save()
    assert "要求逐项填写" in put(filler, project, key, "zero").refusal
    asked.closes_on = TODAY - timedelta(days=1)
    asked.save()
    assert "没有进行中的填报批次" in put(filler, project, key, "zero").refusal
    assert not ZeroReport.objects.exists()


def test_after_the_round_what_was_not_filled_is_still_asked_for(
    filler: User, project: Project, point: TaskPoint, asked: Round
) -> None:
    asked.closes_on = TODAY - timedelta(days=1)
    asked.save()
    TaskPoint.objects.update(due_on=date(2025, 12, 31))
    row = row_of(filler, project, f"point:{point.pk}")
    assert (row.group, row.days_late) == ("missing", 1)
    # Since its own day where that was before, else since the round closed.
    TaskPoint.objects.update(due_on=TODAY - timedelta(days=9))
    assert row_of(filler, project, f"point:{point.pk}").days_late == 9
    asked.closes_on = TODAY
    asked.save()
    TaskPoint.objects.update(due_on=date(2025, 12, 31))
    assert row_of(filler, project, f"point:{point.pk}").days_late == 0


def test_the_internal_date_makes_a_row_late_before_the_official_one(
    filler: User, project: Project, point: TaskPoint
) -> None:
    TaskPoint.objects.update(due_on=date(2024, 6, 30), internal_due_on=TODAY - timedelta(days=10))
    row = row_of(filler, project, f"point:{point.pk}")
    assert (row.group, row.days_late, row.wanted_by) == ("missing", 10, TODAY - timedelta(days=10))
    assert row.due_on == date(2024, 6, 30)


def test_locked_rows_say_why(filler: User, project: Project, everything: list[str], now: datetime) -> None:
    ReportingWindow.objects.update(locked_at=now)
    filed = put(filler, project, everything[0], effective_on="2023-12-31", quantity="1")
    assert filed.is_forbidden
    assert "已锁定" in filed.refusal
    survey = row_of(filler, project, everything[4])
    assert "已锁定" in survey.locked
    assert "已锁定" in put(filler, project, everything[4], percent="95").refusal


def test_what_was_edited_in_place_is_noted(filler: User, project: Project, everything: list[str]) -> None:
    put(filler, project, everything[4], percent="92.5", sample="1200")
    assert LogEntry.objects.get().change_message == "满意度（%）：— → 92.5；样本量：— → 1200"
    put(filler, project, everything[4], percent="92.5")
    assert LogEntry.objects.count() == 1


def test_many_rows_ask_no_more_queries_than_few(
    filler: User, project: Project, task: Task, everything: list[str], django_assert_max_num_queries: Any
) -> None:
    department = Department.objects.get(name="党政办公室")
    TaskPoint.objects.bulk_create(
        TaskPoint(
            task=task, year=2023, seq=f"{n}", text="制度", due_on=date(2023, 12, 31), department=department
        )
        for n in range(10, 60)
    )
    with django_assert_max_num_queries(45):
        assert len(rows(filler, project, TODAY)) == len(everything) + 50


@pytest.fixture
def draft(project: Project, task: Task, office_department: Department) -> Outcome:
    return Outcome.objects.create(
        project=project,
        code="CG-0007",
        name="教学成果奖",
        level="省级",
        rank="第一完成单位",
        awarded_on=date(2024, 1, 10),
        state=State.DRAFT,
        department=office_department,
        task=task,
    )


def test_a_ledger_row_is_filled_and_handed_in_and_leaves_when_it_is_approved(
    filler: User, office: User, project: Project, draft: Outcome, point: TaskPoint, now: datetime
) -> None:
    key = f"outcome:{draft.pk}"
    OutcomePoint.objects.create(outcome=draft, point=point, counts=False)
    assert row_of(filler, project, key).href == reverse("reports:outcome", args=[project.pk, draft.pk])
    assert put(filler, project, key, awarded_on="2024-13-01", level="部级").errors.keys() == {
        "awarded_on",
        "level",
    }
    assert "不能晚于今天" in put(filler, project, key, awarded_on="2024-03-02").errors["awarded_on"][0]
    filed = put(filler, project, key, "submit", grade="二等奖")
    assert filed.row
    assert filed.row.group == "submitted"
    draft.refresh_from_db()
    assert (draft.grade, draft.level, draft.rank, draft.task) == (
        "二等奖",
        "省级",
        "第一完成单位",
        point.task,
    )
    assert list(draft.point_links.values_list("point", "counts")) == [(point.pk, False)]
    assert "不能修改" in put(filler, project, key, grade="一等奖").refusal
    review.return_for_revision(draft, by=office, comment="请核对等次")
    row = rows(filler, project, TODAY)[0]
    assert (row.key, row.group) == (key, "returned")
    assert row.returned
    assert (row.returned.by, row.returned.comment) == ("周敏", "请核对等次")
    assert put(filler, project, key, grade="一等奖").ok
    assert row_of(filler, project, key).returned == row.returned
    assert put(filler, project, key, "submit").ok
    draft.refresh_from_db()
    review.approve(draft, by=office, now=now)
    assert all(row.key != key for row in rows(office, project, TODAY))
    assert not put(office, project, key, grade="二等奖").ok


def test_a_ledger_row_that_may_repeat_another_is_explained_on_its_own_page(
    filler: User, project: Project, draft: Outcome
) -> None:
    Outcome.objects.create(
        project=project, code="CG-0001", name="优秀案例", awarded_on=date(2023, 5, 1), decided_at=None
    )
    key = f"outcome:{draft.pk}"
    filed = put(filler, project, key, name="优秀案例", grade="一等奖")
    assert "已有名称相同的 CG-0001" in filed.refusal
    assert "请打开这项成果的页面" in filed.refusal
    draft.refresh_from_db()
    assert (draft.name, draft.revision) == ("教学成果奖", 0)
    draft.duplicate_reason = "两届不同的案例"
    draft.save()
    assert put(filler, project, key, "submit", name="优秀案例").ok


def test_a_locked_day_keeps_a_ledger_row_as_it_is(
    filler: User, project: Project, draft: Outcome, now: datetime
) -> None:
    key = f"outcome:{draft.pk}"
    ReportingWindow.objects.update(locked_at=now)
    assert "已锁定" in put(filler, project, key, awarded_on="2023-12-31").refusal
    Outcome.objects.update(awarded_on=date(2023, 12, 31))
    assert "已锁定" in row_of(filler, project, key).locked
    assert "已锁定" in put(filler, project, key, awarded_on="2024-01-01").refusal


@pytest.mark.parametrize("state", ["draft", "returned"])
@pytest.mark.parametrize("kind", ["point", "indicator", "outcome"])
def test_what_a_lock_holds_fast_is_not_to_be_done(
    filler: User,
    office: User,
    project: Project,
    everything: list[str],
    draft: Outcome,
    now: datetime,
    kind: str,
    state: str,
) -> None:
    """It stands apart with the sentence of the lock, until an exception opens it."""
    key = filed_in_2023(kind, filler, project, draft)
    if state == "returned":
        submit_and_return(key, filler, office, now)
    assert row_of(filler, project, key).group == state
    todo = counted(filler, project, TODAY).to_fill
    ReportingWindow.objects.update(locked_at=now)
    cache.clear()
    row = row_of(filler, project, key)
    assert (row.group, row.is_open, row.state["work"]) == ("locked", False, state)
    assert "2023-12-20 的内容不能再改" in row.locked
    # The survey of that year is held fast with it.
    survey = row_of(filler, project, everything[4])
    assert (survey.group, survey.state["label"]) == ("locked", "未填报")
    assert counted(filler, project, TODAY).to_fill == todo - 2
    window = ReportingWindow.objects.get()
    locking.grant(window, filler, [], until=TODAY, reason="补正", by=office, today=TODAY)
    cache.clear()
    row = row_of(filler, project, key)
    assert (row.group, row.locked) == (state, "")
    assert counted(filler, project, TODAY).to_fill == todo


def filed_in_2023(kind: str, filler: User, project: Project, draft: Outcome) -> str:
    """A draft of a kind that speaks of 2023-12-20; its key."""
    if kind == "outcome":
        draft.awarded_on = date(2023, 12, 20)
        draft.save()
        return f"outcome:{draft.pk}"
    values = {
        "point": {"quantity": "1", "effective_on": "2023-12-20", "description": "已印发"},
        "indicator": {"value": "4", "measured_on": "2023-12-20", "note": "四项"},
    }[kind]
    key = next(row.key for row in rows(filler, project, TODAY) if row.kind == kind)
    assert put(filler, project, key, **values).ok
    return key


def submit_and_return(key: str, filler: User, office: User, now: datetime) -> None:
    kind, _, pk = key.partition(":")
    record: Reviewed = {
        "point": lambda: Entry.objects.get(point=int(pk)),
        "indicator": lambda: IndicatorValue.objects.get(indicator=int(pk)),
        "outcome": lambda: Outcome.objects.get(pk=pk),
    }[kind]()
    review.return_for_revision(review.submit(record, by=filler, now=now), by=office, comment="请附文件")


@pytest.mark.parametrize("kind", ["point", "indicator"])
def test_a_round_after_the_lock_asks_anew_for_what_was_returned(
    filler: User,
    office: User,
    project: Project,
    everything: list[str],
    draft: Outcome,
    now: datetime,
    kind: str,
) -> None:
    """What was typed stays, of a day after the window."""
    key = filed_in_2023(kind, filler, project, draft)
    submit_and_return(key, filler, office, now)
    ReportingWindow.objects.update(locked_at=now)
    Round.objects.create(
        project=project,
        name="一季度",
        opens_on=TODAY,
        closes_on=TODAY + timedelta(days=9),
    )
    row = row_of(filler, project, key)
    day = {"point": "effective_on", "indicator": "measured_on"}[kind]
    assert (row.group, row.locked, row.values[day]) == ("returned", "", "")
    assert "已锁定" in put(filler, project, key, **{day: "2023-12-21"}).refusal
    more = {"point": {"quantity": "0.5", "description": "修订版已印发"}, "indicator": {"value": "5"}}[kind]
    filed = put(filler, project, key, **more)
    assert filed.ok, filed
    assert row_of(filler, project, key).values[day] == "2024-03-01"
    kept: list[Reviewed] = [*Entry.objects.order_by("pk"), *IndicatorValue.objects.order_by("pk")]
    assert [(each.state, str(each.dated)) for each in kept] == [
        ("returned", "2023-12-20"),
        ("draft", "2024-03-01"),
    ]


@pytest.mark.parametrize("opens", [None, -5, -30, 5])
def test_the_header_counts_what_the_page_lists(
    filler: User,
    head: User,
    office: User,
    project: Project,
    task: Task,
    everything: list[str],
    draft: Outcome,
    industry_department: Department,
    opens: int | None,
    now: datetime,
) -> None:
    """Without a round, in a running one, after it closed, before it opens."""
    if opens is not None:
        first = TODAY + timedelta(days=opens)
        Round.objects.create(
            project=project, name="进展", opens_on=first, closes_on=first + timedelta(days=10)
        )
    points = [
        TaskPoint.objects.create(
            task=task,
            year=year,
            seq=f"2{number}",
            text="制度",
            planned=1,
            due_on=date(year, 12, 31),
            department=Department.objects.get(name=name),
        )
        for number, (year, name) in enumerate(
            [(2023, "党政办公室"), (2024, "党政办公室"), (2023, "党政办公室"), (2023, "校企合作处")]
        )
    ]
    ok = {"effective_on": date(2023, 12, 1), "quantity": Decimal(1), "ratio": None, "description": "完成"}
    returned, _, done, _ = points
    for point in (returned, done):
        entry = review.submit(review.save_draft(point, ok, by=filler, seen="0"), by=filler, now=now)
        if point is done:
            review.approve(entry, by=office, now=now)
        else:
            review.return_for_revision(entry, by=office, comment="请核对")

    def agree() -> int:
        found = 0
        for user in (filler, head):
            own = rows(user, project, TODAY)
            made = counted(user, project, TODAY)
            assert made.to_fill == sum(row.is_open for row in own) > 0
            assert made.returned == sum(row.group == "returned" for row in own)
            found += made.to_fill
            cache.clear()
        return found

    before = agree()
    for user in (filler, head):
        counted(user, project, TODAY)
    review.submit(draft, by=filler, now=now)
    # Their own writes are seen at once, without the page of the rows.
    assert counted(filler, project, TODAY).to_fill == sum(row.is_open for row in rows(filler, project, TODAY))
    assert put(filler, project, everything[4], percent="92.5").ok
    assert counted(filler, project, TODAY).to_fill == sum(row.is_open for row in rows(filler, project, TODAY))
    cache.clear()
    assert agree() == before - 4
    # What is open in the whole college is the departments' to do.
    assert counted(office, project, TODAY).to_fill == 0


def test_the_header_asks_little_once_it_is_known(
    filler: User, project: Project, everything: list[str]
) -> None:
    counted(filler, project, TODAY)
    with CaptureQueriesContext(connection) as asked:
        counted(filler, project, TODAY)
    assert sum("projects_user" in query["sql"] for query in asked) == 1
    assert len(asked) <= 3


# The JSON of the grid, and the programming interface


def send(client: Client, project: Project, sent: Any, door: str = "reports:mine_rows") -> Any:
    address = reverse(door, args=[project.pk])
    body = sent if isinstance(sent, str) else json.dumps(sent)
    return client.post(address, body, content_type="application/json")


@pytest.mark.parametrize(
    ("sent", "status", "sentence"),
    [
        ("{", 400, "不是 JSON"),
        ("[" * 100_000, 400, "不是 JSON"),
        ([], 422, "应为"),
        ({"rows": [], "step": "approve"}, 422, "step 应为"),
        ({"rows": [{"key": f"point:{n}"} for n in range(501)]}, 422, "一次最多保存 500 行，现在有 501 行"),
        ({"rows": [{"key": 1}]}, 422, "每一行应有 key"),
        ({"rows": [{"key": "point:1", "values": {"quantity": 1}}]}, 422, "values 应为"),
        ({"rows": [{"key": "point:1"}, {"key": "point:1"}]}, 422, "出现了两次"),
    ],
)
def test_what_is_not_rows_is_refused_with_a_sentence(
    client: Client, filler: User, project: Project, sent: Any, status: int, sentence: str
) -> None:
    client.force_login(filler)
    answer = send(client, project, sent)
    assert answer.status_code == status
    assert sentence in answer.json()["refusal"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    key=st.one_of(st.text(max_size=20), st.integers().map("point:{}".format)),
    seen=st.text(max_size=30),
    values=st.dictionaries(
        st.sampled_from(["quantity", "percent", "effective_on", "description", "x"]), st.text(max_size=30)
    ),
    step=st.sampled_from(["draft", "submit", "zero"]),
)
def test_no_text_breaks_it(
    client: Client,
    filler: User,
    project: Project,
    point: TaskPoint,
    key: str,
    seen: str,
    values: Any,
    step: str,
) -> None:
    client.force_login(filler)
    rows = [{"key": key, "seen": seen, "values": values}]
    if key != f"point:{point.pk}":
        rows.append({"key": f"point:{point.pk}", "seen": "0", "values": values})
    answer = send(client, project, {"rows": rows, "step": step})
    filed = answer.json()["rows"]
    assert (answer.status_code == 200) is any(each["ok"] for each in filed)
    assert answer.status_code in (200, 403, 409, 422)
    for each in filed:
        assert each["ok"] or each["refusal"] or each["errors"]
    Entry.objects.all().delete()


def test_the_answer_is_a_refusal_only_when_nothing_was_taken(
    client: Client,
    filler: User,
    other_filler: User,
    project: Project,
    point: TaskPoint,
    caplog: pytest.LogCaptureFixture,
) -> None:
    row: dict[str, Any] = {"key": f"point:{point.pk}", "seen": "0", "values": {"quantity": "1"}}
    client.force_login(other_filler)
    assert send(client, project, {"rows": [row]}).status_code == 403
    (said,) = [record for record in caplog.records if record.name.startswith("projects.")]
    assert (said.levelname, other_filler.username in said.getMessage()) == ("WARNING", True)
    assert f"point:{point.pk}" in said.getMessage()
    client.force_login(filler)
    assert send(client, project, {"rows": [{**row, "values": {"quantity": "一"}}]}).status_code == 422
    assert send(client, project, {"rows": [row]}).status_code == 200
    assert send(client, project, {"rows": [row]}).status_code == 409
    (now,) = [each for each in rows(filler, project, TODAY) if each.key == row["key"]]
    nobodys = {"key": "point:0", "values": {}}
    sent = {"rows": [{**row, "seen": now.seen, "values": {"quantity": "0"}}, nobodys]}
    assert send(client, project, sent).status_code == 200


def test_the_interface_lists_and_writes_the_same_rows(
    client: Client, filler: User, project: Project, point: TaskPoint
) -> None:
    client.force_login(filler)
    address = reverse("api:project-rows", args=[project.pk])
    (row,) = client.get(address).json()["rows"]
    sent = {"rows": [{"key": row["key"], "seen": row["seen"], "values": {"quantity": "1"}}]}
    assert send(client, project, sent, "api:project-rows").status_code == 200
    assert Entry.objects.get().quantity == Decimal(1)
    assert send(client, project, sent, "api:project-rows").status_code == 409
    sent["rows"][0]["values"] = {"quantity": "一"}
    assert send(client, project, sent, "api:project-rows").status_code == 422
    assert send(client, project, {"rows": 1}, "api:project-rows").status_code == 400


@pytest.mark.parametrize("kind", ["pointshare", "indicatorshare"])
def test_a_share_goes_on_after_a_locked_window(
    filler: User, project: Project, everything: list[str], now: datetime, kind: str
) -> None:
    """What it said of a locked day stays in the log; what it says of a later day is a new report."""
    key = next(key for key in everything if key.startswith(f"{kind}:"))
    assert put(filler, project, key, quantity="1", reported_on="2023-12-30", description="一期").ok
    ReportingWindow.objects.update(locked_at=now, cutoff=date(2023, 12, 31))
    for moved in ({"reported_on": "2023-12-30"}, {"reported_on": "2023-12-31"}):
        assert "已锁定" in put(filler, project, key, quantity="2", **moved).refusal
    assert "2023-12-30 的内容不能再改" in put(filler, project, key, quantity="", description="").refusal
    row = row_of(filler, project, key)
    assert (row.group, row.locked, row.last["quantity"]) == ("done", "", "1")
    assert row.values == {"quantity": "1", "reported_on": "", "description": "一期"}
    assert put(filler, project, key, quantity="2").ok
    row = row_of(filler, project, key)
    assert row.values == {"quantity": "2", "reported_on": "2024-03-01", "description": "一期"}
    model = PointShare if kind == "pointshare" else IndicatorShare
    notes = [note.change_message for note in notes_about(model._base_manager.get())]
    assert notes == ["填报进展：2，截至 2024-03-01，一期", "填报进展：1，截至 2023-12-30，一期"]


def test_a_share_cannot_be_moved_into_a_locked_window(
    filler: User, project: Project, everything: list[str], now: datetime
) -> None:
    key = next(key for key in everything if key.startswith("pointshare:"))
    assert put(filler, project, key, quantity="1", reported_on="2024-01-02").ok
    ReportingWindow.objects.update(locked_at=now, cutoff=date(2023, 12, 31))
    assert "已锁定" in put(filler, project, key, quantity="2", reported_on="2023-12-30").refusal
    assert put(filler, project, key, quantity="2", reported_on="2024-01-05").ok


def test_a_draft_that_was_cleared_again_is_gone(
    filler: User, project: Project, point: TaskPoint, indicator: Indicator
) -> None:
    """Undo takes the day along that was filled in for the person."""
    for key, name in ((f"point:{point.pk}", "quantity"), (f"indicator:{indicator.pk}", "value")):
        before = row_of(filler, project, key)
        assert put(filler, project, key, **{name: "1"}).ok
        assert row_of(filler, project, key).group == "draft"
        assert put(filler, project, key, **{name: ""}).ok
        assert row_of(filler, project, key) == before
    assert not Entry.objects.exists()
