"""Importing the exchange workbook: all or nothing, every fault at once, twice changes nothing."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import models

from funding.models import BudgetLine, Expenditure, Receipt
from indicators.models import IndicatorTarget, IndicatorValue, Outcome, OutcomeTarget
from projects.models import (
    Department,
    Entry,
    Evidence,
    ExtraAchievement,
    Institution,
    PointEvidence,
    Project,
    ReviewLog,
    State,
    Task,
    TaskPoint,
)
from reports.exchange import Destination, import_workbook
from reports.exchange import Outcome as Result
from reports.facts import gather
from tests.conftest import DATA
from tests.workbooks import BAD, ENTRIES, POINTS, PROJECT, Rows, edited, small, workbook

pytestmark = pytest.mark.django_db


@pytest.fixture
def take(now: datetime) -> Any:
    """Import sheets or a file; the clock goes on by an hour each time."""
    clock = {"now": now}

    def import_it(source: dict[str, Rows] | BytesIO, **options: Any) -> Result:
        clock["now"] += timedelta(hours=1)
        file = workbook(source) if isinstance(source, dict) else source
        return import_workbook(file, now=clock["now"], **options)

    return import_it


def faults(result: Result) -> list[str]:
    return [str(fault) for fault in result.faults]


def nothing_stands() -> bool:
    kept: tuple[type[models.Model], ...] = (Project, Institution, Task, TaskPoint, Entry, Department)
    return not any(model._default_manager.exists() for model in kept)


@pytest.mark.parametrize("name", ["maoming-school", "maoming-petrochem", "rules"])
@pytest.mark.parametrize("approve", [True, False])
def test_the_same_file_twice_changes_nothing(take: Any, name: str, approve: bool) -> None:
    path = DATA / f"{name}.xlsx"
    assert take(BytesIO(path.read_bytes()), approve=approve).ok
    before = list(Entry.objects.values())
    again = take(BytesIO(path.read_bytes()), approve=approve)
    assert again.changes_nothing
    assert not any(count["missing"] for count in again.counts.values())
    assert list(Entry.objects.values()) == before


def test_a_dry_run_counts_and_writes_nothing(take: Any) -> None:
    result = take(small(), dry_run=True)
    assert result.counts["任务点"] == {"new": 2, "changed": 0, "unchanged": 0, "missing": 0}
    assert nothing_stands()


def test_all_faults_come_at_once_and_nothing_is_written(take: Any) -> None:
    points = (
        POINTS[0],
        ("A.9", 2022, 1, "没有这个任务", 1, "门"),
        ("A.1", 2022, 1, "计划是文字", "许多", "门"),
        ("A.1", 1889, 1, "年度不对", 1, "门"),
        ("A.1", 2023, 1, "负数", -1, "门"),
        ("A.1", 2023, 2, None, 1, "门"),
    )
    entries = (ENTRIES[0], ("A.1", 2022, 7, "2022-12-01", 3, "没有这个任务点"))
    result = take(small(任务点=points, 完成情况=entries))
    places = {(fault.sheet, fault.cell) for fault in result.faults}
    assert places == {
        ("任务点", "A2"),
        ("任务点", "E3"),
        ("任务点", "B4"),
        ("任务点", "E5"),
        ("任务点", "D6"),
        ("完成情况", "A2"),
    }
    assert all(fault.message and fault.expected for fault in result.faults)
    assert nothing_stands()


@pytest.mark.parametrize(("sheets", "sentence"), BAD)
def test_bad_input_names_its_place(take: Any, sheets: dict[str, Rows], sentence: str) -> None:
    result = take(sheets)
    assert any(fault.startswith(sentence) for fault in faults(result)), faults(result)
    assert nothing_stands()


@pytest.mark.parametrize(("sheets", "sentence"), BAD)
def test_the_command_answers_bad_input_with_its_sentences(
    sheets: dict[str, Rows], sentence: str, tmp_path: Path
) -> None:
    (path := tmp_path / "任务书.xlsx").write_bytes(workbook(sheets).getvalue())
    with pytest.raises(CommandError, match=f"^{re.escape(sentence)}"):
        call_command("import_workbook", path)
    assert nothing_stands()


def test_the_command_names_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "任务书.xlsx"
    with pytest.raises(CommandError, match=f"^文件: 没有这个文件：“{re.escape(str(path))}”"):
        call_command("import_workbook", path)


def test_a_changed_row_updates_by_key_and_a_gone_row_stays(take: Any) -> None:
    take(small())
    points = (POINTS[0], ("A.1", 2022, 1, "建设课程", 5, "门"), ("A.1", 2024, 1, "新的任务点", 1, "项"))
    result = take(small(任务点=points))
    assert result.counts["任务点"] == {"new": 1, "changed": 1, "unchanged": 0, "missing": 1}
    assert dict(TaskPoint.objects.values_list("text", "planned")) == {
        "建设课程": 5,
        "建设教材": 2,
        "新的任务点": 1,
    }


def test_columns_that_the_file_lacks_stay_as_they_are(take: Any) -> None:
    full = [(*row, extra) for row, extra in zip(POINTS, ("截止日期", "2022-06-30", None), strict=True)]
    take(small(任务点=full))
    take(small(任务点=[row[:5] for row in POINTS]))
    assert list(TaskPoint.objects.values_list("due_on", "unit")) == [
        (date(2022, 6, 30), "门"),
        (date(2023, 12, 31), "部"),
    ]


def test_a_changed_entry_is_a_new_entry_beside_the_old(take: Any) -> None:
    take(small(), approve=True)
    changed = (ENTRIES[0], ("A.1", 2022, 1, "2022-12-01", 4, "四门"))
    assert take(small(完成情况=changed), approve=True).counts["完成情况"]["changed"] == 1
    assert list(Entry.objects.order_by("id").values_list("quantity", "state")) == [
        (3, State.APPROVED),
        (4, State.APPROVED),
    ]
    facts = gather(Project.objects.get())
    assert facts.points[0].r == 1
    assert take(small(完成情况=changed), approve=True).changes_nothing


def test_entries_wait_for_review_unless_approved(take: Any) -> None:
    take(small())
    assert Entry.objects.get().state == State.SUBMITTED
    assert gather(Project.objects.get()).points[0].r is None
    assert gather(Project.objects.get(), pending=True).points[0].r == Decimal("0.75")
    take(small(), approve=True)
    entry = Entry.objects.get()
    assert (entry.state, entry.decided_at is not None) == (State.APPROVED, True)
    assert list(ReviewLog.objects.order_by("id").values_list("from_state", "to_state")) == [
        ("", State.SUBMITTED),
        (State.SUBMITTED, State.APPROVED),
    ]


def test_a_changed_extra_achievement_is_reviewed_again(take: Any) -> None:
    header = ("任务编号", "年度", "序号", "完成日期", "内容", "提前完成")
    take(small(额外成果=[header, ("A", 2022, 1, "2022-05-01", "新增一项", "否")]), approve=True)
    assert ExtraAchievement.objects.get().state == State.APPROVED
    take(small(额外成果=[header, ("A", 2022, 1, "2022-05-01", "新增两项", "否")]))
    extra = ExtraAchievement.objects.get()
    assert (extra.content, extra.state, extra.is_early) == ("新增两项", State.SUBMITTED, False)


def test_money_is_replaced_and_what_the_app_wrote_stays(take: Any) -> None:
    header = ("年度", "资金来源", "预算（万元）", "到位（万元）", "支出（万元）")
    take(small(经费=[header, (2022, "省财政", 100, "—", None), ("2022-2023", "学校自筹", 50.25, 40, "XXX")]))
    project = Project.objects.get()
    BudgetLine.objects.create(project=project, first_year=2022, last_year=2022, amount=7)
    assert list(Receipt.objects.values_list("amount", flat=True)) == [None, 40]
    assert list(Expenditure.objects.values_list("amount", flat=True)) == [None]
    money = gather(project).funding.by_key["all_years"]
    assert (money.budget, money.received) == (Decimal("157.25"), 40)
    assert money.partly_unknown == {"received"}
    result = take(small(经费=[header, (2022, "省财政", 90, "—", None)]))
    assert result.counts["经费"] == {"new": 0, "changed": 1, "unchanged": 0, "missing": 1}
    assert list(map(str, result.notices)) == ["经费: 整表替换：以前导入的 1 行不在文件中，不再保留"]
    assert set(BudgetLine.objects.values_list("amount", flat=True)) == {7, 90}


def test_departments_named_anywhere_are_created_with_a_notice(take: Any) -> None:
    points = [
        (*row, extra, also)
        for row, extra, also in zip(
            POINTS, ("责任部门", "教务处", "教务处"), ("协同部门", "科研处、人事处", None), strict=True
        )
    ]
    result = take(small(任务点=points))
    assert set(Department.objects.values_list("name", flat=True)) == {"教务处", "科研处", "人事处"}
    assert sorted(map(str, result.notices)) == [
        "任务点: 新建部门“人事处”",
        "任务点: 新建部门“教务处”",
        "任务点: 新建部门“科研处”",
    ]
    point = TaskPoint.objects.get(year=2022)
    assert set(point.co_departments.values_list("name", flat=True)) == {"科研处", "人事处"}
    assert take(small(任务点=points)).changes_nothing
    take(small(任务点=[points[0], (*points[1][:7], "科研处"), points[2]]))
    assert [d.name for d in point.co_departments.all()] == ["科研处"]


def test_unknown_columns_and_sheets_are_notices(take: Any) -> None:
    points = [(*row, extra) for row, extra in zip(POINTS, ("备注", "一", "二"), strict=True)]
    result = take(small(任务点=points, 说明=[("随便写",)]))
    assert result.ok
    assert {notice.sheet for notice in result.notices} == {"任务点", "说明"}


def test_indicators_with_targets_by_year_and_corrected_values(take: Any) -> None:
    header = ("指标编号", "一级指标", "二级指标", "指标名称", "2022年目标", "2023年目标", "任务编号")
    values = ("指标编号", "统计日期", "完成值")
    sheets = small(
        绩效指标=[header, ("1.1", "产出指标", "数量指标", "课程", 1, 2, "A.1")],
        指标完成=[values, ("1.1", "2022-12-31", 1)],
    )
    take(sheets, approve=True)
    assert dict(IndicatorTarget.objects.values_list("year", "value")) == {2022: 1, 2023: 2}
    sheets["绩效指标"] = [header, ("1.1", "产出指标", "数量指标", "课程", None, 3, "A.1")]
    sheets["指标完成"] = [values, ("1.1", "2022-12-31", 2)]
    result = take(sheets, approve=True)
    assert (result.counts["绩效指标"]["changed"], result.counts["指标完成"]["changed"]) == (1, 1)
    assert dict(IndicatorTarget.objects.values_list("year", "value")) == {2023: 3}
    assert IndicatorValue.objects.count() == 2
    assert gather(Project.objects.get()).indicators["*;A"].equivalent == Fraction(2, 3)


def test_ledger_rows_count_for_what_they_are_linked_to(take: Any) -> None:
    targets = [("成果编号", "成果名称", "级别", "目标数量", "单位"), ("C1", "课程", "省部级及以上", 3, "门")]
    header = ("名称", "级别", "获批日期", "数量", "成果编号", "关联任务点", "首计项目")
    rows = [
        header,
        ("课程一", "国家", "2022-05-01", 1, "C1", "A.1/2022/1；A.1/2023/1", None),
        ("课程二", "省部级", "2022-06-01", 2, "C1", "A.1/2022/1", None),
        ("别处首计", "省级", "2022-06-01", 9, "C1", "A.1/2022/1", "OTHER"),
    ]
    sheets = small(完成情况=None, 成果目标=targets, 成果台账=rows)
    take(sheets)
    assert OutcomeTarget.objects.get().level == "省级以上"
    assert set(Outcome.objects.values_list("level", flat=True)) == {"国家级", "省级"}
    facts = gather(Project.objects.get())
    assert [point.quantity for point in facts.points] == [3, 1]
    assert facts.outcome_figures.targets["省级以上"]["门"].done == 3
    assert take(sheets).changes_nothing
    assert any("与第 2 行重复" in fault for fault in faults(take({**sheets, "成果台账": [*rows, rows[1]]})))


def test_the_evidence_index(take: Any) -> None:
    header = ("文件名", "材料名称", "文号", "起止页码", "任务编号", "年度", "序号")
    rows = [
        header,
        ("通知.pdf", "印发通知", "滨职院〔2023〕86 号", "1-3", "A.1", 2022, 1),
        ("通知.pdf", "印发通知", "滨职院〔2023〕86 号", "4", "A.1", 2023, 1),
        ("目录.pdf", "目录", None, None, None, None, None),
    ]
    take(small(佐证材料=rows))
    assert (Evidence.objects.count(), PointEvidence.objects.count()) == (2, 2)
    assert take(small(佐证材料=rows)).changes_nothing
    half = faults(take(small(佐证材料=[*rows, ("另.pdf", "缺序号", None, None, "A.1", 2022, None)])))
    assert any("没有填全" in fault for fault in half)


def test_another_college_may_not_be_written(take: Any, college: Institution, project: Project) -> None:
    mine = take(small(), to=Destination(college))
    assert any("学校名称与您所在的学校不一致" in fault for fault in faults(mine))
    taken = take(small(项目=[PROJECT[0], ("项目编号", project.code), *PROJECT[2:]]))
    assert any("项目编号已被使用" in fault for fault in faults(taken))
    assert not any(college.name in fault for fault in faults(taken))
    assert Project.objects.count() == 1


def test_an_example_with_one_edited_cell(take: Any) -> None:
    path = DATA / "maoming-school.xlsx"
    take(BytesIO(path.read_bytes()), approve=True)
    result = take(edited(path, **{"任务点!D2": "改过的任务点", "经费!D2": 4000}), approve=True)
    assert result.counts["任务点"]["changed"] == 1
    assert result.counts["经费"] == {"new": 0, "changed": 1, "unchanged": 5, "missing": 0}
    assert gather(Project.objects.get()).funding.by_key["window"].budget == 13253 + 179
