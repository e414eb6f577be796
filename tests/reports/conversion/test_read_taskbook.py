"""The command: a Word file becomes a workbook, which imports by the usual door."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from openpyxl import load_workbook
from openpyxl.cell import Cell

from projects.models import Project, TaskPoint, User
from reports.conversion.converter import digest
from reports.exchange import import_workbook
from reports.models import ColumnMapping, FileKind
from tests.wordfiles import UP, word

pytestmark = pytest.mark.django_db
BOOK = (
    "样例职业技术学院高水平学校建设任务书",
    [
        ["任务", "子任务", "年度", "任务点", "责任部门", "备注"],
        ["1 加强党的建设", "1-1 健全机制", "2022年度", "①制定制度②开展培训 3 次", "党委办公室", "=1+1"],
        [UP, "建强支部", "2023年度", "建成样板支部 2 个", "组织部", ""],
    ],
)
YELLOW = "FFFFF2CC"


def made(tmp_path: Path, *options: str, blocks: tuple[object, ...] = BOOK) -> Path:
    source, target = tmp_path / "任务书.docx", tmp_path / "任务书.xlsx"
    source.write_bytes(word(*blocks).getvalue())  # type: ignore[arg-type]
    call_command("read_taskbook", str(source), "--output", str(target), *options)
    return target


def cell(file: Path, sheet: str, name: str) -> Cell:
    found: Cell = load_workbook(file)[sheet][name]
    return found


def test_the_workbook_of_a_known_project_imports(
    tmp_path: Path, project: Project, now: datetime, capsys: pytest.CaptureFixture[str]
) -> None:
    file = made(tmp_path, "--project", project.code)
    assert "任务 3 个，任务点 3 个，绩效指标 0 个；2 行请核对，0 行未读入" in capsys.readouterr().out
    outcome = import_workbook(file, now=now)
    assert outcome.ok, outcome.faults
    assert not [notice for notice in outcome.notices if "忽略" in str(notice)]
    assert outcome.counts["项目"]["unchanged"] == 1
    found = TaskPoint.objects.of(project).values_list("task__code", "year", "seq", "planned", "unit")
    assert set(found) == {
        ("1-1", 2022, "1", None, ""),
        ("1-1", 2022, "2", 3, "次"),
        ("1-2", 2023, "1", 2, "个"),
    }
    again = import_workbook(file, now=now)
    assert again.changes_nothing


def test_what_the_college_said_of_the_columns_counts(tmp_path: Path, project: Project, office: User) -> None:
    headings = ("工作事项", "哪一年", "做什么")
    ColumnMapping.objects.create(
        institution=project.institution,
        kind=FileKind.TASKBOOK,
        digest=digest(headings),
        headings=headings,
        columns=["area", "year", "point"],
        by=office,
    )
    file = made(tmp_path, "--project", project.code, blocks=([headings, ("1 党建", "2022", "调研")],))
    assert cell(file, "任务点", "D2").value == "调研"


def test_what_was_concluded_is_coloured(tmp_path: Path, project: Project) -> None:
    file = made(tmp_path, "--project", project.code)
    points = load_workbook(file)["任务点"]
    heads = [each.value for each in points[1]]
    quantity = points.cell(3, heads.index("计划数量") + 1)
    assert (quantity.value, quantity.fill.start_color.rgb) == (3, YELLOW)
    assert points.cell(3, heads.index("任务点*") + 1).fill.fill_type is None
    assert cell(file, "建设任务", "A4").fill.start_color.rgb == YELLOW


def test_the_sheet_to_check_by_lists_every_row(tmp_path: Path, project: Project) -> None:
    rows = list(load_workbook(made(tmp_path, "--project", project.code))["核对"].iter_rows(values_only=True))
    assert [row[3] for row in rows] == ["结果", "请核对", "已读入", "请核对"]
    assert "没有读入的列：备注" in str(rows[1][5])
    assert "=1+1" in str(rows[2][2])
    assert rows[2][4] == "1-1/2022/1、1-1/2022/2"


def test_a_new_project_is_left_to_be_completed(tmp_path: Path, now: datetime) -> None:
    file = made(tmp_path)
    fields = {row[0].value: row[1] for row in load_workbook(file)["项目"].iter_rows()}
    assert fields["项目名称*"].value == "样例职业技术学院高水平学校建设任务书"
    assert (fields["建设起始年*"].value, fields["建设结束年*"].value) == (2022, 2023)
    assert fields["项目编号*"].value is None
    assert fields["项目编号*"].fill.start_color.rgb == YELLOW
    outcome = import_workbook(file, now=now)
    assert {fault.value or fault.message for fault in outcome.faults} == {"必填，不能为空"}
    assert not Project.objects.exists()


def test_a_file_that_is_no_word_file_is_a_sentence(tmp_path: Path) -> None:
    source = tmp_path / "任务书.docx"
    source.write_bytes(b"%PDF-1.7")
    with pytest.raises(CommandError, match="任务书.docx.*应为"):
        call_command("read_taskbook", str(source), "--output", str(tmp_path / "x.xlsx"))
    assert not (tmp_path / "x.xlsx").exists()
