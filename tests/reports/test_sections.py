"""The chapters of every example: each expected figure in its table, prose and tables of one mind."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from projects.models import Project
from projects.numbers import round_half_up
from reports.build import build
from reports.document import Block, Document, Figure, Grade, Paragraph, Row, Table, plain_text
from reports.facts import Facts, gather
from reports.figures import Amount, Rate, figures, lookup
from reports.kinds import kind
from reports.numbering import dangling, flow
from reports.sections.numbers import key
from tests.conftest import DATA
from tests.reports.conftest import taken_in
from tests.reports.test_expected_figures import EXPECTED, workbook_of

KINDS = ("school-midterm", "group-construction")
# Figures of the school report, and the tables where they belong.
RATES = ("total", "done", "overall_rate", "due", "due_done", "due_rate")
BEYOND = ("early", "over", "extra", "due_rate_with_extra")
COUNTS = ("count", "met", "over", "equivalent", "rate")
# Table, key of the figure, expected value.
Place = tuple[str, str, Any]
Tables = dict[str, tuple[str, ...]]
MONEY = ("budget", "received", "spent", "receipt_rate", "spent_of_received", "spent_of_budget")

pytestmark = pytest.mark.django_db


def asked(expected: Path, now: datetime) -> Facts:
    workbook, as_of = workbook_of(expected)
    project = taken_in(workbook.stem, now)
    return gather(project, date.fromisoformat(as_of) if as_of else None)


def blocks(document: Document) -> Iterator[Block]:
    for placed in flow(document):
        if isinstance(placed.part, Paragraph | Table | Grade):
            yield placed.part


def figures_of(block: Block) -> Iterator[Figure]:
    match block:
        case Paragraph(runs):
            yield from (run for run in runs if isinstance(run, Figure))
        case Table():
            runs_of_cells = [run for row in block.rows for cell in row.cells for run in cell.runs]
            runs_of_notes = [run for note in block.notes for run in note.runs]
            yield from (run for run in runs_of_cells + runs_of_notes if isinstance(run, Figure))
        case Grade():
            yield from (block.score, block.full)


def all_figures(document: Document) -> list[Figure]:
    return [figure for block in blocks(document) for figure in figures_of(block)]


def in_tables(document: Document) -> dict[str, dict[str, Figure]]:
    """By id of the table, then by key of the figure."""
    return {
        block.id: {figure.key: figure for figure in figures_of(block)}
        for block in blocks(document)
        if isinstance(block, Table)
    }


def printed(figure: Figure) -> Decimal | None:
    """The number that stands on the paper."""
    text = figure.text.replace(",", "").replace("−", "-").removesuffix("%")
    return None if text == "—" else Decimal(text)


def belongs(expected: dict[str, Any]) -> Iterator[Place]:
    """Where every expected figure stands in the school report."""
    yield from tasks_belong(expected["tasks"])
    yield from indicators_belong(expected["indicators"])
    yield from money_belongs(expected["funding"])
    for side, levels in expected["outcomes"].items():
        for level, units in levels.items():
            for unit, sums in units.items():
                yield from placed(("outcomes", side, level, unit), sums, {"outcome-levels": tuple(sums)})
    for each in expected["satisfaction"]:
        if each["year"] <= date.fromisoformat(expected["as_of"]).year:
            yield "satisfaction-list", key("satisfaction", each["who"], each["year"]), each["percent"]
    if expected["score"]:
        yield "score-table", "score.total", expected["score"]["total"]


def tasks_belong(tasks: dict[str, Any]) -> Iterator[Place]:
    yield from placed(("tasks",), tasks, {"task-rates": RATES, "beyond": BEYOND})
    if tasks["due"] != "0":
        yield from placed(("tasks", "buckets"), tasks["buckets"], {"task-states": tuple(tasks["buckets"])})
    for code, area in tasks["by_area"].items():
        tables: Tables = {"task-rates": RATES, **({"beyond": BEYOND} if area["total"] != "0" else {})}
        yield from placed(("tasks", "by_area", code), area, tables)
    for year, counted in tasks["by_year"].items():
        yield from placed(("tasks", "by_year", year), counted, {"task-years": tuple(counted)})


def indicators_belong(indicators: dict[str, Any]) -> Iterator[Place]:
    """At the end of a project its window is the whole project, and the table has one half."""
    sides = ["final"] if indicators["window"] == indicators["final"] else ["final", "window"]
    for side in sides:
        for name, counted in indicators[side].items():
            if ";" not in name:
                yield from placed(("indicators", side, name), counted, {"indicator-rates": COUNTS})


def money_belongs(funding: dict[str, Any]) -> Iterator[Place]:
    tables: dict[str, Tables] = {
        "window": {"funding-receipts": MONEY[:4:3], "funding-spending": MONEY[1:3]},
        "all_years": {"funding-receipts": MONEY[:1]},
        "source": {"funding-receipts": MONEY[:4:3], "funding-spending": (*MONEY[1:3], *MONEY[4:])},
        "year": {"funding-years": MONEY},
    }
    for name, sums in funding.items():
        yield from placed(("funding", name), sums, tables.get(name.split(":")[0], {}))


def placed(path: tuple[str, ...], values: dict[str, Any], tables: Tables) -> Iterator[Place]:
    for id, names in tables.items():
        yield from ((id, key(*path, name), values[name]) for name in names)


@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name)
def test_every_expected_figure_stands_in_its_table(expected: Path, now: datetime) -> None:
    theirs = json.loads(expected.read_text())
    tables = in_tables(build(asked(expected, now), kind("school-midterm")))
    if "beyond" not in tables:
        assert [theirs["tasks"][name] for name in BEYOND[:3]] == ["0"] * 3
    wrong = [
        (id, name, value)
        for id, name, value in belongs(theirs)
        if not is_printed(tables.get(id, {}).get(name), value) and (id in tables or id != "beyond")
    ]
    assert wrong == []


def is_printed(ours: Figure | None, expected: str | None) -> bool:
    """As a number: rates and money are printed with two decimals, counts with four."""
    if ours is None:
        return False
    number = printed(ours)
    if number is None or expected is None:
        return number is None and expected is None
    return number in (Decimal(expected), round_half_up(Decimal(expected), 2))


@pytest.mark.parametrize("chosen", KINDS)
@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name)
def test_figures_are_those_under_their_key_and_printed_in_one_way(
    expected: Path, chosen: str, now: datetime
) -> None:
    """So prose cannot disagree with a table, nor either with the proof of the figure."""
    facts = asked(expected, now)
    tree = figures(facts)
    document = build(facts, kind(chosen))
    found: dict[str, Figure] = {}
    for figure in all_figures(document):
        assert found.setdefault(figure.key, figure) == figure
        leaf = lookup(tree, figure.key)
        if isinstance(leaf, Amount | Rate):
            assert figure.value == (None if leaf.value is None else Fraction(leaf.value)), figure.key
    assert len(found) > 50
    assert dangling(document) == []


def test_prose_speaks_of_the_same_figures_as_the_tables(school: Project) -> None:
    """Every figure that a sentence names stands in a table or box, too, but counts of rows and distances."""
    document = build(gather(school), kind("school-midterm"))
    keys: dict[bool, set[str]] = {True: set(), False: set()}
    for block in blocks(document):
        keys[isinstance(block, Paragraph)] |= {figure.key for figure in figures_of(block)}
    only_said = {
        name
        for name in keys[True] - keys[False]
        if not name.startswith(("tasks.by_area", "outcomes.by_area"))
    }
    assert only_said == {
        *("score.missing_to.优", "outcomes.kinds", "outcomes.reached", "comparisons.count"),
        *(
            "outcomes.achieved.国家级.kinds",
            "outcomes.achieved.省级.kinds",
            "outcomes.achieved.未标级别.kinds",
        ),
        *("funding.source:学校自筹经费.missing", "satisfaction.在校生.fall"),
    }


def test_the_ministry_finds_its_tables_by_their_numbers(school: Project) -> None:
    document = build(gather(school), kind("school-midterm"))
    captions = {each.label: each.part.caption for each in flow(document) if isinstance(each.part, Table)}
    assert {label: captions[f"表{label}"] for label in ("1-1", "1-2", "1-3", "1-4", "1-5", "1-6", "4-1")} == {
        "1-1": "2022—2025年建设任务完成情况",
        "1-2": "2022—2025年绩效指标完成情况",
        "1-3": "2022—2025年标志性成果一览",
        "1-4": "2022—2023年建设项目中期自评得分",
        "1-5": "各来源资金预算安排及到位情况",
        "1-6": "各来源资金执行情况",
        "4-1": "满意度指标完成情况",
    }
    assert captions["表2-2-1"] == "2022—2023年打造技术技能人才培养高地完成情况"
    assert captions["表2-10-2"] == "2022—2023年提升国际化水平任务点完成情况"


def table_of(document: Document, id: str) -> Table:
    return next(block for block in blocks(document) if isinstance(block, Table) and block.id == id)


def texts(row: Row) -> list[str]:
    return [
        "".join(run.text if isinstance(run, Figure) else str(run) for run in cell.runs) for cell in row.cells
    ]


def test_sub_tasks_and_years_are_merged_over_their_points(school: Project) -> None:
    rows = table_of(build(gather(school), kind("school-midterm")), "points-3").rows
    assert len(rows) == 15
    assert [cell.rowspan for cell in rows[0].cells[:2]] == [7, 3]
    assert texts(rows[3])[:2] == ["2023", "推进石油化工产教融合创新平台建设"]


def test_years_stand_side_by_side_where_no_quantity_is_known(school: Project) -> None:
    table = table_of(build(gather(school), kind("school-midterm")), "points-1")
    assert [column.title for column in table.leaves] == ["子任务", "2022年", "2023年", "标志性成果"]
    assert len(table.rows) == 5
    assert table.rows[0].cells[-1].rowspan == 5
    assert texts(table.rows[0])[2].startswith("（1）制定兼职党务工作量")


def test_what_is_not_done_is_listed_with_its_reason(school: Project) -> None:
    table = table_of(build(gather(school), kind("school-midterm")), "reasons-2")
    assert [column.title for column in table.leaves] == [
        *("子任务", "年度", "任务点", "计划", "完成", "完成率", "未完成原因")
    ]
    assert [texts(row) for row in table.rows] == [
        [
            *("2-3 拓宽人才培养通道", "2023", "三二分段高本协同培养试点专业", "2", "1", "50%"),
            "合作学校缩减为1个专业，完成率50%",
        ]
    ]


def test_outcomes_without_a_target_stand_at_the_end(school: Project) -> None:
    rows = table_of(build(gather(school), kind("school-midterm")), "outcome-list").rows
    assert texts(rows[0]) == [
        *("1 加强党的建设", "创建党建工作标杆院系或党建工作样板支部", "国家级", "1", "个", "1", "100%")
    ]
    assert rows[0].cells[0].rowspan == 3
    first = next(row for row in rows if texts(row)[0] == "其他标志性成果")
    assert (rows.index(first), first.cells[0].rowspan) == (len(rows) - 5, 5)


def test_promises_stand_beside_what_was_done_and_extras_end_the_year(group: Project) -> None:
    rows = table_of(build(gather(group), kind("group-construction")), "points-3").rows
    assert texts(rows[0]) == [
        "2022年",
        "①启动“工作手册式”、“活页式”、“新形态”、“立体化”等教材开发",
        "①完成 1 本“工作手册式”教材、编写 2 本“活页式”教材框架",
        "100%",
    ]
    assert (rows[0].cells[0].rowspan, len(rows)) == (5, 8)
    assert texts(rows[4]) == ["", "⑤出版《化工危险与可操作性分析（HAZOP）中级》1部（提前完成）", ""]


def test_a_group_reports_money_by_year_and_by_task(group: Project) -> None:
    document = build(gather(group), kind("group-construction"))
    years = [texts(row) for row in table_of(document, "funding-years").rows]
    assert years[1] == ["2023年", "737.2", "818.91", "111.08%", "818.91", "100%", "111.08%"]
    spent = [texts(row) for row in table_of(document, "funding-spending-tasks").rows]
    assert spent[4] == ["5 实践教学基地", "681", "748.9", "1,429.9"]
    assert spent[-1] == ["合计", "738.3", "818.91", "1,557.21"]
    assert "funding-receipts" not in in_tables(document)


def test_an_overridden_mark_is_shown_with_the_calculated_one(rules: Project) -> None:
    table = table_of(build(gather(rules), kind("school-midterm")), "score-table")
    said = ["".join(map(plain_text, note.runs)) for note in table.notes]
    assert "“质量”按完成率计分为14.4，自评得分为15.5，原因：专家意见。" in said
    assert [texts(row)[0] for row in table.rows[:2]] == ["1 产出", "　1.1 数量"]
    assert table.leaves[-1].title == "专家评分"
    assert {texts(row)[-1] for row in table.rows} == {""}


def test_partly_unknown_sums_say_so(rules: Project) -> None:
    table = table_of(build(gather(rules), kind("school-midterm")), "funding-receipts")
    assert table.notes[-1].runs == ("省财政的到位、支出，合计的到位、支出部分未知，为已知金额之和。",)


def test_every_workbook_is_reported() -> None:
    assert {workbook_of(path)[0] for path in EXPECTED} == set(DATA.glob("*.xlsx"))
