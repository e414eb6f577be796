"""The back office: every list and every form of it opens, and what is typed there is stored."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime
from html import unescape
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib import admin
from django.contrib.admin.widgets import AutocompleteMixin
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from indicators.models import Outcome, SatisfactionResult
from projects.models import (
    Alert,
    Bulletin,
    Department,
    Entry,
    ExtraAchievement,
    FollowUp,
    Institution,
    Project,
    ReportingWindow,
    ReviewLog,
    Round,
    Task,
    TaskPoint,
    User,
)
from reports.exchange import import_workbook
from reports.models import Snapshot, Waiver
from tests import records
from tests.conftest import DATA

MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [
    model
    for model in MODELS
    if model.__module__.split(".")[0] in {"projects", "indicators", "funding", "reports"}
]
# Written by the application alone.
READ_ONLY = {
    *("ChangeRequest", "Conversion", "Delivery", "Entry", "IndicatorValue", "Intake", "Job", "Message"),
    *("ReviewLog", "Snapshot", "StoredFile", "WindowLog"),
}
# A college has dozens to thousands of them: too many for a menu.
NUMEROUS = {
    "Department",
    "Entry",
    "Evidence",
    "Indicator",
    "Outcome",
    "OutcomeTarget",
    "Project",
    "ScoringItem",
    "StoredFile",
    "Task",
    "TaskPoint",
    "User",
}

pytestmark = pytest.mark.django_db


@pytest.fixture
def superuser() -> User:
    return User.objects.create_superuser("root", password="口令-for-tests", name="系统管理员")


@pytest.fixture
def office_site(client: Client, superuser: User) -> Client:
    client.force_login(superuser)
    return client


def address(model: type[Model], page: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def fields_of(response: Any) -> Iterator[tuple[str, Any]]:
    """The values a browser would send back from an admin form as it was opened."""
    forms = [response.context["adminform"].form]
    for formset in response.context["inline_admin_formsets"]:
        forms += [formset.formset.management_form, *formset.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is not None and value is not False:
                yield bound.html_name, value


def typed(client: Client, model: type[Model], **values: Any) -> Any:
    """Open the form of a new record, fill it in, send it."""
    opened = client.get(address(model, "add"))
    return client.post(address(model, "add"), {**dict(fields_of(opened)), **values})


def stored(client: Client, model: type[Model], **values: Any) -> Model:
    """The record that filling in the form makes."""
    response = typed(client, model, **values)
    assert response.status_code == 302, errors_of(response)
    return model._default_manager.latest("pk")


def errors_of(response: Any) -> list[str]:
    forms = response.context["adminform"].form.errors.values()
    inlines = [formset.formset for formset in response.context["inline_admin_formsets"]]
    found = [*forms, *(each.non_form_errors() for each in inlines)]
    found += [errors for each in inlines for form in each.forms for errors in form.errors.values()]
    return [str(message) for errors in found for message in errors]


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_the_list_opens(office_site: Client, model: type[Model]) -> None:
    assert office_site.get(address(model, "changelist"), {"q": "制度"}).status_code == 200


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_the_form_of_a_new_record_opens(office_site: Client, model: type[Model]) -> None:
    expected = 403 if model.__name__ in READ_ONLY else 200
    assert office_site.get(address(model, "add")).status_code == expected


def test_every_record_opens(office_site: Client, superuser: User, now: datetime) -> None:
    """Lists and forms with something in them: columns, filters and links of real records."""
    result = import_workbook(DATA / "rules.xlsx", now=now, approve=True)
    assert result.project is not None
    records.fill(result.project, superuser, now)
    for model in OURS:
        record = model._default_manager.earliest("pk")
        listed = office_site.get(address(model, "changelist"))
        opened = office_site.get(address(model, "change", record.pk))
        assert (model, listed.status_code, opened.status_code) == (model, 200, 200)
        assert listed.context["cl"].result_count > 0


def test_no_list_asks_the_database_row_by_row(
    office_site: Client, superuser: User, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = import_workbook(DATA / "rules.xlsx", now=now, approve=True)
    assert result.project is not None
    records.fill(result.project, superuser, now)

    def queries(model: type[Model], rows: int) -> int:
        monkeypatch.setattr(type(admin.site._registry[model]), "list_per_page", rows)
        with CaptureQueriesContext(connection) as captured:
            office_site.get(address(model, "changelist"))
        return len(captured)

    office_site.get(address(Institution, "changelist"))  # content types are read once
    for model in OURS:
        few, many = queries(model, 2), queries(model, 100)
        # Each further kind of record that is decided about costs the log one more.
        assert many - few <= (1 if model is ReviewLog else 0), model
        assert many <= 16


def test_the_front_page_shows_every_kind_of_record_in_one_group(office_site: Client) -> None:
    groups = office_site.get(reverse("admin:index")).context["app_list"]
    shown = [record["model"] for group in groups for record in group["models"]]
    assert sorted(shown, key=lambda model: model._meta.label) == MODELS
    assert groups[0]["name"] == "院校与人员"
    assert shown[0] == Institution


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_page_speaks_chinese(office_site: Client, model: type[Model]) -> None:
    pages = [office_site.get(address(model, page)) for page in ("changelist", "add")]
    for page in (each.content.decode() for each in pages if each.status_code == 200):
        text = unescape(re.sub(r"<script.*?</script>|<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))
        # Names of fields and files that the texts of help speak of.
        known = {"root", "SHA", "xlsx", "Word", "PDF", "planned", "targets", "deletion"}
        assert set(re.findall(r"[A-Za-z]{3,}", text)) <= known
        assert "你" not in text


@pytest.mark.parametrize("model", OURS, ids=lambda model: model._meta.label)
def test_forms_offer_no_menu_of_thousands(office_site: Client, model: type[Model]) -> None:
    if model.__name__ in READ_ONLY:
        return
    opened = office_site.get(address(model, "add")).context
    inlines = [each.formset.empty_form for each in opened["inline_admin_formsets"]]
    for form in (opened["adminform"].form, *inlines):
        for name, field in form.fields.items():
            if getattr(field, "queryset", None) is not None and field.queryset.model.__name__ in NUMEROUS:
                widget = getattr(field.widget, "widget", field.widget)
                assert (name, widget.is_hidden or isinstance(widget, AutocompleteMixin)) == (name, True)


def test_a_list_of_versions_does_not_read_the_documents(
    office_site: Client, superuser: User, project: Project, now: datetime
) -> None:
    records.add_reports(project, superuser, now)
    with CaptureQueriesContext(connection) as queries:
        office_site.get(address(Snapshot, "changelist"))
    assert queries.captured_queries
    assert not [query["sql"] for query in queries if '"document"' in query["sql"]]


def test_departments_tasks_and_points_are_stored(office_site: Client, project: Project) -> None:
    college = project.institution
    stored(office_site, Department, institution=college.pk, name="教务处")
    department = Department.objects.get(name="教务处", institution=college)
    stored(office_site, Task, project=project.pk, code="1", name="一号任务", lead=department.pk)
    task = Task.objects.get(project=project, code="1", lead=department)
    stored(
        office_site,
        TaskPoint,
        task=task.pk,
        year="2023",
        seq="1",
        text="建设课程",
        planned="2.5",
        due_on="2023-12-31",
        department=department.pk,
    )
    assert str(TaskPoint.objects.get(text="建设课程", department=department).planned) == "2.5"


def test_a_college_and_its_project_are_stored(office_site: Client) -> None:
    stored(office_site, Institution, name="新建职业学院")
    college = Institution.objects.get(name="新建职业学院")
    stored(
        office_site,
        Project,
        institution=college.pk,
        code="NEW-1",
        name="新项目",
        level="school",
        start_year="2024",
        end_year="2028",
        **{
            "windows-TOTAL_FORMS": "1",
            "windows-0-kind": "midterm",
            "windows-0-start": "2024-01-01",
            "windows-0-cutoff": "2026-12-31",
            "windows-0-is_main": "on",
        },
    )
    assert Project.objects.get(code="NEW-1").windows.get().is_main


ROUND = {"name": "2023年第四季度进展", "opens_on": "2023-12-01", "closes_on": "2023-12-15"}


def deadlines(*days: str) -> dict[str, str]:
    """Closing dates of level 1, 2, … as the form sends them."""
    rows = {f"deadlines-{row}-closes_on": day for row, day in enumerate(days)}
    levels = {f"deadlines-{row}-level": str(row + 1) for row in range(len(days))}
    return {"deadlines-TOTAL_FORMS": str(len(days)), **rows, **levels}


def test_a_round_is_stored_with_its_deadlines(office_site: Client, project: Project, task: Task) -> None:
    stored(
        office_site,
        Round,
        project=project.pk,
        tasks=[task.pk],
        **ROUND,
        **deadlines("2023-12-20", "2023-12-25"),
    )
    round = Round.objects.get()
    assert list(round.tasks.all()) == [task]
    assert [each.closes_on for each in round.deadlines.all()] == [date(2023, 12, 20), date(2023, 12, 25)]


@pytest.mark.parametrize(
    ("days", "sentence"),
    [
        (("2023-12-25", "2023-12-20"), "高一级的审核截止日期不能早于低一级。"),
        (("2023-12-10", "2023-12-20"), "审核截止日期不能早于填报截止日期。"),
    ],
)
def test_deadlines_out_of_order_are_told(
    office_site: Client, project: Project, days: tuple[str, ...], sentence: str
) -> None:
    response = typed(office_site, Round, project=project.pk, **ROUND, **deadlines(*days))
    assert errors_of(response) == [sentence]
    assert not Round.objects.exists()


def test_what_steers_a_project_is_stored(office_site: Client, project: Project, office: User) -> None:
    follow_up = {"what": "补齐佐证", "assignee": office.pk, "asked_by": office.pk}
    stored(office_site, FollowUp, project=project.pk, asked_on="2023-12-01", due_on="2023-12-15", **follow_up)
    stored(office_site, Bulletin, project=project.pk, period="2023年第4期", title="推进会", text="正文")
    stored(
        office_site,
        Alert,
        project=project.pk,
        rule="late",
        level="red",
        message="逾期",
        raised_on="2023-12-01",
    )
    stored(office_site, Waiver, project=project.pk, rule="spent", reason="尚未结账", by=office.pk)
    assert [model._default_manager.count() for model in (FollowUp, Bulletin, Alert, Waiver)] == [1, 1, 1, 1]


def test_a_person_gets_an_account(office_site: Client) -> None:
    stored(
        office_site,
        User,
        username="xinren",
        name="新人",
        password1="一个-long-口令",
        password2="一个-long-口令",
    )
    assert User.objects.get(username="xinren").check_password("一个-long-口令")


def test_a_person_gets_roles_on_the_page_of_the_account(
    office_site: Client, project: Project, office: User
) -> None:
    opened = office_site.get(address(User, "change", office.pk))
    values = {"memberships-0-role": "finance", "is_superuser": ""}
    saved = office_site.post(address(User, "change", office.pk), {**dict(fields_of(opened)), **values})
    assert saved.status_code == 302, errors_of(saved)
    assert office.memberships.get().role == "finance"
    fields = opened.context["adminform"].form.fields
    assert not {"is_staff", "groups", "user_permissions"} & set(fields)


def test_what_has_been_reported_is_not_deleted(
    office_site: Client, point: TaskPoint, filler: User, project: Project
) -> None:
    Entry.objects.create(point=point, author=filler, effective_on=date(2023, 5, 1), quantity=1)
    for record in (point, point.task, filler, project, project.institution):
        response = office_site.post(address(type(record), "delete", record.pk), {"post": "yes"})
        assert (record, response.status_code) in {(record, 200), (record, 403)}
        assert type(record)._default_manager.filter(pk=record.pk).exists()
        chosen = {"action": "delete_selected", "_selected_action": record.pk, "post": "yes"}
        office_site.post(address(type(record), "changelist"), chosen)
        assert type(record)._default_manager.filter(pk=record.pk).exists()


def test_a_form_begins_with_what_is_to_be_done(office_site: Client) -> None:
    fields = list(office_site.get(address(TaskPoint, "add")).context["adminform"].form.fields)
    assert fields[:4] == ["task", "year", "seq", "text"]
    assert fields[-4:] == ["department", "co_departments", "person", "assignee"]


def test_the_state_of_an_extra_achievement_is_not_typed(office_site: Client, task: Task) -> None:
    values = {
        "task": task.pk,
        "year": "2023",
        "seq": "1",
        "content": "多建一门课",
        "achieved_on": "2023-05-01",
    }
    stored(
        office_site, ExtraAchievement, **values, state="approved", decided_at_0="2023-06-01", decided_at_1=""
    )
    assert ExtraAchievement.objects.get().state == "draft"


def test_a_visitor_logs_in_on_the_ordinary_page(client: Client) -> None:
    response = client.get(reverse("admin:index"), follow=True)
    assert response.redirect_chain[-1][0] == f"{reverse('login')}?next={reverse('admin:index')}"


def test_nobody_but_superusers_comes_in(client: Client, admin_user: User, superuser: User) -> None:
    client.force_login(admin_user)
    assert client.get(reverse("admin:index"), follow=True).status_code == 403
    User.objects.filter(pk=superuser.pk).update(is_staff=False)
    client.force_login(superuser)
    assert client.get(reverse("admin:index")).status_code == 200


def test_who_locked_himself_out_is_let_in_again(office_site: Client) -> None:
    attempt = AccessAttempt.objects.create(username="gaoyuan", ip_address="10.0.0.1", failures_since_start=5)
    office_site.post(address(AccessAttempt, "delete", attempt.pk), {"post": "yes"})
    assert not AccessAttempt.objects.exists()


def test_a_ledger_row_is_not_decided_here(office_site: Client, project: Project) -> None:
    """Review decides, and logs it; what is added here begins as a draft."""
    values = {"project": project.pk, "code": "CG-0001", "name": "教学成果奖", "awarded_on": "2023-05-01"}
    stored(office_site, Outcome, **values, state="approved")
    outcome = Outcome.objects.get()
    assert outcome.state == "draft"
    outcome.state = "submitted"
    outcome.save()
    opened = office_site.get(address(Outcome, "change", outcome.pk))
    fields = {"state", "passed", "author", "submitted_at", "decided_at", "revoked_at"}
    assert not fields & set(opened.context["adminform"].form.fields)
    changed = {**dict(fields_of(opened)), "name": "国家级教学成果奖", "state": "approved"}
    assert office_site.post(address(Outcome, "change", outcome.pk), changed).status_code == 302
    outcome.refresh_from_db()
    assert (outcome.name, outcome.state) == ("国家级教学成果奖", "submitted")


def test_what_a_locked_report_rests_on_is_only_shown(office_site: Client, point: TaskPoint) -> None:
    change = address(TaskPoint, "change", point.pk)
    fields = dict(fields_of(office_site.get(change))) | {"planned": "2"}
    ReportingWindow.objects.update(locked_at=timezone.now())
    assert office_site.post(change, fields).status_code == 403
    assert office_site.post(address(TaskPoint, "delete", point.pk), {"post": "yes"}).status_code == 403
    added = {"project": point.task.project.pk, "who": "在校生", "year": "2023", "percent": "90"}
    add = address(SatisfactionResult, "add")
    blank = dict(fields_of(office_site.get(add)))
    assert office_site.post(add, blank | added).status_code == 403
    assert not SatisfactionResult.objects.exists()
    point.refresh_from_db()
    assert point.planned == 1
    ReportingWindow.objects.update(locked_at=None)
    assert office_site.post(change, fields).status_code == 302
