"""Materials of a project as records: linked to what they prove, described, and taken away again.

Every step leaves its trail: who did what with the material, when. Nobody's change is overwritten in silence.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, DELETION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import QuerySet

from projects import notes, versions
from projects.models import Evidence, EvidenceUse, Institution, Project, StoredFile, User
from projects.proving import kind_label, kind_of, use_kinds

DESCRIBED = ("title", "issuer", "document_no", "issued_on")
OF_USE = ("pages", "note")
LABELS = {
    "title": "材料名称",
    "issuer": "发文单位",
    "document_no": "文号",
    "issued_on": "成文日期",
    "pages": "页码",
    "note": "支撑说明",
}


class Overtaken(Exception):
    """Another person changed what the user had before their eyes; `record` is what stands now."""

    def __init__(self, record: Evidence | EvidenceUse) -> None:
        super().__init__("您打开页面之后，他人已修改了这里的内容。")
        self.record = record


class Taken(Exception):
    """What was asked would make two of one; the message is a sentence for the user."""


def version_of(material: Evidence) -> str:
    return versions.version_of(material, (*DESCRIBED, "file_name"))


def version_of_use(use: EvidenceUse) -> str:
    return versions.version_of(use, OF_USE)


def link_file(target: Any, stored: StoredFile, name: str, *, by: User | None) -> Evidence:
    """The project's material with these bytes, linked to the target."""
    with transaction.atomic():
        # Of two that come at once, the second finds the material of the first.
        Project.objects.select_for_update().get(pk=target.project.pk)
        found = material(target.project, stored, name)
        link(target, found, by=by)
    return found


def link(target: Any, found: Evidence, *, by: User | None) -> bool:
    """Link a material of the target's project to it; whether it was not linked before."""
    _, is_new = target.evidence_uses.get_or_create(evidence=found, **{kind_of(target): target})
    if is_new:
        note(found, by, f"用于{said(target)}", ADDITION)
    return bool(is_new)


@transaction.atomic
def unlink(use: EvidenceUse, *, by: User) -> None:
    """The material itself stays with the project; its own trail and that of the target say who did it."""
    note(use.evidence, by, f"不再用于{said(use.target)}", DELETION)
    notes.note(use.target, by, f"{notes.REMOVED}{use.evidence.title}", DELETION)
    use.delete()


@transaction.atomic
def describe(found: Evidence, values: Mapping[str, Any], *, by: User, seen: str) -> Evidence:
    """Change what is said about a material; Overtaken when it is no longer what the user saw."""
    current = Evidence.objects.select_for_update().get(pk=found.pk)
    if version_of(current) != seen:
        raise Overtaken(current)
    others = Evidence.objects.filter(project=current.project_id, file_name=current.file_name)
    if others.filter(title=values["title"]).exclude(pk=current.pk).exists():
        raise Taken(f"已有文件名和名称都相同的材料：“{values['title']}”，请换一个名称以便区分。")
    change(current, current, DESCRIBED, values, by)
    return current


@transaction.atomic
def describe_use(use: EvidenceUse, values: Mapping[str, Any], *, by: User, seen: str) -> EvidenceUse:
    """Change the pages and the sentence of one use; Overtaken when it is no longer what the user saw."""
    current = type(use)._default_manager.select_for_update().get(pk=use.pk)
    if version_of_use(current) != seen:
        raise Overtaken(current)
    change(current, use.evidence, OF_USE, values, by, f"用于{said(use.target)}，")
    return current


def change(
    record: Any, about: Evidence, names: Iterable[str], values: Mapping[str, Any], by: User, prefix: str = ""
) -> None:
    """Write what differs, and keep old beside new."""
    told = []
    for name in names:
        old, new = getattr(record, name), values[name]
        if old != new:
            told.append(f"{LABELS[name]}“{old or ''}”改为“{new or ''}”")
            setattr(record, name, new)
    if told:
        record.save(update_fields=list(names))
        note(about, by, prefix + "；".join(told))


def said(target: Any) -> str:
    """`任务点“8-2-2023-03”`; no more, for the name of a draft in the ledger is nobody else's to read."""
    return f"{kind_label(kind_of(target))}“{target.code}”"


def material(project: Project, stored: StoredFile, name: str) -> Evidence:
    """The project's material with these bytes: known, awaited by an imported index, or new."""
    known = Evidence.objects.filter(project=project, file=stored).first()
    if known:
        return known
    awaited = Evidence.objects.filter(project=project, file=None, file_name=name).first()
    if awaited:
        awaited.file = stored
        awaited.save(update_fields=["file"])
        return awaited
    title = free_title(project, name)
    return Evidence.objects.create(project=project, file=stored, file_name=name, title=title)


def free_title(project: Project, name: str) -> str:
    """The stem of the file name; with a number where another file of that name has it already."""
    stem = PurePosixPath(name).stem
    taken = set(Evidence.objects.filter(project=project, file_name=name).values_list("title", flat=True))
    numbered = (f"{stem}（{number}）" for number in range(2, len(taken) + 3))
    return stem if stem not in taken else next(title for title in numbered if title not in taken)


@dataclass(frozen=True, slots=True)
class Known:
    """A file that the college has: the file, what it proves already, and one of its materials; and whether
    it proves already what it was sent for."""

    stored: StoredFile
    uses: tuple[EvidenceUse, ...]
    material: Evidence | None
    is_here: bool = False

    @property
    def sentence(self) -> str:
        """`该文件已佐证 3 个任务点`; what it says of a file that proves nothing yet is that it is there."""
        counts: dict[str, int] = {}
        for use in self.uses:
            counts[use.TARGET] = counts.get(use.TARGET, 0) + 1
        told = "、".join(f"{count} 个{kind_label(kind)}" for kind, count in counts.items())
        return f"该文件已佐证 {told}" if told else "该文件已在佐证材料库中"


def known(college: Institution, sha256: str, within: Iterable[Project], besides: Any = None) -> Known | None:
    """The file of this digest, when a project among `within` has it; its uses but for that of `besides`."""
    stored = StoredFile.objects.filter(institution=college, sha256=sha256).first()
    found = Evidence.objects.filter(file=stored, project__in=within) if stored else Evidence.objects.none()
    first = found.order_by("pk").first()
    if stored is None or first is None:
        return None
    uses: list[EvidenceUse] = []
    for kind, model in use_kinds().items():
        rows = model._default_manager.filter(evidence__in=found).order_by("pk")
        rows = rows.select_related("evidence", kind, *(["point__task"] if kind == "point" else []))
        uses += rows
    others = tuple(use for use in uses if use.target != besides)
    return Known(stored, others, first, is_here=len(others) < len(uses))


def note(found: Evidence, by: User | None, told: str, flag: int = CHANGE) -> None:
    """Who did what with a material, when; what an import does is told by the import."""
    if by is None:
        return
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(Evidence),
        object_id=str(found.pk),
        object_repr=str(found)[:200],
        action_flag=flag,
        change_message=told,
    )


def notes_about(found: Evidence) -> QuerySet[LogEntry]:
    """The trail of a material, newest first."""
    kind = ContentType.objects.get_for_model(Evidence)
    rows = LogEntry.objects.filter(content_type=kind, object_id=str(found.pk))
    return rows.select_related("user").order_by("-action_time", "-id")
