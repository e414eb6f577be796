"""绩效指标: counts against the targets of the window and of the whole project, and each indicator."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from indicators.attainment import Attainment, AttainmentCount
from reports.document import Block, Column, Figure, Group, Note, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import Numbers, key, number_column, numbers
from reports.sections.words import joined, level, listed, project_years, sentences, until, window_years
from reports.writing import cutoff_line, merged, note, row, section, table

ALL = "*"
FINAL = "期满"


@dataclass(frozen=True, slots=True)
class Side:
    """The targets of one kind (期满, 中期, 年度), and what is counted against them."""

    facts: Facts
    label: str
    years: str
    path: str
    counts: Mapping[str, AttainmentCount]
    attainments: Mapping[str, Attainment]

    def of(self, key: str) -> Numbers:
        return numbers(self.facts, self.counts[key], "indicators", self.path, key)

    def of_one(self, code: str) -> Numbers:
        return numbers(self.facts, self.attainments[code], "indicators", "by_code", code, self.path)


def side_of_whole(facts: Facts) -> Side:
    return side(facts, FINAL, project_years(facts), "final", facts.final_attainments)


def side_of_window(facts: Facts) -> Side:
    return side(facts, facts.window.label, window_years(facts), "window", facts.attainments)


def side(facts: Facts, label: str, years: str, path: str, attainments: Sequence[Attainment]) -> Side:
    counts = facts.indicators if path == "window" else facts.final_indicators
    return Side(facts, label, years, path, counts, {a.indicator.code: a for a in attainments})


def sides(facts: Facts) -> list[Side]:
    """The whole project beside the window; at the end of the project they are one."""
    whole, window = side_of_whole(facts), side_of_window(facts)
    same = window.label == FINAL and whole.attainments == window.attainments
    return [whole] if same else [whole, window]


def indicators(facts: Facts) -> Section:
    return section("indicators", "绩效指标完成总体情况", *blocks(facts))


def blocks(facts: Facts) -> list[Block | None]:
    if ALL not in facts.indicators:
        return [sentences("任务书没有纳入统计的绩效指标")]
    return [summary(facts), indicator_table(facts)]


def categories(facts: Facts, area: str = "") -> list[str]:
    """二级指标 in file order, of one area or of all."""
    found = [a.indicator.level2 for a in facts.attainments if not area or a.indicator.area == area]
    return list(dict.fromkeys(found))


def summary(facts: Facts) -> Block | None:
    whole, window = side_of_whole(facts), side_of_window(facts)
    both = len(sides(facts)) > 1
    return sentences(
        (f"{level(facts)}绩效指标（{project_years(facts)}）共", whole.of(ALL).count("count"), "个"),
        (f"{until(facts)}，", *attained(whole)),
        (f"其中，{window.years}", *attained(window)) if both else None,
        by_category(facts),
        ("详见", Ref("indicator-rates")),
    )


def attained(by: Side) -> Runs:
    """Against the targets of one kind; what cannot be judged is said."""
    count, of = by.counts[ALL], by.of(ALL)
    if count.rate is None:
        return (f"没有可用的{by.label}目标值，{by.label}指标完成率无法计算",)
    clauses: list[Runs] = [
        (f"按{by.label}目标折合完成", of.count("equivalent"), "个"),
        ("达标", of.count("met"), "个"),
        ("超额完成", of.count("over"), "个") if count.over else (),
        (f"{by.label}指标完成率为", of.rate("rate")),
        ("另有", of.count("unknown"), "个无法判断，不计入") if count.unknown else (),
    ]
    return joined(clauses)


def by_category(facts: Facts) -> Runs:
    """The rates of the categories, where there are several."""
    window = side_of_window(facts)
    names = [name for name in categories(facts) if facts.indicators[name].rate is not None]
    if len(names) < 2:
        return ()
    rates = listed((f"{name}", window.of(name).rate("rate")) for name in names)
    return (f"{window.label}指标完成率分类别为：", *rates)


# What is counted, with its short heading: there is a column of each for every kind of target.
COUNTS = {"count": "指标", "met": "达标", "over": "超额", "equivalent": "完成"}


def indicator_table(facts: Facts) -> Table:
    """The ministry's 表1-2: the targets of the whole project beside those of the window."""
    columns = (*(number_column(head, 2) for head in COUNTS.values()), number_column("完成率"))
    rows = [indicator_row(facts, name, name) for name in categories(facts)]
    return table(
        "indicator-rates",
        f"{project_years(facts)}绩效指标完成情况",
        [Column("指标类别", 4), *(Group(f"{s.label}目标（{s.years}）", columns) for s in sides(facts))],
        [*rows, indicator_row(facts, ALL, "合计", strong=True)],
        unit="个",
        cutoff=cutoff_line(facts.as_of),
        notes=[
            definition(facts),
            *(said for each in sides(facts) for said in (unknown(each), missing(each)) if said),
        ],
    )


def definition(facts: Facts) -> str:
    apart = any(each.counts[ALL].unknown for each in sides(facts))
    judged = "（指标数－无法判断数）" if apart else "指标数"
    return f"完成数按每个指标的完成比例折算，最多计1个；完成率＝完成数÷{judged}。"


def unknown(by: Side) -> Note | None:
    """How many of each category cannot be judged, and so are not in its rate."""
    found = {name: by.of(name).count("unknown") for name in categories(by.facts)}
    return by_name(f"没有可用的{by.label}目标值、无法判断的有：", found)


def missing(by: Side) -> Note | None:
    """How many of each category nobody has reported: they stay in its rate, as if they were 0."""
    found = Counter(each.indicator.level2 for each in by.attainments.values() if each.is_missing)
    figures = {name: Figure.count(key("indicators", by.path, name, "missing"), found[name]) for name in found}
    return by_name(f"尚未填报、{by.label}完成率按0计的有：", figures)


def by_name(lead: str, found: Mapping[str, Figure]) -> Note | None:
    some = [(name, number, "个") for name, number in found.items() if number.value]
    return note(lead, *listed(some), "。") if some else None


def indicator_row(facts: Facts, key: str, name: str, *, strong: bool = False) -> Row:
    cells: list[Figure] = []
    for each in sides(facts):
        of = each.of(key)
        cells += [*(of.count(count) for count in COUNTS), of.rate("rate")]
    return row(name, *cells, strong=strong)


def list_table(
    facts: Facts, attainments: Sequence[Attainment], id: str, caption: str, area: str = ""
) -> Table:
    """Each indicator with target and value; the category is merged over its indicators and their sum."""
    shown = sides(facts)
    columns = (number_column("目标", 2), number_column("完成", 2), number_column("完成率"))
    return table(
        id,
        caption,
        (
            Column("指标类别", 3),
            Column("绩效指标", 10),
            Column("单位", 2, "center", droppable=True),
            *(Group(f"{each.label}", columns) for each in shown),
        ),
        [
            line
            for name in dict.fromkeys(a.indicator.level2 for a in attainments)
            for line in category_rows(
                shown, name, [a for a in attainments if a.indicator.level2 == name], area
            )
        ],
        cutoff=cutoff_line(facts.as_of),
        notes=notes(attainments),
    )


def category_rows(
    shown: Sequence[Side], name: str, attainments: Sequence[Attainment], area: str
) -> list[Row]:
    """The sum stands under the indicators of an area, where there are several."""
    rows = [list_row(shown, each) for each in attainments]
    if area and len(rows) > 1:
        rows.append(sum_row(shown, f"{name};{area}"))
    return merged((name,), rows)


def list_row(shown: Sequence[Side], attainment: Attainment) -> list[Runs]:
    indicator = attainment.indicator
    meant = f"（{indicator.target_text}）" if indicator.target_text else ""
    cells: list[Runs] = [(f"{indicator.code} {indicator.name}{meant}",), (indicator.unit,)]
    for each in shown:
        of = each.of_one(indicator.code)
        cells += [(of.count("target"),), (of.count("value"),), (of.rate("raw"),)]
    return cells


def sum_row(shown: Sequence[Side], key: str) -> list[Runs]:
    """Numbers of indicators: how many there are, and how many of them are done."""
    said = joined((*met(each, key),) for each in shown)
    cells: list[Runs] = [("小计（", *said, "）"), ("个",)]
    for each in shown:
        of = each.of(key)
        cells += [(of.count("count"),), (of.count("equivalent"),), (of.rate("rate"),)]
    return cells


def met(by: Side, key: str) -> Runs:
    of, count = by.of(key), by.counts[key]
    over = ("、超额", of.count("over"), "个") if count.over else ()
    unknown = ("、未知", of.count("unknown"), "个") if count.unknown else ()
    return (f"{by.label}达标", of.count("met"), "个", *over, *unknown)


def notes(attainments: Sequence[Attainment]) -> list[str]:
    said = []
    if any(a.is_missing for a in attainments):
        said.append("完成为“—”的指标未填报，完成率按0计。")
    if any(a.raw is None for a in attainments):
        said.append("完成率为“—”的指标没有可用的目标值，不计入完成率。")
    if any(a.indicator.lower_is_better for a in attainments):
        said.append("越低越好的指标，完成率＝目标值÷完成值。")
    return said
