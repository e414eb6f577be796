"""The meanings that columns of a task book in Word may have."""

from __future__ import annotations

import re
from collections.abc import Sequence

from reports.conversion.columns import NOT_READ, Meanings, Target, folded, year_in

POINTS = (
    Target("area", "一级任务", "任务 建设任务 一级任务 重点任务 项目任务 任务名称 改革任务 一级项目"),
    Target("area_code", "一级任务编号", "任务编号 任务序号 一级任务编号"),
    Target(
        "task",
        "子任务",
        "子任务 二级任务 子项目 二级项目 二级子项目 任务分解 分项任务 子任务名称 建设子项目",
    ),
    Target("task_code", "子任务编号", "子任务编号 二级任务编号 子项目编号"),
    Target("year", "年度", "年度 年份 建设年度 计划年度 实施年度"),
    Target(
        "point",
        "任务点",
        "任务点 建设任务点 年度任务点 验收要点 验收点 任务要点 年度任务 年度建设任务 "
        "年度目标 建设目标 预期目标 任务目标 目标任务 任务内容 任务描述 工作任务",
    ),
    Target("year_point", "任务点（年度见表头）", is_yearly=True),
    Target("planned", "计划数量", "计划数量 计划数 目标数量 数量"),
    Target("due_on", "截止日期", "截止日期 完成时间 完成时限 完成期限 截止时间 完成日期"),
    Target("evidence", "佐证要求", "佐证要求 佐证材料 佐证 验收依据 验收材料 成果形式"),
    Target("co_departments", "协同部门", "协同部门 配合部门 协助部门 参与部门 协同单位 配合单位"),
)
INDICATORS = (
    Target("code", "指标编号", "指标编号 指标编码 指标序号"),
    Target("level1", "一级指标", "一级指标"),
    Target("level2", "二级指标", "二级指标"),
    Target("indicator", "指标名称", "指标名称 三级指标 绩效指标 具体指标 指标"),
    Target("year_target", "年度目标（年度见表头）", is_yearly=True),
    Target("midterm_target", "中期目标", "中期目标 中期目标值 中期"),
    Target("final_target", "期满目标", "期满目标 期满目标值 目标值 总目标 实施期目标 终期目标 总目标值 期满"),
    Target("definition", "口径说明", "口径说明 指标说明 指标解释 统计口径"),
)
SHARED = (
    Target("unit", "单位", "单位 计量单位"),
    Target(
        "department",
        "责任部门",
        "责任部门 牵头部门 负责部门 承担部门 主责部门 实施部门 责任单位 牵头单位 承担单位 部门",
    ),
    Target("person", "责任人", "责任人 负责人 任务负责人"),
)
GROUPS = (("任务和任务点", POINTS), ("绩效指标", INDICATORS), ("其他", SHARED))

MEANINGS = Meanings(
    (*POINTS, *INDICATORS, *SHARED),
    {
        "建设内容": ("point", "task"),
        "具体任务": ("point", "task"),
        "主要任务": ("point", "task"),
        "具体内容": ("point",),
        "序号": ("code",),
    },
)
# A heading such as 2022年度, 2022年建设任务; one about money is no column of points.
LONGEST_YEARLY = 16
MONEY = re.compile(r"经费|预算|资金|投入|万元")
OF_POINTS = frozenset({"point", "year_point"})


def guess(headings: Sequence[str]) -> list[str]:
    """What the columns probably are. A year in a heading makes a column of points, or of targets."""
    found = MEANINGS.guess(headings)
    is_of_indicators = "indicator" in found
    yearly = "year_target" if is_of_indicators else "year_point"
    found = [
        yearly if not name and is_yearly(heading) else name
        for name, heading in zip(found, headings, strict=True)
    ]
    if is_of_indicators:
        return found
    if set(found) >= OF_POINTS:
        # Beside a column for each year, what is called 任务点 names what the years belong to.
        above = NOT_READ if "task" in found else "task"
        found = [above if name == "point" else name for name in found]
    return [NOT_READ if name == "code" else name for name in found]


def is_yearly(heading: str) -> bool:
    return bool(year_in(heading)) and len(heading) <= LONGEST_YEARLY and not MONEY.search(heading)


def known(headings: Sequence[str]) -> int:
    """How many of the headings are understood: what tells a header from other rows."""
    found = guess(headings)
    numbers = sum(folded(heading) in ("序号", "备注") for heading in headings)
    return sum(bool(name) for name in found) + numbers


def fault(columns: Sequence[str]) -> str:
    """Why a table cannot be read by these columns."""
    kinds = [OF_POINTS & set(columns), {"indicator"} & set(columns)]
    if all(kinds):
        return "“任务点”和“指标名称”不能在同一类表格里。"
    if not any(kinds):
        return "还没有指定哪一列是任务点，或哪一列是指标名称。"
    if set(columns) >= OF_POINTS:
        return "“任务点”和“任务点（年度见表头）”只能用一种。"
    return ""
