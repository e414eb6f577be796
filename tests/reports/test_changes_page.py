"""The pages of changes of the task book: asking, deciding, and what other pages then say."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import Indicator, OutcomeTarget
from projects import changing, evidence
from projects.models import (
    ChangeRequest,
    Department,
    Membership,
    Project,
    ReportingWindow,
    Role,
    StoredFile,
    TaskPoint,
    User,
)
from projects.models.change import DELETION
from tests.projects.conftest import pdf

State = ChangeRequest.State
Browser = Callable[[User], Client]


@pytest.fixture(autouse=True)
def folders(settings: LazySettings, tmp_path: Any) -> None:
    settings.EVIDENCE_DIR = tmp_path


def form_of(client: Client, record: Any, **typed: Any) -> Any:
    """Open the form of a record, fill it in, send it."""
    address = reverse("reports:change_new", args=[record.project.pk, record._meta.model_name, record.pk])
    opened = client.get(address)
    assert opened.status_code == 200
    form = opened.context["form"]
    values = {bound.html_name: bound.value() or "" for bound in form if bound.name not in (DELETION, "file")}
    return client.post(address, {**values, "seen": form.seen, "reason": "政策调整", **typed})


def step(client: Client, request: ChangeRequest, verb: str, **typed: Any) -> Any:
    today = timezone.localdate()
    address = reverse("reports:change_act", args=[request.project_id, request.pk, verb])
    return client.post(address, {"on": today.isoformat(), **typed}, follow=True)


def asked(browser: Browser, user: User, record: Any, **typed: Any) -> ChangeRequest:
    assert form_of(browser(user), record, **typed).status_code == 302
    return ChangeRequest.objects.latest("pk")


def test_a_request_goes_through_the_pages(
    browser: Browser, point: TaskPoint, filler: User, office: User
) -> None:
    request = asked(browser, filler, point, planned="2", file=pdf())
    assert (request.field, request.old_value, request.new_value) == ("planned", "1", "2")
    assert request.file
    client = browser(office)
    assert step(client, request, "deliberate", comment="校长办公会通过").status_code == 200
    step(client, request, "report")
    today = timezone.localdate()
    answer = step(client, request, "approve", number="粤教〔2024〕5号", file=pdf(extra=b"approval"))
    assert "任务书已按新值调整" in answer.content.decode()
    point.refresh_from_db()
    assert point.planned == 2
    request.refresh_from_db()
    assert (request.state, request.in_force_on) == (State.APPROVED, today)
    told = browser(filler).get(reverse("projects:point", args=[point.pk])).content.decode()
    assert f"{today} 起计划数量由 1 改为 2，粤教〔2024〕5号" in told
    for which in ("request", "approval"):
        address = reverse("reports:change_file", args=[point.project.pk, request.pk, which])
        assert b"".join(browser(filler).get(address)).startswith(b"%PDF")


def test_several_values_become_several_requests(browser: Browser, point: TaskPoint, filler: User) -> None:
    answer = form_of(browser(filler), point, planned="2", unit="册", year="2024")
    assert answer["Location"] == reverse("reports:changes", args=[point.project.pk])
    told = {(r.field, r.old_value, r.new_value) for r in ChangeRequest.objects.all()}
    assert told == {("planned", "1", "2"), ("unit", "部", "册"), ("year", "2023-3", "2024-3")}


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"planned": "两个"}, "“两个”不是数字"),
        ({"due_on": "2023-02-30"}, "“2023-02-30”不是日期"),
        ({"text": ""}, "任务点内容不能为空"),
        ({"planned": "2", "reason": ""}, "请写明调整理由"),
        ({}, "没有改动"),
        ({"department": "远方的处"}, "远方的处"),
    ],
)
def test_what_cannot_be_asked_is_told(
    browser: Browser, point: TaskPoint, filler: User, typed: Any, sentence: str
) -> None:
    answer = form_of(browser(filler), point, **typed)
    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not ChangeRequest.objects.exists()


def test_a_file_that_is_none_is_refused(browser: Browser, point: TaskPoint, filler: User) -> None:
    answer = form_of(browser(filler), point, planned="2", file=pdf("申请.html"))
    assert answer.status_code == 422
    assert not ChangeRequest.objects.exists()
    assert not StoredFile.objects.exists()


def test_who_was_overtaken_sees_both(browser: Browser, point: TaskPoint, filler: User) -> None:
    address = reverse("reports:change_new", args=[point.project.pk, "taskpoint", point.pk])
    client = browser(filler)
    form = client.get(address).context["form"]
    values = {bound.html_name: bound.value() or "" for bound in form if bound.name not in (DELETION, "file")}
    TaskPoint.objects.filter(pk=point.pk).update(planned=4)
    sent = {**values, "seen": form.seen, "reason": "政策调整", "planned": "2"}
    answer = client.post(address, sent)
    assert answer.status_code == 409
    [(bound, now)] = [(b, text) for f, b, text in answer.context["rows"] if f.name == "planned"]
    assert (bound.value(), now) == ("2", "4")
    assert client.post(address, {**sent, "seen": answer.context["form"].seen}).status_code == 302


def test_others_may_not_ask_nor_decide(
    browser: Browser, point: TaskPoint, filler: User, other_filler: User, outsider: User
) -> None:
    address = reverse("reports:change_new", args=[point.project.pk, "taskpoint", point.pk])
    assert browser(other_filler).get(address).status_code == 403
    assert browser(outsider).get(address).status_code == 404
    request = asked(browser, filler, point, planned="2")
    assert step(browser(filler), request, "approve", number="5号").status_code == 403
    assert step(browser(other_filler), request, "withdraw").status_code == 403
    assert step(browser(filler), request, "nonsense").status_code == 403
    assert "已撤回申请" in step(browser(filler), request, "withdraw").content.decode()


def test_records_of_another_project_are_not_there(
    browser: Browser, point: TaskPoint, project: Project, office: User
) -> None:
    other = Project.objects.create(
        institution=project.institution,
        code="O",
        name="另一项目",
        level="school",
        start_year=2022,
        end_year=2025,
    )
    for kind, pk in (("taskpoint", point.pk), ("taskpoint", 10**9), ("entry", 1), ("user", office.pk)):
        address = reverse("reports:change_new", args=[other.pk, kind, pk])
        assert browser(office).get(address).status_code == 404
    request = asked(browser, office, point, planned="2")
    assert browser(office).get(reverse("reports:change", args=[other.pk, request.pk])).status_code == 404


def test_steps_that_do_not_fit_are_told(browser: Browser, point: TaskPoint, office: User) -> None:
    request = asked(browser, office, point, planned="2")
    client = browser(office)
    answer = step(client, request, "report")
    assert answer.status_code == 409
    assert "不能记录上报" in answer.content.decode()
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    assert step(client, request, "deliberate", on=tomorrow).status_code == 422
    step(client, request, "deliberate")
    step(client, request, "report")
    assert step(client, request, "approve", number="").status_code == 422
    TaskPoint.objects.filter(pk=point.pk).update(planned=4)
    answer = step(client, request, "approve", number="5号")
    assert answer.status_code == 409
    assert "申请时为“1”，现在是“4”" in answer.content.decode()
    assert "5号" in answer.content.decode()  # nothing typed is lost
    assert step(client, request, "refuse", reason="").status_code == 422
    assert "已记录不同意" in step(client, request, "refuse", reason="数据有变化").content.decode()


def test_a_locked_window_keeps_the_task_book_as_its_report_says(
    browser: Browser, point: TaskPoint, office: User
) -> None:
    request = asked(browser, office, point, planned="2")
    client = browser(office)
    for verb in ("deliberate", "report"):
        step(client, request, verb)
    today = timezone.localdate()
    ReportingWindow.objects.update_or_create(
        project=point.project,
        is_main=True,
        defaults={"start": today - timedelta(days=400), "cutoff": today, "locked_at": timezone.now()},
    )
    answer = step(client, request, "approve", number="5号")
    assert answer.status_code == 403
    assert "的数据已锁定" in answer.content.decode()
    assert "5号" in answer.content.decode()  # nothing typed is lost
    point.refresh_from_db()
    assert point.planned == 1


def test_a_point_that_left_can_still_be_read_but_not_filled(
    browser: Browser, point: TaskPoint, filler: User, office: User
) -> None:
    request = asked(browser, office, point, **{DELETION: "on"})
    client = browser(office)
    for verb in ("deliberate", "report"):
        step(client, request, verb)
    step(client, request, "approve", number="5号")
    point.refresh_from_db()
    assert point.removed_on == timezone.localdate()
    today = {"as_of": timezone.localdate().isoformat()}
    page = client.get(reverse("projects:point", args=[point.pk]), today).content.decode()
    assert "本任务点已调出任务书" in page
    assert "更正填报" not in page
    assert "填报完成情况" not in page
    filling = browser(filler).get(reverse("projects:fill", args=[point.pk]))
    assert filling.status_code == 403
    assert "调出任务书" in filling.content.decode()
    mine = browser(filler).get(reverse("reports:mine", args=[point.project.pk])).content.decode()
    assert point.text not in mine


def test_lists_lead_to_the_form_for_those_who_fill(
    browser: Browser, point: TaskPoint, project: Project, office: User, filler: User, principal: User
) -> None:
    indicator = Indicator.objects.create(
        project=project,
        code="1.1.1",
        level1="产出",
        level2="数量",
        name="专利",
        department=point.department,
        final_target=3,
    )
    target = OutcomeTarget.objects.create(project=project, code="1", name="教学成果奖", target=2)
    for page, record, readers in (
        ("indicators", indicator, {office: True, filler: True, principal: False}),
        ("outcomes", target, {office: True, filler: False, principal: False}),
    ):
        link = reverse("reports:change_new", args=[project.pk, record._meta.model_name, record.pk])
        for user, expected in readers.items():
            text = browser(user).get(reverse(f"reports:{page}", args=[project.pk])).content.decode()
            assert (link in text) is expected, (page, user)
    assert form_of(browser(filler), indicator, **{"targets.2023": "2"}).status_code == 302


def test_who_fills_sees_what_is_about_their_rows_and_the_office_all(
    browser: Browser,
    point: TaskPoint,
    industry_department: Department,
    filler: User,
    other_filler: User,
    head: User,
    office: User,
    django_assert_max_num_queries: Any,
) -> None:
    mine = asked(browser, filler, point, planned="2")
    other = asked(browser, head, point, unit="册")
    later_point = TaskPoint.objects.create(
        task=point.task, year=2024, seq="99", text="甲", due_on=point.due_on, department=industry_department
    )
    foreign = asked(browser, other_filler, later_point, planned="2", file=pdf())
    own = asked(browser, office, later_point, text="制度评估")
    ChangeRequest.objects.filter(pk=own.pk).update(asked_by=filler)
    address = reverse("reports:changes", args=[point.project.pk])

    def seen(user: User, **query: str) -> set[int]:
        return {row.request.pk for row in browser(user).get(address, query).context["rows"]}

    assert seen(filler) == {mine.pk, other.pk, own.pk}
    assert seen(other_filler) == {foreign.pk, own.pk}
    assert seen(office) == {mine.pk, other.pk, foreign.pk, own.pk}
    # By its number the same holds, for its files too.
    for request in ChangeRequest.objects.all():
        for user in (filler, other_filler, office):
            expected = 200 if request.pk in seen(user) else 403
            answer = browser(user).get(reverse("reports:change", args=[point.project.pk, request.pk]))
            assert answer.status_code == expected
    kept = reverse("reports:change_file", args=[point.project.pk, foreign.pk, "request"])
    assert browser(filler).get(kept).status_code == 403
    assert browser(other_filler).get(kept).status_code == 200
    assert seen(office, state="approved") == set()
    assert '4<span class="visually-hidden"> 项待办理' in browser(office).get(address).content.decode()

    def queries() -> int:
        with django_assert_max_num_queries(40) as asked_for:
            browser(office).get(address)
        return len(asked_for)

    before = queries()
    for number in range(4):
        values = {"task": point.task, "year": 2024, "seq": number, "text": "甲", "due_on": point.due_on}
        asked(browser, office, TaskPoint.objects.create(**values), unit="册")
    assert queries() == before


def test_files_of_requests_are_kept(point: TaskPoint, filler: User) -> None:
    with evidence.filing() as files:
        stored, _ = files.store(pdf(), point.project.institution, by=filler)
    ChangeRequest.objects.create(
        project=point.project,
        target=point,
        field="unit",
        old_value="部",
        new_value="册",
        reason="理由",
        file=stored,
        asked_by=filler,
        asked_on=timezone.localdate(),
    )
    assert evidence.discard([stored.pk]) == []
    assert StoredFile.objects.filter(pk=stored.pk).exists()


def test_before_its_day_an_approved_change_does_not_rule_the_filling(
    browser: Browser, point: TaskPoint, filler: User, office: User, industry_department: Department
) -> None:
    today = timezone.localdate()
    in_force_on = today + timedelta(days=23)
    values = {"planned": "99", "due_on": f"{today.year + 2}-06-30", "department": "校企合作处"}
    form_of(browser(filler), point, **values)
    client = browser(office)
    for request in ChangeRequest.objects.all():
        step(client, request, "deliberate")
        step(client, request, "report")
        told = step(client, request, "approve", number="5号", in_force_on=in_force_on.isoformat())
        assert f"任务书自 {in_force_on} 起按新值调整" in told.content.decode()
    mover = User.objects.create_user("xiaoban", name="肖班")
    Membership.objects.create(
        user=mover,
        role=Role.FILLER,
        institution=point.project.institution,
        department=industry_department,
    )

    def opens() -> tuple[int, int]:
        address = reverse("projects:fill", args=[point.pk])
        return browser(filler).get(address).status_code, browser(mover).get(address).status_code

    assert opens() == (200, 403)
    page = browser(filler).get(reverse("projects:fill", args=[point.pk])).content.decode()
    assert "计划 1 " in page
    assert "计划 99" not in page
    changing.put_due(timezone.now() + timedelta(days=23))
    assert opens() == (403, 200)
    assert "计划 99" in browser(mover).get(reverse("projects:fill", args=[point.pk])).content.decode()
