"""绩效指标: counts against the targets of the window and of the whole project, and each indicator."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from indicators.attainment import Attainment, AttainmentCount
from reports.document import Block, Cell, Column, Group, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import Numbers, number_column, numbers
from reports.sections.words import level, listed, project_years, sentences, until, window_years
from reports.writing import cutoff_line, merged, row, section, table

ALL = "*"
FINAL = "期满"


def indicators(facts: Facts) -> Section:
    return section("indicators", "绩效指标完成总体情况", *blocks(facts))


def blocks(facts: Facts) -> list[Block | None]:
    if ALL not in facts.indicators:
        return [sentences("任务书没有纳入统计的绩效指标")]
    return [summary(facts), indicator_table(facts)]


def of_window(facts: Facts, key: str) -> Numbers:
    return numbers(facts, facts.indicators[key], "indicators", "window", key)


def of_whole(facts: Facts, key: str) -> Numbers:
    return numbers(facts, facts.final_indicators[key], "indicators", "final", key)


def categories(facts: Facts, area: str = "") -> list[str]:
    """二级指标 in file order, of one area or of all."""
    found = [a.indicator.level2 for a in facts.attainments if not area or a.indicator.area == area]
    return list(dict.fromkeys(found))


def summary(facts: Facts) -> Block | None:
    label = facts.window.label
    window, whole = of_window(facts, ALL), of_whole(facts, ALL)
    by_window = (
        *(f"{window_years(facts)}，", *attained(window, facts.indicators[ALL], label)),
        *exceeded(window, facts.indicators[ALL]),
    )
    by_end = (
        *(*attained(whole, facts.final_indicators[ALL], FINAL),),
        *exceeded(whole, facts.final_indicators[ALL]),
    )
    return sentences(
        (f"{level(facts)}绩效指标（{project_years(facts)}）共", whole.count("count"), "个"),
        by_window,
        (f"{until(facts)}，", *by_end) if label != FINAL else None,
        by_category(facts),
        ("详见", Ref("indicator-rates")),
    )


def attained(of: Numbers, count: AttainmentCount, label: str) -> Runs:
    """Against the targets of a window of this kind; what cannot be judged is said."""
    if count.rate is None:
        return (f"没有可用的{label}目标值，{label}指标完成率无法计算",)
    unknown = ("（另有", of.count("unknown"), "个无法判断，不计入）") if count.unknown else ()
    return (
        *(f"按{label}目标折合完成", of.count("equivalent"), "个，其中达标", of.count("met"), "个，"),
        *(f"{label}指标完成率为", of.rate("rate"), *unknown),
    )


def exceeded(of: Numbers, count: AttainmentCount) -> Runs:
    return ("，超额完成", of.count("over"), "个") if count.over else ()


def by_category(facts: Facts) -> Runs:
    """The rates of the categories, where there are several."""
    names = [name for name in categories(facts) if facts.indicators[name].rate is not None]
    if len(names) < 2:
        return ()
    label = facts.window.label
    rates = listed((f"{name}", of_window(facts, name).rate("rate")) for name in names)
    return (f"{label}指标完成率分类别为：", *rates)


def indicator_table(facts: Facts) -> Table:
    """The ministry's 表1-2: the targets of the whole project beside those of the window."""
    unknown = any(c.unknown for c in (facts.indicators[ALL], facts.final_indicators[ALL]))
    rows = [indicator_row(facts, name, name, unknown) for name in categories(facts)]
    kinds = (f"期满目标（{project_years(facts)}）", f"{facts.window.label}目标（{window_years(facts)}）")
    return table(
        "indicator-rates",
        f"{project_years(facts)}绩效指标完成情况",
        [Column("指标类别", 5), *(Group(kind, count_columns(unknown)) for kind in kinds)],
        [*rows, indicator_row(facts, ALL, "合计", unknown, strong=True)],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
        notes=[definition(unknown)],
    )


def count_columns(unknown: bool) -> tuple[Column, ...]:
    return (
        number_column("指标数"),
        *((number_column("无法判断"),) if unknown else ()),
        number_column("达标数"),
        number_column("完成数"),
        number_column("完成率", 4),
    )


def definition(unknown: bool) -> str:
    apart = "－无法判断数" if unknown else ""
    because = "无法判断指没有可用的目标值；" if unknown else ""
    return f"完成数按每个指标的完成比例折算，最多计1个；{because}完成率＝完成数÷（指标数{apart}）。".replace(
        "（指标数）", "指标数"
    )


def indicator_row(facts: Facts, key: str, name: str, unknown: bool, *, strong: bool = False) -> Row:
    sides = (of_whole(facts, key), of_window(facts, key))
    return row(name, *(value for side in sides for value in side_cells(side, unknown)), strong=strong)


def side_cells(of: Numbers, unknown: bool) -> Iterable[Cell | Runs]:
    names = ("count", *(("unknown",) if unknown else ()), "met", "equivalent")
    return (*((of.count(name),) for name in names), (of.rate("rate"),))


def list_table(facts: Facts, attainments: Sequence[Attainment], id: str, caption: str) -> Table:
    """Each indicator with its target and value; the category is merged over its indicators."""
    label = facts.window.label
    return table(
        id,
        caption,
        (
            Column("指标类别", 3),
            Column("绩效指标", 8),
            Column("单位", 2, "center", droppable=True),
            number_column("期满目标", droppable=True),
            *((number_column(f"{label}目标", droppable=True),) if label != FINAL else ()),
            number_column("完成值", droppable=True),
            number_column("完成率"),
        ),
        [
            line
            for name in dict.fromkeys(a.indicator.level2 for a in attainments)
            for line in merged(
                (name,), [list_row(facts, a) for a in attainments if a.indicator.level2 == name]
            )
        ],
        cutoff=cutoff_line(facts.as_of),
        notes=notes(attainments),
    )


def list_row(facts: Facts, attainment: Attainment) -> list[Runs]:
    indicator = attainment.indicator
    ours = numbers(facts, attainment, "indicators", "by_code", indicator.code, "window")
    final = next(a for a in facts.final_attainments if a.indicator.code == indicator.code)
    whole = numbers(facts, final, "indicators", "by_code", indicator.code, "final")
    target = ((ours.count("target"),),) if facts.window.label != FINAL else ()
    name = f"{indicator.code} {indicator.name}"
    meant = f"（{indicator.target_text}）" if indicator.target_text else ""
    return [
        (name + meant,),
        (indicator.unit,),
        (whole.count("target"),),
        *target,
        (ours.count("value"),),
        (ours.rate("raw"),),
    ]


def notes(attainments: Sequence[Attainment]) -> list[str]:
    said = []
    if any(a.is_missing for a in attainments):
        said.append("完成值为“—”的指标未填报，完成率按0计。")
    if any(a.raw is None for a in attainments):
        said.append("完成率为“—”的指标没有可用的目标值，不计入完成率。")
    if any(a.indicator.lower_is_better for a in attainments):
        said.append("越低越好的指标，完成率＝目标值÷完成值。")
    return said
