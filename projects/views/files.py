"""Materials as components/files.html lists them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils import timezone

from projects.filetypes import INLINE
from projects.models import Evidence, EvidenceUse, User
from projects.proving import kind_of, refusal_to_remove


def file_rows(
    target: Any, user: User | None = None, numbers: Mapping[int, str] | None = None
) -> list[dict[str, Any]]:
    """The materials of a target, with their catalogue `numbers`; removable for a `user` who may."""
    uses = list(target.evidence_uses.select_related("evidence__file").order_by("id"))
    today = timezone.localdate()
    is_removable = user is not None and bool(uses) and not refusal_to_remove(user, target, today)
    return [row_of(target, use, (numbers or {}).get(use.evidence_id, ""), is_removable) for use in uses]


def row_of(target: Any, use: EvidenceUse, number: str, is_removable: bool) -> dict[str, Any]:
    material = use.evidence
    viewed = preview_of(material)
    away = [kind_of(target), target.pk, material.pk]
    return {
        "id": material.pk,
        "title": material.title,
        "name": material.file_name,
        "size": material.file.size if material.file else None,
        "facts": [
            number,
            material.issuer,
            material.document_no,
            material.issued_on.isoformat() if material.issued_on else "",
            f"第 {use.pages} 页" if use.pages else "",
            use.note,
        ],
        "href": page_of(material),
        "view": framed(viewed, anchor(use.pages)),
        "remove": reverse("reports:proof_remove", args=away) if is_removable else "",
    }


def page_of(material: Evidence) -> str:
    """The page of a material."""
    return reverse("reports:material", args=[material.project_id, material.pk])


def preview_of(material: Evidence) -> str:
    """Where a browser shows the file; empty for what it would not, or where there is none."""
    is_shown = material.file is not None and material.file.content_type in INLINE
    return f"{reverse('projects:evidence', args=[material.pk])}?view" if is_shown else ""


def framed(preview: str, place: str) -> str:
    """A preview within our page, open at a place; there is no room for the panes of the reader."""
    return f"{preview}{place or '#'}{'&' * bool(place)}navpanes=0" if preview else ""


def anchor(pages: str) -> str:
    """`#page=3` for "3—5": readers of PDF open there."""
    digits = "".join(char if char in "0123456789" else " " for char in pages).split()
    return f"#page={digits[0]}" if digits else ""
