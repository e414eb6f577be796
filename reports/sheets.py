"""Every sheet of the exchange workbook, in the order in which they are written."""

from __future__ import annotations

from funding.sheets import SHEETS as FUNDING_SHEETS
from indicators.evidence_sheet import EVIDENCE
from indicators.sheets import SHEETS as INDICATOR_SHEETS
from projects.people_sheet import PEOPLE
from projects.sheets import PROJECT
from projects.sheets import SHEETS as PROJECT_SHEETS
from projects.workbook import cells
from projects.workbook.headers import Column
from projects.workbook.sheet import Sheet
from reports.models import PrintedFigure

PRINTED = Sheet(
    title="原报告数",
    columns=(
        Column("指标键", "key", cells.text, required=True),
        Column("印刷值", "printed", cells.text, required=True),
        Column("位置", "place", cells.text, required=True),
    ),
    key=("key", "place"),
    model=PrintedFigure,
)

SHEETS: tuple[Sheet, ...] = (*PROJECT_SHEETS, *INDICATOR_SHEETS, *FUNDING_SHEETS, EVIDENCE, PRINTED)
# Also those that no project has; their rows name departments and projects.
EVERY = (*SHEETS, PEOPLE)
# Those that may come alone, into a project or college that was chosen.
LISTS = tuple(sheet for sheet in EVERY if sheet is not PROJECT)
