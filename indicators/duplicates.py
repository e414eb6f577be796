"""Rows of the ledger that a new one may repeat, in all projects of the college, and in the same list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q

from indicators.likeness import name_key, number_key
from indicators.models import Outcome
from projects.models import Project, User
from projects.permissions import fills_all, own_departments

SAME_NAME, SAME_NUMBER = "名称相同", "文号相同"
# So many keys are asked for at a time.
ASKED = 500


@dataclass(frozen=True, slots=True)
class Twin:
    """Another row that may be the same thing, and why."""

    id: int
    code: str
    name: str
    level: str
    grade: str
    awarded_on: date
    document_no: str
    department: str
    who: str
    state: str
    project_id: int
    project_code: str
    project_name: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """By what a row is recognised."""

    name: str
    number: str


def keys_of(name: str, document_no: str) -> Keys:
    return Keys(name_key(name), number_key(document_no))


def earlier(rows: Sequence[Keys]) -> dict[int, int]:
    """By index of a row the first one before it with the same name. Pure.

    Of one document a list may hold many prizes: within a list the number tells nothing.
    """
    first: dict[str, int] = {}
    found: dict[int, int] = {}
    for index, keys in enumerate(rows):
        if keys.name and (place := first.setdefault(keys.name, index)) != index:
            found[index] = place
    return found


def twins(
    rows: Sequence[Keys], project: Project, user: User, *, but: int | None = None
) -> dict[int, list[Twin]]:
    """By index the rows of the college that each may repeat; `but` is the row itself.

    Drafts of other departments stay unknown: their duplicates are found when they are submitted.
    """
    by_name: dict[str, list[int]] = defaultdict(list)
    by_number: dict[str, list[int]] = defaultdict(list)
    for index, keys in enumerate(rows):
        if keys.name:
            by_name[keys.name].append(index)
        if keys.number:
            by_number[keys.number].append(index)
    found: dict[int, dict[int, Twin]] = defaultdict(dict)
    for other in alike(list(by_name), list(by_number), project, user):
        if other.pk == but:
            continue
        for index in {*by_name.get(other.name_key, ()), *by_number.get(other.number_key, ())}:
            found[index][other.pk] = twin_of(other, rows[index])
    return {index: list(some.values()) for index, some in found.items()}


def alike(names: Sequence[str], numbers: Sequence[str], project: Project, user: User) -> Iterable[Outcome]:
    seen = Q(state__in=("approved", "submitted")) | Q(author=user)
    if fills_all(user, project):
        seen = Q()
    else:
        seen |= Q(department__in=own_departments(user, project))
    rows = Outcome.objects.filter(seen, project__institution=project.institution_id).select_related(
        "project", "department", "author"
    )
    found: dict[int, Outcome] = {}
    for column, keys in (("name_key__in", names), ("number_key__in", numbers)):
        for start in range(0, len(keys), ASKED):
            found |= {
                row.pk: row for row in rows.filter(**{column: keys[start : start + ASKED]}).order_by("pk")
            }
    return [found[pk] for pk in sorted(found)]


def twin_of(other: Outcome, keys: Keys) -> Twin:
    why = (SAME_NAME,) * (other.name_key == keys.name) + (SAME_NUMBER,) * (
        bool(keys.number) and other.number_key == keys.number
    )
    return Twin(
        id=other.pk,
        code=other.code,
        name=other.name,
        level=other.level,
        grade=other.grade,
        awarded_on=other.awarded_on,
        document_no=other.document_no,
        department=str(other.department or ""),
        who=str(other.author or "工作簿导入"),
        state=other.get_state_display(),
        project_id=other.project_id,
        project_code=other.project.code,
        project_name=other.project.name,
        why=why,
    )


def unexplained(outcome: Outcome, user: User) -> list[Twin]:
    """The rows that one repeats without saying why, and without being a reference to them."""
    if outcome.duplicate_reason.strip() or is_reference(outcome):
        return []
    keys = Keys(outcome.name_key, outcome.number_key)
    return twins([keys], outcome.project, user, but=outcome.pk).get(0, [])


def is_reference(outcome: Outcome) -> bool:
    return outcome.first_project_code not in ("", outcome.project.code)
