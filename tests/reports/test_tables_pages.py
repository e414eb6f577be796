"""绩效指标, 成果台账, 经费, 满意度, 评分: what the tables show, and how they are filtered."""

from __future__ import annotations

import re
from collections.abc import Callable
from fractions import Fraction as F
from html import unescape

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from projects.models import Project, User
from reports.standing import (
    achieved_texts,
    counts_by_level2,
    indicator_rows,
    mark_rows,
    matching,
    money_tables,
    targets_by_area,
)
from tests.reports.made import amount, attainment, facts, item_mark, marked, money, outcome, target

Look = Callable[..., str]


def rows_of(page: str) -> list[list[str]]:
    """The texts of the cells of every table row."""
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", page, re.S)
    cells = [re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.S) for row in rows]
    return [[" ".join(unescape(re.sub(r"<[^>]+>", " ", cell)).split()) for cell in row] for row in cells]


def row(page: str, width: int, *starts: str) -> list[str]:
    """The row of `width` cells whose first ones begin so."""
    found = [
        cells
        for cells in rows_of(page)
        if len(cells) == width and all(c.startswith(s) for c, s in zip(cells, starts, strict=False))
    ]
    assert len(found) == 1, found
    return found[0]


# -- pure ---------------------------------------------------------------------------------------------


def test_states_of_indicators() -> None:
    some = [
        *(attainment(10), attainment(12), attainment(5), attainment(0)),
        *(attainment(None), attainment(10, target=None), attainment(10, target=0)),
    ]
    rows = indicator_rows(facts(attainments=some))
    assert [row.state for row in rows] == [
        *("met", "over", "short", "short", "missing", "unknown", "unknown")
    ]
    assert [row.is_zero for row in rows] == [False, False, False, True, False, False, False]
    assert rows[1].tags == {"met", "over"}
    assert rows[2].tags == {"short"}


def test_filters_of_indicators_work_together() -> None:
    some = [
        attainment(1, code="1.1.1", name="课程"),
        attainment(1, code="1.1.2", name="教材"),
        attainment(1, code="1.2.1", name="优质教材", level2="质量指标"),
    ]
    rows = indicator_rows(facts(attainments=some))
    found = matching(rows, "数量指标", "1", "教材")
    assert [row.indicator.code for row in found] == ["1.1.2"]
    assert len(matching(rows, "", "", "教务处")) == 3
    assert matching(rows, "", "2", "") == []


def test_counts_by_level2_leave_areas_out() -> None:
    about = facts(attainments=[attainment(1), attainment(10, level2="质量指标")])
    assert [(row.key, row.window.count) for row in counts_by_level2(about)] == [
        ("数量指标", 1),
        ("质量指标", 1),
    ]


def test_targets_hold_the_ledger_rows_that_count() -> None:
    about = facts(
        targets=[target(1, "省级", 2), target(2, "省级", 1)],
        outcomes=[outcome(1, "省级", 1), outcome(2, "省级", 1, reference=True), outcome(3, "省级", None)],
    )
    (area,) = targets_by_area(about)
    assert [[o.code for o in row.outcomes] for row in area.rows] == [["C1"], []]
    assert area.reached == 0


def test_achieved_outcomes_in_words() -> None:
    about = facts(
        targets=[target(1, "国家级", 9, "个")],
        outcomes=[
            *(outcome(n, "国家级", 1, n) for n in (1, 2, 3)),
            outcome(4, "省级", None),
            outcome(5, "市级", None, 7),
        ],
    )
    assert achieved_texts(about) == [("国家级", "3 项 6 个"), ("省级", "1 项"), ("市级", "1 项（计 7 项）")]


def test_money_tables_add_up_to_their_total() -> None:
    about = facts(
        amounts=[
            *money(100, 90, 80, source="财政"),
            *money(50, None, None, source=""),
            amount("spent", 7, task="1", source="财政", year=2023),
        ]
    )
    by_source, by_year, by_task = money_tables(about, all_years=False)
    assert {row.name: row.money.budget for row in by_source.rows} == {"财政": F(100), "未注明来源": F(50)}
    assert {row.name: row.money.spent for row in by_year.rows} == {"2022 年": F(80), "2023 年": F(7)}
    assert {row.name: row.money.spent for row in by_task.rows} == {
        "1 加强党的建设": F(7),
        "未分到任务": F(80),
    }
    for table in (by_source, by_year, by_task):
        assert sum(row.money.spent or 0 for row in table.rows) == table.total.spent


def test_years_beyond_the_window_stand_only_in_the_full_table() -> None:
    about = facts(amounts=[*money(100, 90, 80), amount("budget", 30, year=2024)])
    assert money_tables(about, all_years=False)[1].total.budget == 100
    assert [row.name for row in money_tables(about, all_years=True)[1].rows] == ["2022 年", "2024 年"]


def test_parents_of_the_scoring_scheme_are_sums() -> None:
    marks = (item_mark(1, "产出", 30, 20), item_mark(2, "数量", 10, 9, 1))
    rows = mark_rows(marked(20, marks=marks))
    assert [(row.is_sum, row.method, row.depth) for row in rows] == [(True, "合计", 0), (False, "人工", 1)]


# -- pages --------------------------------------------------------------------------------------------


def test_indicators_window_and_final_side_by_side(look: Look, rules: Project) -> None:
    page = look(rules, "indicators/")
    total = row(page, 8, "合计")
    assert total == ["合计", "11", "3", "1", "5.85", "2", "65%", "51.39%"]


def test_every_state_has_a_tab_with_its_count(look: Look, rules: Project) -> None:
    page = look(rules, "indicators/")
    tabs = re.findall(r"state=(\w+)\"[^>]*>[^<]*?(\S+) <span class=\"n\">(\d+)", page)
    counts = {key: int(count) for key, _, count in tabs}
    assert (counts["unknown"], counts["met"], counts["over"]) == (2, 3, 1)
    assert sum(counts.values()) - counts["over"] == 11


def test_what_is_met_counts_the_same_in_table_tab_and_list(look: Look, school: Project) -> None:
    page = look(school, "indicators/?state=met")
    total = row(page, 8, "合计")
    tabs = dict(re.findall(r"state=(\w+)\"[^>]*>[^<]*?<span class=\"n\">(\d+)", page))
    assert total[2:4] == [tabs["met"], tabs["over"]]
    assert f"共 {tabs['met']} 项" in page


def test_a_state_narrows_the_list(look: Look, rules: Project) -> None:
    page = look(rules, "indicators/?state=unknown")
    assert page.count("无法判断</span>") == 2
    assert "清除筛选" in page


def test_unknown_rates_are_dashes_and_missing_values_say_so(look: Look, rules: Project) -> None:
    page = look(rules, "indicators/?state=unknown")
    listed = [cells for cells in rows_of(page) if len(cells) == 9 and "无法判断" in cells[7]]
    assert [cells[4] for cells in listed] == ["—", "—"]
    missing = look(rules, "indicators/?state=missing")
    listed = [cells for cells in rows_of(missing) if len(cells) == 9 and cells[7] == "未填报"]
    assert [cells[3:5] for cells in listed] == [["还没有填报", "0% 未填报按 0 计"]]


def test_a_value_of_another_year_is_not_that_of_this_one(look: Look, rules: Project) -> None:
    page = look(rules, "indicators/?state=missing&as_of=2023-12-31")
    assert row(page, 9, "当年")[3:5] == ["2023 年还没有填报", "0% 未填报按 0 计"]


def test_filters_that_match_nothing_say_so(look: Look, rules: Project) -> None:
    assert "没有符合条件的指标。" in look(rules, "indicators/?text=没有这样的指标")


@pytest.mark.parametrize(
    "query", ["level2=胡说", "area=胡说", "state=胡说", "page=胡说", "page=99999999999999"]
)
def test_nonsense_in_a_filter_is_no_error(query: str, look: Look, rules: Project) -> None:
    assert "绩效指标" in look(rules, f"indicators/?{query}")


def test_fifty_indicators_a_page(look: Look, school: Project) -> None:
    assert "第 1—50 项，共 182 项" in look(school, "indicators/")
    assert "第 151—182 项，共 182 项" in look(school, "indicators/?page=4")


def test_outcome_targets_by_area(look: Look, school: Project) -> None:
    page = look(school, "outcomes/")
    assert row(page, 5, "省级", "8") == ["省级", "8 / 23", "190 / 279 个", "", "68.1%"]
    assert row(page, 2, "国家级")[1] == "2 项 3 个，1 项"
    assert "1 加强党的建设" in page


def test_a_level_stands_once_with_its_units(look: Look, school: Project) -> None:
    page = look(school)
    assert page.count(">未标级别<") == 1
    panel = rows_of(page.split("<h2>标志性成果</h2>")[1].split("</table>")[0])
    assert [cells[0].split()[-1] for cells in panel[-2:]] == ["未标级别", "万元"]


def test_the_ledger_marks_references(look: Look, rules: Project) -> None:
    page = look(rules, "outcomes/?view=ledger")
    assert "首计在（OTHER-1），不重复计数" in page
    assert "其他标志性成果" in page
    assert "截止日期之后获批" in look(rules, "outcomes/?view=ledger&as_of=2021-01-01")


def test_the_ledger_can_be_searched(look: Look, school: Project) -> None:
    everything = len(rows_of(look(school, "outcomes/?view=ledger")))
    found = look(school, "outcomes/?view=ledger&level=国家级")
    assert (
        0 < len([cells for cells in rows_of(found) if len(cells) == 7 and cells[1] == "国家级"]) < everything
    )


def test_money_with_its_denominators(look: Look, school: Project) -> None:
    page = look(school, "funding/")
    for heading in ("资金到位率 到位 ÷ 预算", "资金支出率 支出 ÷ 到位", "预算执行率 支出 ÷ 预算"):
        assert any(heading in cells for cells in rows_of(page))
    assert row(page, 7, "合计")[1:] == ["13,253", "13,253", "13,013", "100%", "98.19%", "98.19%"]
    assert row(page, 7, "学校自筹经费")[4] == "80.64%"


def test_all_years_of_money(look: Look, school: Project) -> None:
    page = look(school, "funding/?years=all")
    assert "全部年度，不论日期" in page
    assert row(page, 7, "合计")[1] != "13,253"


def test_unknown_money_is_a_dash_and_partly_unknown_is_said(look: Look, rules: Project) -> None:
    page = look(rules, "funding/")
    assert "部分未知" in page
    assert any("—" in cells for cells in rows_of(page))


def test_satisfaction(look: Look, school: Project) -> None:
    assert row(look(school, "satisfaction/"), 5, "在校生") == [
        "在校生",
        "91.22",
        "63.62",
        "−27.6",
        "90",
    ]


def test_satisfaction_stops_at_the_date(look: Look, school: Project) -> None:
    assert row(look(school, "satisfaction/?as_of=2022-12-31"), 4, "在校生")[1:] == [
        "91.22",
        "—",
        "90",
    ]


def test_the_score_as_a_tree(look: Look, rules: Project) -> None:
    page = look(rules, "score/")
    assert row(page, 8, "产出 1") == ["产出 1", "50", "合计", "—", "—", "35.28", "−14.72", "—"]
    assert row(page, 8, "质量 1.2")[4:] == ["14.4", "15.5 自评，非自动", "−4.5", "专家意见"]
    assert row(page, 8, "合计")[5] == "84.13"
    assert row(page, 2, "良", "80 分及以上")


def test_pages_without_records_say_what_comes_next(
    browser: Callable[[User], Client], principal: User, project: Project
) -> None:
    client = browser(principal)
    for path in ("indicators", "outcomes", "funding", "satisfaction", "score"):
        assert "项目办导入工作簿的" in client.get(f"/projects/{project.pk}/{path}/").content.decode()


@pytest.mark.parametrize("path", ["indicators/", "outcomes/", "funding/", "satisfaction/", "score/"])
def test_queries_are_those_of_the_facts(
    path: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    browser: Callable[[User], Client],
    reader: Callable[[Project], User],
    rules: Project,
) -> None:
    client = browser(reader(rules))
    with django_assert_max_num_queries(16):
        client.get(f"/projects/{rules.pk}/{path}")
