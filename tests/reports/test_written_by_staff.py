"""A workbook as offices keep it, in each format, becomes the records that a neat one makes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path

import pytest
from django.core.management import call_command
from openpyxl import load_workbook

from funding.models import Receipt
from projects.models import Department, Entry, Project, TaskPoint
from reports.exchange import import_workbook
from reports.export import export_workbook
from reports.sheets import SHEETS
from tests.conftest import DATA
from tests.otherformats import ods, xls
from tests.workbooks import PROJECT, TASKS, Rows, saved, small, workbook

pytestmark = pytest.mark.django_db
Write = Callable[[dict[str, Rows]], bytes]


def xlsx(sheets: dict[str, Rows]) -> bytes:
    return workbook(sheets).getvalue()


MESSY: dict[str, Rows] = {
    "项目": [("建设项目基本信息",), ("项目", "内容"), *PROJECT[1:], ("注：以立项文件为准",)],
    "建设任务": [("一览表",), (), *TASKS, ("填表人：张三",)],
    "任务点": [
        ("测试职业学院任务点",),
        ("单位：项", None, None, "2023年12月"),
        ("任务\n代码*", "年　度", "序号", "任务点内容", "计划数量（门）", "计量单位", "责任单位"),
        ("Ａ.1", "２０２２年", 1, "建设课程", "４", "门", "教务处"),
        ("A.1", 2023, 1, "建设教材", "XXX", "部", "教务处"),
        (),
        ("合计", None, None, None, 4),
        ("说明：", None, None, None, None),
        ("1. 计划数量按门计",),
    ],
    "完成情况": [
        ("任务序号", "年度", "任务点序号", "完成时间", "完成率（%）"),
        ("A.1", 2022, 1, "2022年12月1日", 95.43),
        ("填表人：", "张三", None, "审核人：李四"),
    ],
    "经费": [
        ("年份", "资金来源", "到位资金(万元)"),
        (2022, "省财政", "１２，５００．５"),
        ("合计", None, 12500.5),
    ],
}


@pytest.mark.parametrize("write", [xlsx, xls, ods], ids=["xlsx", "xls", "ods"])
def test_what_staff_write_is_understood(write: Write, now: datetime) -> None:
    result = import_workbook(BytesIO(write(MESSY)), now=now, approve=True)
    assert result.faults == ()
    assert Project.objects.get().name == "测试项目"
    assert list(TaskPoint.objects.values_list("task__code", "year", "text", "planned", "unit")) == [
        ("A.1", 2022, "建设课程", 4, "门"),
        ("A.1", 2023, "建设教材", None, "部"),
    ]
    assert [str(entry.ratio) for entry in Entry.objects.all()] == ["0.9543"]
    assert [str(receipt.amount) for receipt in Receipt.objects.all()] == ["12500.5"]
    assert set(Department.objects.values_list("name", flat=True)) == {"教务处"}
    told = [str(notice) for notice in result.notices]
    assert "任务点!A7: 第 7 行起是表后说明，已忽略：“合计 4”；“说明：”；“1. 计划数量按门计”" in told
    assert "任务点!A3: 第 3 行是表头，上面的标题已忽略：“测试职业学院任务点”；“单位：项 2023年12月”" in told
    assert "完成情况!A3: 第 3 行起是表后说明，已忽略：“填表人： 张三 审核人：李四”" in told
    assert "项目: 不认识的字段“注：以立项文件为准”（A11），已忽略" in told
    again = import_workbook(BytesIO(write(MESSY)), now=now, approve=True)
    assert again.changes_nothing


@pytest.mark.parametrize("write", [xlsx, xls, ods], ids=["xlsx", "xls", "ods"])
def test_faults_name_the_cells_of_the_file_itself(write: Write, now: datetime) -> None:
    points = [*MESSY["任务点"][:5], (None, 2024, 1, "没有编号", 1), ("A.1", 2024, 2, "多少", "若干")]
    result = import_workbook(BytesIO(write({**MESSY, "任务点": points})), now=now)
    assert [(fault.sheet, fault.cell) for fault in result.faults] == [("任务点", "A6"), ("任务点", "E7")]


@pytest.mark.parametrize("name", ["rules.xls", "rules.ods"])
def test_what_an_office_program_saved_again_changes_nothing(name: str, now: datetime) -> None:
    import_workbook(DATA / "rules.xlsx", now=now, approve=True)
    again = import_workbook(DATA / "office" / name, now=now, approve=True)
    assert not again.faults
    assert again.changes_nothing
    assert not any(count["missing"] for count in again.counts.values())


def test_the_shell_takes_the_other_formats(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (path := tmp_path / "任务书.et").write_bytes(xls(small()))
    call_command("import_workbook", path)
    assert "已导入。" in capsys.readouterr().out
    assert Project.objects.get().code == "T-1"


def test_what_is_hidden_is_read_with_a_notice(now: datetime) -> None:
    book = load_workbook(workbook(small()))
    book["任务点"].row_dimensions[2].hidden = True
    book["任务点"].row_dimensions[3].hidden = True
    book["任务点"].column_dimensions["E"].hidden = True
    book["完成情况"].sheet_state = "veryHidden"
    result = import_workbook(saved(book), now=now)
    assert result.counts["任务点"]["new"] == 2
    assert [str(notice) for notice in result.notices] == [
        "任务点!A2: 隐藏的第 2—3 行照常读取",
        "任务点: 隐藏的 E 列照常读取",
        "完成情况: 工作表是隐藏的，内容照常读取",
    ]


def test_the_template_tells_what_else_may_stand_above_a_column() -> None:
    lines = [row[0] for row in load_workbook(BytesIO(export_workbook(None)))["填写说明"].values]
    assert "任务编号：任务序号、任务代码、任务编码、任务号、建设任务编号、所属任务编号" in lines
    assert len(lines) == len(set(lines))
    assert len(lines) < 150
    assert len(SHEETS) > 1
