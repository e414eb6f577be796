"""Which file is meant by which row of a list: by its name, then by number and title in it. Nothing is
guessed: where several may be meant, a person decides."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import Enum
from pathlib import PurePosixPath
from typing import Any

from projects.workbook.book import Key

Number = tuple[str, ...]

LEADING_NUMBER = re.compile(r"[\W_]*([0-9a-z]+(?:[-._–—·][0-9a-z]+)*)")
SIGNS = re.compile(r"[\W_]+")
EXTENSION = re.compile(r"\.(?=.*[a-z])[a-z0-9]{2,5}")


class How(Enum):
    """What row and file agree in."""

    NAME = "文件名"
    NUMBER = "编号和材料名称"
    TITLE = "材料名称"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A material of the list; `numbers` are those of what it proves, `tasks` what these may begin with."""

    key: Key
    file_name: str
    title: str
    numbers: frozenset[Number] = frozenset()
    tasks: frozenset[Number] = frozenset()


@dataclass(frozen=True, slots=True)
class Matching:
    """Materials with their file, those with several possible ones, those without, and files without a row."""

    found: dict[Key, tuple[str, How]] = field(default_factory=dict)
    unclear: dict[Key, tuple[str, ...]] = field(default_factory=dict)
    alone: list[Key] = field(default_factory=list)
    left: list[str] = field(default_factory=list)

    @property
    def named(self) -> set[str]:
        """The files that some row may mean."""
        unclear = {path for several in self.unclear.values() for path in several}
        return unclear | {path for path, _ in self.found.values()}


def match(materials: Iterable[Wanted], paths: Iterable[str]) -> Matching:
    matching = Matching()
    files = [Candidate(path) for path in paths]
    waiting = list(match_names(materials, files, matching))
    named = matching.named
    match_titles(waiting, [file for file in files if file.path not in named], matching)
    named = matching.named
    matching.left.extend(file.path for file in files if file.path not in named)
    return matching


class Candidate:
    """A file as its path tells it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.folded = folded(path)
        self.name = self.folded.rsplit("/", 1)[-1]
        self.stem, self.extension = split(self.name)
        self.words = words(self.stem)
        self.number, self.rest = numbered(self.stem)


def match_names(materials: Iterable[Wanted], files: list[Candidate], matching: Matching) -> Iterator[Wanted]:
    """Take the materials whose file is told by its name, with or without its ending; give the others back."""
    by_name: dict[str, list[Candidate]] = defaultdict(list)
    for file in files:
        for name in {file.name, file.stem}:
            by_name[name].append(file)
    for material in materials:
        meant = folded(material.file_name)
        several = by_name.get(meant.rsplit("/", 1)[-1], [])
        several = [file for file in several if f"/{file.folded}".endswith(f"/{meant}")] or several
        several = [file for file in several if bare(file.path) == bare(material.file_name)] or several
        if len(several) == 1:
            matching.found[material.key] = several[0].path, How.NAME
        elif several:
            matching.unclear[material.key] = tuple(file.path for file in several)
        else:
            yield material


def match_titles(materials: Iterable[Wanted], files: list[Candidate], matching: Matching) -> None:
    """A material and a file belong together where neither has another one that fits as well."""
    best: dict[Key, Fits] = {}
    claims: dict[str, Fits] = defaultdict(Fits)
    for material in materials:
        title, (_, extension) = words(material.title), split(folded(material.file_name))
        fits = best[material.key] = Fits()
        for file in files if title else ():
            if title in file.words and extension in ("", file.extension):
                rank = how_well(material, title, file)
                fits.offer(rank, file.path)
                claims[file.path].offer(rank, material.key)
    for key, fits in best.items():
        paths = [path for path in fits.best if key in claims[path].best]
        if len(paths) == 1 and len(fits.best) == 1 and len(claims[paths[0]].best) == 1:
            matching.found[key] = paths[0], How.NUMBER if fits.rank > 1 else How.TITLE
        elif paths:
            matching.unclear[key] = tuple(paths)
        else:
            matching.alone.append(key)


class Fits:
    """Those that fit best of all that were offered."""

    def __init__(self) -> None:
        self.rank = 0
        self.best: list[Any] = []

    def offer(self, rank: int, what: Any) -> None:
        if rank > self.rank:
            self.rank, self.best = rank, []
        if rank and rank == self.rank:
            self.best.append(what)


def how_well(material: Wanted, title: str, file: Candidate) -> int:
    """5 and 4: the number is one of the material; 3 and 2: it begins with its task; 1: the title is all."""
    is_all = title == file.rest
    if file.number and file.number in material.numbers:
        return 4 + is_all
    if any(file.number[: len(task)] == task for task in material.tasks):
        return 2 + is_all
    return int(title == file.words)


def numbered(stem: str) -> tuple[Number, str]:
    """The number that a name begins with, and the words after it."""
    found = LEADING_NUMBER.match(stem)
    if not found or not any(char.isdigit() for char in found[1]):
        return (), words(stem)
    return number_parts(found[1]), words(stem[found.end() :])


def number_parts(text: str) -> Number:
    """2-1-03 and 2.1.3 are the same number."""
    return tuple(part.lstrip("0") or "0" for part in re.findall(r"[0-9a-z]+", folded(text)))


def split(name: str) -> tuple[str, str]:
    """Stem and extension; what follows a dot within a name is none."""
    suffix = PurePosixPath(name).suffix
    return (name.removesuffix(suffix), suffix) if EXTENSION.fullmatch(suffix) else (name, "")


def words(text: str) -> str:
    return SIGNS.sub("", folded(text))


def folded(text: str) -> str:
    """However it was typed: width, case, blanks, and the slash of the system it comes from."""
    return "".join(unicodedata.normalize("NFKC", text.replace("\\", "/")).casefold().split())


def bare(path: str) -> str:
    return unicodedata.normalize("NFC", path).replace("\\", "/").rsplit("/", 1)[-1]
