"""Lists without the sheet 项目: into a project or college that was chosen, known by name or by header."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook

from indicators.models import Outcome, SatisfactionResult
from projects.models import Department, Institution, Project
from projects.workbook.columns import Column
from projects.workbook.faults import Refused
from projects.workbook.sheet import Sheet
from reports.exchange import Destination, import_workbook
from reports.exchange import Outcome as Told
from reports.export import export_list
from reports.parsing import parse
from reports.sheets import LISTS
from tests.reports.conftest import Shell
from tests.workbooks import FULL, Rows, small, workbook

pytestmark = pytest.mark.django_db

SATISFACTION: Rows = (("对象", "年度", "满意度（%）"), ("在校生", 2022, "91.2%"), ("家长", 2023, 95))
LEDGER: Rows = (("名称", "获批日期", "关联任务点"), ("课程一", "2022-05-01", "A.1/2022/1"))
OF_COLLEGE: dict[str, Rows] = {"用户": (("用户名", "姓名", "部门"), ("zhaolei", "赵雷", "教务处"))}
DEPARTMENTS: Rows = (("部门名称", "类型"), ("教务处", "职能部门"))


@pytest.fixture
def project(now: datetime) -> Project:
    """The small project, without any list."""
    made = import_workbook(workbook(small()), now=now, approve=True).project
    assert made
    return made


@pytest.fixture
def into(project: Project, now: datetime) -> Callable[..., Told]:
    """Take sheets into the project."""

    def take(**sheets: Rows) -> Told:
        return import_workbook(workbook(sheets), now=now, to=Destination(project=project))

    return take


def sentences(told: Told) -> list[str]:
    return [str(fault) for fault in told.faults]


def test_a_list_goes_into_the_chosen_project(into: Callable[..., Told], project: Project) -> None:
    told = into(满意度=SATISFACTION)
    assert told.ok
    assert told.counts == {"满意度": {"new": 2, "changed": 0, "unchanged": 0, "missing": 0}}
    assert SatisfactionResult.objects.get(project=project, who="在校生").percent == Decimal("91.2")
    assert into(满意度=SATISFACTION).changes_nothing


def test_its_references_are_to_the_records(into: Callable[..., Told], project: Project) -> None:
    assert into(成果台账=LEDGER).ok
    assert Outcome.objects.get(project=project).points.get().code == "A.1-2022-01"
    wrong = into(成果台账=(LEDGER[0], ("课程二", "2022-05-01", "A.1/2022/9")))
    assert sentences(wrong)[0].startswith("成果台账!C2: “A.1/2022/9”在工作表“任务点”中不存在")


def test_without_a_choice_the_project_is_asked_for(now: datetime) -> None:
    told = import_workbook(workbook({"满意度": SATISFACTION}), now=now)
    assert sentences(told) == [
        "文件: 缺少工作表“项目”；应为：写有项目编号的工作表“项目”，或先选择要导入到的项目"
    ]


def test_another_project_than_the_chosen_one_is_refused(
    into: Callable[..., Told], college: Institution, now: datetime
) -> None:
    other = Project.objects.create(
        institution=college, code="T-2", name="另一项目", level="school", start_year=2022, end_year=2025
    )
    told = import_workbook(workbook(small()), now=now, to=Destination(project=other))
    assert sentences(told) == [
        "项目!B2: 项目编号与选择的项目不一致：“T-1”；应为：T-2",
        "项目!B4: 学校名称与您所在的学校不一致：“测试职业学院”；应为：样例职业技术学院",
    ]
    assert into(**small()).ok


def test_departments_go_into_the_college(college: Institution, now: datetime) -> None:
    told = import_workbook(workbook({"部门": DEPARTMENTS}), now=now, to=Destination(college))
    assert told.ok
    assert told.project is None
    assert Department.objects.get(institution=college).kind == "职能部门"


def test_of_a_project_there_must_be_something(into: Callable[..., Told]) -> None:
    assert sentences(into(别的=(("甲", "乙"), (1, 2))))[0].startswith("文件: 没有可以导入的工作表")


@pytest.mark.parametrize("title", [sheet.title for sheet in LISTS])
def test_a_sheet_of_another_name_is_known_by_its_header(title: str) -> None:
    tables, notices = parse(workbook({"Sheet1": (FULL | OF_COLLEGE)[title], "Sheet2": ()}))
    assert list(tables) == [title]
    assert f"Sheet1: 工作表按表头识别为“{title}”" in map(str, notices)


@pytest.mark.parametrize("sheet", LISTS, ids=lambda sheet: sheet.title)
def test_the_required_columns_are_enough(sheet: Sheet) -> None:
    header = [column.header for column in sheet.columns if isinstance(column, Column) and column.required]
    assert list(parse(workbook({"Sheet1": [header]}))[0]) == [sheet.title]


def test_what_may_be_several_sheets_is_asked_about(into: Callable[..., Told]) -> None:
    header = ("任务编号", "年度", "序号", "任务点", "计划数量", "完成日期", "完成数量")
    assert sentences(into(Sheet1=[header])) == [
        "Sheet1: 表头同时符合“任务点”“完成情况”，分不清是哪一张表；应为：工作表的名称改为其中一个"
    ]
    with pytest.raises(Refused):
        parse(workbook({"Sheet1": [header]}))


def test_of_several_unknown_sheets_none_is_taken() -> None:
    assert parse(workbook({"甲": SATISFACTION, "乙": DEPARTMENTS}))[0] == {}


def test_faults_are_told_under_the_name_in_the_file(into: Callable[..., Told]) -> None:
    wrong = (SATISFACTION[0], ("在校生", 2022, "120%"))
    assert sentences(into(Sheet1=wrong)) == [
        "Sheet1!C2: 满意度超过 100%：“120%”；应为：0 到 100 的百分数，例如 95.43"
    ]


@pytest.mark.parametrize("sheet", LISTS, ids=lambda sheet: sheet.title)
def test_a_list_given_out_changes_nothing(sheet: Sheet, now: datetime) -> None:
    project = import_workbook(workbook(FULL), now=now, approve=True).project
    assert project
    file = BytesIO(export_list(project, sheet))
    again = import_workbook(file, now=now, approve=True, to=Destination(project=project))
    assert not again.faults
    assert list(again.counts) == [sheet.title]
    assert again.changes_nothing
    assert not again.counts[sheet.title]["missing"]


@pytest.mark.parametrize("sheet", LISTS, ids=lambda sheet: sheet.title)
def test_a_template_holds_one_empty_sheet_and_its_guide(sheet: Sheet) -> None:
    book = load_workbook(BytesIO(export_list(None, sheet)))
    assert book.sheetnames == ["填写说明", sheet.title]
    assert book["填写说明"]["A1"].value == f"“{sheet.title}”填写说明"
    # A drop-down may only point to what the file has.
    rules = [rule.formula1 for rule in book[sheet.title].data_validations.dataValidation]
    assert not [rule for rule in rules if "!" in rule]


def test_the_shell_takes_and_gives_lists(shell: Shell, project: Project, tmp_path: Path) -> None:
    file = tmp_path / "满意度.xlsx"
    file.write_bytes(workbook({"Sheet1": SATISFACTION}).getvalue())
    assert shell("import_workbook", str(file))[0] == 1
    code, out, _ = shell("import_workbook", str(file), "--project", project.code)
    assert (code, "满意度：新增 2，变更 0，无变化 0，缺少 0" in out) == (0, True)
    code, _, err = shell("import_workbook", str(file), "--project", "没有")
    assert (code, err) == (1, "项目“没有”不存在，请核对项目编号。\n")
    assert shell("export_workbook", project.code, str(file), "--sheet", "满意度")[0] == 0
    assert load_workbook(file).sheetnames == ["填写说明", "满意度"]
    assert shell("export_workbook", project.code, str(file), "--sheet", "没有")[0] == 2
