"""Files that come with a workbook: which material of a list each belongs to, and what is in it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.template.defaultfilters import filesizeformat

from projects.evidence import check
from projects.workbook.book import Key
from projects.workbook.bundle import Bundle, taken_out
from projects.workbook.faults import Refused
from projects.workbook.matching import Matching, Wanted, match

# Told how many of how many were looked at.
Looking = Callable[[int, int], None]


def unseen(done: int, total: int) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Look:
    """One file: its digest, or why it cannot be taken in."""

    size: int
    digest: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Files:
    """`looks` by path, at the files that belong to a material."""

    bundle: Bundle
    matching: Matching
    looks: Mapping[str, Look]

    def look(self, material: Key) -> Look | None:
        """At the file of a material; None without one."""
        found = self.matching.found.get(material)
        return self.looks[found[0]] if found else None

    def written(self, material: Key) -> str:
        path, _ = self.matching.found[material]
        return f"{path}（{filesizeformat(self.looks[path].size)}）"


def files_of(materials: Iterable[Wanted], bundle: Bundle, looking: Looking = unseen) -> Files:
    """Find the file of each material, and look into those that were found."""
    matching = match(materials, bundle.sizes)
    paths = sorted({path for path, _ in matching.found.values()})
    looks = {}
    for done, path in enumerate(paths):
        looking(done, len(paths))
        looks[path] = look_at(bundle, path)
    return Files(bundle, matching, looks)


def look_at(bundle: Bundle, path: str) -> Look:
    size = bundle.sizes[path]
    try:
        with taken_out(bundle, path) as file:
            check(file)
            digest = hashlib.sha256()
            for chunk in file.chunks():
                digest.update(chunk)
    except Refused as refused:
        return Look(size, problem=refused.faults[0].message)
    except ValidationError as error:
        return Look(size, problem=error.messages[0].rstrip("。"))
    return Look(size, digest.hexdigest())
