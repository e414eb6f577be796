"""Every address × every role × own college, another one, nobody × method, from one table."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from indicators import ledger
from indicators.ledger import Fresh
from projects import evidence, locking, review
from projects.models import (
    ChangeRequest,
    Delegation,
    Delivery,
    Department,
    Institution,
    Job,
    Message,
    PointShare,
    Project,
    Role,
    Round,
    State,
    TaskPoint,
    User,
)
from reports import rendering
from reports.binding import making
from reports.desk.offline import taking
from reports.finalising import finalise
from reports.intake import FAULTS, PREVIEW, keep, keep_lines
from reports.kinds import KINDS
from reports.models import Conversion, FileKind, Intake
from tests.access_table import ELSEWHERE, EXEMPT, GROUPS, GUESTS, LIMITED, MEMBERS, OUTSIDER, TABLE, VISITOR
from tests.conftest import NOW, person
from tests.projects.conftest import COMPLETE, pdf

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
LINES = {
    name: (methods.split(","), group)
    for name, methods, group in (line.split() for line in TABLE.splitlines() if line)
}
QUERIES = {"reports:proof": "?key=tasks.due_rate"}
DECISIONS = ("review_approve", "review_return", "review_revoke", "review_withdraw")
REFUSED = (401, 403, 404, 405)


def routes(resolver: URLResolver, space: str = "") -> Iterator[str]:
    """The full names of all routes; those of an exempt namespace are left out."""
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            if pattern.name not in EXEMPT:
                yield f"{space}{pattern.name}"
        elif pattern.namespace not in EXEMPT:
            yield from routes(pattern, f"{space}{pattern.namespace}:" if pattern.namespace else space)


def test_every_route_stands_in_the_table(capsys: pytest.CaptureFixture[str]) -> None:
    assert set(routes(get_resolver())) == set(LINES)
    with capsys.disabled():
        for name, reason in EXEMPT.items():
            print(f"\nnot in the table: {name}: {reason}", end="")


@pytest.fixture
def people(
    college: Institution,
    office_department: Department,
    industry_department: Department,
    outsider: User,
    filler: User,
    point: TaskPoint,
) -> dict[str, User | None]:
    made: dict[str, User | None] = {OUTSIDER: outsider, VISITOR: None, "filler": filler}
    roles = {
        "other_filler": Role.FILLER,
        "head": Role.HEAD,
        "leader": Role.LEADER,
        "finance": Role.FINANCE,
        "group_leader": Role.GROUP_LEADER,
        "principal": Role.PRINCIPAL,
        "office": Role.OFFICE,
        "admin": Role.ADMIN,
        "expert": Role.EXPERT,
        "authority": Role.AUTHORITY,
    }
    departments = {"other_filler": industry_department, "head": office_department}
    for name, role in roles.items():
        made[name] = person(name, name, role, college, departments.get(name))
    made |= limited(point, industry_department)
    made["platform"] = User.objects.create_superuser("platform", password="口令-for-tests")
    assert set(made) == {*MEMBERS, ELSEWHERE, *GUESTS, OUTSIDER, VISITOR}
    return made


def limited(point: TaskPoint, other: Department) -> dict[str, User]:
    """People whose role reaches one row, one project, or another project."""
    college = point.project.institution
    group = Project.objects.create(
        institution=college, code="GROUP", name="专业群", level="group", start_year=2022, end_year=2025
    )
    made = {
        "given_filler": person("given_filler", "指定填报人", Role.FILLER, college, other),
        "project_leader": person("project_leader", "项目组长", Role.LEADER, college, None),
        ELSEWHERE: person(ELSEWHERE, "别处填报人", Role.FILLER, college, point.department),
    }
    TaskPoint.objects.filter(pk=point.pk).update(assignee=made["given_filler"])
    made["project_leader"].memberships.update(project=point.project)
    made[ELSEWHERE].memberships.update(project=group)
    return made


@pytest.fixture
def arguments(
    people: dict[str, User | None],
    project: Project,
    point: TaskPoint,
    industry_department: Department,
    settings: LazySettings,
    tmp_path: Path,
) -> Any:
    """What the address of a route needs: records that let its page be answered."""
    for name in ("EVIDENCE_DIR", "JOBS_DIR", "IMPORTS_DIR"):
        setattr(settings, name, tmp_path / name)
    filler, office = people["filler"], people["office"]
    assert filler
    assert office
    with evidence.filing() as filing:
        filed = filing.attach(point, pdf(), by=filler)
    job = Job.objects.create(
        kind=rendering.JOB,
        lease_until=NOW,
        requested_by=office,
        project=project,
        state=Job.State.DONE,
        payload={"title": "报告", "kind": "school-midterm", "format": "pdf", "as_of": "2023-12-31"},
        result={"file": "报告.pdf"},
    )
    job.folder.mkdir(parents=True)
    (job.folder / "报告.pdf").write_bytes(b"%PDF-1.7")
    failed = Job.objects.create(
        kind=rendering.JOB,
        lease_until=NOW,
        requested_by=office,
        project=project,
        state=Job.State.FAILED,
        payload=job.payload,
    )
    book = Job.objects.create(
        kind=making.JOB,
        lease_until=NOW,
        requested_by=office,
        project=project,
        state=Job.State.DONE,
        payload={"title": "合订本", "area": "8", "digest": ""},
        result={"file": "合订本.pdf"},
    )
    book.folder.mkdir(parents=True)
    (book.folder / "合订本.pdf").write_bytes(b"%PDF-1.7")
    sent = Job.objects.create(
        kind=taking.CHECK,
        lease_until=NOW,
        requested_by=office,
        project=project,
        state=Job.State.DONE,
        payload={"title": "检查", "name": "填报表.xlsx"},
        result={"counts": {"change": 0, "refused": 0, "overtaken": 0, "same": 1}, "not_ready": 0},
    )
    sent.folder.mkdir(parents=True)
    (sent.folder / taking.MARKED).write_bytes(b"PK")
    taken = Intake.objects.create(
        institution=project.institution,
        by=office,
        file_name="任务书.xlsx",
        sha256="0" * 64,
        size=1,
        state=Intake.State.READY,
    )
    taken.folder.mkdir(parents=True)
    for path in (taken.source, taken.marked):
        path.write_bytes(b"PK")
    keep(taken, FAULTS, [])
    keep_lines(taken, PREVIEW, [])
    read = Conversion.objects.create(
        kind=FileKind.TASKBOOK,
        institution=project.institution,
        by=office,
        file_name="任务书.docx",
        sha256="0" * 64,
        size=1,
        state=Conversion.State.MADE,
    )
    read.folder.mkdir(parents=True)
    for path in (read.source, read.workbook):
        path.write_bytes(b"PK")
    version = finalise(project, KINDS[0], date(2023, 12, 31), by=office, now=NOW)
    window = project.windows.get()
    locking.unlock(window, by=office, now=NOW, reason="理由")
    exception = locking.grant(
        window, filler, [], until=NOW.date(), reason="理由", by=office, today=NOW.date()
    )
    asked = Round.objects.create(project=project, name="首批", opens_on=NOW.date(), closes_on=NOW.date())
    day = NOW.date()
    away = Delegation.objects.create(
        institution=project.institution,
        absent=office,
        substitute=filler,
        since=day,
        until=day,
        made_by=office,
    )
    message = Message.objects.create(user=filler, kind="job", key="1", title="完成", url="/password/")
    unsent = Delivery.objects.create(message=message, channel="email", state="failed", next_at=NOW)
    draft = review.save_draft(point, COMPLETE, by=filler, seen=review.version_of(None))

    # Nobody of the responsible department reports on it.
    shared = PointShare.objects.create(point=point, department=industry_department)

    kinds = {"convert": "taskbook", "change_new": "taskpoint"} | dict.fromkeys(
        ("shares", "split", "share_total", "share", "linked", "linked_add"), "point"
    )
    changed = ChangeRequest.objects.create(
        project=project,
        target=point,
        field="unit",
        old_value="部",
        new_value="册",
        reason="理由",
        file=filed.evidence.file,
        asked_by=filler,
        asked_on=NOW.date(),
    )

    kept = {"intake": taken.pk, "conversion": read.pk}
    (outcome,) = ledger.register(
        project,
        [Fresh({"name": "一等奖", "awarded_on": NOW.date(), "department_id": point.department_id})],
        by=filler,
        now=NOW,
        submitting=False,
    )

    def found(route: str) -> dict[str, Any]:
        space, _, name = route.rpartition(":")
        if name in ("withdraw", *DECISIONS) and draft.state == State.DRAFT:
            review.submit(draft, by=filler, now=NOW)
        pk = {
            "point": point.pk,
            "fill": point.pk,
            "proofs": point.pk,
            "proof_add": point.pk,
            "proof_link": point.pk,
            "proof_edit": point.pk,
            "proof_remove": point.pk,
            "person": filler.pk,
            "person_join": filler.pk,
            "person_leave": filler.pk,
            "person_role": filler.pk,
            "person_act": filler.pk,
            "department": point.department_id,
            "department_delete": point.department_id,
            "department_merge": point.department_id,
            "submit": draft.pk,
            "withdraw": draft.pk,
            "evidence": filed.evidence.pk,
            "handover": filler.pk,
            "linked": point.pk,
            "linked_add": point.pk,
            "shares": point.pk,
            "split": point.pk,
            "share_total": point.pk,
            "share": shared.pk,
            "message": message.pk,
            "message_again": unsent.pk,
            "job": job.pk,
            "job_file": job.pk,
            "job_retry": failed.pk,
        }.get(name, kept.get(name.partition("_")[0], project.pk))
        return {
            "pk": pk,
            "round_pk": asked.pk,
            "record_pk": draft.pk,
            "delegation_pk": away.pk,
            "window_pk": exception.window_id,
            "exception_pk": exception.pk,
            "version_pk": version.pk,
            "membership_pk": filler.memberships.get().pk,
            "college_pk": project.institution_id,
            "evidence_pk": filed.evidence.pk,
            "change_pk": changed.pk,
            "object_pk": point.pk,
            "which": "request",
            "task_pk": point.task_id,
            "name": "progress",
            "key": f"point:{point.pk}",
            "job_pk": {
                **dict.fromkeys(("offline_file", "offline_confirm", "offline_marked"), sent.pk),
                "report_retry": failed.pk,
                "book_file": book.pk,
            }.get(name, job.pk),
            "kind": kinds.get(name, "point" if "proof" in name or name in DECISIONS else "school-midterm"),
            "format": "pdf",
            "verb": {"person_act": "activate", "change_act": "deliberate", "outcome_act": "discard"}.get(
                name, "drop"
            ),
            "outcome_pk": outcome.pk,
            "title": "绩效指标",
        }

    return found


def places(route: str) -> list[list[str]]:
    """The arguments of each pattern of a route."""
    space, _, name = route.rpartition(":")
    resolver = get_resolver()
    for each in space.split(":") if space else ():
        prefix, resolver = resolver.namespace_dict[each]
    return [taken for found in resolver.reverse_dict.getlist(name) for _, taken in found[0]]


def takes_a_number(route: str) -> bool:
    return any(key.endswith("pk") for key in min(places(route), key=len))


def address(route: str, arguments: dict[str, Any]) -> str:
    """The address of a route, with those of the arguments that it takes."""
    taken = min(places(route), key=len)
    return reverse(route, kwargs={key: arguments[key] for key in taken}) + QUERIES.get(route, "")


def kind_of(answer: Any, user: User | None) -> str:
    """`in`, `log in`, or the number of the refusal."""
    asked = answer.status_code == 302 and answer["Location"].startswith("/login/?next=")
    # The programming interface has no page to log in.
    if user is None and (asked or answer.status_code == 403):
        return "log in"
    return str(answer.status_code) if answer.status_code in REFUSED or answer.status_code > 499 else "in"


def wanted(name: str, methods: list[str], group: str, method: str) -> set[str]:
    """What somebody may be answered."""
    inside, member, elsewhere, guest, outsider = GROUPS[group]
    if name in inside:
        return {"in"} if method in methods else {"405", "403"}
    numbers = {OUTSIDER: outsider, ELSEWHERE: elsewhere, **dict.fromkeys(GUESTS, guest)}
    refusal = "log in" if name == VISITOR else str(numbers.get(name, member))
    # Which is refused first, the person or the method, does not matter.
    return {refusal} if method in methods else {refusal, "405", "403"}


@pytest.mark.parametrize("route", LINES)
def test_who_is_let_in(route: str, people: dict[str, User | None], arguments: Any) -> None:
    methods, group = LINES[route]
    path = address(route, arguments(route))
    wrong = []
    for name, user in people.items():
        client = logged_in(user)
        # Which methods there are does not depend on how far a role reaches.
        for method in methods if name in (*LIMITED, ELSEWHERE) else METHODS:
            with transaction.atomic():
                said = kind_of(client.generic(method, path), user)
                transaction.set_rollback(True)
            if said not in wanted(name, methods, group, method):
                wrong.append(f"{method} {path} by {name}: {said}")
    assert wrong == []


@pytest.fixture
def strangers(other_college: Institution) -> dict[str, User]:
    """Somebody of another college in each role there is."""
    department = Department.objects.create(institution=other_college, name="外校办公室")
    return {
        role.value: person(f"stranger-{role}", role.label, role, other_college, department) for role in Role
    }


# Routes that name something of the college; the others show everyone what is their own.
NAMED = [
    route
    for route, (_, group) in LINES.items()
    if group not in ("everyone", "members", "importers") and takes_a_number(route)
]


@pytest.mark.parametrize("route", NAMED)
def test_no_role_of_another_college_is_let_in(route: str, strangers: dict[str, User], arguments: Any) -> None:
    path = address(route, arguments(route))
    wrong = []
    for role, user in strangers.items():
        client = logged_in(user)
        for method in LINES[route][0]:
            with transaction.atomic():
                said = kind_of(client.generic(method, path), user)
                transaction.set_rollback(True)
            if said not in ("403", "404"):
                wrong.append(f"{method} {path} by {role}: {said}")
    assert wrong == []


def test_the_back_office_lets_in_the_platform_alone(people: dict[str, User | None]) -> None:
    wrong = []
    for name, user in people.items():
        client = logged_in(user)
        for route in ("index", "projects_project_changelist", "projects_user_add"):
            answer = client.get(reverse(f"admin:{route}"), follow=True)
            is_in = answer.status_code == 200 and answer.request["PATH_INFO"].startswith("/admin/")
            if is_in != (name == "platform"):
                wrong.append(f"{route} by {name}: {answer.status_code}")
    assert wrong == []


def logged_in(user: User | None) -> Client:
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    return client
