"""What goes into the books of a project: the materials of a chapter, in the order of their numbers."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256

from projects.progress import TaskFact
from reports.binding import office
from reports.facts import Facts
from reports.library import OTHERS, Material, materials

# Changes when books are made in another way: those made before are old then.
EDITION = 1


@dataclass(frozen=True, slots=True)
class Volume:
    """One book: the materials of a 一级任务; `code` is empty for those that prove no task point."""

    code: str
    name: str
    materials: tuple[Material, ...]

    @property
    def title(self) -> str:
        return f"{self.code} {self.name}".strip()

    @property
    def filed(self) -> int:
        """How many of its materials have a file."""
        return sum(each.record.file_id is not None for each in self.materials)

    @property
    def size(self) -> int:
        return sum(each.record.file.size for each in self.materials if each.record.file)

    @property
    def digest(self) -> str:
        """Changes with whatever a reader of the book would see."""
        told = [
            EDITION,
            office.program() is not None,
            self.title,
            [list(seen(each)) for each in self.materials],
        ]
        return sha256(json.dumps(told, default=str).encode()).hexdigest()


def seen(material: Material) -> Iterator[object]:
    record = material.record
    yield from (material.number, record.title, record.file_name, record.file.sha256 if record.file else "")
    yield from (record.issuer, record.document_no, record.issued_on)
    yield [(use.kind, use.code, use.text, use.pages) for use in material.uses]


def volumes(facts: Facts, found: Iterable[Material] | None = None) -> list[Volume]:
    """The books of a project, those without a material left out; `found`: all its materials, if known.

    Every reader has them: what proves nothing but drafts is not in them.
    """
    by_area: dict[str, list[Material]] = {}
    for material in materials(facts) if found is None else found:
        if not material.drafts:
            by_area.setdefault(material.area, []).append(material)
    chapters = [(area.code, area.name) for area in facts.areas] + [("", f"{OTHERS}材料")]
    return [Volume(code, name, tuple(by_area[code])) for code, name in chapters if code in by_area]


def volume(facts: Facts, code: str) -> Volume | None:
    return next((each for each in volumes(facts) if each.code == code), None)


def by_task(volume: Volume, tasks: Iterable[TaskFact]) -> list[tuple[str, list[Material]]]:
    """Its materials under the task that each number begins with; under "" what belongs to none."""
    names = {task.code: f"{task.code} {task.name}" for task in tasks}
    found: dict[str, list[Material]] = {}
    for material in volume.materials:
        found.setdefault(names.get(material.number.rpartition("-")[0], ""), []).append(material)
    return list(found.items())
