"""The evidence of one thing, and what a script is told after an upload."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.urls import reverse

from projects.materials import Known, version_of_use
from projects.models import Evidence, EvidenceUse, User
from projects.permissions import can_fill
from projects.proving import is_hidden, kind_of, refusal_to_remove
from projects.views.files import anchor, page_of
from reports.library import Material

# Of what a known file proves already, so many are named.
NAMED = 5


def address_of(target: Any) -> str:
    """Where a point, an indicator or a row of the ledger is shown with its evidence."""
    match kind_of(target):
        case "point":
            return reverse("projects:point", args=[target.pk])
        case "outcome":
            return reverse("reports:outcome", args=[target.project_id, target.pk])
    return proofs_of(target)


def proofs_of(target: Any) -> str:
    """The page of its evidence."""
    return reverse("reports:proofs", args=[kind_of(target), target.pk])


# What is said of a file that is sent for the same thing again.
HERE = "该文件已在这里，没有重复添加"


def told(found: Evidence, known: Known | None, numbers: Mapping[int, str]) -> dict[str, Any]:
    """What a script learns of a file that is now linked; `known` as it was before."""
    uses = known.uses[:NAMED] if known and not known.is_here else ()
    return {
        "known": HERE if known and known.is_here else f"{known.sentence}，已直接关联" if known else "",
        "uses": [{"text": text_of(use.target), "href": address_of(use.target)} for use in uses],
        "materials": [
            {
                "id": found.pk,
                "title": found.title,
                "number": numbers.get(found.pk, ""),
                "href": page_of(found),
            }
        ],
    }


def text_of(target: Any) -> str:
    """`8-2-2023-03 编印…`, shortened."""
    words = getattr(target, "text", "") or getattr(target, "name", "")
    code = getattr(target, "code", "")
    return f"{code} {words[:30]}".strip()


def use_rows(uses: list[EvidenceUse], user: User, today: date) -> list[dict[str, Any]]:
    """What a material proves, as its own page shows it."""
    return [
        {
            "use": use,
            "kind": use.TARGET,
            "label": use._meta.get_field(use.TARGET).verbose_name,  # type: ignore[union-attr]
            "text": text_of(use.target),
            "href": address_of(use.target),
            "anchor": anchor(use.pages),
            "seen": version_of_use(use),
            "may_edit": can_fill(user, use.target),
            "may_remove": not refusal_to_remove(user, use.target, today),
        }
        for use in uses
        if not is_hidden(user, use.target)
    ]


def linkable(found: list[Material], target: Any, text: str) -> list[Material]:
    """Materials of the project with this text that do not prove the target yet; unused ones first."""
    linked = set(target.evidence_uses.values_list("evidence", flat=True))
    wanted = text.strip().casefold()
    fitting = [each for each in found if each.record.pk not in linked and wanted in each.searched]
    return sorted(fitting, key=lambda each: bool(each.uses))
