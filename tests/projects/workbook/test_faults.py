"""How faults and notices read."""

from __future__ import annotations

from projects.workbook.faults import Fault, Notice, Refused


def test_a_fault_is_one_line_with_place_value_and_what_would_be_right() -> None:
    fault = Fault("任务点", "E7", "十\n二", "不是数字", "数字，例如 12.5")
    assert str(fault) == "任务点!E7: 不是数字：“十 二”；应为：数字，例如 12.5"


def test_a_fault_of_a_sheet_and_of_a_file() -> None:
    assert str(Fault("任务点", "", "", "缺少必填列“年度”")) == "任务点: 缺少必填列“年度”"
    assert str(Fault("", "", "", "不是 Excel 工作簿")) == "文件: 不是 Excel 工作簿"


def test_a_value_that_the_message_names_is_not_repeated() -> None:
    assert str(Fault("任务点", "A2", "9-9", "“9-9”不存在")) == "任务点!A2: “9-9”不存在"


def test_json() -> None:
    assert Fault("任务点", "E7", "x", "不是数字", "数字").as_json() == {
        "sheet": "任务点",
        "cell": "E7",
        "value": "x",
        "message": "不是数字",
        "expected": "数字",
    }


def test_notice_and_refusal() -> None:
    assert str(Notice("任务点", "不认识的列“备注”（H1），已忽略")) == "任务点: 不认识的列“备注”（H1），已忽略"
    refused = Refused([Fault("", "", "", "文件是空的")])
    assert str(refused) == "文件: 文件是空的"
