"""佐证材料 of the exchange workbook: an index of materials and of what each proves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from indicators.models import IndicatorEvidence, OutcomeEvidence
from projects.models import Evidence, PointEvidence, State, StoredFile
from projects.sheets import POINT_REFERENCE
from projects.workbook import cells, days
from projects.workbook.attached import Files
from projects.workbook.book import Book, Key, Values, Writing
from projects.workbook.bundle import taken_out
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault, Notice
from projects.workbook.headers import Column
from projects.workbook.matching import Number, Wanted, number_parts
from projects.workbook.sheet import FILE, RECORD, Changes, Reference, Sheet, natural

IDENTITY = ("file_name", "title")
MATERIAL = ("issuer", "document_no", "issued_on")
POINT = ("task", "year", "seq")
PROVEN = (*POINT, "indicator", "outcome")
USE = ("pages", "note")


@dataclass(frozen=True, slots=True)
class Use:
    """One kind of thing a material may prove."""

    model: type[PointEvidence] | type[IndicatorEvidence] | type[OutcomeEvidence]
    attribute: str
    columns: tuple[str, ...]
    lookups: tuple[str, ...]
    sheet: str


USES = (
    Use(
        PointEvidence,
        "point_id",
        POINT,
        ("point__task__code", "point__year", "point__seq"),
        "任务点",
    ),
    Use(IndicatorEvidence, "indicator_id", ("indicator",), ("indicator__code",), "绩效指标"),
    Use(OutcomeEvidence, "outcome_id", ("outcome",), ("outcome__code",), "成果台账"),
)


def pages(cell: cells.RawCell) -> str:
    return cells.line(cell, limit=50)


def identity(row: Row) -> Key:
    return tuple(row.values[name] for name in IDENTITY)


def proven(row: Row) -> Iterator[tuple[Use, Key]]:
    """What the material of a row proves, by its key."""
    for use in USES:
        key = tuple(row.values[name] for name in use.columns)
        if all(key):
            yield use, key


def stated(row: Row) -> dict[Key, Values]:
    """The records that a row speaks of: the material, and each use of it."""
    material = {name: row.values[name] for name in MATERIAL}
    use = {name: row.values[name] for name in USE}
    return {identity(row): material} | {(*identity(row), of.sheet, *key): use for of, key in proven(row)}


def wanted(table: Table) -> Iterator[Wanted]:
    """Each material once, with the numbers of everything that it proves."""
    numbers: dict[Key, set[Number]] = defaultdict(set)
    tasks: dict[Key, set[Number]] = defaultdict(set)
    for row in table.telling(*IDENTITY):
        task, year, seq, *others = (number_parts(str(row.values.get(name) or "")) for name in PROVEN)
        numbers[identity(row)].update(filter(None, others))
        if task:
            tasks[identity(row)].add(task)
            numbers[identity(row)] |= {task, task + seq, task + year + seq}
    return (
        Wanted(key, key[0], key[1], frozenset(some), frozenset(tasks[key])) for key, some in numbers.items()
    )


def told(files: Files, table: Table, have: Collection[Key]) -> dict[str, list[Any]]:
    """For people: which file goes with which row, and what has no counterpart. The materials that `have` a
    file already need none."""
    rows = {identity(row): row.number for row in reversed(list(table.telling(*IDENTITY)))}
    found, unclear = files.matching.found, files.matching.unclear
    return {
        "found": [[rows[key], key[1], path, how.value] for key, (path, how) in found.items()],
        "unclear": [[rows[key], key[1], list(paths)] for key, paths in unclear.items()],
        "alone": [[rows[key], key[1], key[0]] for key in files.matching.alone if key not in have],
        "left": list(files.matching.left),
    }


def points_are_whole(table: Table, book: Book) -> Iterator[Fault]:
    for row in table.telling(*POINT):
        told = [bool(row.values[name]) for name in POINT]
        if any(told) and not all(told):
            yield table.fault(row, "task", "任务编号、年度、序号没有填全", "三项都填，或都不填")


def rows_agree(table: Table, book: Book) -> Iterator[Fault]:
    """Several rows may speak of one material, but not differently."""
    first: dict[Key, Row] = {}
    for row in table.telling(*IDENTITY, *MATERIAL, *PROVEN, *USE):
        for key, values in stated(row).items():
            other = first.setdefault(key, row)
            for name in values:
                if row.values[name] != other.values[name]:
                    message = f"同一材料与第 {other.number} 行填写的不一致"
                    yield table.fault(row, name, message, "各行一致的内容")


def files_are_sound(table: Table, book: Book) -> Iterator[Fault]:
    """The files of the rows are of a kind that is taken in, and not damaged."""
    for row in table.telling(*IDENTITY):
        look = book.files.look(identity(row)) if book.files else None
        if look and look.problem:
            yield table.fault(row, "file_name", look.problem, "可以打开的文件，或去掉这一行的文件")


def uses_are_named(table: Table, book: Book) -> Iterator[Notice]:
    """Pages and a note belong to what a material proves."""
    for row in table.rows:
        name = next((name for name in USE if row.values[name]), None)
        if name and not any(proven(row)):
            yield table.notice(row, name, "没有写明佐证的对象，起止页码和支撑说明没有导入")


@dataclass(frozen=True, kw_only=True)
class EvidenceSheet(Sheet):
    """A row is a material (文件名 + 材料名称) and the point, indicator or ledger row that it proves."""

    def prepare(self, table: Table) -> None:
        """What one row tells of a material holds for its rows that say nothing about it."""
        rows = list(table.telling(*IDENTITY, *MATERIAL))
        for name in MATERIAL:
            told = {identity(row): row.values[name] for row in reversed(rows) if row.values[name]}
            for row in rows:
                row.values[name] = row.values[name] or told.get(identity(row), row.values[name])

    def existing(self, book: Book) -> dict[Key, Values]:
        materials = Evidence.objects.filter(project=book.project).values_list(*IDENTITY, *MATERIAL)
        existing: dict[Key, Values] = {
            (file_name, title): dict(zip(MATERIAL, values, strict=True))
            for file_name, title, *values in materials
        }
        for use in USES:
            names = [f"evidence__{name}" for name in IDENTITY]
            rows: QuerySet[Any] = use.model._default_manager.filter(evidence__project=book.project)
            if use.model is OutcomeEvidence:
                rows = rows.filter(outcome__state=State.APPROVED)
            for file_name, title, pages, note, *key in rows.values_list(*names, *USE, *use.lookups):
                existing[(file_name, title, use.sheet, *key)] = {"pages": pages, "note": note}
        return existing

    def exported(self, book: Book) -> list[Values]:
        """A row for each use of a material, and one for a material without any."""
        existing = self.existing(book)
        columns = {use.sheet: use.columns for use in USES}
        rows = []
        for key in sorted(existing, key=natural):
            material = dict(zip(IDENTITY, key, strict=False)) | existing[key[: len(IDENTITY)]]
            if len(key) > len(IDENTITY):
                _, _, sheet, *target = key
                rows.append(material | existing[key] | dict(zip(columns[sheet], target, strict=True)))
            elif not any(other[: len(IDENTITY)] == key for other in existing if other != key):
                rows.append(material)
        return rows

    def digests(self, book: Book) -> dict[Key, str]:
        """By material, of those that have a file."""
        materials = Evidence.objects.filter(project=book.project, file__isnull=False)
        return {tuple(key): digest for *key, digest in materials.values_list(*IDENTITY, "file__sha256")}

    def mark_files(self, table: Table, book: Book) -> None:
        """Say of the first row of each material that its file is new, or another one than it has."""
        if book.files is None:
            return
        have = self.digests(book)
        for key, row in {identity(row): row for row in reversed(table.rows)}.items():
            look = book.files.look(key)
            if look and look.digest != have.get(key):
                row.values[FILE] = "另一个文件" if key in have else "", book.files.written(key)

    def compare(self, table: Table, book: Book) -> Changes:
        existing = self.existing(book)
        self.mark_files(table, book)
        new, changed, unchanged = [], [], []
        for row in table.rows:
            records = [existing[key] for key in stated(row) if key in existing]
            told = [(name, value) for record in records for name, value in record.items()]
            if len(records) < len(stated(row)):
                new.append(row)
            elif FILE in row.values or any(row.values[n] != value for n, value in told if n in table.present):
                row.values[RECORD] = dict(told)
                changed.append(row)
            else:
                unchanged.append(row)
        named = {key for row in table.rows for key in stated(row)}
        used = {key[: len(IDENTITY)] for key in existing if len(key) > len(IDENTITY)}
        missing = existing.keys() - named - used
        return Changes(
            tuple(new), tuple(changed), tuple(unchanged), missing=tuple(sorted(missing, key=natural))
        )

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        for row in (*changes.new, *changes.changed):
            evidence = self.material(row, table.present, writing)
            defaults = {name: row.values[name] for name in USE if name in table.present}
            for use, key in proven(row):
                target: dict[str, Any] = {"evidence": evidence, use.attribute: writing.ids(use.sheet)[key]}
                use.model._default_manager.update_or_create(**target, defaults=defaults)

    def material(self, row: Row, present: frozenset[str], writing: Writing) -> Evidence:
        defaults = {name: row.values[name] for name in MATERIAL if name in present}
        if FILE in row.values:
            defaults["file"] = stored(row, writing)
        told = {name: row.values[name] for name in IDENTITY}
        return Evidence.objects.update_or_create(project=writing.project, **told, defaults=defaults)[0]


def stored(row: Row, writing: Writing) -> StoredFile:
    """The file of a row, kept."""
    files, project = writing.book.files, writing.project
    assert files
    assert writing.filing
    path, _ = files.matching.found[identity(row)]
    with taken_out(files.bundle, path) as file:
        return writing.filing.store(file, project.institution, by=writing.by)[0]


EVIDENCE = EvidenceSheet(
    title="佐证材料",
    columns=(
        Column("文件名", "file_name", cells.text, required=True),
        Column("材料名称", "title", cells.text, required=True),
        Column("发文单位", "issuer", cells.text),
        Column("文号", "document_no", cells.text),
        Column("成文日期", "issued_on", days.day),
        Column("起止页码", "pages", pages),
        Column("任务编号", "task", cells.code),
        Column("年度", "year", days.year),
        Column("序号", "seq", cells.code),
        Column("指标编号", "indicator", cells.code),
        Column("台账编号", "outcome", cells.code),
        Column("支撑说明", "note", cells.text),
    ),
    key=(),
    model=Evidence,
    references=(
        POINT_REFERENCE,
        Reference(("indicator",), "绩效指标"),
        Reference(("outcome",), "成果台账"),
    ),
    rules=(points_are_whole, rows_agree, files_are_sound),
    advice=(uses_are_named,),
    is_ordered=False,
)
