"""Rows of 成果台账 on a person's desk until they are approved: from then on the office corrects them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from indicators import ledger
from indicators.duplicates import Twin
from indicators.models import Outcome, OutcomeEvidence
from projects import review
from projects.models import State
from projects.notes import notes_about
from projects.permissions import Action, can
from projects.templatetags.components import BADGES
from reports.desk.desk import Desk, Materials, counted, moment, told
from reports.desk.kind import ReviewedKind, day, evidence_of, group_of, has_nothing_new, number
from reports.desk.row import Column, Returned, Row
from reports.ledger_forms import OutcomeForm, Places, asked_about, links_typed, typed_of

COLUMNS = (
    Column("name", "成果名称", "text"),
    Column("level", "级别", "text"),
    Column("grade", "等次", "text"),
    Column("awarded_on", "获批日期", "date"),
    Column("quantity", "数量", "number"),
    Column("issuer", "颁发单位", "text"),
    Column("document_no", "文号或证书号", "text"),
)
REPEATED = (
    "“{project}”里已有{why}的 {code}（{who}）。"
    "请打开这项成果的页面，点“修改”，写明仍要登记的理由，或改为引用。"
)


class OutcomeKind(ReviewedKind):
    """A row of the ledger is its own record: what is mended is the row itself, not a new one."""

    name = "outcome"
    label = "成果台账"
    columns = COLUMNS
    day = "awarded_on"

    def targets(self, desk: Desk) -> QuerySet[Any]:
        found = Outcome.objects.filter(project=desk.project)
        return found.select_related("department", "task", "target", "supported_target", "author")

    def own(self, desk: Desk) -> Iterable[Outcome]:
        """Those not approved yet for which `can_fill` holds."""
        if not can(desk.user, Action.FILL, desk.project):
            return
        found = self.targets(desk).exclude(state=State.APPROVED)
        for outcome in found if desk.fills_all else found.filter(department__in=desk.departments):
            outcome.project = desk.project
            yield outcome

    def find(self, desk: Desk, pk: int) -> Outcome | None:
        outcome: Outcome | None = self.targets(desk).filter(pk=pk).first()
        if outcome is not None:
            outcome.project = desk.project
        return outcome

    def rows(self, desk: Desk) -> Iterator[Row]:
        outcomes = list(self.own(desk))
        returned = given_back(outcomes)
        materials = counted(OutcomeEvidence.objects.filter(outcome__in=outcomes), "outcome_id")
        for outcome in outcomes:
            yield self.made(desk, outcome, returned.get(outcome.pk), materials.get(outcome.pk, Materials()))

    def row(self, desk: Desk, target: Outcome) -> Row:
        fresh = self.find(desk, target.pk) or target
        materials = counted(fresh.evidence_uses.all(), "outcome_id").get(fresh.pk, Materials())
        return self.made(desk, fresh, given_back([fresh]).get(fresh.pk), materials)

    def made(self, desk: Desk, outcome: Outcome, returned: Returned | None, materials: Materials) -> Row:
        is_open = outcome.state != State.APPROVED
        values, locked = self.opened(desk, outcome, outcome)
        return Row(
            key=f"outcome:{outcome.pk}",
            kind=self.name,
            group=group_of(outcome if is_open else None, locked, is_done=True, is_missing=False),
            code=outcome.code,
            text=outcome.name,
            values=values,
            seen=review.version_of(outcome),
            task=desk.task_names.get(outcome.task_id or 0, ""),
            department=str(outcome.department or ""),
            person=str(outcome.author or ""),
            href=reverse("reports:outcome", args=[desk.project.pk, outcome.pk]),
            state={
                "key": str(outcome.state),
                "label": BADGES[outcome.state].label,
                "work": str(outcome.state) if is_open else "",
            }
            | desk.waiting(outcome),
            evidence=evidence_of(materials, ""),
            returned=returned,
            locked=locked,
            is_unchanged=outcome.state == State.RETURNED and has_nothing_new(outcome, returned, materials),
        )

    def standing(self, desk: Desk, target: Outcome) -> Mapping[str, str]:
        return self.typed(target)

    def form(self, desk: Desk, target: Outcome, typed: Mapping[str, str], submitting: bool) -> OutcomeForm:
        """The ledger's own form; what has no column here stays as it is."""
        links = ledger.links_of(target)
        data = typed_of(target, links) | dict(typed)
        initial = {"link": links_typed(links)}
        return OutcomeForm(data, initial=initial, places=Places(desk.project, desk.user), today=desk.today)

    @transaction.atomic
    def write(
        self, desk: Desk, target: Outcome, form: OutcomeForm, seen: str, submitting: bool, now: datetime
    ) -> None:
        changed = ledger.rewrite(target, form.fresh(), by=desk.user, seen=seen, now=now)
        if found := asked_about(form, desk.user, desk.project, but=target.pk):
            raise review.NotAllowed(repeated(found[0]))
        if submitting:
            review.submit(changed, by=desk.user, now=now)

    def writer(self, record: Outcome) -> tuple[str, str]:
        """Edits of drafts are noted, all other steps are in the log."""
        log = review.logs_of([record]).select_related("by").order_by("id").last()
        last = notes_about(record).first()
        if last and (log is None or last.action_time > log.at):
            return str(last.user), moment(last.action_time)
        return super().writer(record)

    def typed(self, record: Outcome) -> dict[str, str]:
        texts = {name: getattr(record, name) for name in ("name", "level", "grade", "issuer", "document_no")}
        return texts | {"awarded_on": day(record.awarded_on), "quantity": number(record.quantity)}


def given_back(outcomes: Sequence[Outcome]) -> dict[int, Returned]:
    """By row the decision that gave it back, until it is handed in again."""
    waiting = [each for each in outcomes if each.state in (State.DRAFT, State.RETURNED)]
    if not waiting:
        return {}
    logs = review.logs_of(waiting).filter(verb__in=(*review.GIVING_BACK, "submit"))
    last = {log.object_id: log for log in logs.select_related("by").order_by("id")}
    return {pk: told(log, is_same=True) for pk, log in last.items() if log.verb in review.GIVING_BACK}


def repeated(twin: Twin) -> str:
    """Why a row is not saved that may repeat another."""
    who = twin.department or twin.who
    return REPEATED.format(project=twin.project_name, why="、".join(twin.why), code=twin.code, who=who)
