"""各项建设任务完成情况: one part for each area, as the ministry orders it."""

from __future__ import annotations

from projects.progress import PointFact, TaskFact
from reports.document import Block, Cell, Group, Paragraph, Ref, Runs, Section, Table
from reports.facts import Facts
from reports.sections import funding, indicators, outcomes, points, unfinished
from reports.sections.numbers import number_column, numbers
from reports.sections.states import state_table, states, year_table
from reports.sections.tasks import of_area
from reports.sections.words import (
    area_id,
    joined,
    listed,
    named,
    paragraphs,
    sentences,
    term,
    window_years,
)
from reports.writing import cutoff_line, row, section, table

# More categories of indicators than this do not fit beside each other.
MOST_CATEGORIES = 3
# More early points than this are left to their own list.
MOST_EARLY = 5


def areas(facts: Facts) -> Section | None:
    if not facts.areas:
        return None
    return section(
        "areas",
        f"{term(facts)}完成情况",
        states(facts),
        year_table(facts),
        state_table(facts),
        *(area_part(facts, area) for area in facts.areas),
        other_indicators(facts),
        decimal=True,
        tables_by_part=True,
    )


def area_part(facts: Facts, area: TaskFact) -> Section:
    return section(
        area_id("area", area),
        area.name,
        basics(facts, area),
        work(facts, area),
        unfinished.of_area(facts, area),
    )


def basics(facts: Facts, area: TaskFact) -> Section:
    return section(
        area_id("basics", area),
        "基本情况",
        *paragraphs(area.effect),
        counts(facts, area),
        early(facts, area),
        sentences(outcomes.of_area(facts, area), funding.of_area(facts, area)),
        rates_table(facts, area),
    )


def counts(facts: Facts, area: TaskFact) -> Paragraph | None:
    lead = f"牵头部门为{area.lead}" if area.lead else None
    return sentences(lead, done(facts, area), indicator_rate(facts, area))


def done(facts: Facts, area: TaskFact) -> Runs:
    counted, of = facts.task_figures.by_area[area.code], of_area(facts, area)
    years, label = window_years(facts), facts.window.label
    if not counted.total:
        return ("任务书没有为本项列出任务点",)
    if not counted.due:
        return ("本项共有任务点", of.count("total"), f"个，{years}没有到期的任务点")
    return joined(
        [
            (f"{years}预期完成任务点", of.count("due"), "个", *by_year(facts, area)),
            ("已完成", of.count("due_done"), "个"),
            (f"{label}任务完成率为", of.rate("due_rate")),
        ]
    )


def by_year(facts: Facts, area: TaskFact) -> Runs:
    """`（2022年17个、2023年12个）`, where there are several years."""
    found = [
        (f"{year}年", numbers(facts, each, "tasks", "by_area", area.code, "by_year", year).count("due"), "个")
        for (code, year), each in facts.task_figures.by_area_year.items()
        if code == area.code and each.due
    ]
    return ("（", *listed(found), "）") if len(found) > 1 else ()


def indicator_rate(facts: Facts, area: TaskFact) -> Runs:
    counted = facts.indicators.get(f"*;{area.code}")
    if counted is None or counted.rate is None:
        return ()
    of = indicators.side_of_window(facts).of(f"*;{area.code}")
    return (f"{facts.window.label}绩效指标", of.count("count"), "个，完成率为", of.rate("rate"))


def early(facts: Facts, area: TaskFact) -> Block | None:
    """`提前完成…2个（2024年：…；…）`; many of them stand on a list at the end."""
    found = [point for point in points.of_area(facts, area.code) if point.is_early(facts.as_of)]
    if not found:
        return None
    texts: Runs = ("；".join(early_text(point) for point in found),)
    where = texts if len(found) <= MOST_EARLY else ("见", Ref("early"))
    number = of_area(facts, area).count("early")
    return sentences(("提前完成尚未到期的任务点", number, "个（", *where, "）"))


def early_text(point: PointFact) -> str:
    return f"{point.year}年：{point.text.rstrip('。；')}"


def rates_table(facts: Facts, area: TaskFact) -> Table | None:
    """The ministry's 表2-x-1: points of the window beside the indicators by category."""
    names = indicators.categories(facts, area.code)
    if not (facts.task_figures.by_area[area.code].due or names):
        return None
    of, window, label = of_area(facts, area), indicators.side_of_window(facts), facts.window.label
    done_columns = (number_column("任务数", 2), number_column("完成数", 2), number_column("完成率"))
    columns = [Group(f"{label}任务点", done_columns)]
    cells: list[Runs | Cell] = [(of.count("due"),), (of.count("due_done"),), (of.rate("due_rate"),)]
    for name in names if len(names) <= MOST_CATEGORIES else []:
        one = window.of(f"{name};{area.code}")
        columns.append(Group(name, (number_column("指标数", 2), number_column("完成数", 2))))
        cells += [(one.count("count"),), (one.count("equivalent"),)]
    if names:
        every = window.of(f"*;{area.code}")
        sums = (number_column("指标数", 2), number_column("完成数", 2), number_column("完成率"))
        columns.append(Group(f"{label}绩效指标合计", sums))
        cells += [(every.count("count"),), (every.count("equivalent"),), (every.rate("rate"),)]
    return table(
        area_id("rates", area),
        f"{window_years(facts)}{area.name}完成情况",
        columns,
        [row(*cells)],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
    )


def work(facts: Facts, area: TaskFact) -> Section | None:
    """The points of the window with what was done, and the indicators of the area."""
    due = points.due_of_area(facts, area.code)
    own = [each for each in facts.attainments if each.indicator.area == area.code]
    years = window_years(facts)
    blocks: list[Block | None] = [*effects(facts, area)]
    if due:
        caption = f"{years}{area.name}任务点完成情况"
        blocks.append(points.point_table(facts, due, area_id("points", area), caption))
    if own:
        caption = f"{years}{area.name}绩效指标完成情况"
        blocks.append(indicators.list_table(facts, own, area_id("indicators", area), caption, area.code))
    return section(area_id("work", area), "建设任务完成情况", *blocks) if blocks else None


def effects(facts: Facts, area: TaskFact) -> list[Paragraph]:
    """What came of each sub-task, in the words of those who did it."""
    below = [task for task in facts.tasks if task.area == area.code and task.parent_id is not None]
    return [
        paragraph
        for task in below
        if task.effect
        for paragraph in paragraphs(f"{named(task)}：{task.effect}")
    ]


def other_indicators(facts: Facts) -> Section | None:
    """Indicators that belong to no area."""
    rest = [each for each in facts.attainments if not each.indicator.area]
    if not rest:
        return None
    caption = f"{window_years(facts)}其他绩效指标完成情况"
    listed_ones = indicators.list_table(facts, rest, "other-indicators-list", caption)
    return section("other-indicators", "其他绩效指标", listed_ones)
