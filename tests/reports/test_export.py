"""Export: a project given out imports again to the same records, figures equal to the last digit."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal
from io import BytesIO

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from funding.models import Expenditure
from indicators.models import Outcome
from projects.models import Entry, Institution, Project, TaskPoint
from projects.workbook.amounts import LARGEST
from reports.exchange import import_workbook
from reports.export import export_workbook
from reports.facts import gather
from reports.figures import as_json, figures
from tests.conftest import DATA
from tests.workbooks import FULL, POINTS, small, workbook

pytestmark = pytest.mark.django_db

EXAMPLES = ["maoming-school", "maoming-petrochem", "rules", "rules-annual", "rules-final"]


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_export_changes_nothing(name: str, now: datetime) -> None:
    project = import_workbook(DATA / f"{name}.xlsx", now=now, approve=True).project
    assert project
    file = export_workbook(project)
    again = import_workbook(BytesIO(file), now=now + timedelta(hours=1), approve=True)
    assert not again.faults
    assert {title: n for title, n in again.counts.items() if n["new"] or n["changed"] or n["missing"]} == {}
    assert not again.notices


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_export_makes_the_same_project_elsewhere(name: str, now: datetime) -> None:
    project = import_workbook(DATA / f"{name}.xlsx", now=now, approve=True).project
    assert project
    file, before = export_workbook(project), as_json(figures(gather(project)))
    Project.objects.update(code="ANOTHER")
    Institution.objects.update(name="另一所学院")
    again = import_workbook(BytesIO(file), now=now, approve=True).project
    assert again
    assert as_json(figures(gather(again))) == before
    assert cells_of(export_workbook(again)) == cells_of(file)


@pytest.mark.parametrize("text", ["=1+1", "+86 10", "-5 度", "@SUM(A1)", "第一行\n第二行", "= 号开头"])
def test_text_never_becomes_a_formula(text: str, now: datetime) -> None:
    points = [POINTS[0], ("A.1", 2022, 1, "建设课程", 4, "门")]
    project = import_workbook(workbook(small(任务点=points)), now=now, approve=True).project
    TaskPoint.objects.of(project).update(text=text)
    assert project
    file = export_workbook(project)
    cell = load_workbook(BytesIO(file))["任务点"]["D2"]
    assert (cell.data_type, cell.value) == ("s", text)
    assert import_workbook(BytesIO(file), now=now, approve=True).changes_nothing


@pytest.mark.parametrize(
    "text", ["\t=1+1", "\r=1+1", "\n=1+1", "=cmd|' /c calc'!A0", '=HYPERLINK("http://x")']
)
def test_no_cell_of_an_export_is_a_formula(text: str, now: datetime) -> None:
    project = import_workbook(workbook(FULL), now=now, approve=True).project
    assert project
    TaskPoint.objects.of(project).update(text=text, unit=text, person=text)
    Entry.objects.update(description=text, reason=text)
    Outcome.objects.update(name=text, issuer=text)
    book = load_workbook(BytesIO(export_workbook(project)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert "f" not in {cell.data_type for cell in cells}
    assert len([cell for cell in cells if str(cell.value).endswith(text.strip())]) >= 10


@given(value=st.decimals(min_value=0, max_value=LARGEST, places=6))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_number_keeps_every_digit(value: Decimal, now: datetime) -> None:
    with transaction.atomic():
        project = import_workbook(workbook(small()), now=now, approve=True).project
        assert project
        TaskPoint.objects.of(project).update(planned=value)
        again = import_workbook(BytesIO(export_workbook(project)), now=now, approve=True)
        assert again.changes_nothing, again.faults
        transaction.set_rollback(True)


def test_money_entered_in_the_app_is_given_out_and_not_doubled(now: datetime) -> None:
    sheets = small(经费=[("年度", "资金来源", "预算（万元）"), (2022, "学校自筹", 5)])
    project = import_workbook(workbook(sheets), now=now, approve=True).project
    assert project
    Expenditure.objects.create(project=project, first_year=2022, last_year=2022, amount=Decimal("1.5"))
    before = as_json(figures(gather(project)))
    again = import_workbook(BytesIO(export_workbook(project)), now=now, approve=True)
    assert again.changes_nothing
    assert as_json(figures(gather(project))) == before
    assert list(Expenditure.objects.values_list("is_imported", flat=True)) == [False]


def test_coded_columns_offer_their_words(now: datetime) -> None:
    project = import_workbook(workbook(small()), now=now, approve=True).project
    book = load_workbook(BytesIO(export_workbook(project)))
    offered = {
        (sheet.title, sheet.cell(1, next(iter(rule.sqref.ranges)).min_col).value): rule.formula1
        for sheet in book
        for rule in sheet.data_validations.dataValidation
    }
    assert offered["绩效指标", "方向"] == '"越高越好,越低越好"'
    assert offered["任务点", "责任部门"].startswith("'部门'!$A$2:")
    cells = {str(rule.sqref): rule.formula1 for rule in book["项目"].data_validations.dataValidation}
    fields = {row[0].value: f"B{row[0].row}" for row in book["项目"].iter_rows(min_row=2)}
    assert cells[fields["建设层面*"]] == '"学校,专业群"'
    assert cells[fields["统计时段类型"]] == '"年度,中期,期满"'
    assert book["任务点"].freeze_panes == "A2"
    assert book["完成情况"]["D2"].number_format == "yyyy-mm-dd"


def cells_of(file: bytes) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(BytesIO(file))
    return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
