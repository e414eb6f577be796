"""A file handed in as the web does it, and whether what became of it keeps the rules."""

from __future__ import annotations

import json
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils import timezone
from openpyxl import load_workbook

from projects import jobs
from projects.models import Job, User
from projects.workbook.faults import Fault
from projects.workbook.raw import MOST_COLUMNS, MOST_ROWS, RawSheet
from projects.workbook.reading import read_sheets
from projects.workbook.references import position
from reports import intake
from reports.exchange import ANYWHERE, import_workbook
from reports.marking import NotMarked, marked
from reports.models import Intake
from reports.trace import LABELS
from tests.workbooks import FULL, workbook

Sizes = dict[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class End:
    """How it ended, and each broken rule as (kind, what was seen)."""

    state: str
    violations: tuple[tuple[str, str], ...]


class Door:
    """Each file finds the same records: those of FULL, and nothing of what came before it."""

    def __init__(self) -> None:
        assert import_workbook(workbook(FULL), now=timezone.now(), approve=True).ok
        self.user = User.objects.create_superuser("door", password="口令-for-tests")
        self.before = records()

    def through(self, content: bytes) -> End:
        with transaction.atomic():
            # In this process: openpyxl is loaded once.
            with mock.patch.object(intake, "mark_file", mark_here), mock.patch.object(jobs, "_send"):
                state, violations = self._through(content)
            transaction.set_rollback(True)
        return End(state, tuple(violations))

    def _through(self, content: bytes) -> tuple[str, list[tuple[str, str]]]:
        upload = SimpleUploadedFile("任务书.xlsx", content)
        made = intake.receive(upload, to=ANYWHERE, approve=False, by=self.user)
        violations = list(work(made))
        made.refresh_from_db()
        if made.state == Intake.State.READY:
            intake.confirm(made, by=self.user)
            violations += work(made)
            made.refresh_from_db()
        if made.state != Intake.State.DONE and records() != self.before:
            violations.append(("half", f"{made.state}, and the records are others"))
        if not violations and made.state == Intake.State.REFUSED:
            violations += [("place", what) for what in misplaced(made, content)]
        return made.state, violations


def mark_here(source: Path, faults: Path, target: Path) -> None:
    told = [Fault(**fault) for fault in json.loads(faults.read_text(encoding="utf-8"))]
    try:
        target.write_bytes(marked(source.read_bytes(), told))
    except Exception as error:  # whatever would end the process of its own
        raise NotMarked from error


def work(made: Intake) -> Iterator[tuple[str, str]]:
    """Do the job; what it broke."""
    assert made.job
    told: list[str] = []
    with mock.patch.object(jobs.log, "exception", side_effect=lambda *_: told.append(traceback.format_exc())):
        jobs.execute(made.job.pk)
    job = Job.objects.get(pk=made.job.pk)
    if job.state != Job.State.DONE:
        yield "traceback", " ".join([job.get_state_display(), job.error, *told])[-2000:]


def records() -> list[Any]:
    """Every record that an import can write."""
    return [
        (label, list(model._default_manager.order_by("pk").values_list())) for label, model in LABELS.items()
    ]


def misplaced(made: Intake, content: bytes) -> Iterator[str]:
    """Faults that are no sentences, or that name a place which the file does not have."""
    faults = intake.kept(made, intake.FAULTS)
    if not faults:
        yield "refused without a fault"
    sizes = used(content) if any(fault["cell"] for fault in faults) else {}
    for fault in faults:
        if not any("\u4e00" <= char <= "\u9fff" for char in fault["message"]):
            yield f"no sentence: {fault}"
        if not fault["cell"]:
            continue
        height, width = sizes.get(fault["sheet"].strip(), (0, 0))
        row, column = position(fault["cell"])
        if row >= height or column >= width:
            yield f"outside of {height} × {width}: {fault}"


def used(content: bytes) -> Sizes:
    """Rows and columns of each sheet, from openpyxl; where it cannot open the file, as we read it."""
    try:
        book = load_workbook(BytesIO(content))
    except Exception:  # whatever it makes of a damaged file
        return {title.strip(): read_size(sheet) for title, sheet in read_sheets(BytesIO(content)).items()}
    return {sheet.title.strip(): (sheet.max_row, sheet.max_column) for sheet in book.worksheets}


def read_size(sheet: RawSheet) -> tuple[int, int]:
    """Of a sheet that cannot be read: the largest that there can be."""
    if sheet.faults:
        return MOST_ROWS, MOST_COLUMNS
    return len(sheet.rows), max(map(len, sheet.rows), default=0)
