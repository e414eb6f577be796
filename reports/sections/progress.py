"""目标愿景实现和发展进步情况: visions, and before, now and the benchmark college."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction

from indicators.development import ComparisonFact, VisionFact
from projects.templatetags.numbers import UNKNOWN
from reports.document import Block, Column, Figure, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import count, key
from reports.sections.outcomes import by_target_level, level_table
from reports.sections.words import named, sentences
from reports.writing import cutoff_line, merged, row, section, table

NO_DIMENSION = "其他"


def progress(facts: Facts) -> Section:
    return section(
        "progress",
        "目标愿景实现和发展进步情况",
        section("visions", "建设目标愿景实现情况", *vision_blocks(facts)),
        section("comparisons", "与建设前及标杆院校对比情况", *comparison_blocks(facts)),
    )


def vision_blocks(facts: Facts) -> list[Block | None]:
    levels = level_table(facts)
    seen = ("标志性成果分级别完成情况见", Ref("outcome-levels"))
    won = sentences(by_target_level(facts), seen) if levels else None
    if not facts.visions:
        return [sentences("没有录入目标愿景"), won, levels]
    said = (
        "任务书的目标愿景共",
        count(len(facts.visions), "visions", "count"),
        "项，实现情况见",
        Ref("vision-list"),
    )
    return [sentences(said), vision_table(facts), won, levels]


def vision_table(facts: Facts) -> Table:
    areas = {area.code: named(area) for area in facts.areas}
    return table(
        "vision-list",
        "目标愿景实现情况",
        (
            Column("建设任务", 4, droppable=True),
            Column("目标愿景", 7),
            Column("实现情况", 9),
            Column("实现程度", 3, "center", droppable=True),
        ),
        [vision_row(vision, areas) for vision in facts.visions],
        cutoff=cutoff_line(facts.as_of),
    )


def vision_row(vision: VisionFact, areas: dict[str, str]) -> Row:
    return row(areas.get(vision.area, ""), vision.text, vision.result or UNKNOWN, vision.degree)


def comparison_blocks(facts: Facts) -> list[Block | None]:
    if not facts.comparisons:
        return [sentences("没有录入发展对比数据")]
    number = count(len(facts.comparisons), "comparisons", "count")
    college = only_college(facts)
    against = f"，标杆院校为{college}" if college else ""
    with_whom = "与建设前和标杆院校对比" if has_before(facts) else "与标杆院校对比"
    said = ("选取", number, f"个观测指标，{with_whom}{against}，详见", Ref("comparison-list"))
    return [sentences(said), comparison_table(facts)]


def only_college(facts: Facts) -> str:
    """The benchmark college, where it is one and the same."""
    names = {each.benchmark_name for each in facts.comparisons if each.benchmark_name}
    return names.pop() if len(names) == 1 else ""


def has_before(facts: Facts) -> bool:
    """Whether any value from before the project is known: else the table has no column for it."""
    return any(each.before not in ("", UNKNOWN) for each in facts.comparisons)


def comparison_table(facts: Facts) -> Table:
    college = only_college(facts)
    several = () if college else (Column("标杆院校", 4, droppable=True),)
    return table(
        "comparison-list",
        "建设前后及标杆院校对比" if has_before(facts) else "与标杆院校对比",
        (
            Column("维度", 4, droppable=True),
            Column("观测指标", 7),
            Column("单位", 3, "center", droppable=True),
            Column("数据时点", 3, "center", droppable=True),
            Column("建设前", 3, "center", droppable=True),
            Column("本校现值", 4, "center"),
            *several,
            Column("标杆院校", 4, "center", droppable=True),
            Column("数据来源", 4, droppable=True),
        ),
        [
            line
            for dimension in dict.fromkeys(each.dimension for each in facts.comparisons)
            for line in merged(
                (dimension or NO_DIMENSION,),
                [cells(each, college) for each in facts.comparisons if each.dimension == dimension],
            )
        ],
        notes=[f"标杆院校为{college}。"] if college else [],
    )


def cells(each: ComparisonFact, college: str) -> list[Runs]:
    path = ("comparisons", each.code)
    return [
        (each.name,),
        (each.unit,),
        (each.moment,),
        (written(each.before, *path, "before"),),
        (written(each.now, *path, "now"),),
        *(() if college else ((each.benchmark_name,),)),
        (written(each.benchmark, *path, "benchmark"),),
        (each.source,),
    ]


def written(text: str, *path: object) -> Figure | str:
    """As the college wrote it: a number with its key, or words such as 达标; nothing is unknown."""
    try:
        value = Fraction(Decimal(text.rstrip("%％")))
    except (InvalidOperation, ValueError, OverflowError):
        return text or UNKNOWN
    return Figure(key(*path), text, value)
