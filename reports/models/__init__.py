"""Models of what is said about a project."""

from reports.models.conversion import ColumnMapping, Conversion, FileKind, LedgerMapping
from reports.models.intake import Intake
from reports.models.printed import PrintedFigure
from reports.models.report import Narrative, Report
from reports.models.snapshot import Frozen, Snapshot
from reports.models.waiver import Waiver

__all__ = [
    "ColumnMapping",
    "Conversion",
    "FileKind",
    "Frozen",
    "Intake",
    "LedgerMapping",
    "Narrative",
    "PrintedFigure",
    "Report",
    "Snapshot",
    "Waiver",
]
