"""One sheet of the exchange workbook against the records: what stands, what differs, how to write it.

Reading gives typed rows (columns.py); here rows meet the database. A sheet is compared in "row form":
the values its cells would hold, with codes and names instead of ids, so that the same dictionaries
serve comparison, preview and export.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from projects.workbook.book import Book, Key, Values, Writing
from projects.workbook.columns import Row, Table, duplicate_keys, parse_table
from projects.workbook.faults import Fault, Notice
from projects.workbook.headers import AnyColumn, Column
from projects.workbook.raw import RawSheet

BATCH = 1000
# Where a compared row keeps the record, in row form, that it corrects, and what is said of the file that it
# had and the one that it gets.
RECORD, FILE = "record", "file"


@dataclass(frozen=True, slots=True)
class Reference:
    """Columns that must name a key of another sheet, in the file or in the records."""

    columns: tuple[str, ...]
    sheet: str


@dataclass(frozen=True, slots=True)
class Link:
    """A column that names another record: `lookup` reads the name, `attribute` takes the id."""

    lookup: str
    attribute: str
    sheet: str


@dataclass(frozen=True, slots=True)
class Many:
    """A column that names several other records, kept in the through table of `field`."""

    field: str
    lookups: tuple[str, ...]
    sheet: str

    def keys(self, value: Iterable[Any]) -> frozenset[Key]:
        return frozenset(item if isinstance(item, tuple) else (item,) for item in value)


@dataclass(frozen=True, slots=True)
class Derived:
    """What an empty cell stands for, when that depends on other cells of the row."""

    needs: tuple[str, ...]
    make: Callable[[Values], Any]


@dataclass(frozen=True, slots=True)
class Changes:
    """The rows of one sheet by what the import would do; `moved` only stand elsewhere in the file.

    Records that the file does not have stay (`missing`), or go where the sheet is the whole set (`removed`).
    """

    new: tuple[Row, ...] = ()
    changed: tuple[Row, ...] = ()
    unchanged: tuple[Row, ...] = ()
    moved: tuple[Row, ...] = ()
    missing: tuple[Key, ...] = ()
    removed: tuple[Key, ...] = ()

    def counts(self) -> dict[str, int]:
        return {
            "new": len(self.new),
            "changed": len(self.changed),
            "unchanged": len(self.unchanged),
            "missing": len(self.missing + self.removed),
        }

    @property
    def is_nothing(self) -> bool:
        return not (self.new or self.changed or self.removed)

    @property
    def to_write(self) -> tuple[Row, ...]:
        return self.new + self.changed + self.moved


def natural(key: Key) -> list[list[str | int]]:
    """For sorting keys as people do: 2-9 stands before 2-10."""
    return [
        [int(part) if part.isdigit() else part for part in re.split(r"([0-9]+)", str(value or ""))]
        for value in key
    ]


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A sheet that is a table of one model, one row per record, found by its key."""

    title: str
    columns: tuple[AnyColumn, ...]
    key: tuple[str, ...]
    model: type[models.Model]
    scope: str = "project"
    links: Mapping[str, Link] = field(default_factory=dict)
    many: Mapping[str, Many] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    rules: tuple[Callable[[Table, Book], Iterator[Fault]], ...] = ()
    advice: tuple[Callable[[Table, Book], Iterator[Notice]], ...] = ()
    derived: Mapping[str, Derived] = field(default_factory=dict)
    is_ordered: bool = True

    def parse(self, raw: RawSheet) -> Table:
        return parse_table(raw, self.columns)

    # -- selection ------------------------------------------------------------------------------

    def records(self, book: Book) -> models.QuerySet[Any]:
        owner = book.institution if self.scope == "institution" else book.project
        if owner is None:
            return self.model._default_manager.none()
        return self.model._default_manager.filter(**{self.scope: owner}).order_by()

    def lookup(self, name: str) -> str:
        return self.links[name].lookup if name in self.links else name

    def ids(self, book: Book) -> dict[Key, int]:
        rows = self.records(book).values_list("pk", *map(self.lookup, self.key))
        return {tuple(key): pk for pk, *key in rows}

    def key_of(self, values: Values) -> Key:
        return tuple(values[name] for name in self.key)

    def plain_names(self) -> list[str]:
        return [c.name for c in self.columns if isinstance(c, Column) and c.name not in self.many]

    def existing(self, book: Book) -> dict[Key, Values]:
        """Every record in row form, by key."""
        names = self.plain_names() + (["position"] if self.is_ordered else [])
        by_pk: dict[int, Values] = {
            pk: {n: "" if v is None and n in self.links else v for n, v in zip(names, values, strict=True)}
            for pk, *values in self.records(book).values_list("pk", *map(self.lookup, names))
        }
        for name, many in self.many.items():
            for values in by_pk.values():
                values[name] = frozenset()
            for pk, *key in self.named_by(many, book):
                by_pk[pk][name] |= {tuple(key)}
        return {self.key_of(values): values for values in by_pk.values()}

    def exported(self, book: Book) -> list[Values]:
        """The records that an export writes, in row form and file order."""
        existing = self.existing(book)
        if self.is_ordered:
            return sorted(existing.values(), key=lambda values: values["position"])
        return [existing[key] for key in sorted(existing, key=natural)]

    # -- comparison -----------------------------------------------------------------------------

    def prepare(self, table: Table) -> None:
        """Fill in what an empty or absent cell stands for when it depends on the rest of the row."""
        for name, derived in self.derived.items():
            for row in table.telling(name, *derived.needs):
                if row.values[name] in (None, ""):
                    row.values[name] = derived.make(row.values)

    def faults(self, table: Table, book: Book) -> Iterator[Fault]:
        """What is wrong with the rows beyond their single cells."""
        if self.key:
            yield from duplicate_keys(table, self.key)
        yield from self.too_long(table)
        for reference in self.references:
            yield from unknown_references(table, reference, book)
        for rule in self.rules:
            yield from rule(table, book)

    def notices(self, table: Table, changes: Changes, book: Book) -> Iterator[Notice]:
        """What is worth knowing about rows without faults."""
        for advise in self.advice:
            yield from advise(table, book)

    def too_long(self, table: Table) -> Iterator[Fault]:
        """Text that does not fit its column of the database."""
        fields = {f.name: getattr(f, "max_length", None) for f in self.model._meta.get_fields()}
        limits = {c.name: fields.get(c.name) for c in self.columns if c.name in table.present}
        for name, limit in ((name, limit) for name, limit in limits.items() if limit):
            for row in table.rows:
                value = row.values.get(name)
                if isinstance(value, str) and len(value) > limit:
                    yield table.fault(row, name, f"文字太长（{len(value)} 字）", f"最多 {limit} 字")

    def compare(self, table: Table, book: Book) -> Changes:
        existing = self.existing(book)
        new, changed, unchanged, moved = [], [], [], []
        for position, row in enumerate(table.rows, 1):
            row.values["position"] = position
            stands = existing.pop(self.key_of(row.values), None)
            if stands is None:
                new.append(row)
            elif self.differs(row, stands, table.present):
                row.values[RECORD] = stands
                changed.append(row)
            else:
                unchanged.append(row)
                if self.is_ordered and stands["position"] != position:
                    moved.append(row)
        return Changes(tuple(new), tuple(changed), tuple(unchanged), tuple(moved), tuple(existing))

    def differs(self, row: Row, stands: Values, present: frozenset[str]) -> bool:
        return any(self.form(name, row.values[name]) != stands[name] for name in present)

    def form(self, name: str, value: Any) -> Any:
        """A value of a row as it compares with a record."""
        return self.many[name].keys(value) if name in self.many else value

    # -- writing --------------------------------------------------------------------------------

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        if rows := changes.to_write:
            self.upsert(rows, table.present, writing)
            writing.forget(self.title)
            for name, many in self.many.items():
                if name in table.present:
                    self.write_many(name, many, rows, writing)

    def upsert(self, rows: Sequence[Row], present: frozenset[str], writing: Writing) -> None:
        fields = [self.attribute(n) for n in present if n not in self.key and n in self.plain_names()]
        fields += ["position"] if self.is_ordered else []
        fields += self.extra_fields(present)
        unique = [self.scope.removesuffix("_id")] if "__" not in self.scope else []
        conflict: dict[str, Any] = {"ignore_conflicts": True}
        if fields:
            unique += [self.attribute(name).removesuffix("_id") for name in self.key]
            conflict = {"update_conflicts": True, "unique_fields": unique, "update_fields": fields}
        for start in range(0, len(rows), BATCH):
            some = [self.instance(row, present, writing) for row in rows[start : start + BATCH]]
            self.model._default_manager.bulk_create(some, **conflict)

    def extra_fields(self, present: frozenset[str]) -> list[str]:
        """Fields that `instance` sets besides the columns."""
        return []

    def attribute(self, name: str) -> str:
        return self.links[name].attribute if name in self.links else name

    def instance(self, row: Row, present: frozenset[str], writing: Writing) -> models.Model:
        values = {
            self.attribute(name): self.resolve(name, row.values[name], writing)
            for name in self.plain_names()
            if name in present or row.values.get(name) not in (None, "")
        }
        if self.is_ordered:
            values["position"] = row.values["position"]
        if self.scope in ("project", "institution"):
            values[self.scope] = getattr(writing.book, self.scope)
        return self.model(**values)

    def resolve(self, name: str, value: Any, writing: Writing) -> Any:
        if name not in self.links:
            return value
        return writing.ids(self.links[name].sheet)[(value,)] if value else None

    # -- several-to-several ---------------------------------------------------------------------

    def relation(self, many: Many) -> Any:
        return self.model._meta.get_field(many.field)

    def named_by(self, many: Many, book: Book) -> Iterable[tuple[Any, ...]]:
        """(id of a record, key of what it names …) for every record of the project."""
        relation = self.relation(many)
        through = relation.remote_field.through._default_manager
        owner = book.institution if self.scope == "institution" else book.project
        rows = through.filter(**{f"{relation.m2m_field_name()}__{self.scope}": owner})
        return rows.values_list(relation.m2m_column_name(), *many.lookups)

    def write_many(self, name: str, many: Many, rows: Sequence[Row], writing: Writing) -> None:
        own, targets = writing.ids(self.title), writing.ids(many.sheet)
        relation = self.relation(many)
        through = relation.remote_field.through
        owner, target = relation.m2m_column_name(), relation.m2m_reverse_name()
        named = {own[self.key_of(row.values)]: many.keys(row.values[name]) for row in rows}
        through._default_manager.filter(**{f"{owner}__in": list(named)}).delete()
        pairs = [
            through(**{owner: pk, target: targets[key]})
            for pk, keys in named.items()
            for key in sorted(keys, key=str)
        ]
        through._default_manager.bulk_create(pairs, batch_size=BATCH)


@dataclass(frozen=True, kw_only=True)
class TreeSheet(Sheet):
    """A sheet whose rows name a parent row (column `parent`) of the same sheet."""

    def faults(self, table: Table, book: Book) -> Iterator[Fault]:
        yield from super().faults(table, book)
        yield from self.cycles(table, book)

    def cycles(self, table: Table, book: Book) -> Iterator[Fault]:
        """Rows from which going up never ends."""
        parents = {key[0]: values["parent"] for key, values in self.existing(book).items()}
        told = [row for row in table.telling("code", "parent") if "parent" in table.present]
        parents |= {row.values["code"]: row.values["parent"] for row in told}
        for row in told:
            seen: list[str] = []
            code = row.values["code"]
            while code and code not in seen:
                seen.append(code)
                code = parents.get(code, "")
            if code == row.values["code"]:
                path = " → ".join([*seen, code])
                yield table.fault(row, "parent", f"上级编号循环：{path}", "不在自己下级中的编号，或留空")

    def upsert(self, rows: Sequence[Row], present: frozenset[str], writing: Writing) -> None:
        """Level by level, since a new row needs the id of its new parent."""
        waiting = list(rows)
        while waiting:
            known = writing.ids(self.title)
            ready = [row for row in waiting if not (p := row.values.get("parent")) or (p,) in known]
            super().upsert(ready, present, writing)
            writing.forget(self.title)
            done = {id(row) for row in ready}
            waiting = [row for row in waiting if id(row) not in done]


def unknown_references(table: Table, reference: Reference, book: Book) -> Iterator[Fault]:
    """Rows that name what is neither in the file nor in the records."""
    if not set(reference.columns) <= table.present:
        return
    for row in table.telling(*reference.columns):
        for key in referenced_keys(row, reference):
            if book.lacks(reference.sheet, key):
                name = "/".join(map(str, key))
                yield table.fault(
                    row,
                    reference.columns[0],
                    f"“{name}”在工作表“{reference.sheet}”中不存在",
                    f"“{reference.sheet}”中已有的编号，或先在该表中登记",
                )


def referenced_keys(row: Row, reference: Reference) -> Iterator[Key]:
    """The keys a row names: one from several columns, or those listed in one cell."""
    values = tuple(row.values[name] for name in reference.columns)
    if len(values) > 1:
        if not any(value in (None, "") for value in values):
            yield values
    elif isinstance(values[0], tuple):
        yield from ((item if isinstance(item, tuple) else (item,)) for item in values[0])
    elif values[0]:
        yield values
