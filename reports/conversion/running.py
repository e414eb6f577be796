"""A file on its way to a workbook: received, read in the background, asked about, made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from shutil import rmtree
from typing import Any

from django.conf import settings
from django.core.files.base import File
from django.db import transaction

from projects.evidence import clean_name, write_draft
from projects.jobs import Progress, Result, enqueue
from projects.models import Institution, User
from projects.workbook.faults import Refused
from reports.conversion.converter import Kind, Match, Task, Value
from reports.conversion.kinds import CONVERTERS
from reports.exchange import Destination
from reports.intake import replacing
from reports.models import ColumnMapping, Conversion, LedgerMapping

CONVERT = "convert"
State = Conversion.State


def receive(upload: File[bytes], kind: str, *, to: Destination, by: User) -> Conversion:
    """Keep the file and have it read. OSError when the disk does not take it."""
    draft, digest = write_draft(upload, settings.IMPORTS_DIR)
    conversion: Conversion | None = None
    try:
        with transaction.atomic():
            conversion = Conversion.objects.create(
                kind=kind,
                institution=to.college,
                project=to.project,
                by=by,
                file_name=clean_name(upload.name or ""),
                sha256=digest,
                size=upload.size,
            )
            conversion.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            draft.replace(conversion.source)
            start(conversion, by)
    except BaseException:
        if conversion:
            rmtree(conversion.folder, ignore_errors=True)
        raise
    finally:
        draft.unlink(missing_ok=True)
    return conversion


def start(conversion: Conversion, by: User) -> None:
    payload = {"conversion": conversion.pk, "title": f"读取 {conversion.file_name}"}
    conversion.state = State.WORKING
    conversion.job = enqueue(CONVERT, payload, by=by, key=f"conversion:{conversion.pk}")
    conversion.save(update_fields=["state", "job"])


def convert(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler: as far as what is known of the columns allows."""
    rows = Conversion.objects.select_related("institution", "project__institution")
    conversion = rows.get(pk=payload["conversion"])
    progress(0, 2, "读取文件")
    try:
        outcome = advance(conversion, progress)
    except Refused as refused:
        outcome = {"state": State.REFUSED, "note": "；".join(map(said, refused.faults))}
    with transaction.atomic():
        Conversion.objects.filter(pk=conversion.pk).update(**outcome)
        progress.finish({})
    if outcome["state"] == State.REFUSED:
        conversion.source.unlink(missing_ok=True)
    return {}


def said(fault: Any) -> str:
    return f"{fault.message}。应为：{fault.expected}" if fault.expected else fault.message


def advance(conversion: Conversion, progress: Progress) -> dict[str, Any]:
    """Ask about what no one has said yet, or make the workbook."""
    converter = CONVERTERS[conversion.kind]
    source = converter.read(conversion.source)
    tables = list(tables_of(converter.kinds(source), conversion))
    task = task_of(conversion, tables)
    values = list(values_of(converter.values(source, task), conversion))
    outcome: dict[str, Any] = {"tables": tables, "values": values, "note": ""}
    if not all(each["is_said"] for each in (*tables, *values)):
        return outcome | {"state": State.ASKING}
    progress(1, 2, "生成工作簿")
    made = converter.make(source, task)
    with replacing(conversion.workbook) as draft:
        draft.write_bytes(made.content)
    return outcome | {"state": State.MADE, "result": made.as_json()}


def task_of(conversion: Conversion, tables: Iterable[Mapping[str, Any]]) -> Task:
    return Task(
        conversion.institution,
        conversion.project,
        {table["digest"]: table["columns"] for table in tables},
        {table["digest"]: table["unit"] for table in tables},
        {
            mapping.value: Match(mapping.task_code, mapping.source, mapping.is_left_out)
            for mapping in LedgerMapping.objects.filter(project=conversion.project)
        },
    )


def said_by(institution: Institution | None, kind: str) -> dict[str, dict[str, Any]]:
    """What a college said of columns, by the digest of the headings."""
    if institution is None:
        return {}
    mappings = ColumnMapping.objects.filter(institution=institution, kind=kind)
    return {each.digest: {"columns": each.columns, "unit": each.unit} for each in mappings}


def tables_of(kinds: Iterable[Kind], conversion: Conversion) -> Iterable[dict[str, Any]]:
    """The kinds of tables with what was said of them here, else by the college, else what can be guessed."""
    here = {table["digest"]: table for table in conversion.tables if table["is_said"]}
    saved = said_by(conversion.institution, conversion.kind)
    for kind in kinds:
        said = here.get(kind.digest) or saved.get(kind.digest)
        found = said or {"columns": kind.guess, "unit": kind.unit}
        about = asdict(kind) | {"digest": kind.digest}
        yield about | {"columns": found["columns"], "unit": found["unit"], "is_said": bool(said)}


def values_of(values: Iterable[Value], conversion: Conversion) -> Iterable[dict[str, Any]]:
    saved = {
        mapping.value: {"task": mapping.task_code, "source": mapping.source, "left_out": mapping.is_left_out}
        for mapping in LedgerMapping.objects.filter(project=conversion.project)
    }
    nothing = {"task": "", "source": "", "left_out": False}
    for value in values:
        yield asdict(value) | saved.get(value.text, nothing) | {"is_said": value.text in saved}


def answer(
    conversion: Conversion, tables: Sequence[dict[str, Any]], values: Iterable[dict[str, Any]], *, by: User
) -> None:
    """Keep what a person said, for this file and for the next of the college, and go on."""
    with transaction.atomic():
        conversion.tables = tables
        conversion.save(update_fields=["tables"])
        if conversion.institution:
            remember(tables, conversion.institution, conversion.kind, by)
        for value in values if conversion.project else ():
            said = {"task_code": value["task"], "source": value["source"], "is_left_out": value["left_out"]}
            LedgerMapping.objects.update_or_create(
                project=conversion.project, value=value["text"], defaults=said
            )
        start(conversion, by)


def remember(tables: Iterable[Mapping[str, Any]], institution: Institution, kind: str, by: User) -> None:
    for table in tables:
        ColumnMapping.objects.update_or_create(
            institution=institution,
            kind=kind,
            digest=table["digest"],
            defaults={
                "headings": table["headings"],
                "columns": table["columns"],
                "unit": table["unit"],
                "by": by,
            },
        )
