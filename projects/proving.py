"""What evidence proves: points, indicators, rows of the ledger; who may add to it and take away from it."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol

from django.http import Http404
from django.shortcuts import get_object_or_404

from projects.guard import locked
from projects.models import Evidence, EvidenceUse, Project, State, TaskPoint, User
from projects.permissions import (
    Fillable,
    can_fill,
    fills_all,
    point_or_404,
    require,
    require_view,
    visible_project_or_404,
)

HANDED_IN = (State.SUBMITTED, State.APPROVED)
KEPT = "已提交或已通过的内容，佐证材料只能由项目办移除；可先撤回填报。"


class Provable(Fillable, Protocol):
    """A point, an indicator, a row of the ledger."""

    pk: Any

    @property
    def project(self) -> Project: ...
    @property
    def evidence_uses(self) -> Any: ...


def use_kinds() -> dict[str, type[EvidenceUse]]:
    """The kinds of uses by what they prove: `point`, `indicator`, `outcome`."""
    return {model.TARGET: model for model in EvidenceUse.__subclasses__()}


def kind_of(target: Any) -> str:
    """`point`, `indicator` or `outcome`."""
    return str(target.evidence_uses.model.TARGET)


def kind_label(kind: str) -> str:
    """`任务点`, `绩效指标`, `成果`."""
    field: Any = use_kinds()[kind]._meta.get_field(kind)
    return str(field.verbose_name)


def target_or_404(user: User, kind: str, pk: int) -> Any:
    """What the user asks evidence of; 404 for outsiders and unknown kinds, 403 for who may not see it."""
    if kind not in use_kinds():
        raise Http404
    if kind == "point":
        return point_or_404(user, pk)
    model: Any = use_kinds()[kind]._meta.get_field(kind).related_model
    target = get_object_or_404(model.objects.select_related("department"), pk=pk)
    target.project = visible_project_or_404(user, target.project_id)
    require_view(user, target.project)
    if is_hidden(user, target):
        raise Http404
    return target


def is_hidden(user: User, target: Any) -> bool:
    """What is not handed in only those know who may write it."""
    return getattr(target, "state", "") in (State.DRAFT, State.RETURNED) and not can_fill(user, target)


def evidence_or_404(user: User, pk: int) -> Evidence:
    """A material of a project that the user sees, unless all that it proves is hidden from them."""
    evidence = get_object_or_404(Evidence.objects.select_related("file"), pk=pk)
    evidence.project = visible_project_or_404(user, evidence.project_id)
    require_view(user, evidence.project)
    refuse_hidden(user, evidence)
    return evidence


def is_secret(user: User, material: Evidence) -> bool:
    """Whether it proves only what the user may not know of; what proves nothing is in the library."""
    uses = uses_of(material)
    return bool(uses) and all(is_hidden(user, use.target) for use in uses)


def refuse_hidden(user: User, material: Evidence) -> None:
    if is_secret(user, material):
        raise Http404


def target_of_code(user: User, project: Project, kind: str, code: str) -> Any:
    """What the project has under this code; None without it, or where the user may not know of it."""
    if kind == "point":
        points = TaskPoint.objects.of(project).select_related("task", "department")
        found: Any = next((point for point in points if point.code == code), None)
    else:
        model: Any = use_kinds()[kind]._meta.get_field(kind).related_model
        found = model.objects.filter(project=project, code=code).select_related("department").first()
    if found is None or is_hidden(user, found):
        return None
    return found


def target_to_fill_or_404(user: User, kind: str, pk: int) -> Any:
    """The same, for who fills it; others get 403 with the name of who does."""
    target = target_or_404(user, kind, pk)
    owner = target.department or "项目办"
    label = kind_label(kind)
    require(can_fill(user, target), f"{label}“{str(target)[:40]}”由{owner}填报，您不能改动它的佐证材料。")
    return target


def refusal_to_remove(user: User, target: Any, today: date) -> str:
    """Why the user may not take evidence away from the target, as a sentence; empty when they may.

    What is under review or was approved keeps its evidence, and what a locked window covers all the more;
    the office may correct the former.
    """
    if not can_fill(user, target):
        return f"由{target.department or '项目办'}填报，您不能移除它的佐证材料。"
    records = [target] if hasattr(target, "state") else target.reports.filter(state__in=HANDED_IN)
    handed_in = [record for record in records if record.state in HANDED_IN]
    if handed_in and not fills_all(user, target.project):
        return KEPT
    for record in handed_in:
        if refusal := locked(user, target, record.dated, today):
            return str(refusal)
    return ""


def uses_of(material: Evidence) -> list[EvidenceUse]:
    """Everything the material proves: points first, then indicators, then ledger rows."""
    found: list[EvidenceUse] = []
    for kind, model in use_kinds().items():
        proved: Any = model._meta.get_field(kind).related_model
        rows = model._default_manager.filter(evidence=material).order_by("pk")
        rows = rows.select_related(f"{kind}__department", *(["point__task"] if kind == "point" else []))
        if hasattr(proved, "co_departments"):
            rows = rows.prefetch_related(f"{kind}__co_departments")
        for use in rows:
            if kind == "point":
                use.target.task.project = material.project
            else:
                use.target.project = material.project
            found.append(use)
    return found


def may_edit(user: User, material: Evidence, uses: list[EvidenceUse]) -> bool:
    """The office edits every material, others those that prove something they fill."""
    return fills_all(user, material.project) or any(can_fill(user, use.target) for use in uses)
