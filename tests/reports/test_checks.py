"""What the checks of a submitted row say. Pure."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from reports.inspection.checks import Submission, checks

START, CUTOFF, TODAY = date(2022, 1, 1), date(2023, 12, 31), date(2024, 3, 1)
DAY = date(2023, 6, 1)

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"on": date(2024, 3, 2)}, "日期 2024-03-02 晚于今天"),
    ({"on": date(2021, 12, 31)}, "日期 2021-12-31 早于统计时段开始日 2022-01-01"),
    ({"quantity": 1, "planned": 2, "ratio": Decimal(1)}, "数量 1、计划 2，完成度却是 100%"),
    ({"quantity": 2, "planned": 2, "ratio": Decimal("0.5")}, "数量 2、计划 2，完成度却是 50%"),
    ({"quantity": 3, "last": 4}, "累计数 3 比上次通过的 4 少"),
    ({"quantity": 3, "linked": 2}, "填报 3，关联的成果台账合计 2"),
    ({"quantity": 0, "linked": 2}, "填报 0，关联的成果台账合计 2"),
    ({"quantity": 16, "planned": 10}, "超额完成 160%，请核对数量和计划"),
    ({"linked": 16, "planned": 10}, "超额完成 160%，请核对数量和计划"),
    ({"needs_evidence": True}, "要求佐证，但没有佐证材料"),
    ({"materials": (("通知", date(2024, 2, 1)),)}, "佐证“通知”的日期 2024-02-01 不在统计时段内"),
    ({"due_on": DAY, "reason": "", "quantity": 1, "planned": 2}, "到期未完成，没有写未完成原因"),
    ({"due_on": DAY, "reason": ""}, "到期未完成，没有写未完成原因"),
    ({"too_low": "成果级别“省级”低于成果目标的级别“国家级”"}, "成果级别“省级”低于成果目标的级别“国家级”"),
    ({"locked": "“年度”的报告已定稿。"}, "现在不能通过：“年度”的报告已定稿。"),
]
FINE: list[dict[str, Any]] = [
    {"on": START},
    {"on": CUTOFF},
    {"quantity": 2, "planned": 2, "ratio": Decimal(1)},
    {"quantity": 15, "planned": 10},
    {"quantity": 4, "last": 4},
    {"quantity": 3, "last": 4, "is_cumulative": False},
    {"quantity": 2, "linked": 2},
    {"needs_evidence": True, "materials": (("通知", None),)},
    {"materials": (("通知", CUTOFF),)},
    {"due_on": DAY, "reason": "设备未到货", "quantity": 1, "planned": 2},
    {"due_on": date(2024, 12, 31), "reason": ""},
    {"due_on": DAY, "reason": "", "quantity": 2, "planned": 2},
    # Where lower is better, a small number under a large target is no contradiction.
    {"quantity": 1, "planned": 20, "ratio": Decimal(1), "lower_is_better": True},
    {"quantity": 40, "planned": 20, "lower_is_better": True},
]


def said(values: dict[str, Any]) -> list[str]:
    found = checks(Submission(**{"on": DAY} | values), START, CUTOFF, TODAY)
    return [check.sentence for check in found if not check.is_ok]


@pytest.mark.parametrize(("values", "sentence"), FAULTS)
def test_what_must_be_looked_at(values: dict[str, Any], sentence: str) -> None:
    assert said(values) == [sentence]


@pytest.mark.parametrize("values", FINE)
def test_what_is_in_order(values: dict[str, Any]) -> None:
    assert said(values) == []


def test_faults_come_first() -> None:
    found = checks(Submission(DAY, needs_evidence=True, quantity=1, last=0), START, CUTOFF, TODAY)
    assert [check.is_ok for check in found] == [False, True, True]


def test_work_of_the_years_to_come_is_no_fault() -> None:
    assert said({"on": date(2024, 1, 1)}) == []
    later = (("印发文件", date(2024, 1, 1)),)
    assert said({"on": date(2024, 1, 1), "materials": later}) == []
    assert said({"materials": later}) == ["佐证“印发文件”的日期 2024-01-01 不在统计时段内"]
