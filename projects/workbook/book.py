"""A parsed file beside the records of the project it speaks of: what is known, and what writing needs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from projects.models import Institution, Project, User
from projects.workbook.cells import RawCell
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault

if TYPE_CHECKING:
    from projects.evidence import Filing
    from projects.workbook.attached import Files
    from projects.workbook.sheet import Sheet

Key = tuple[Any, ...]
Values = dict[str, Any]
# Keys with None for the parts that cannot be read, by which parts these are.
Unreadable = dict[tuple[bool, ...], set[Key]]


@dataclass
class Book:
    """`project` None: it is new, or (`is_told` False) the file does not tell which one it is."""

    tables: dict[str, Table]
    sheets: Mapping[str, Sheet]
    institution: Institution | None = None
    project: Project | None = None
    is_told: bool = True
    # What came with the file, and what is wrong with it as a whole.
    files: Files | None = None
    faults: tuple[Fault, ...] = ()
    # Who brings it in (None: whoever has the shell), and hashed passwords that no longer stand in it.
    by: User | None = None
    passwords: Mapping[str, str] = field(default_factory=dict)
    _known: dict[str, set[Key]] = field(default_factory=dict)
    _unreadable: dict[str, Unreadable] = field(default_factory=dict)

    def known(self, title: str) -> set[Key]:
        """Keys of a sheet, in the file (also in rows with other faults) or in the records."""
        if title not in self._known:
            sheet = self.sheets[title]
            keys = set(sheet.ids(self)) if self.institution else set()
            if title in self.tables:
                keys |= {sheet.key_of(row.values) for row in self.tables[title].telling(*sheet.key)}
            self._known[title] = keys
        return self._known[title]

    def lacks(self, title: str, key: Key) -> bool:
        """Whether a key is nowhere. Where it may stand in what cannot be read, that fault is enough."""
        if key in self.known(title):
            return False
        if title not in self.tables:
            return self.is_told
        return self.tables[title].lacking.isdisjoint(self.sheets[title].key) and not any(
            tuple(None if hides else part for part, hides in zip(key, hidden, strict=True)) in keys
            for hidden, keys in self.unreadable(title).items()
        )

    def unreadable(self, title: str) -> Unreadable:
        """What the rows whose key cannot be read may stand for."""
        if title not in self._unreadable:
            found: Unreadable = defaultdict(set)
            names = self.sheets[title].key
            for row in self.tables[title].rows:
                if not row.tells(names):
                    key = meant_key(row, names)
                    found[tuple(part is None for part in key)].add(key)
            self._unreadable[title] = found
        return self._unreadable[title]


def meant_key(row: Row, names: Sequence[str]) -> Key:
    """The parts of a key that can be read, None for the others; if none can, what the cells stand for."""
    parts = tuple(row.values.get(name) for name in names)
    return tuple(meant(row.cell(name)) for name in names) if set(parts) == {None} else parts


def meant(cell: RawCell) -> str:
    """The code in a cell that is none: Excel makes a date of 2-1."""
    return f"{cell.value.month}-{cell.value.day}" if isinstance(cell.value, date) else cell.shown


@dataclass
class Writing:
    """What writing needs besides the rows: who, when, whether entries come in as approved, and ids."""

    book: Book
    by: User | None
    now: datetime
    approve: bool
    filing: Filing | None = None
    _ids: dict[str, dict[Key, int]] = field(default_factory=dict)

    @property
    def project(self) -> Project:
        assert self.book.project is not None
        return self.book.project

    def ids(self, title: str) -> dict[Key, int]:
        if title not in self._ids:
            self._ids[title] = self.book.sheets[title].ids(self.book)
        return self._ids[title]

    def forget(self, title: str) -> None:
        self._ids.pop(title, None)
