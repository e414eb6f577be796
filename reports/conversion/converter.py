"""What each kind of file gives to the one machinery that asks about columns and makes a workbook."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol

from projects.models import Institution, Project
from reports.conversion.columns import Target, fingerprint
from reports.conversion.remarks import LEFT, LOOK, Remark

# As many as a page can hold; the sheet 核对 has them all.
REMARKS_SHOWN = 200
SAMPLES, LONGEST_SAMPLE = 3, 40

Groups = Sequence[tuple[str, Sequence[Target]]]


@dataclass(frozen=True)
class Kind:
    """Tables of a file that have the same headings."""

    headings: tuple[str, ...]
    where: str
    samples: tuple[str, ...]
    guess: tuple[str, ...]
    unit: str = ""

    @property
    def digest(self) -> str:
        return digest(self.headings)


@dataclass(frozen=True)
class Value:
    """A word of the file that must be matched with the project, with the rows that have it."""

    text: str
    rows: int
    total: str


@dataclass(frozen=True, slots=True)
class Match:
    """What a project of the ledger is in the construction project."""

    task: str = ""
    source: str = ""
    left_out: bool = False


@dataclass(frozen=True)
class Task:
    """What is to be made: for whom, and what a person said of columns and values."""

    institution: Institution | None
    project: Project | None
    # By digest of the headings.
    columns: Mapping[str, Sequence[str]]
    units: Mapping[str, str] = field(default_factory=dict)
    # By the word in the file.
    matches: Mapping[str, Match] = field(default_factory=dict)

    def columns_of(self, headings: Sequence[str]) -> Sequence[str]:
        return self.columns.get(digest(headings), ())

    def unit_of(self, headings: Sequence[str]) -> str:
        return self.units.get(digest(headings), "")


@dataclass(frozen=True)
class Made:
    """A workbook, sentences about it, and what became of the rows of the file."""

    content: bytes
    told: tuple[str, ...]
    remarks: Sequence[Remark]

    def as_json(self) -> dict[str, Any]:
        doubtful = [remark for remark in self.remarks if remark.state in (LOOK, LEFT)]
        shown = [
            {"place": each.place, "content": each.content[:200], "state": each.state, "notes": each.notes}
            for each in doubtful[:REMARKS_SHOWN]
        ]
        return {"told": self.told, "remarks": shown, "doubtful": len(doubtful)}


class Converter(Protocol):
    """One kind of file. `groups`: the meanings its columns may have, as a person chooses among them."""

    groups: Groups
    has_units: bool

    def read(self, path: Path) -> Any:
        """The file; Refused for what is none of this kind."""

    def kinds(self, source: Any) -> list[Kind]: ...

    def fault(self, columns: Sequence[str]) -> str:
        """Why tables cannot be read by these columns; empty if they can."""

    def values(self, source: Any, task: Task) -> list[Value]: ...

    def make(self, source: Any, task: Task) -> Made: ...


def digest(headings: Sequence[str]) -> str:
    return sha256(fingerprint(headings).encode()).hexdigest()


def samples_of(columns: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """For each column some of its texts, shortened."""
    texts = (list(dict.fromkeys(" ".join(text.split()) for text in column if text)) for column in columns)
    return tuple(
        " / ".join(
            text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…" for text in some[:SAMPLES]
        )
        for some in texts
    )
