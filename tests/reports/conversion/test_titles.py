"""How tasks are numbered in their titles."""

from __future__ import annotations

import pytest

from reports.conversion.titles import heading, parent_code, title


@pytest.mark.parametrize(
    ("text", "code", "name"),
    [
        ("任务一：加强党的建设", "1", "加强党的建设"),
        ("任务十二 提升国际化水平", "12", "提升国际化水平"),
        ("建设任务3：打造高水平双师队伍", "3", "打造高水平双师队伍"),
        ("1 加强党的建设", "1", "加强党的建设"),
        ("1.加强党的建设", "1", "加强党的建设"),
        ("１．加强党的建设", "1", "加强党的建设"),
        ("一、加强党的建设", "1", "加强党的建设"),
        ("（二）打造人才培养高地", "2", "打造人才培养高地"),
        ("1-1 健全党建工作机制", "1-1", "健全党建工作机制"),
        ("1－1健全党建工作机制", "1-1", "健全党建工作机制"),
        ("2.1 健全机制", "2.1", "健全机制"),
        ("子任务1-2：健全机制", "1-2", "健全机制"),
        ("P07 提升服务发展水平", "P07", "提升服务发展水平"),
        ("任务一\n加强党的建设", "1", "加强党的建设"),
        ("加强党的建设", "", "加强党的建设"),
        ("3门课程建设", "", "3门课程建设"),
        ("5G 技术应用", "", "5G 技术应用"),
        ("1+X 证书试点", "", "1+X 证书试点"),
    ],
)
def test_number_and_name(text: str, code: str, name: str) -> None:
    found = title(text)
    assert (found.code, found.name) == (code, name)


@pytest.mark.parametrize(("code", "parent"), [("1-1", "1"), ("1.1.2", "1.1"), ("1", ""), ("P07", "")])
def test_what_a_number_stands_under(code: str, parent: str) -> None:
    assert parent_code(code) == parent


def test_the_nearest_heading_that_names_a_task() -> None:
    found = heading(("三、建设任务", "任务一：加强党的建设", "单位：万元"))
    assert found
    assert (found.code, found.name) == ("1", "加强党的建设")


def test_headings_of_chapters_name_none() -> None:
    assert heading(("二、分年度建设任务与进度", "三、分年度任务", "表 1 任务分解")) is None
