"""定稿: what is stored stays, corrections are new versions, windows are locked, opened, and excepted from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import Indicator, Outcome
from projects import locking, review
from projects.guard import writable
from projects.jobs import execute
from projects.models import (
    Entry,
    ExtraAchievement,
    Job,
    Project,
    ReportingWindow,
    TaskPoint,
    User,
    WindowException,
    WindowLog,
)
from reports import finalising
from reports.build import build
from reports.facts import gather
from reports.kinds import KINDS
from reports.models import Report, Snapshot
from tests.projects.conftest import COMPLETE

CUTOFF = date(2023, 12, 31)
KIND = KINDS[0]
Browser = Callable[[User], Client]


@pytest.fixture(autouse=True)
def folders(settings: Any, tmp_path: Any) -> None:
    settings.JOBS_DIR = tmp_path / "jobs"


@pytest.fixture
def entry(point: TaskPoint, filler: User, now: datetime) -> Entry:
    return Entry.objects.create(
        point=point,
        effective_on=date(2023, 12, 22),
        quantity=1,
        author=filler,
        state="approved",
        submitted_at=now,
        decided_at=now - timedelta(days=1),
    )


def finalise(project: Project, by: User, now: datetime, **others: Any) -> Snapshot:
    return finalising.finalise(project, KIND, CUTOFF, by=by, now=now, **others)


def stored(snapshot: Snapshot) -> Snapshot:
    return Snapshot.objects.get(pk=snapshot.pk)


def test_what_is_finalised_is_the_report_of_that_moment(
    entry: Entry, project: Project, office: User, now: datetime
) -> None:
    made = stored(finalise(project, office, now, reason="中期检查"))
    document = finalising.document_of(made)
    assert document == replace(build(gather(project, CUTOFF, now), KIND), version="第 1 版（定稿）")
    assert document.stamp.startswith("版本 第 1 版（定稿）")
    assert made.sha256 == finalising.document_of(made).digest
    assert (made.number, made.known_at, made.finalised_by, made.reason) == (1, now, office, "中期检查")
    assert made.report.state == Report.State.FINAL
    window = project.windows.get()
    assert window.locked_at == now
    [log] = WindowLog.objects.all()
    assert (log.verb, log.by, log.at) == ("lock", office, now)
    assert "第 1 版定稿" in log.reason


def test_what_happens_later_changes_nothing_and_a_correction_is_a_new_version(
    entry: Entry, project: Project, office: User, now: datetime
) -> None:
    first = finalise(project, office, now)
    before = finalising.document_of(stored(first))
    locking.unlock(project.windows.get(), by=office, now=now, reason="更正佐证")
    review.revoke(entry, by=office, comment="佐证有误", now=now + timedelta(hours=1))
    TaskPoint.objects.update(text="改过")
    assert finalising.document_of(stored(first)) == before
    second = finalise(project, office, now + timedelta(hours=2))
    assert (second.number, second.supersedes_id, second.report_id) == (2, first.pk, first.report_id)
    assert finalising.document_of(stored(second)) != before
    assert finalising.document_of(stored(first)) == before
    assert [each.number for each in finalising.versions_of(project)] == [2, 1]
    assert [log.verb for log in WindowLog.objects.order_by("id")] == ["lock", "unlock", "lock"]


def test_what_was_finalised_a_moment_ago_is_not_finalised_again(
    entry: Entry, project: Project, office: User, browser: Browser, now: datetime
) -> None:
    address = reverse("reports:finalise", args=[project.pk])
    form = {"kind": KIND.identifier, "as_of": "2023-12-31", "reason": "首版"}
    client = browser(office)
    answers = [client.post(address, form) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 409]
    assert "上一版定稿以来没有变化" in answers[1].content.decode()
    assert Snapshot.objects.count() == 1
    # Another day or another kind is another report, and so is one that says something else.
    assert client.post(address, {**form, "as_of": "2023-12-30"}).status_code == 302
    assert client.post(address, {**form, "kind": KINDS[1].identifier}).status_code == 302
    assert client.post(address, form).status_code == 302
    TaskPoint.objects.update(text="改过")
    assert client.post(address, form).status_code == 302
    # After the window was opened, the same content locks it again.
    locking.unlock(project.windows.get(), by=office, now=timezone.now(), reason="核对")
    assert client.post(address, form).status_code == 302
    assert client.post(address, form).status_code == 409


def test_a_stored_document_that_was_touched_is_not_shown(
    entry: Entry, project: Project, office: User, browser: Browser, now: datetime
) -> None:
    made = finalise(project, office, now)
    with connection.cursor() as cursor:
        text = "UPDATE reports_snapshot SET document = REPLACE(CAST(document AS TEXT), %s, %s)"
        cast = text.replace("SET document = REPLACE", "SET document = CAST(REPLACE") + " AS JSONB)"
        statement = cast if connection.vendor == "postgresql" else text
        cursor.execute(statement, ["2023-12-31", "2023-12-30"])
    with pytest.raises(finalising.NotIntact):
        finalising.document_of(stored(made))
    answer = browser(office).get(reverse("reports:version", args=[project.pk, made.pk]))
    assert answer.status_code == 409
    assert "与定稿时的校验码不符" in answer.content.decode()
    browser(office).post(reverse("reports:version_file", args=[project.pk, made.pk, "html"]))
    job = Job.objects.latest("pk")
    execute(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "校验码" in job.error


def test_a_project_without_a_window_is_not_finalised(project: Project, office: User, now: datetime) -> None:
    project.windows.all().delete()
    with pytest.raises(finalising.NotAllowed, match="还没有统计时段"):
        finalise(project, office, now)
    assert not Report.objects.exists()


def test_the_pages_finalise_and_read_back(
    entry: Entry, project: Project, office: User, filler: User, browser: Browser
) -> None:
    client = browser(office)
    address = reverse("reports:finalise", args=[project.pk])
    assert "份填报没有通过" not in client.get(address).content.decode()
    draft = TaskPoint.objects.create(
        task=entry.point.task, year=2023, seq="8", text="甲", due_on=CUTOFF, department=entry.point.department
    )
    review.save_draft(draft, COMPLETE, by=filler, seen="0")
    assert "草稿 1 份</a>" in client.get(address).content.decode()
    assert client.post(address, {"kind": "nonsense", "as_of": "2023-12-31"}).status_code == 422
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert client.post(address, {"kind": KIND.identifier, "as_of": tomorrow}).status_code == 422
    answer = client.post(
        address, {"kind": KIND.identifier, "as_of": "2023-12-31", "reason": "首版"}, follow=True
    )
    made = Snapshot.objects.get()
    text = answer.content.decode()
    assert "已定稿" in text
    assert made.sha256[:8] in text
    assert (
        "中期自评"
        in browser(filler).get(reverse("reports:version", args=[project.pk, made.pk])).content.decode()
    )
    report = browser(filler).get(reverse("reports:report", args=[project.pk])).content.decode()
    assert made.sha256 in report
    assert reverse("reports:finalise", args=[project.pk]) not in report
    assert browser(filler).get(address).status_code == 403


def test_each_obstacle_leads_to_the_rows_it_is(
    entry: Entry, project: Project, office: User, filler: User, browser: Browser
) -> None:
    """The last record about each subject up to the cut-off, in the state that was counted."""
    indicator = Indicator.objects.create(project=project, code="1", level1="产出", level2="数量", name="专利")
    for state in ("submitted", "returned"):
        indicator.values.create(measured_on=CUTOFF, value=3, state=state)
    Outcome.objects.create(
        project=project, code="CG-1", name="后来的", awarded_on=date(2024, 1, 5), state="draft"
    )
    Outcome.objects.create(project=project, code="CG-2", name="案例", awarded_on=CUTOFF, state="draft")
    extra = ExtraAchievement.objects.create(
        task=entry.point.task, year=2023, seq="1", achieved_on=CUTOFF, content="获奖", author=filler
    )
    review.submit(extra, by=filler, now=timezone.now())
    client = browser(office)
    found = client.get(reverse("reports:finalise", args=[project.pk])).context["by_state"]
    assert [(label, count) for _, label, count in found] == [("待审核", 1), ("草稿", 1), ("已退回", 1)]
    address = reverse("reports:in_the_way", args=[project.pk])
    shown = {
        state: [each.code for each in client.get(f"{address}?state={state}").context["rows"]]
        for state in ("submitted", "draft", "returned", "", "nonsense")
    }
    everything = ["1", "8-2-2023-1", "CG-2"]
    assert shown == {
        "submitted": ["8-2-2023-1"],
        "draft": ["CG-2"],
        "returned": ["1"],
        "": everything,
        "nonsense": everything,
    }
    text = client.get(address).content.decode()
    assert f"/review/?item=extra-{extra.pk}" in text
    assert "<small>等待项目办审核：周敏</small>" in text


def test_files_are_made_of_what_was_stored(
    entry: Entry, project: Project, office: User, browser: Browser, now: datetime
) -> None:
    made = finalise(project, office, now)
    TaskPoint.objects.update(text="后来改过的内容")
    client = browser(office)
    for _ in range(2):
        client.post(reverse("reports:version_file", args=[project.pk, made.pk, "html"]))
    [job] = Job.objects.all()
    assert job.payload["title"].endswith("定稿第 1 版（网页）")
    execute(job.pk)
    job.refresh_from_db()
    assert job.result["digest"] == made.sha256
    page = client.get(reverse("reports:report_file", args=[project.pk, job.pk]))
    text = b"".join(page).decode()
    assert "后来改过的内容" not in text
    other = Project.objects.create(
        institution=project.institution, code="O", name="另一", level="school", start_year=2022, end_year=2025
    )
    assert client.get(reverse("reports:version", args=[other.pk, made.pk])).status_code == 404


def test_a_locked_window_refuses_at_the_form_and_says_who_helps(
    point: TaskPoint, project: Project, filler: User, office: User, browser: Browser
) -> None:
    finalise(project, office, timezone.now())
    address = reverse("projects:fill", args=[point.pk])
    typed = {"step": "draft", "seen": "0", "quantity": "1", "description": "汇编已印发"}
    answer = browser(filler).post(address, {**typed, "effective_on": "2023-12-22"})
    text = answer.content.decode()
    assert answer.status_code == 403
    assert "2023-12-31 及以前的数据已锁定" in text
    assert "请联系项目办（周敏）申请锁定例外" in text
    assert "汇编已印发" in text  # what was typed stays
    assert not Entry.objects.exists()
    after = {**typed, "effective_on": "2024-01-05"}
    assert browser(filler).post(address, after).status_code == 302


def test_an_exception_opens_the_window_to_one_person_until_a_day(
    point: TaskPoint, project: Project, filler: User, head: User, office: User, browser: Browser
) -> None:
    finalise(project, office, timezone.now())
    today = timezone.localdate()
    client = browser(office)
    grant = reverse("projects:exception_grant", args=[project.pk])
    values = {
        "window": project.windows.get().pk,
        "user": filler.pk,
        "points": point.code,
        "until": (today + timedelta(days=2)).isoformat(),
        "reason": "补录印发文件",
    }
    assert client.post(grant, values).status_code == 302
    [exception] = WindowException.objects.all()
    assert list(exception.points.all()) == [point]
    assert writable(filler, point, CUTOFF, today) is None
    assert writable(head, point, CUTOFF, today) is not None
    assert writable(filler, point, CUTOFF, today + timedelta(days=3)) is not None
    other = TaskPoint.objects.create(
        task=point.task, year=2023, seq="8", text="甲", due_on=CUTOFF, department=point.department
    )
    assert writable(filler, other, CUTOFF, today) is not None
    shown = client.get(reverse("projects:locks", args=[project.pk])).content.decode()
    assert "补录印发文件" in shown
    again = client.post(grant, values)
    assert again.status_code == 409
    assert "已有相同的例外" in again.content.decode()
    assert client.post(grant, {**values, "points": ""}).status_code == 302
    assert client.post(grant, {**values, "points": ""}).status_code == 409
    assert client.post(grant, {**values, "points": "", "user": head.pk}).status_code == 302
    for more in WindowException.objects.exclude(pk=exception.pk):
        locking.end(more, now=timezone.now())
    end = reverse("projects:exception_end", args=[project.pk, exception.pk])
    assert client.post(end).status_code == 302
    assert writable(filler, point, CUTOFF, today) is not None
    assert client.post(end).status_code == 409
    assert client.post(grant, values).status_code == 302


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"until": "2020-01-01"}, "已经过去"),
        ({"reason": ""}, "请写明例外理由"),
        ({"points": "9-9-2023-99"}, "没有编号为“9-9-2023-99”的任务点"),
        ({"user": ""}, "请选择允许谁填报"),
        ({"window": ""}, "请选择统计时段"),
    ],
)
def test_exceptions_that_make_no_sense_are_told(
    point: TaskPoint,
    project: Project,
    filler: User,
    office: User,
    browser: Browser,
    wrong: Any,
    sentence: str,
) -> None:
    finalise(project, office, timezone.now())
    values = {
        "window": project.windows.get().pk,
        "user": filler.pk,
        "points": "",
        "until": timezone.localdate().isoformat(),
        "reason": "补录",
    }
    address = reverse("projects:exception_grant", args=[project.pk])
    answer = browser(office).post(address, {**values, **wrong})
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not WindowException.objects.exists()


def test_who_does_not_fill_a_point_gets_no_exception_for_it(
    point: TaskPoint, project: Project, other_filler: User, outsider: User, office: User, browser: Browser
) -> None:
    finalise(project, office, timezone.now())
    values = {
        "window": project.windows.get().pk,
        "user": other_filler.pk,
        "points": point.code,
        "until": timezone.localdate().isoformat(),
        "reason": "补录",
    }
    address = reverse("projects:exception_grant", args=[project.pk])
    answer = browser(office).post(address, values)
    assert answer.status_code == 422
    assert "不负责填报" in answer.content.decode()
    assert browser(office).post(address, {**values, "user": outsider.pk}).status_code == 422


def test_unlocking_needs_a_reason_and_is_logged(
    point: TaskPoint, project: Project, filler: User, office: User, browser: Browser
) -> None:
    made = finalise(project, office, timezone.now())
    window: ReportingWindow = project.windows.get()
    client = browser(office)
    address = reverse("projects:unlock", args=[project.pk, window.pk])
    assert client.post(address, {"reason": " "}).status_code == 422
    assert writable(filler, point, CUTOFF, timezone.localdate()) is not None
    assert client.post(address, {"reason": "主管部门退回报告"}).status_code == 302
    assert writable(filler, point, CUTOFF, timezone.localdate()) is None
    told = [(log.verb, str(log.by), log.reason) for log in WindowLog.objects.order_by("id")]
    assert told[1] == ("unlock", "周敏", "主管部门退回报告")
    assert client.post(address, {"reason": "再来"}).status_code == 409
    assert browser(filler).post(address, {"reason": "我要填"}).status_code == 403
    assert stored(made).sha256 == made.sha256
    with pytest.raises(locking.NotAllowed):
        locking.unlock(window, by=office, now=timezone.now(), reason="")
