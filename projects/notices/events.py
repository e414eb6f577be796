"""What people are told at once: returned, revoked, handed over, allowed in spite of a lock, and how far the
change of the task book is that they asked for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse

from projects.adjustable import field_of
from projects.adjustable import shown as value_shown
from projects.menu import MINE
from projects.models import (
    ChangeRequest,
    Kind,
    Membership,
    Project,
    Reviewed,
    ReviewLog,
    Role,
    TaskPoint,
    User,
    WindowException,
)
from projects.models.change import DELETION
from projects.notices.telling import Line, tell
from projects.permissions import Action, can, can_fill

MOVED = {
    ChangeRequest.State.DELIBERATED: "已通过校内审议",
    ChangeRequest.State.REPORTED: "已上报",
    ChangeRequest.State.APPROVED: "已批复/备案",
    ChangeRequest.State.REFUSED: "未获同意",
}
GAVE_BACK = {"return": Kind.RETURNED, "revoke": Kind.REVOKED}


def decided(record: Reviewed, logs: Sequence[ReviewLog]) -> None:
    """Whoever has to mend a record that was returned or revoked is told so, with the comment."""
    log = next((each for each in logs if each.verb in GAVE_BACK), None)
    if log is None:
        return
    kind = GAVE_BACK[log.verb]
    subject = record.subject
    what = line_of(subject)
    for user in who_mend(record):
        if user.pk == log.by_id:
            continue
        whose = "您" if user.pk == record.author_id or not record.author else str(record.author)
        step = f"退回了{whose}的填报" if kind == Kind.RETURNED else "撤销了已通过的填报"
        tell(
            user,
            kind,
            key=f"{kind}:{log.pk}:{user.pk}",
            title=f"{kind.label}：{what.text}",
            text=f"{log.by or '审核人'}{step}，请按意见修改后重新提交。\n意见：{log.comment}",
            url=what.url,
            project=subject.project,
            rows=[what],
        )


def who_mend(record: Reviewed) -> list[User]:
    """Who entered it and, where the row was given to somebody else since, that person; without either who
    answers for its subject."""
    subject = record.subject
    people = dict.fromkeys((getattr(subject, "assignee", None), record.author))
    return [user for user in people if user and fills(user, subject)] or owners(subject)


def owners(subject: Any) -> list[User]:
    """The person a row is assigned to, else the fillers of its departments, else their heads."""
    assignee = getattr(subject, "assignee", None)
    if assignee and fills(assignee, subject):
        return [assignee]
    return of_departments({pk for pk in subject.owners() if pk}, subject.project)


def fills(user: User, subject: Any) -> bool:
    """Whether the page that a message leads to opens to the user for filling."""
    return user.is_active and can_fill(user, subject)


def of_departments(departments: Collection[int], project: Project) -> list[User]:
    """The fillers of some departments in a project; of one without any, its heads."""
    members = Membership.objects.filter(
        Q(project=None) | Q(project=project),
        department__in=departments,
        role__in=(Role.FILLER, Role.HEAD),
        user__is_active=True,
    ).select_related("user")
    by_role: dict[tuple[int | None, str], list[User]] = {}
    for member in members.order_by("id"):
        by_role.setdefault((member.department_id, member.role), []).append(member.user)
    found = [
        user
        for pk in departments
        for user in by_role.get((pk, Role.FILLER)) or by_role.get((pk, Role.HEAD), [])
    ]
    return list(dict.fromkeys(found))


def line_of(subject: Any) -> Line:
    """What a row is called in a message, and where it stands."""
    words = f"{subject.code} {subject.text}" if isinstance(subject, TaskPoint) else str(subject)
    return Line(words if len(words) <= 80 else f"{words[:79]}…", url_of(subject))


def url_of(subject: Any) -> str:
    """Its row in 我的任务, where it is filled in; of the ledger its page."""
    project, model = subject.project, subject._meta.model_name
    if model == "outcome":
        return reverse("reports:outcome", args=[project.pk, subject.pk])
    return f"{reverse(MINE.url_name, args=[project.pk])}#{model}:{subject.pk}"


def handed(to: User, project: Project, rows: Sequence[Line], *, by: User, key: str) -> None:
    """A person is told which rows are theirs from now on; `key` names this act of handing over."""
    if to.pk == by.pk or not rows:
        return
    is_one = len(rows) == 1
    tell(
        to,
        Kind.HANDED,
        key=f"handed:{project.pk}:{key}:{to.pk}",
        title=f"任务分配给您：{rows[0].text}" if is_one else f"{len(rows)} 项任务分配给您",
        text=f"{by}把“{project}”的 {len(rows)} 项任务分配给您填报。",
        url=(is_one and rows[0].url) or reverse(MINE.url_name, args=[project.pk]),
        project=project,
        rows=rows[:20],
    )


def excepted(made: WindowException) -> None:
    """A person is told until when they may write on in a locked window, and what."""
    lines = [line_of(point) for point in made.points.select_related("task__project")]
    what = f"以下 {len(lines)} 项" if lines else "、由您负责填报的全部内容"
    about_exception(
        made,
        "granted",
        f"可继续填报至 {made.until}",
        f"{made.granted_by}批准您继续填报“{made.window}”已锁定的{what}，"
        f"{made.until:%Y年%m月%d日}（含）以前有效。\n理由：{made.reason}",
        lines,
    )


def exception_ended(made: WindowException) -> None:
    about_exception(
        made,
        "ended",
        "锁定例外已提前结束",
        f"“{made.window}”的内容不能再填报。确需继续，请联系批准人{made.granted_by}。",
        [line_of(point) for point in made.points.select_related("task__project")],
    )


def about_exception(made: WindowException, step: str, title: str, text: str, lines: Sequence[Line]) -> None:
    if made.user_id == made.granted_by_id:
        return
    one = lines[0] if len(lines) == 1 else None
    tell(
        made.user,
        Kind.EXCEPTION,
        key=f"exception:{made.pk}:{step}",
        title=f"{title}：{one.text if one else made.window}",
        text=text,
        url=one.url if one else reverse(MINE.url_name, args=[made.window.project_id]),
        project=made.window.project,
        rows=lines[:20],
    )


def change_moved(request: ChangeRequest, *, by: User, comment: str) -> None:
    """Whoever asked for a change of the task book is told each step that others take with it."""
    to, project, step = request.asked_by, request.project, MOVED.get(ChangeRequest.State(request.state))
    if step is None or to.pk == by.pk or not can(to, Action.VIEW, project):
        return
    field = field_of(request.content_type.model, request.field)
    old, new = (value_shown(field, text) for text in (request.old_value, request.new_value))
    what = field.label if request.field == DELETION else f"{field.label}由 {old} 改为 {new}"
    name = line_of(request.target).text if request.target else "已不在任务书中"
    granted = f"{request.approval_no}，自 {request.in_force_on} 起生效。" if request.in_force_on else ""
    tell(
        to,
        Kind.CHANGE,
        key=f"change:{request.pk}:{request.state}",
        title=f"任务书调整{step}：{field.label}，{name}",
        text=f"您申请的调整{step}（{by}办理）：{what}。{granted}" + (f"\n说明：{comment}" if comment else ""),
        url=reverse("reports:change", args=[project.pk, request.pk]),
        project=project,
    )
