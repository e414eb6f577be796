"""From records to frozen facts: the task book of one project as of a date."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F, FilteredRelation, OuterRef, Q, Subquery

from projects.linked import LinkedQuantity, sum_as_of
from projects.models import ChangeRequest, Entry, Project, Task, TaskPoint, point_code
from projects.original import Adjustment, Original
from projects.progress import EntryFact, ExtraFact, PointFact, TaskFact, completion_ratio
from projects.querysets import approved_by

ENTRY_FIELDS = ("id", "state", "effective_on", "quantity", "ratio", "description", "reason", "expected_on")


EXTRA_FIELDS = ("year", "seq", "achieved_on", "content", "is_early")


def adjustments(project: Project) -> tuple[Adjustment, ...]:
    """The approved changes of the task book, by the time they were approved; no query for a project that is
    known to have none."""
    if not getattr(project, "is_adjusted", True):
        return ()
    rows = ChangeRequest.objects.filter(project=project, decided_at__isnull=False).values_list(
        *("id", "content_type__model", "object_id", "field", "old_value", "new_value"),
        *("in_force_on", "decided_at", "written_at"),
    )
    return tuple(Adjustment(*row) for row in rows.order_by("decided_at", "id"))


def task_facts(
    project: Project,
    start: date,
    as_of: date,
    known_at: datetime | None = None,
    *,
    pending: bool = False,
    original: Original | None = None,
) -> tuple[list[TaskFact], list[ExtraFact]]:
    """The task tree and the extra achievements of its tasks, in one query.

    Of the tree, parents come before children and siblings in file order; of the achievements, the
    approved ones with start ≤ 完成日期 ≤ as_of.
    """
    counting = approved_by(known_at, "extras__", pending=pending)
    counting &= Q(extras__achieved_on__range=(start, as_of))
    rows = (
        Task.objects.filter(project=project)
        .annotate(extra=FilteredRelation("extras", condition=counting))
        .values_list(
            *("id", "code", "name", "parent_id", "lead__name", "effect"),
            *(f"extra__{name}" for name in EXTRA_FIELDS),
        )
        .order_by("position", "id", "extra__year", "extra__id")
    )
    own = {row[0]: row[:6] for row in rows}
    children: dict[int | None, list[tuple[Any, ...]]] = defaultdict(list)
    for fields in own.values():
        children[fields[3]].append(fields)

    def below(parent_id: int | None, area: str, depth: int) -> list[TaskFact]:
        facts: list[TaskFact] = []
        for pk, code, name, _, lead, effect in children[parent_id]:
            root = area or code
            old = original.typed("task", pk) if original else {}
            name, lead = old.get("name", name), old.get("lead", lead or "")
            facts.append(TaskFact(pk, code, name, parent_id, root, lead, effect, depth))
            facts += below(pk, root, depth + 1)
        return facts

    tasks = below(None, "", 0)
    areas = {task.id: task.area for task in tasks}
    return tasks, [ExtraFact(areas[row[0]], row[0], *row[6:]) for row in rows if row[6] is not None]


def point_facts(
    project: Project,
    tasks: Sequence[TaskFact],
    linked: Mapping[int, tuple[LinkedQuantity, ...]],
    as_of: date,
    known_at: datetime | None = None,
    *,
    pending: bool = False,
    original: Original | None = None,
) -> list[PointFact]:
    """Every point in the task book with the entry that counts as of the date, in one query.

    That entry is the approved one with the latest 完成日期; ties go to the later approved, then the
    later made. `linked` holds, by point id, the ledger rows that count for it.
    """
    latest = Entry.objects.filter(
        approved_by(known_at, pending=pending), point=OuterRef("pk"), effective_on__lte=as_of
    ).order_by("-effective_on", F("decided_at").desc(nulls_first=True), "-id")
    rows = (
        TaskPoint.objects.of(project)
        .annotate(
            entry=FilteredRelation("entries", condition=Q(entries__id=Subquery(latest.values("id")[:1])))
        )
        .values_list(
            *("id", "task_id", "year", "seq", "text", "unit", "planned", "due_on"),
            *("department__name", "person", "removed_on"),
            *(f"entry__{name}" for name in ENTRY_FIELDS),
        )
    )
    by_id = {task.id: task for task in tasks}
    original = original or Original(as_of)
    return [
        point_fact(by_id[row[1]], row[:10], original, row[11:], linked.get(row[0], ()), as_of)
        for row in rows
        if original.stands("taskpoint", row[0], row[10])
    ]


def point_fact(
    task: TaskFact,
    own: Sequence[Any],
    original: Original,
    entry_row: Sequence[Any],
    linked: tuple[LinkedQuantity, ...],
    as_of: date,
) -> PointFact:
    pk, task_id, year, seq, text, unit, planned, due_on, department, person = own
    if old := original.typed("taskpoint", pk):
        year, seq = old.get("year", (year, seq))
        text, unit, planned = old.get("text", text), old.get("unit", unit), old.get("planned", planned)
        due_on, department = old.get("due_on", due_on), old.get("department", department)
    entry = EntryFact(*entry_row) if entry_row[0] is not None else None
    typed = entry is not None and entry.is_typed
    quantity = entry.quantity if entry and typed else sum_as_of(linked, as_of)
    return PointFact(
        id=pk,
        code=point_code(task.code, year, seq),
        task_id=task_id,
        area=task.area,
        year=year,
        seq=seq,
        text=text,
        unit=unit,
        planned=planned,
        due_on=due_on,
        department=department or "",
        person=person,
        entry=entry,
        quantity=quantity,
        r=completion_ratio(planned, quantity, entry.ratio if entry else None),
        ledger=linked,
    )
