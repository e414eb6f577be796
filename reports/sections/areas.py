"""各项建设任务完成情况: one part for each area, as the ministry orders it."""

from __future__ import annotations

from projects.progress import PointFact, TaskFact
from reports.document import Block, Column, Figure, Group, Paragraph, Ref, Runs, Section, Table
from reports.facts import Facts
from reports.sections import indicators, points, unfinished
from reports.sections.numbers import count, number_column, numbers
from reports.sections.tasks import of_area
from reports.sections.words import area_id, listed, paragraphs, sentences, term, until, window_years
from reports.writing import cutoff_line, row, section, table

# More categories of indicators than this do not fit beside each other.
MOST_CATEGORIES = 3


def areas(facts: Facts) -> Section | None:
    if not facts.areas:
        return None
    return section(
        "areas",
        f"{term(facts)}完成情况",
        states(facts),
        year_table(facts),
        *(area_part(facts, area) for area in facts.areas),
        other_indicators(facts),
        decimal=True,
        tables_by_part=True,
    )


def states(facts: Facts) -> Block | None:
    """Due points by state; those states are not the same to a reader, though two of them count as 0."""
    if not facts.task_figures.progress.due:
        return None
    due = numbers(facts, facts.task_figures.progress, "tasks").count("due")
    buckets = {name: count(n, "tasks", "buckets", name) for name, n in facts.task_figures.buckets.items()}
    return sentences((*bucket_words(facts, due, buckets),), ("各年度计划与完成情况见", Ref("task-years")))


def bucket_words(facts: Facts, due: Figure, buckets: dict[str, Figure]) -> Runs:
    names = {"done": "全部完成", "over": "超额完成", "partial": "部分完成", "not_started": "未开展或未填报"}
    parts = listed((name, buckets[key], "个") for key, name in names.items() if buckets[key].value)
    return (f"{until(facts)}，到期的任务点共", due, "个，其中", *parts)


def year_table(facts: Facts) -> Table | None:
    """What each year planned, due or not, and what is done of it by now."""
    by_year = facts.task_figures.by_year
    if not by_year:
        return None
    return table(
        "task-years",
        "各年度任务点计划与完成情况",
        (
            Column("年度", 3, "center"),
            number_column("计划任务点"),
            number_column("完成数"),
            number_column("完成率"),
        ),
        [
            row(f"{year}年", of.count("planned"), of.count("done"), of.rate("rate"))
            for year, each in by_year.items()
            for of in [numbers(facts, each, "tasks", "by_year", year)]
        ],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
        notes=["按任务点所属年度统计，包括尚未到期的任务点。"],
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
        *early(facts, area),
        rates_table(facts, area),
    )


def counts(facts: Facts, area: TaskFact) -> Paragraph | None:
    counted, of = facts.task_figures.by_area[area.code], of_area(facts, area)
    label = facts.window.label
    lead = f"牵头部门为{area.lead}" if area.lead else None
    if not counted.total:
        return sentences(lead, "任务书没有为本项列出任务点", indicator_rate(facts, area))
    if not counted.due:
        return sentences(
            lead,
            ("本项共有任务点", of.count("total"), f"个，{window_years(facts)}没有到期的任务点"),
            indicator_rate(facts, area),
        )
    done = (
        *(f"{window_years(facts)}预期完成任务点", of.count("due"), "个", *by_year(facts, area)),
        *("，已完成", of.count("due_done"), f"个，{label}任务完成率为", of.rate("due_rate")),
    )
    return sentences(lead, done, indicator_rate(facts, area))


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
    of = indicators.of_window(facts, f"*;{area.code}")
    return (f"{facts.window.label}绩效指标", of.count("count"), "个，完成率为", of.rate("rate"))


def early(facts: Facts, area: TaskFact) -> list[Block | None]:
    """`提前完成2024年度任务点2个（…；…）`."""
    found = [point for point in points.of_area(facts, area.code) if point.is_early(facts.as_of)]
    if not found:
        return []
    texts = "；".join(early_text(point) for point in found)
    return [sentences(("提前完成尚未到期的任务点", of_area(facts, area).count("early"), f"个（{texts}）"))]


def early_text(point: PointFact) -> str:
    return f"{point.year}年：{point.text.rstrip('。；')}"


def rates_table(facts: Facts, area: TaskFact) -> Table:
    """The ministry's 表2-x-1: points of the window beside the indicators by category."""
    names = indicators.categories(facts, area.code)
    shown = names if len(names) <= MOST_CATEGORIES else []
    of, label = of_area(facts, area), facts.window.label
    task_columns = (number_column("任务数", 2), number_column("完成数", 2), number_column("完成率"))
    columns: list[Column | Group] = [Group(f"{label}任务点", task_columns)]
    columns += [Group(name, (number_column("指标数", 2), number_column("完成数", 2))) for name in shown]
    cells = [(of.count("due"),), (of.count("due_done"),), (of.rate("due_rate"),)]
    for name in shown:
        one = indicators.of_window(facts, f"{name};{area.code}")
        cells += [(one.count("count"),), (one.count("equivalent"),)]
    if names:
        every = indicators.of_window(facts, f"*;{area.code}")
        extra = (number_column("指标数", 2), number_column("完成数", 2), number_column("完成率"))
        columns.append(Group(f"{label}绩效指标合计", extra))
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
    if not due and not own:
        return None
    years = window_years(facts)
    blocks: list[Block | None] = []
    if due:
        blocks.append(
            points.point_table(facts, due, area_id("points", area), f"{years}{area.name}任务点完成情况")
        )
    if own:
        caption = f"{years}{area.name}绩效指标完成情况"
        blocks.append(indicators.list_table(facts, own, area_id("indicators", area), caption))
    return section(area_id("work", area), "建设任务完成情况", *blocks)


def other_indicators(facts: Facts) -> Section | None:
    """Indicators that belong to no area."""
    rest = [each for each in facts.attainments if not each.indicator.area]
    if not rest:
        return None
    caption = f"{window_years(facts)}其他绩效指标完成情况"
    listed_ones = indicators.list_table(facts, rest, "other-indicators-list", caption)
    return section("other-indicators", "其他绩效指标", listed_ones)
