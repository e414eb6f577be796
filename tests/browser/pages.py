"""Every page of the site as an address to look at. Used by the tests here and by script/look.

A test compares this list with the URLconf, so that a new page cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.core.files.base import ContentFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone
from openpyxl import load_workbook

from indicators.models import OutcomePoint
from projects import locking
from projects.jobs import execute
from projects.models import ChangeRequest, Delivery, Entry, Job, Kind, Project, Role, State, TaskPoint, User
from projects.notices.telling import tell
from reports.conversion import running
from reports.desk.offline import taking
from reports.desk.offline.sheets import lock_of, workbook
from reports.desk.rows import rows
from reports.exchange import Destination
from reports.export import export_workbook
from reports.facts import main_window
from reports.finalising import finalise
from reports.intake import receive
from reports.kinds import KINDS
from reports.models import Conversion, Intake, Snapshot
from tests.wordfiles import word

# Addresses with nothing to look at: they take a form, hand out a file or a piece of a page, or lead on.
NO_PAGES = frozenset(
    {
        "logout",
        "sso_oidc",
        "sso_oidc_back",
        "sso_cas",
        "projects:submit",
        "projects:withdraw",
        "projects:delegation_end",
        "projects:phrases",
        "reports:mine_rows",
        "reports:review_approve",
        "reports:review_return",
        "reports:review_revoke",
        "reports:review_withdraw",
        "projects:evidence",
        "projects:job_file",
        "projects:job_retry",
        "projects:message",
        "projects:messages_read",
        "projects:message_again",
        "projects:person_join",
        "projects:person_leave",
        "projects:department_delete",
        "projects:department_merge",
        "projects:person_act",
        "reports:home",
        "reports:share_total",
        "reports:chart",
        "reports:outcome_links",
        "reports:outcome_many",
        "reports:outcome_act",
        "reports:linked_add",
        "reports:version_file",
        "projects:unlock",
        "projects:exception_grant",
        "projects:exception_end",
        "reports:change_act",
        "reports:change_file",
        "reports:mine_row",
        "reports:offline_confirm",
        "reports:offline_download",
        "reports:offline_marked",
        "reports:catalogue",
        "reports:material_edit",
        "reports:material_file",
        "reports:material_use",
        "reports:proof_add",
        "reports:proof_edit",
        "reports:proof_link",
        "reports:proof_remove",
        "reports:book_make",
        "reports:book_file",
        "reports:proof",
        "reports:report_files",
        "reports:report_file",
        "reports:report_retry",
        "reports:render",
        "reports:template",
        "reports:list_template",
        "reports:workbook_list",
        "reports:workbook",
        "reports:intake_progress",
        "reports:conversion_progress",
        "reports:conversion_file",
        "reports:conversion_workbook",
        "reports:conversion_preview",
        "reports:intake_file",
        "reports:intake_marked",
        "reports:intake_act",
    }
)
# The back office and the interface for programs have their own tests.
OTHERS = ("admin", "api")
OWN_APPS = ("projects", "indicators", "funding", "reports")


def url_names() -> set[str]:
    """`app:name` of every address of ours."""

    def names(resolver: URLResolver, prefix: str) -> Iterator[str]:
        for each in resolver.url_patterns:
            if isinstance(each, URLPattern):
                yield f"{prefix}{each.name}"
            elif each.namespace not in OTHERS:
                yield from names(each, f"{prefix}{each.namespace}:" if each.namespace else prefix)

    return set(names(get_resolver(), ""))


def school_and_group() -> tuple[Project, Project]:
    """The group's project of the demo, after that of the school it belongs to."""
    group = Project.objects.exclude(parent_code="")[0]
    return Project.objects.get(code=group.parent_code), group


def open_to_visitors() -> dict[str, str]:
    """Name → address of what one sees without being logged in."""
    return {"login": reverse("login")}


def back_office() -> dict[str, str]:
    """Name → address of the list of each kind of records, and of the first record in it."""
    found = {"index": reverse("admin:index")}
    for model in apps.get_models():
        options = model._meta
        if not admin.site.is_registered(model) or options.app_label not in OWN_APPS:
            continue
        address = f"admin:{options.app_label}_{options.model_name}"
        found[f"{options.label_lower}-list"] = reverse(f"{address}_changelist")
        if first := model._default_manager.order_by("pk").first():
            found[options.label_lower] = reverse(f"{address}_change", args=[first.pk])
    return found


def pages(project: Project, user: User) -> dict[str, str]:
    """Name → address of every page of a project, with the variants worth looking at.

    Jobs of `user` are made, so that there is one in each state.
    """
    return {
        **pages_of_figures(project),
        **pages_of_reports(project, user),
        **pages_of_work(project),
        **pages_of_imports(project, user),
        **pages_of_people(project),
        **pages_of_messages(project, user),
        "password": reverse("password_change"),
        "password-done": reverse("password_change_done"),
    }


def pages_of_figures(project: Project) -> dict[str, str]:
    def address(name: str, *more: object) -> str:
        return reverse(f"reports:{name}", args=[project.pk, *more])

    area = project.tasks.filter(parent=None).order_by("position")[0]
    task = project.tasks.exclude(parent=None).order_by("position")[0]
    return {
        "overview": address("overview"),
        "overview-pending": address("overview") + "?pending=1",
        "overview-before-all": address("overview") + f"?as_of={project.start_year - 1}-01-01",
        "tasks": address("tasks"),
        "tasks-points": address("tasks") + "?view=points",
        "tasks-overdue": address("tasks") + "?view=points&state=overdue",
        "tasks-nothing-found": address("tasks") + "?text=没有这样的任务点",
        "task-area": address("task", area.pk),
        "task": address("task", task.pk),
        "indicators": address("indicators"),
        "outcomes": address("outcomes"),
        "outcomes-ledger": address("outcomes") + "?view=ledger",
        "outcomes-waiting": address("outcomes") + "?view=mine",
        "outcome": address("outcome", project.outcomes.earliest("pk").pk),
        "outcome-new": address("outcome_new"),
        "outcome-edit": address("outcome_edit", project.outcomes.earliest("pk").pk),
        "outcome-paste": address("outcome_paste"),
        "linked-outcomes": reverse(
            "reports:linked",
            args=["point", OutcomePoint.objects.filter(outcome__project=project).earliest("pk").point_id],
        ),
        "funding": address("funding"),
        "funding-all-years": address("funding") + "?years=all",
        "satisfaction": address("satisfaction"),
        "score": address("score"),
        "library": address("library"),
        "overview-original": address("overview") + "?basis=original",
        "changes": address("changes"),
        **{
            f"change-{each.state}": address("change", each.pk)
            for each in ChangeRequest.objects.filter(project=project).order_by("-id")
        },
        "change-new": address("change_new", "taskpoint", TaskPoint.objects.of(project).earliest("pk").pk),
        "books": address("books"),
        **pages_of_evidence(project),
    }


def pages_of_evidence(project: Project) -> dict[str, str]:
    """A material that is shown in the browser, one without a file, and the evidence of one thing a kind."""
    materials = project.evidence.order_by("pk")
    pdf = materials.filter(file__content_type="application/pdf").first()
    bare = materials.filter(file=None).first()
    found: dict[str, Any] = {"material": pdf, "material-bare": bare}
    proved: dict[str, Any] = {"indicator": project.indicators.first(), "outcome": project.outcomes.first()}
    return {
        **{
            name: reverse("reports:material", args=[project.pk, each.pk])
            for name, each in found.items()
            if each
        },
        **{
            f"proofs-{kind}": reverse("reports:proofs", args=[kind, each.pk])
            for kind, each in proved.items()
            if each
        },
        "proofs-point": reverse("reports:proofs", args=["point", TaskPoint.objects.of(project)[0].pk]),
    }


def pages_of_work(project: Project) -> dict[str, str]:
    """A point in each state, the queue of review, what a person has to do."""
    made = {
        "mine": reverse("reports:mine", args=[project.pk]),
        "offline": reverse("reports:offline", args=[project.pk]),
        "rounds": reverse("projects:rounds", args=[project.pk]),
        "round": reverse("projects:round", args=[project.pk, project.rounds.all()[0].pk]),
        "round-new": reverse("projects:round_new", args=[project.pk]),
        "review": reverse("reports:review", args=[project.pk]),
        "review-returned": reverse("reports:review", args=[project.pk]) + "?tab=returned",
        "review-done": reverse("reports:review", args=[project.pk]) + "?tab=done",
        "review-bulk": reverse("reports:review_bulk", args=[project.pk]),
        "delegations": reverse("projects:delegations", args=[project.pk]),
        "levels": reverse("projects:levels", args=[project.pk]),
    }
    for state, point in points_by_state(project).items():
        made[f"point-{state}"] = reverse("projects:point", args=[point.pk])
        if state != State.SUBMITTED:
            made[f"fill-{state}"] = reverse("projects:fill", args=[point.pk])
    return made | pages_of_shares(project) | pages_of_duties(project)


def pages_of_duties(project: Project) -> dict[str, str]:
    """The departments, the rows of one, and what one of its people has."""
    point = TaskPoint.objects.of(project).exclude(assignee=None).order_by("id")[0]
    duties = reverse("reports:duties", args=[project.pk])
    return {
        "duties": duties,
        "duties-department": f"{duties}?department={point.department_id}",
        "duties-nothing-found": f"{duties}?department={point.department_id}&text=没有这样的任务点",
        "handover": reverse("reports:handover", args=[point.assignee_id]),
    }


def pages_of_shares(project: Project) -> dict[str, str]:
    """A point and an indicator that are split, with what one unit says; the forms about them."""
    point = TaskPoint.objects.of(project).filter(planned__gte=4).order_by("id")[0]
    indicator = project.indicators.filter(final_target__gte=4).order_by("id")[0]
    departments = project.institution.departments.order_by("id")[:3]
    given = {"reported_by": User.objects.all()[0], "reported_at": timezone.now(), "reported_on": "2024-06-30"}
    for subject in (point, indicator):
        if subject.shares.exists():
            continue
        for department in departments:
            subject.shares.create(department=department, target=2)
        subject.shares.filter(department=departments[0]).update(
            quantity=1, description="已完成 1 项", **given
        )
    found: dict[str, str] = {}
    for kind, subject in (("point", point), ("indicator", indicator)):
        found |= {
            f"shares-{kind}": reverse("reports:shares", args=[kind, subject.pk]),
            f"split-{kind}": reverse("reports:split", args=[kind, subject.pk]),
            f"share-{kind}": reverse("reports:share", args=[kind, subject.shares.all()[0].pk]),
        }
    return found | {"point-split": reverse("projects:point", args=[point.pk])}


def pages_of_messages(project: Project, user: User) -> dict[str, str]:
    """What was said to the user, and what did not get through."""
    said: dict[str, Any] = {
        "title": "填报被退回：8-2-2023-03",
        "text": "周敏退回了您的填报。\n意见：请附印发文件。",
        "url": "/",
    }
    message = tell(user, Kind.RETURNED, key=f"page:{user.pk}", project=project, **said)
    if message:
        error = "企业微信返回错误 60020（not allow to access from your ip）。"
        now = timezone.now()
        Delivery.objects.create(
            message=message, channel="wecom", state="failed", attempts=6, next_at=now, error=error
        )
    return {
        "messages": reverse("projects:messages"),
        "message-settings": reverse("projects:message_settings"),
        "message-deliveries": reverse("projects:message_deliveries"),
    }


def pages_of_people(project: Project) -> dict[str, str]:
    """What an administrator of the college sees."""
    college = project.institution
    person = User.objects.filter(memberships__institution=college, memberships__role=Role.FILLER)[0]
    leader = college.memberships.filter(role=Role.LEADER)[0]
    return {
        "people": reverse("projects:people"),
        "person": reverse("projects:person", args=[person.pk]),
        "person-role": reverse("projects:person_role", args=[leader.user_id, leader.pk]),
        "person-new": reverse("projects:person_new"),
        "department": reverse("projects:department", args=[college.departments.all()[0].pk]),
        "department-new": reverse("projects:department_new", args=[college.pk]),
    }


def points_by_state(project: Project) -> dict[str, TaskPoint]:
    """By state of its latest entry a point, by "empty" one without any; what has evidence comes first."""
    entries = Entry.objects.of(project).latest_per_point().select_related("point")
    found = {entry.state: entry.point for entry in entries.order_by("point__evidence", "id")}
    empty = TaskPoint.objects.of(project).filter(entries=None).order_by("id").first()
    return found | ({"empty": empty} if empty else {})


def pages_of_reports(project: Project, user: User) -> dict[str, str]:
    jobs = {state: job_in(state, project, user) for state in Job.State}
    return {
        "report": reverse("reports:report", args=[project.pk]),
        "finalise": reverse("reports:finalise", args=[project.pk]),
        "in-the-way": reverse("reports:in_the_way", args=[project.pk]),
        "locks": reverse("projects:locks", args=[project.pk]),
        "version": reverse("reports:version", args=[project.pk, finalised(project, user).pk]),
        **{
            f"report-{kind.identifier}": reverse("reports:document", args=[project.pk, kind.identifier])
            for kind in KINDS
        },
        **{f"job-{state}": reverse("projects:job", args=[job.pk]) for state, job in jobs.items()},
    }


def finalised(project: Project, user: User) -> Snapshot:
    """A version of the first kind of report; its window is opened again for the other pages."""
    if found := Snapshot.objects.filter(report__project=project).first():
        return found
    now = timezone.now()
    made = finalise(project, KINDS[0], main_window(project).cutoff, by=user, now=now)
    locking.unlock(project.windows.get(is_main=True), by=user, now=now, reason="补充数据")
    return made


def pages_of_imports(project: Project, user: User) -> dict[str, str]:
    """The upload, and a workbook of the project with one thing changed, well and badly."""
    changed = {"changed": "改过的内容", "faulty": "=1/0"}
    made = {name: handed_in(project, user, text) for name, text in changed.items()}
    return {
        "import": reverse("reports:import"),
        **{f"import-{name}": reverse("reports:intake", args=[intake.pk]) for name, intake in made.items()},
        **pages_of_conversions(project, user),
        "offline-file": reverse("reports:offline_file", args=[project.pk, filled_in(project, user).pk]),
    }


def filled_in(project: Project, user: User) -> Job:
    """The rows of a desk, filled in with another program: well, badly, and one was overtaken."""
    today = timezone.localdate()
    own = [row for row in rows(user, project, today) if row.kind == "point" and not lock_of(row)]
    book = load_workbook(BytesIO(workbook(project, own, str(user), today)))
    sheet = book["任务点"]
    headings = [cell.value for cell in sheet[1]]
    amount, seen, key = (headings.index(name) + 1 for name in ("完成数量", "版本", "行标识"))
    for line, value in enumerate((1, 2, "三项", 4, 5), 2):
        sheet.cell(line, amount).value = value
    sheet.cell(5, key).value = "point:0"
    sheet.cell(6, seen).value = "0-0"
    file = BytesIO()
    book.save(file)
    job = taking.receive(ContentFile(file.getvalue(), "填报表.xlsx"), project, by=user)
    execute(job.pk)  # unless a worker was faster
    return job


def pages_of_conversions(project: Project, user: User) -> dict[str, str]:
    """The upload of a Word file, the questions about its columns, what was made of one."""
    header = ["任务", "年度", "任务点", "备注"]
    row = ["1 加强党的建设", "2022年度", "①制定制度②建成样板支部 2 个", "重点"]
    asked, made = read(word([header, row]), project, user), read(word([header, row]), project, user)
    running.answer(made, [table | {"is_said": True} for table in made.tables], (), by=user)
    work(made)
    return {
        "convert-taskbook": reverse("reports:convert", args=["taskbook"]),
        "convert-ledger": reverse("reports:convert", args=["ledger"]),
        "conversion-asked": reverse("reports:conversion", args=[asked.pk]),
        "conversion-made": reverse("reports:conversion", args=[made.pk]),
    }


def read(file: BytesIO, project: Project, user: User) -> Conversion:
    """A Word file of the project, handed in and read."""
    upload = ContentFile(file.getvalue(), "任务书.docx")
    conversion = running.receive(upload, "taskbook", to=Destination(project=project), by=user)
    work(conversion)
    return conversion


def work(conversion: Conversion) -> None:
    if conversion.job:
        execute(conversion.job.pk)  # unless a worker was faster
    conversion.refresh_from_db()


def handed_in(project: Project, user: User, text: str) -> Intake:
    """The workbook of the project with `text` as its first point, checked."""
    book = load_workbook(BytesIO(export_workbook(project)))
    points = book["任务点"]
    column = [cell.value for cell in points[1]].index("任务点*") + 1
    points.cell(2, column).value = text
    file = BytesIO()
    book.save(file)
    upload = ContentFile(file.getvalue(), f"{project.code}.xlsx")
    intake = receive(upload, to=Destination(project.institution), approve=False, by=user)
    if intake.job:
        execute(intake.job.pk)  # unless a worker was faster
    return intake


def job_in(state: str, project: Project, user: User) -> Job:
    """A report in the making that stays as it is."""
    kind = KINDS[0]
    is_running = state == Job.State.RUNNING
    return Job.objects.create(
        kind="report",
        payload={
            "kind": kind.identifier,
            "format": "pdf",
            "as_of": "2023-12-31",
            "title": f"{kind.label.format(window='中期')}（PDF 文档）",
        },
        project=project,
        requested_by=user,
        state=state,
        progress=1 if is_running else 0,
        total=3 if is_running else 0,
        message="绘制图表、排版" if is_running else "",
        error="程序出错，任务没有完成。请点“重试”；若再次失败，请联系管理员。"
        if state == Job.State.FAILED
        else "",
        lease_until=timezone.now() + timedelta(days=1),
    )
