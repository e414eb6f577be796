"""The PDF of the two example reports, read back: each expected figure in the table where it belongs."""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from projects.numbers import round_half_up
from reports.build import build
from reports.document import Document, Paragraph, Section, Table
from reports.facts import gather
from reports.kinds import kind
from reports.numbering import flow, labels, text
from reports.renderers import renderer
from tests.conftest import DATA, NOW
from tests.reports.conftest import taken_in
from tests.reports.pdf import Pdf, PdfTable, number, squeezed

# The reports are made once for all tests, outside their transactions; this has the database prepared.
pytestmark = pytest.mark.django_db

CONTENTS_LINE = re.compile(r"(?P<title>.*?)[\s.…]{3,}(?P<page>\d+)")

Number = Decimal | None
Printed = Iterator[tuple[str, Number]]
FULL = Decimal(100)
MONEY = ("budget", "received", "spent", "receipt_rate", "spent_of_received", "spent_of_budget")


@dataclass
class Printing:
    """A report with its PDF, and the figures an independent program gives for it."""

    document: Document
    pdf: Pdf
    expected: dict[str, Any]

    def table(self, label: str) -> PdfTable:
        return self.pdf.tables[label]

    @property
    def areas(self) -> list[tuple[str, str]]:
        """Code of each area, and the name its rows begin with."""
        named = self.expected["tasks"]["by_area"].items()
        return [(code, f"{code} {area['name']}") for code, area in named]

    @property
    def figures(self) -> dict[str, Number]:
        """Every expected number under its path."""
        return dict(figures(self.expected, ""))


def printed(name: str, identifier: str) -> Printing:
    with transaction.atomic():
        document = build(gather(taken_in(name, NOW)), kind(identifier))
        transaction.set_rollback(True)
    expected = json.loads((DATA / f"{name}.expected.json").read_text())
    return Printing(document, Pdf(renderer("pdf").render(document)), expected)


@pytest.fixture(scope="session")
def school_print(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Printing:
    with django_db_blocker.unblock():
        return printed("maoming-school", "school-midterm")


@pytest.fixture(scope="session")
def group_print(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Printing:
    with django_db_blocker.unblock():
        return printed("maoming-petrochem", "group-construction")


@pytest.fixture(params=["school_print", "group_print"])
def any_print(request: pytest.FixtureRequest) -> Printing:
    made: Printing = request.getfixturevalue(request.param)
    return made


def figures(node: Any, path: str) -> Printed:
    match node:
        case dict():
            for key, value in node.items():
                yield from figures(value, f"{path}/{key}" if path else key)
        case list():
            for row in node:
                yield f"{path}/{row['who']}/{row['year']}", number(row["percent"] or "")
        case None:
            yield path, None
        case str() if re.fullmatch(r"-?[\d.]+", node):
            yield path, Decimal(node)


def check(made: Printing, found: Printed, *, untabled: Iterable[str] = ()) -> None:
    """What is printed is what is expected, and nothing expected is missing but `untabled` (patterns)."""
    expected = made.figures
    said = dict(found)
    assert {key: (value, expected[key]) for key, value in said.items() if value != expected[key]} == {}
    parts = {key.split("/")[0] for key in said}
    missing = {key for key in expected if key.split("/")[0] in parts} - set(said)
    assert {key for key in missing if not any(re.fullmatch(each, key) for each in untabled)} == set()


def column(table: PdfTable, name: str, path: str, **words: str | tuple[str, ...]) -> Printed:
    """The numbers of one row under the keys of its figures."""
    for key, heading in words.items():
        yield f"{path}/{key}", table.number(name, *([heading] if isinstance(heading, str) else heading))


def rate(part: Number, whole: Number) -> Number:
    """Percent with two decimals, as the figures print it."""
    assert part is not None
    assert whole is not None
    return round_half_up(Fraction(part) / Fraction(whole) * 100, 2)


def total(values: Iterable[Number]) -> Decimal:
    return sum((value for value in values if value is not None), Decimal(0))


# Task points


def rows_of_areas(made: Printing) -> list[tuple[str, str]]:
    """The path of the whole and of each area, with the name of its row."""
    return [("tasks", "合计"), *((f"tasks/by_area/{code}", name) for code, name in made.areas)]


def beyond(made: Printing, table: PdfTable) -> Printed:
    for path, name in rows_of_areas(made):
        yield from column(
            *(table, name, path),
            early="提前完成",
            over="超额完成",
            extra="新增成果",
            due_rate_with_extra="含提前完成及新增的完成率",
        )


def by_year(made: Printing, table: PdfTable) -> Printed:
    for year in made.expected["tasks"]["by_year"]:
        path = f"tasks/by_year/{year}"
        yield from column(table, f"{year}年", path, planned="计划任务点", done="完成数", rate="完成率")


def test_task_points_of_the_school(school_print: Printing) -> None:
    made = school_print
    check(made, school_tasks(made))


def school_tasks(made: Printing) -> Printed:
    whole, window = "学校建设总任务（2022—2025年）", "中期任务（2022—2023年）"
    for path, name in rows_of_areas(made):
        yield from column(
            *(made.table("表1-1"), name, path),
            total=(whole, "任务数"),
            done=(whole, "完成数"),
            overall_rate=(whole, "总体完成率"),
            due=(window, "任务数"),
            due_done=(window, "完成数"),
            due_rate=(window, "中期完成率"),
        )
    yield from by_year(made, made.table("表2-1"))
    yield from beyond(made, made.table("表2"))
    yield from column(
        *(made.table("表2-2"), "合计", "tasks/buckets"),
        not_started=("未开展", "合计"),
        partial="部分完成",
        done="全部完成",
        over="超额完成",
    )


def test_each_area_of_the_school_has_its_own_table(school_print: Printing) -> None:
    made = school_print
    for place, (code, name) in enumerate(made.areas, start=1):
        table = made.table(f"表2-{place}-1")
        area = made.expected["tasks"]["by_area"][code]
        assert area["name"] in table.title
        read = [only(table, "中期任务点", each) for each in ("任务数", "完成数", "完成率")]
        assert read == [Decimal(area[key]) for key in ("due", "due_done", "due_rate")], name


def only(table: PdfTable, *words: str) -> Number:
    """The number in a table of one row."""
    (row,) = table.rows
    return number(row[table.column(*words)] or "")


def test_points_that_are_not_done_stand_with_their_reason(school_print: Printing) -> None:
    made = school_print
    table = made.table("表1")
    assert "未完成任务点" in table.title
    short = total(100 - (rate or Decimal(0)) for rate in table.numbers("完成率")) / 100
    tasks = made.expected["tasks"]
    assert short == Decimal(tasks["due"]) - Decimal(tasks["due_done"])
    buckets = tasks["buckets"]
    assert len(table.rows) == int(buckets["not_started"]) + int(buckets["partial"])
    assert all(table.texts("未完成原因"))


def test_task_points_of_the_group(group_print: Printing) -> None:
    made = group_print
    # In running text, or not of the group's form.
    untabled = (
        "tasks/(total|done|overall_rate)",
        "tasks/by_area/.*/(total|done|overall_rate)",
        "tasks/buckets/.*",
    )
    check(made, group_tasks(made), untabled=untabled)


def group_tasks(made: Printing) -> Printed:
    table = made.table("表2-1")
    yield from column(table, "合计", "tasks", due="任务点", due_done="完成数", due_rate="中期完成率")
    names = [name.replace(" ", "") for name in table.texts("建设任务")]
    lines = list(zip(names, table.numbers("任务点"), table.numbers("完成数"), strict=True))
    for code, name in made.areas:
        of_area = [line for line in lines if line[0] == name.replace(" ", "")]
        due, done = total(line[1] for line in of_area), total(line[2] for line in of_area)
        path = f"tasks/by_area/{code}"
        yield from ((f"{path}/due", due), (f"{path}/due_done", done), (f"{path}/due_rate", rate(done, due)))
    yield from by_year(made, made.table("表2-2"))
    yield from beyond(made, made.table("表1"))


def test_what_the_group_has_in_running_text(group_print: Printing) -> None:
    made = group_print
    assert "应完成中期任务点87个，已完成86个，中期任务完成率为98.85%" in made.pdf.text
    assert "任务点共164个，已完成86个，总体完成率为52.44%" in made.pdf.text
    for _, name in made.areas:
        area = name.split(" ", 1)[1]
        found = re.search(rf"{area}部分共有任务点(\d+)个，完成(\d+)个，完成率为([\d.]+)%", made.pdf.text)
        assert found, area
        expected = next(each for each in made.expected["tasks"]["by_area"].values() if each["name"] == area)
        read = [Decimal(each) for each in found.groups()]
        assert read == [Decimal(expected[key]) for key in ("due", "due_done", "due_rate")]


# Indicators


def test_indicators_of_the_school(school_print: Printing) -> None:
    made = school_print
    check(made, indicators(made))


def indicators(made: Printing) -> Printed:
    """表1-2 for the whole college, 表2-x-1 and 表2-x-3 for each area."""
    sides = {"final": "期满目标（2022—2025年）", "window": "中期目标（2022—2023年）"}
    unknown: Counter[tuple[str, str]] = Counter()
    for place, (code, _) in enumerate(made.areas, start=1):
        if f"indicators/window/*;{code}/count" in made.figures:
            for side in sides:
                yield from indicators_of_area(made, place, code, side, unknown)
    for side, heading in sides.items():
        for key, name in (("*", "合计"), ("数量指标", "数量指标"), ("质量指标", "质量指标")):
            path = f"indicators/{side}/{key}"
            yield f"{path}/unknown", Decimal(unknown[side, key])
            yield from column(
                *(made.table("表1-2"), name, path),
                count=(heading, "指标"),
                met=(heading, "达标"),
                over=(heading, "超额"),
                equivalent=(heading, "完成"),
                rate=(heading, "完成率"),
            )


def indicators_of_area(
    made: Printing, place: int, code: str, side: str, unknown: Counter[tuple[str, str]]
) -> Printed:
    """Of each kind and of all: met, over and unknown by the list, sums also by 表2-x-1."""
    listed = by_kind(made.table(f"表2-{place}-3"), {"window": "中期", "final": "期满"}[side])
    for each, rates in {**listed, "*": [value for some in listed.values() for value in some]}.items():
        path = f"indicators/{side}/{each};{code}"
        known = [value for value in rates if value is not None]
        unknown[side, each] += len(rates) - len(known)
        equivalent = sum(min(value, FULL) for value in known) / FULL
        yield f"{path}/count", Decimal(len(rates))
        yield f"{path}/unknown", Decimal(len(rates) - len(known))
        yield f"{path}/met", Decimal(sum(value >= FULL for value in known))
        yield f"{path}/over", Decimal(sum(value > FULL for value in known))
        yield f"{path}/equivalent", equivalent
        yield f"{path}/rate", rate(equivalent, Decimal(len(known)))
        if side == "window":
            table, heading = made.table(f"表2-{place}-1"), "中期绩效指标合计" if each == "*" else each
            assert [only(table, heading, word) for word in ("指标数", "完成数")] == [len(rates), equivalent]


def by_kind(listed: PdfTable, side: str) -> dict[str, list[Number]]:
    """The rates of the indicators of each kind; where a foot sums them up, it must do so rightly."""
    found: dict[str, list[Number]] = {}
    columns = [listed.numbers(side, each) for each in ("目标", "完成", "完成率")]
    names = zip(listed.texts("指标类别"), listed.texts("绩效指标"), strict=True)
    for (kind_name, name), count, done, quotient in zip(names, *columns, strict=True):
        rates = found.setdefault(kind_name, [])
        if name.startswith("小计"):
            assert (count, quotient) == (len(rates), rate(done, count))
            assert done == total(min(value, FULL) for value in rates if value is not None) / FULL
        else:
            rates.append(quotient)
    return found


def test_the_sum_of_indicators_of_each_area(school_print: Printing) -> None:
    made = school_print
    window = made.expected["indicators"]["window"]
    for place, (code, _) in enumerate(made.areas, start=1):
        if counted := window.get(f"*;{code}"):
            table = made.table(f"表2-{place}-1")
            read = [only(table, "中期绩效指标合计", each) for each in ("指标数", "完成数", "完成率")]
            assert read == [Decimal(counted[key]) for key in ("count", "equivalent", "rate")]


# Money


def test_money_of_the_school_by_source(school_print: Printing) -> None:
    made = school_print
    check(made, school_money(made))


def school_money(made: Printing) -> Printed:
    received, spent = made.table("表1-5"), made.table("表1-6")
    sources = [key for key in made.expected["funding"] if key.startswith("source:")]
    for key in ("window", *sources):
        name, path = "合计" if key == "window" else key.removeprefix("source:"), f"funding/{key}"
        yield from column(
            *(received, name, path),
            budget=("预算", "2022—2023年"),
            received="到位资金",
            receipt_rate=("到位率", "占同期预算"),
        )
        yield from column(
            *(spent, name, path),
            spent="支出资金",
            spent_of_received="支出率（占到位资金）",
            spent_of_budget="预算执行率（占同期预算）",
        )
        assert spent.number(name, "总支出预算") == received.number(name, "预算", "2022—2025年")
        assert spent.number(name, "到位资金") == received.number(name, "到位资金")
    # All money of this college lies in the window; the budget goes on.
    whole = "funding/all_years"
    budget, receipt = ("预算", "2022—2025年"), ("到位率", "占总预算")
    yield from column(received, "合计", whole, budget=budget, received="到位资金", receipt_rate=receipt)
    yield from column(
        *(spent, "合计", whole),
        spent="支出资金",
        spent_of_budget="支出占总预算",
        spent_of_received="支出率（占到位资金）",
    )


def test_shares_of_the_whole_budget(school_print: Printing) -> None:
    table = school_print.table("表1-5")
    for at, name in enumerate(table.texts("资金来源")):
        budget, window, received = (
            table.numbers(*words)[at]
            for words in (("预算", "2022—2025年"), ("预算", "2022—2023年"), ("到位资金",))
        )
        assert table.numbers("预算", "占总预算")[at] == rate(window, budget), name
        assert table.numbers("到位率", "占总预算")[at] == rate(received, budget), name


def test_money_of_the_group_by_year_and_task(group_print: Printing) -> None:
    made = group_print
    # The budget of all years, and shares of it, stand in running text.
    unsaid = "|".join(key for key in MONEY if key != "spent")
    check(made, group_money(made), untabled=("funding/all_years/.*", f"funding/task:.*/({unsaid})"))
    assert "2022—2025年预算总经费2,452万元" in made.pdf.text
    assert "到位资金占项目预算总经费的63.51%" in made.pdf.text


def group_money(made: Printing) -> Printed:
    table = made.table("表1-3")
    for key in ("window", "year:2022", "year:2023"):
        name = "合计" if key == "window" else f"{key.removeprefix('year:')}年"
        yield from column(
            *(table, name, f"funding/{key}"),
            budget="预算",
            received="到位资金",
            receipt_rate="到位率（占预算）",
            spent="支出资金",
            spent_of_received="支出率（占到位资金）",
            spent_of_budget="预算执行率（占预算）",
        )
    for code, name in made.areas:
        yield from column(made.table("表1-4"), name, f"funding/task:{code}", spent="合计")


def test_spending_by_task_adds_up(group_print: Printing) -> None:
    table = group_print.table("表1-4")
    for year in ("2022年", "2023年", "合计"):
        *parts, whole = table.numbers(year)
        assert total(parts) == whole


# Outcomes, satisfaction, score


@pytest.mark.parametrize(("fixture", "label"), [("school_print", "表3-1"), ("group_print", "表1-2")])
def test_outcomes_by_level(fixture: str, label: str, request: pytest.FixtureRequest) -> None:
    made: Printing = request.getfixturevalue(fixture)
    check(made, outcomes(made, made.table(label)))


def outcomes(made: Printing, table: PdfTable) -> Printed:
    headings = {
        "targets": {"kinds": "目标项数", "target": "目标数量", "done": "完成数量", "reached": "达到项数"},
        "achieved": {"kinds": "成果项数", "number": "成果数量"},
    }
    places = list(zip(table.texts("级别"), table.texts("单位"), strict=True))
    for side, keys in headings.items():
        for at, (level, unit) in enumerate(places):
            for key, heading in keys.items():
                value = table.numbers(heading)[at]
                # What has no target, or nothing achieved, has no figure.
                if value is not None:
                    yield f"outcomes/{side}/{level}/{unit}/{key}", value


@pytest.mark.parametrize(("fixture", "label"), [("school_print", "表1-3"), ("group_print", "表1-1")])
def test_the_list_of_outcomes_adds_up_to_their_targets(
    fixture: str, label: str, request: pytest.FixtureRequest
) -> None:
    made: Printing = request.getfixturevalue(fixture)
    table = made.table(label)
    found: defaultdict[str, Decimal] = defaultdict(Decimal)
    columns = (table.texts("级别"), table.texts("单位"), table.numbers("目标数量"), table.numbers("完成数量"))
    for level, unit, target, done in zip(*columns, strict=True):
        if target is not None:
            path = f"outcomes/targets/{level}/{unit}"
            for key, value in (("kinds", Decimal(1)), ("target", target), ("done", done)):
                found[f"{path}/{key}"] += value or Decimal(0)
    assert found == {
        key: value
        for key, value in made.figures.items()
        if key.startswith("outcomes/targets/") and not key.endswith("reached")
    }


def test_satisfaction_by_year(school_print: Printing) -> None:
    made = school_print
    check(made, satisfaction(made))
    table = made.table("表4-1")
    for name in table.texts("调查对象"):
        before, after = (table.number(name, "满意度", f"{year}年") for year in (2022, 2023))
        assert before is not None
        assert after is not None
        assert table.number(name, "变化（百分点）") == after - before


def satisfaction(made: Printing) -> Printed:
    for row in made.expected["satisfaction"]:
        heading = ("满意度", f"{row['year']}年")
        yield (
            f"satisfaction/{row['who']}/{row['year']}",
            made.table("表4-1").number(row["who"], *heading),
        )


def test_score_and_grade(school_print: Printing) -> None:
    made = school_print
    table = made.table("表1-4")
    # Of a college without groups in the scheme the composite is the score itself.
    check(
        made,
        column(table, "综合评价", "score", total="得分"),
        untabled=("score/(weight|unmarked|composite)",),
    )
    assert table.number("综合评价", "分值") == 100
    *items, whole = table.numbers("得分")
    assert total(items) == whole
    for name, weight, own, mark in zip(
        *(table.texts(each) for each in ("检查指标", "权重", "自评", "得分")), strict=True
    ):
        if weight:
            assert Decimal(weight) * Decimal(own) == Decimal(mark), name
    grade = made.expected["score"]["grade"]
    assert (table.row("综合评价")[0] or "").endswith(f"（{grade}）")
    assert f"自评得分：86分（满分100分）自评等级：{grade}" in made.pdf.text
    assert set(table.texts("专家评分")) == {""}


def test_what_a_project_does_not_have_is_not_counted_as_zero(group_print: Printing) -> None:
    assert group_print.expected["score"] is None
    assert "自评得分" not in group_print.pdf.text
    assert "满意度" not in "".join(group_print.pdf.tables)


# The file


def test_all_text_can_be_selected(any_print: Printing) -> None:
    """Every paragraph, caption and cell of the report is text of the file, in its order."""
    numbers = labels(any_print.document)
    said = [
        squeezed("".join(text(run, numbers) for run in placed.part.runs))
        for placed in flow(any_print.document)
        if isinstance(placed.part, Paragraph)
    ]
    assert said
    assert [each for each in said if each not in any_print.pdf.text] == []


def test_bookmarks_are_the_headings(any_print: Printing) -> None:
    headings = [(p.level, p.title) for p in flow(any_print.document) if isinstance(p.part, Section)]
    assert [(depth, title) for depth, title, _ in any_print.pdf.bookmarks] == headings
    for _, title, page in any_print.pdf.bookmarks:
        assert squeezed(title) in any_print.pdf.pages[page]


def test_the_contents_give_the_right_pages(any_print: Printing) -> None:
    pdf = any_print.pdf
    first = next(at for at, page in enumerate(pdf.pages) if squeezed(any_print.document.title) in page and at)
    starts = {squeezed(title): page - first + 1 for _, title, page in pdf.bookmarks}
    contents = [CONTENTS_LINE.fullmatch(line) for page in pdf.lines[1:first] for line in page]
    lines = {squeezed(line["title"]): int(line["page"]) for line in contents if line}
    assert lines == {title: starts[title] for title in lines}
    chapters = [squeezed(title) for depth, title, _ in pdf.bookmarks if depth == 1]
    assert [title for title in chapters if title not in lines] == []


def test_fonts_are_embedded_subsets(any_print: Printing) -> None:
    fonts = set(any_print.pdf.fonts)
    assert fonts
    assert [name for name, embedded in fonts if not embedded] == []
    assert [name for name, _ in fonts if not re.match(r"[A-Z]{6}\+", name)] == []


def test_no_number_is_broken_over_two_lines(any_print: Printing) -> None:
    assert any_print.pdf.broken == []


def test_no_page_is_nearly_empty(any_print: Printing) -> None:
    """But for the cover, and the last."""
    bare = [at for at, page in enumerate(any_print.pdf.pages[1:-1], start=2) if len(page) < 80]
    assert bare == []


def test_tables_are_numbered_as_in_the_report(any_print: Printing) -> None:
    """Each stands once, with its caption; none is lost where pages break."""
    document = [
        (placed.label, squeezed(placed.part.caption))
        for placed in flow(any_print.document)
        if isinstance(placed.part, Table)
    ]
    assert [(table.label, squeezed(table.title)) for table in any_print.pdf.tables.values()] == document


def test_the_annex_begins_on_a_page_of_its_own(school_print: Printing) -> None:
    ((at, title),) = [(at, title) for _, title, at in school_print.pdf.bookmarks if title.startswith("附件")]
    assert school_print.pdf.pages[at].startswith(squeezed(title))
