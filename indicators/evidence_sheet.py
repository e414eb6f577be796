"""佐证材料 of the exchange workbook: an index of materials and of what each proves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from indicators.models import IndicatorEvidence, OutcomeEvidence
from projects.models import Evidence, PointEvidence
from projects.sheets import POINT_REFERENCE
from projects.workbook import cells, days
from projects.workbook.columns import Row, Table
from projects.workbook.faults import Fault
from projects.workbook.headers import Column
from projects.workbook.sheet import Book, Changes, Key, Reference, Sheet, Writing

MATERIAL = ("issuer", "document_no", "issued_on")
USE = ("pages", "note")
POINT = ("task", "year", "seq")


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


def proves_point(row: Row) -> bool:
    return any(row.values.get(name) for name in POINT)


@dataclass(frozen=True, kw_only=True)
class EvidenceSheet(Sheet):
    """A row is a material (文件名 + 材料名称) and the point, indicator or ledger row it proves."""

    def key_of(self, values: dict[str, Any]) -> Key:
        return tuple(values.get(name) or None for name in self.key)

    def faults(self, table: Table, book: Book) -> Iterator[Fault]:
        yield from super().faults(table, book)
        for row in table.rows:
            if proves_point(row) and not all(row.values.get(name) for name in POINT):
                yield table.fault(row, "task", "任务编号、年度、序号没有填全", "三项都填，或都不填")

    def existing(self, book: Book) -> dict[Key, dict[str, Any]]:
        """Each material once without a target, and once for each thing it proves."""
        existing: dict[Key, dict[str, Any]] = {}
        materials = Evidence.objects.filter(project=book.project)
        for file_name, title, *values in materials.values_list("file_name", "title", *MATERIAL):
            record = dict(zip(MATERIAL, values, strict=True))
            existing[(file_name, title, *[None] * 5)] = record | dict.fromkeys(USE, "")
        for use in USES:
            rows = use.model._default_manager.filter(evidence__project=book.project).values_list(
                *("evidence__file_name", "evidence__title"),
                *(f"evidence__{name}" for name in MATERIAL),
                *USE,
                *use.lookups,
            )
            for file_name, title, issuer, number, issued_on, pages, note, *target in rows:
                named = dict(zip(use.columns, target, strict=True))
                key = (file_name, title, *(named.get(name) for name in self.key[2:]))
                existing.pop((file_name, title, *[None] * 5), None)
                existing[key] = dict(
                    zip((*MATERIAL, *USE), (issuer, number, issued_on, pages, note), strict=True)
                )
        return existing

    def differs(self, row: Row, stands: dict[str, Any], present: frozenset[str]) -> bool:
        return any((row.values[n] or "") != (stands[n] or "") for n in (*MATERIAL, *USE) if n in present)

    def write(self, table: Table, changes: Changes, writing: Writing) -> None:
        for row in (*changes.new, *changes.changed):
            evidence = self.material(row, table.present, writing)
            for use in USES:
                self.prove(use, evidence, row, table.present, writing)

    def material(self, row: Row, present: frozenset[str], writing: Writing) -> Evidence:
        defaults = {name: row.values[name] for name in MATERIAL if name in present}
        evidence, _ = Evidence.objects.update_or_create(
            project=writing.project,
            file_name=row.values["file_name"],
            title=row.values["title"],
            defaults=defaults,
        )
        return evidence

    def prove(
        self, use: Use, evidence: Evidence, row: Row, present: frozenset[str], writing: Writing
    ) -> None:
        key = tuple(row.values.get(name) for name in use.columns)
        if not all(key):
            return
        target: dict[str, Any] = {"evidence": evidence, use.attribute: writing.ids(use.sheet)[key]}
        defaults = {name: row.values[name] for name in USE if name in present}
        use.model._default_manager.update_or_create(**target, defaults=defaults)


EVIDENCE = EvidenceSheet(
    title="佐证材料",
    columns=(
        Column("文件名", "file_name", cells.text, required=True),
        Column("材料名称", "title", cells.text, required=True),
        Column("发文单位", "issuer", cells.text),
        Column("文号", "document_no", cells.text),
        Column("成文日期", "issued_on", days.day),
        Column("起止页码", "pages", cells.text),
        Column("任务编号", "task", cells.code),
        Column("年度", "year", days.year),
        Column("序号", "seq", cells.code),
        Column("指标编号", "indicator", cells.code),
        Column("台账编号", "outcome", cells.code),
        Column("支撑说明", "note", cells.text),
    ),
    key=("file_name", "title", *POINT, "indicator", "outcome"),
    model=Evidence,
    references=(
        POINT_REFERENCE,
        Reference(("indicator",), "绩效指标"),
        Reference(("outcome",), "成果台账"),
    ),
    is_ordered=False,
)
