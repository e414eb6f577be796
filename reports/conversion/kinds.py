"""Every kind of file that can be converted."""

from __future__ import annotations

from collections.abc import Mapping

from reports.conversion.converter import Converter
from reports.conversion.ledger_file import LedgerFile
from reports.conversion.taskbook_file import TaskBookFile
from reports.models import FileKind

CONVERTERS: Mapping[str, Converter] = {
    FileKind.TASKBOOK: TaskBookFile(),
    FileKind.LEDGER: LedgerFile(),
}
