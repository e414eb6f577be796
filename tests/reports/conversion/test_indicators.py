"""Indicator tables of a task book."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command

from indicators.models import Indicator, IndicatorTarget
from projects.models import Project
from reports.conversion import meanings
from reports.conversion.indicators import IndicatorRow, goal
from reports.conversion.layout import layouts
from reports.conversion.remarks import LEFT
from reports.conversion.taskbook import TaskBook, read_taskbook
from reports.conversion.word import read_word
from reports.exchange import import_workbook
from tests.wordfiles import LEFT as ACROSS
from tests.wordfiles import UP, Grid, word

HEADER = ["一级指标", "二级指标", "指标名称", "2022年目标", "2023年目标", "期满目标"]


def book(*blocks: str | Grid) -> TaskBook:
    return read_taskbook(layouts(read_word(word(*blocks)).tables), meanings.guess)


def rows(*table: list[str]) -> list[IndicatorRow]:
    return book([HEADER, *table]).indicators.rows


def test_a_table_of_indicators() -> None:
    first, second = rows(
        ["1 产出指标（50分）", "1.1 数量指标", "1.1.1 省级以上课程（门）", "2", "4", "8"],
        [UP, UP, "1.1.2 教师企业实践", "≥100人次", "200 人次", "400人次"],
    )
    assert (first.code, first.level1, first.level2) == ("1.1.1", "产出指标", "数量指标")
    assert (first.name, first.unit, first.final_target) == (
        "省级以上课程(门)".replace("(", "（").replace(")", "）"),
        "门",
        8,
    )
    assert first.targets == {2022: Decimal(2), 2023: Decimal(4)}
    assert (second.code, second.unit, second.targets[2022]) == ("1.1.2", "人次", 100)
    assert second.guesses == {"unit"}


@pytest.mark.parametrize(
    ("text", "value", "unit"),
    [
        ("≥95%", "95", "%"),
        ("不少于 3 门", "3", "门"),
        ("1,200人", "1200", "人"),
        ("90%以上", "90", "%"),
        ("２", "2", ""),
    ],
)
def test_targets_as_written(text: str, value: str, unit: str) -> None:
    found = goal(text)
    assert (found.value, found.unit) == (Decimal(value), unit)


def test_words_are_no_number() -> None:
    (found,) = rows(["产出指标", "质量指标", "制度建设", "初步建立", "完善", "完善"])
    assert (found.nature, found.target_text) == ("qualitative", "初步建立；完善")
    assert (found.targets, found.final_target, found.code) == ({}, None, "1")


def test_at_most_is_better_low() -> None:
    (found,) = rows(["满意度", "服务对象满意度指标", "投诉率", "≤5%", "不超过3%", "2%"])
    assert (found.direction, found.level1) == ("lower", "满意度指标")


def test_levels_from_rows_of_their_own() -> None:
    table = [
        ["指标名称", "单位", "目标值"],
        ["一、效益指标", ACROSS, ACROSS],
        ["社会效益指标", ACROSS, ACROSS],
        ["培训规模", "人次", "500"],
        ["其他说明", ACROSS, ACROSS],
    ]
    found = book(table)
    (row,) = found.indicators.rows
    assert (row.level1, row.level2, row.unit, row.final_target) == ("效益指标", "社会效益指标", "人次", 500)
    assert found.remarks[-1].state == LEFT


@pytest.mark.django_db
def test_they_import(tmp_path: Path, project: Project, now: datetime) -> None:
    table = [HEADER, ["产出指标", "数量指标", "省级以上课程（门）", "2", "4", "8"]]
    source, target = tmp_path / "任务书.docx", tmp_path / "任务书.xlsx"
    source.write_bytes(word(table).getvalue())
    call_command("read_taskbook", str(source), "--output", str(target), "--project", project.code)
    outcome = import_workbook(target, now=now)
    assert outcome.ok, outcome.faults
    assert set(outcome.counts) == {"项目", "绩效指标"}
    found = Indicator.objects.get(project=project)
    assert (found.name, found.unit, found.final_target) == ("省级以上课程（门）", "门", 8)
    targets = IndicatorTarget.objects.filter(indicator=found).values_list("year", "value")
    assert set(targets) == {(2022, 2), (2023, 4)}
