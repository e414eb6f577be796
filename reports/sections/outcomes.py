"""标志性成果: what was promised and what was won, by level; quantities never add over units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from indicators.landmarks import NO_UNIT, OutcomeFact, TargetProgress
from projects.numbers import ratio
from projects.progress import TaskFact
from projects.templatetags.numbers import day
from reports.dashboard import level_rank
from reports.document import Block, Column, Group, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import count, number_column, numbers, rate
from reports.sections.words import joined, listed, named, project_years, sentences, until
from reports.writing import cutoff_line, merged, row, section, table

LEFT_OVER = "其他标志性成果"
NO_AREA = "未归入建设任务"


def outcomes(facts: Facts) -> Section:
    return section("outcomes", "标志性成果完成总体情况", *blocks(facts))


def blocks(facts: Facts) -> list[Block | None]:
    figures = facts.outcome_figures
    if not (figures.progress or figures.others):
        return [sentences("没有标志性成果目标，成果台账中也没有标志性成果")]
    return [summary(facts, Ref("outcome-list")), outcome_table(facts)]


def summary(facts: Facts, ref: Ref) -> Block | None:
    return sentences(achieved(facts), reached(facts), ("详见", ref))


def achieved(facts: Facts) -> Runs:
    """`产出国家级标志性成果3项4个；…`: rows of the ledger, and their quantity in each unit."""
    by_level = facts.outcome_figures.achieved
    if not by_level:
        return (f"{until(facts)}尚未取得标志性成果",)
    levels = [won(facts, level) for level in sorted(by_level, key=level_rank)]
    return (f"{until(facts)}，产出", *joined(levels, "；"))


def won(facts: Facts, level: str) -> Runs:
    """Kinds are rows of the ledger and add up; their quantities stand apart, each in its unit."""
    units = facts.outcome_figures.achieved[level]
    path = ("outcomes", "achieved", level)
    won_numbers = [(count(each.number, *path, unit, "number"), unit) for unit, each in units.items()]
    kinds = sum(each.kinds for each in units.values())
    lead = f"{level}标志性成果"
    if len(units) > 1:
        return (lead, count(kinds, *path, "kinds"), "项，计", *listed(won_numbers))
    [(unit, each)] = units.items()
    if unit != NO_UNIT:
        return (lead, count(kinds, *path, unit, "kinds"), NO_UNIT, *won_numbers[0])
    if each.number == kinds:
        return (lead, *won_numbers[0])
    return (lead, count(kinds, *path, unit, "kinds"), "类", *won_numbers[0])


def of_area(facts: Facts, area: TaskFact) -> Runs:
    """`标志性成果目标3项，已达到2项`, for the chapter of an area."""
    own = [each for each in facts.outcome_figures.progress if each.target.area == area.code]
    if not own:
        return ()
    path = ("outcomes", "by_area", area.code)
    met = sum(each.is_reached for each in own)
    return (
        "标志性成果目标",
        count(len(own), *path, "kinds"),
        "项，已达到",
        count(met, *path, "reached"),
        "项",
    )


def reached(facts: Facts) -> Runs:
    progress = facts.outcome_figures.progress
    if not progress:
        return ()
    met = sum(target.is_reached for target in progress)
    whole = f"任务书{project_years(facts)}的标志性成果目标共"
    kinds, done = count(len(progress), "outcomes", "kinds"), count(met, "outcomes", "reached")
    return (whole, kinds, "项，已达到", done, "项")


def outcome_table(facts: Facts) -> Table:
    """The ministry's 表1-3: targets by area, what no target asks for at the end."""
    progress, others = facts.outcome_figures.progress, facts.outcome_figures.others
    areas = {area.code: named(area) for area in facts.areas}
    rows = [
        line
        for code, name in (*areas.items(), ("", NO_AREA))
        if (some := [p for p in progress if p.target.area == code])
        for line in merged((name,), [target_cells(facts, each) for each in some])
    ]
    return table(
        "outcome-list",
        f"{project_years(facts)}标志性成果一览",
        (
            Column("建设任务", 4),
            Column("标志性成果名称", 8),
            Column("级别", 4, "center"),
            number_column("目标数量"),
            Column("单位", 2, "center"),
            number_column("完成数量"),
            number_column("完成率", 3, droppable=True),
        ),
        [*rows, *(merged((LEFT_OVER,), [other_cells(each) for each in others]) if others else ())],
        cutoff=cutoff_line(facts.as_of),
        notes=notes(others),
    )


def target_cells(facts: Facts, progress: TargetProgress) -> list[Runs]:
    target = progress.target
    path = ("outcomes", "by_target", target.code)
    meant = f"（{target.target_text}）" if target.target_text else ""
    return [
        (target.name + meant,),
        (target.level,),
        (count(target.target, *path, "target"),),
        (target.unit,),
        (count(progress.done, *path, "done"),),
        (rate(facts, progress.rate, *path, "rate"),),
    ]


def other_cells(outcome: OutcomeFact) -> list[Runs]:
    """No target asks for it, so there is none to print; that is not an unknown one."""
    number = count(outcome.quantity, "outcomes", "by_row", outcome.code, "quantity")
    return [(outcome.name,), (outcome.level,), ("",), (NO_UNIT,), (number,), ("",)]


def notes(others: Sequence[OutcomeFact]) -> list[str]:
    said = ["只统计截止日期前获批的成果，引用其他项目首计的成果不重复计数。"]
    if others:
        said.append(f"“{LEFT_OVER}”没有对应的成果目标，只计数量。")
    return said


def by_target_level(facts: Facts) -> Runs:
    """`国家级目标3个，完成3个；…`: what was won for the targets of a level, whatever its own."""
    clauses = [
        (f"{level}目标", of.count("target"), f"{unit}，完成", of.count("done"), unit)
        for level, units in sorted(
            facts.outcome_figures.targets.items(), key=lambda item: level_rank(item[0])
        )
        for unit, each in units.items()
        for of in [numbers(facts, each, "outcomes", "targets", level, unit)]
    ]
    return (f"按成果目标的级别，{until(facts)}，", *joined(clauses, "；")) if clauses else ()


def level_table(facts: Facts) -> Table | None:
    """Sums by level and unit: of targets, and of what was won at the level it has itself."""
    figures = facts.outcome_figures
    keys = level_keys((figures.targets, figures.achieved))
    if not keys:
        return None
    return table(
        "outcome-levels",
        "标志性成果分级别完成情况",
        (
            Column("级别", 4, "center"),
            Column("单位", 2, "center"),
            Group(
                "按成果目标的级别",
                (
                    number_column("目标项数"),
                    number_column("达到项数"),
                    number_column("目标数量"),
                    number_column("完成数量"),
                    number_column("完成率", 4),
                ),
            ),
            Group("按成果本身的级别", (number_column("成果项数"), number_column("成果数量"))),
        ),
        [
            line
            for level in dict.fromkeys(level for level, _ in keys)
            for line in merged((level,), [level_cells(facts, *key) for key in keys if key[0] == level])
        ],
        cutoff=cutoff_line(facts.as_of),
        notes=["各计量单位分别计数，不相加；“以上”指至少达到该级别。"],
    )


def level_keys(sums: Iterable[Mapping[str, Mapping[str, object]]]) -> list[tuple[str, str]]:
    """Levels and units that occur, national first."""
    found = dict.fromkeys(
        (level, unit) for by_level in sums for level in by_level for unit in by_level[level]
    )
    return sorted(found, key=lambda key: level_rank(key[0]))


def level_cells(facts: Facts, level: str, unit: str) -> list[Runs]:
    figures = facts.outcome_figures
    cells: list[Runs] = [(unit,)]
    target = figures.targets.get(level, {}).get(unit)
    if target is None:
        cells += [("",)] * 5
    else:
        path = ("outcomes", "targets", level, unit)
        of = numbers(facts, target, *path)
        cells += [(of.count(name),) for name in ("kinds", "reached", "target", "done")]
        cells.append((rate(facts, ratio(target.done, target.target), *path, "rate"),))
    won = figures.achieved.get(level, {}).get(unit)
    of_won = numbers(facts, won, "outcomes", "achieved", level, unit)
    return cells + ([(of_won.count(name),) for name in ("kinds", "number")] if won else [("",)] * 2)


def ledger_table(facts: Facts) -> Table | None:
    """What was won, row by row; None where the ledger holds sums only, which say no more than the targets."""
    rows = [each for each in facts.outcomes if each.counts(facts.as_of)]
    if not any(each.issuer or each.document_no or each.grade for each in rows):
        return None
    return table(
        "ledger",
        "标志性成果台账",
        (
            Column("序号", 2, "center"),
            Column("成果名称", 10),
            Column("级别", 5, "center"),
            Column("类别和等次", 4, "center", droppable=True),
            number_column("数量", 2),
            Column("获批日期", 6, "center"),
            Column("颁发单位和文号", 9, droppable=True),
        ),
        [ledger_row(at, each) for at, each in enumerate(rows, 1)],
        cutoff=cutoff_line(facts.as_of),
    )


def ledger_row(at: int, each: OutcomeFact) -> Row:
    return row(
        str(at),
        each.name,
        each.level,
        "，".join(filter(None, (each.kind, each.grade))),
        count(each.quantity, "outcomes", "by_row", each.code, "quantity"),
        day(each.awarded_on),
        "，".join(filter(None, (each.issuer, each.document_no))),
    )
