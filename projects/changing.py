"""The life of a change of the task book: ask, deliberate, report, approve, refuse, withdraw. One function per
step.

Each step locks the request, checks that the move is allowed, changes the state and writes the log, in one
transaction. Approving changes the record itself in the same transaction, unless it no longer has the value
that the request was made for. Where the day of coming into force is still to come, `put_due` changes the
record on that day: until then pages, forms and permissions go by the record, which says what is in force.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from projects.adjustable import (
    DELETABLE,
    Unwritable,
    field_of,
    kind_of,
    shown,
    value_of,
    values_of,
    write,
)
from projects.guard import NotWritable, locked
from projects.models import ChangeRequest, ChangeStep, Project, StoredFile, User
from projects.models.change import DELETION
from projects.notices import events

log_of_server = logging.getLogger(__name__)
State = ChangeRequest.State
MOVES: dict[str, dict[str, State]] = {
    "withdraw": {State.REQUESTED: State.WITHDRAWN},
    "deliberate": {State.REQUESTED: State.DELIBERATED},
    "report": {State.DELIBERATED: State.REPORTED},
    "approve": {State.REPORTED: State.APPROVED},
    "refuse": dict.fromkeys(ChangeRequest.OPEN, State.REFUSED),
}
VERBS = {
    "withdraw": "撤回",
    "deliberate": "记录校内审议",
    "report": "记录上报",
    "approve": "记录批复/备案",
    "refuse": "记录不同意",
}
NOTHING_CHANGED = "没有改动。请至少修改一项，或选择调出任务书。"
NO_REASON = "请写明理由。"
NO_NUMBER = "请填写批复/备案文号。"


class NotAllowed(Exception):
    """The step cannot be taken; the message is a sentence for the user."""


class Overtaken(NotAllowed):
    """The record has changed since the user saw it, or since the request was made: `now` stands there."""

    def __init__(self, sentence: str, now: Mapping[str, str]) -> None:
        super().__init__(sentence)
        self.now = now


def version_of(values: Mapping[str, str]) -> str:
    """A short text that changes whenever an adjustable value does."""
    content = "\x1f".join(f"{name}={value}" for name, value in sorted(values.items()))
    return hashlib.sha256(content.encode()).hexdigest()[:16]


def locked_record(record: Any) -> Any:
    return type(record)._base_manager.select_for_update().get(pk=record.pk)


@transaction.atomic
def ask(
    record: Any,
    wanted: Mapping[str, str],
    *,
    seen: str,
    reason: str,
    by: User,
    today: date,
    now: datetime,
    file: StoredFile | None = None,
) -> list[ChangeRequest]:
    """One request for each value that shall be another, or for taking the record out of the task book.

    `seen` is the version of the values that the user had before their eyes.
    """
    if not reason.strip():
        raise NotAllowed(NO_REASON)
    current = locked_record(record)
    refuse_removed(current)
    values = values_of(current)
    if seen != version_of(values):
        raise Overtaken("您打开页面之后，任务书中的这条记录有了变化，请核对现值后再申请。", values)
    if DELETION in wanted:
        pairs = [(DELETION, str(current), "")] if kind_of(current) in DELETABLE else []
    else:
        pairs = [(name, values[name], text) for name, text in wanted.items() if text != values[name]]
    if not pairs:
        raise NotAllowed(NOTHING_CHANGED)
    kind = ContentType.objects.get_for_model(type(current))
    refuse_doubles(current, kind, [name for name, _, _ in pairs])
    made = []
    for name, old, new in pairs:
        request = ChangeRequest.objects.create(
            project=current.project,
            content_type=kind,
            object_id=current.pk,
            field=name,
            old_value=old,
            new_value=new,
            reason=reason.strip(),
            file=file,
            asked_by=by,
            asked_on=today,
        )
        log(request, by=by, now=now, comment=reason.strip())
        made.append(request)
    return made


def refuse_removed(record: Any) -> None:
    if record.__dict__.get("removed_on"):
        raise NotAllowed(f"“{str(record)[:40]}”已于 {record.removed_on} 调出任务书，不能再调整。")


def refuse_doubles(record: Any, kind: ContentType, names: list[str]) -> None:
    """Two open requests about one value would contradict each other; so would one about a value that is to
    be another soon."""
    found = ChangeRequest.objects.filter(content_type=kind, object_id=record.pk, field__in=names)
    double = (found.filter(state__in=ChangeRequest.OPEN) | found.to_come()).select_related("asked_by").first()
    if double:
        label = field_of(kind_of(record), double.field).label
        if double.in_force_on:
            raise NotAllowed(f"“{label}”已批复调整，自 {double.in_force_on} 起生效，生效后才能再次申请。")
        raise NotAllowed(
            f"“{label}”已有正在办理的调整申请（{double.asked_by}，{double.asked_on}），请先办结或撤回。"
        )


def deliberate(
    request: ChangeRequest, *, by: User, on: date, now: datetime, comment: str = ""
) -> ChangeRequest:
    """The college has agreed."""
    return move(request, "deliberate", by=by, now=now, comment=comment, deliberated_on=on)


def report(request: ChangeRequest, *, by: User, on: date, now: datetime, comment: str = "") -> ChangeRequest:
    """It was sent to the authority."""
    return move(request, "report", by=by, now=now, comment=comment, reported_on=on)


def refuse(request: ChangeRequest, *, by: User, now: datetime, reason: str) -> ChangeRequest:
    """The college or the authority does not agree."""
    if not reason.strip():
        raise NotAllowed(NO_REASON)
    return move(request, "refuse", by=by, now=now, comment=reason)


def withdraw(request: ChangeRequest, *, by: User, now: datetime) -> ChangeRequest:
    """Taken back by whoever asked, before the college has deliberated."""
    return move(request, "withdraw", by=by, now=now)


@transaction.atomic
def approve(
    request: ChangeRequest,
    *,
    by: User,
    now: datetime,
    number: str,
    on: date,
    in_force_on: date,
    file: StoredFile | None = None,
    comment: str = "",
) -> ChangeRequest:
    """The authority has agreed: the record gets its new value on the day `in_force_on`, now if it has come.

    A day within a locked window would change what its report says: the guard refuses it.
    """
    if not number.strip():
        raise NotAllowed(NO_NUMBER)
    approved = move(
        request,
        "approve",
        by=by,
        now=now,
        comment=comment,
        approved_on=on,
        approval_no=number.strip(),
        approval_file=file,
        in_force_on=in_force_on,
        decided_at=now,
    )
    refuse_out_of_order(approved)
    refuse_locked(approved, by=by, today=timezone.localdate(now))
    refuse_overtaken(approved)
    put_in_force(approved, now=now)
    return approved


@transaction.atomic
def put_in_force(request: ChangeRequest, *, now: datetime) -> None:
    """Give the record the new value. Before its day that is only tried, and taken back."""
    record = locked_record(request.target)
    if request.field == DELETION:
        # A day by itself: what leaves the task book stays until then.
        record.removed_on = request.in_force_on
        record.save(update_fields=["removed_on"])
    else:
        with transaction.atomic():
            try:
                write(record, field_of(kind_of(record), request.field), request.new_value)
            except Unwritable as fault:
                raise NotAllowed(str(fault)) from None
            if is_to_come := bool(request.in_force_on and request.in_force_on > timezone.localdate(now)):
                transaction.set_rollback(True)
        if is_to_come:
            return
    request.written_at = now
    request.save(update_fields=["written_at"])


def put_due(now: datetime) -> int:
    """Write the approved changes whose day has come into their records; how many. One that cannot be written
    (its place was taken meanwhile) is left as it is, for figures know its day."""
    due = ChangeRequest.objects.to_come().filter(in_force_on__lte=timezone.localdate(now))
    return sum(put_if_due(pk, now) for pk in due.order_by("in_force_on", "pk").values_list("pk", flat=True))


@transaction.atomic
def put_if_due(pk: int, now: datetime) -> bool:
    request = ChangeRequest.objects.select_for_update().to_come().filter(pk=pk).first()
    if request is None or request.target is None:
        return False
    try:
        put_in_force(request, now=now)
    except NotAllowed as refusal:
        log_of_server.error("change %s of the task book is due and cannot be written: %s", pk, refusal)
        return False
    return True


def refuse_overtaken(request: ChangeRequest) -> None:
    """The record must have the value that the request was made for."""
    if request.target is None:
        raise NotAllowed("要调整的记录已不在任务书中。")
    record = locked_record(request.target)
    refuse_removed(record)
    if request.field == DELETION:
        return
    field = field_of(kind_of(record), request.field)
    current = value_of(record, field)
    if current != request.old_value:
        old, new, stands = (shown(field, v) for v in (request.old_value, request.new_value, current))
        raise Overtaken(
            f"“{field.label}”申请时为“{old}”，现在是“{stands}”：任务书在申请之后有了变化，"
            f"不能再由“{old}”改为“{new}”。请核对后按现值重新申请。",
            {request.field: current},
        )


def refuse_locked(request: ChangeRequest, *, by: User, today: date) -> None:
    """An exception of the person who decides opens the window."""
    if request.target is None or request.in_force_on is None:
        return
    if refusal := locked(by, request.target, request.in_force_on, today):
        raise NotWritable(str(refusal))


def refuse_out_of_order(request: ChangeRequest) -> None:
    """Changes of one value come into force one after the other, as they were written."""
    others = ChangeRequest.objects.filter(
        content_type=request.content_type_id, object_id=request.object_id, field=request.field
    ).filter(decided_at__isnull=False)
    last = others.exclude(pk=request.pk).aggregate(day=models.Max("in_force_on"))["day"]
    if last and request.in_force_on and request.in_force_on < last:
        raise NotAllowed(f"同一内容上一次调整自 {last} 起生效，这次的生效日期不能更早。")


@transaction.atomic
def move(
    request: ChangeRequest, verb: str, *, by: User, now: datetime, comment: str = "", **changes: Any
) -> ChangeRequest:
    """Change the state by `verb`; NotAllowed when another person was faster or the state forbids it."""
    current = ChangeRequest.objects.select_for_update().get(pk=request.pk)
    target = MOVES[verb].get(current.state)
    if target is None:
        state = current.get_state_display()
        raise NotAllowed(f"这份申请现在是“{state}”，不能{VERBS[verb]}。可能他人已处理，请刷新页面。")
    before, current.state = current.state, target
    for name, value in changes.items():
        setattr(current, name, value)
    refuse_days_out_of_order(current)
    current.save(update_fields=["state", *changes])
    log(current, by=by, now=now, before=before, comment=comment.strip())
    events.change_moved(current, by=by, comment=comment.strip())
    return current


def refuse_days_out_of_order(request: ChangeRequest) -> None:
    days = [
        ("申请", request.asked_on),
        ("校内审议", request.deliberated_on),
        ("上报", request.reported_on),
        ("批复/备案", request.approved_on),
    ]
    told = [(label, day) for label, day in days if day]
    for (earlier, first), (later, second) in zip(told, told[1:], strict=False):
        if second < first:
            raise NotAllowed(f"{later}日期 {second} 早于{earlier}日期 {first}，请核对。")


def log(request: ChangeRequest, *, by: User, now: datetime, before: str = "", comment: str = "") -> None:
    ChangeStep.objects.create(
        request=request, by=by, at=now, from_state=before, to_state=request.state, comment=comment
    )


def requests_about(record: Any) -> models.QuerySet[ChangeRequest]:
    """Every request about a record, the latest first."""
    kind = ContentType.objects.get_for_model(type(record))
    found = ChangeRequest.objects.filter(content_type=kind, object_id=record.pk)
    return found.select_related("asked_by").order_by("-id")


def record_of(project: Project, kind: str, pk: int) -> Any:
    """A record of the task book by the name of its model; None where the project has none."""
    found = ContentType.objects.filter(app_label__in=("projects", "indicators"), model=kind).first()
    model = found and found.model_class()
    record: Any = model._base_manager.filter(pk=pk).first() if model else None
    return record if record and record.project.pk == project.pk else None
