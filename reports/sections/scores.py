"""自评得分: the scoring table with room for the experts, the grade, and what caps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from indicators.scoring import MANUAL, SUM, Mark, Score
from projects.numbers import round_half_up
from reports.document import Block, Column, Figure, Grade, Note, Ref, Row, Runs, Section, Table
from reports.facts import Facts
from reports.sections.numbers import count, key, number_column
from reports.sections.words import level, quoted, sentences, window_years
from reports.verdict import next_band
from reports.writing import cutoff_line, note, row, section, table

INDENT = "　"


def scores(facts: Facts) -> Section:
    return section("score", f"建设项目{facts.window.label}自评", *blocks(facts))


def blocks(facts: Facts) -> list[Block | None]:
    score = facts.score
    if score is None:
        return [sentences("没有评分表，尚未自评")]
    return [summary(facts, score), grade_box(score), score_table(facts, score), composite(facts, score)]


def mark(value: Fraction | None, *path: object) -> Figure:
    """Marks are rounded to two decimals, as grades are."""
    return Figure(key(*path), count(None if value is None else round_half_up(value, 2), *path).text, value)


def total(score: Score) -> Figure:
    return mark(score.total, "score", "total")


def summary(facts: Facts, score: Score) -> Block | None:
    layer = f"对照评价指标，{level(facts)}层面的{facts.window.label}自评得分为"
    grade = f"，自评等级为“{score.grade}”" if score.grade else ""
    return sentences(
        (layer, total(score), f"分{grade}"), gaps(score), to_next(score), ("详见", Ref("score-table"))
    )


def gaps(score: Score) -> Runs:
    """Items without a mark leave the grade open, unless something else decides it."""
    if not score.unmarked:
        return ()
    open_grade = "" if score.grade else "，等级待定"
    return ("尚有", count(score.unmarked, "score", "unmarked"), f"项未评分，暂按0分计{open_grade}")


def to_next(score: Score) -> Runs:
    """How far the next grade is, where nothing else caps it."""
    band = next_band(score)
    if band is None or score.vetoes or score.unmarked:
        return ()
    missing = Fraction(band.lower) - Fraction(round_half_up(score.total, 2))
    return (f"距“{band.name}”还差", mark(missing, "score", "missing_to", band.name), "分")


def grade_box(score: Score) -> Grade:
    reasons = []
    if score.vetoes:
        reasons.append(f"触发否决项：{quoted(score.vetoes)}")
    if score.unmarked:
        reasons.append(f"尚有{score.unmarked}项未评分")
    return Grade(total(score), mark(score.full, "score", "full"), score.grade, tuple(reasons))


def score_table(facts: Facts, score: Score) -> Table:
    """The ministry's 表1-4; the last column is for the experts to write in."""
    parents = {each.item.parent_id for each in score.marks}
    marks = below_root(score.marks)
    rows = [mark_row(each, is_sum=each.item.id in parents) for each in marks]
    sum_cells = ("", "", mark(score.full, "score", "full"), "", total(score), "")
    return table(
        "score-table",
        f"{window_years(facts)}建设项目{facts.window.label}自评得分",
        (
            Column("检查指标", 7),
            Column("内涵说明", 7, droppable=True),
            number_column("权重", 2, droppable=True),
            number_column("分值", 2),
            number_column("自评", 2, droppable=True),
            number_column("得分", 3),
            Column("专家评分", 3, "center"),
        ),
        [*rows, row("综合评价" + (f"（{score.grade}）" if score.grade else ""), *sum_cells, strong=True)],
        unit="分",
        cutoff=cutoff_line(facts.as_of),
        notes=notes(facts, score),
    )


def below_root(marks: Sequence[Mark]) -> Sequence[Mark]:
    """Without an only root that sums up all the others: the last line of the table says the same."""
    roots = [each for each in marks if each.item.parent_id is None]
    if len(roots) != 1 or roots[0].item.method != SUM:
        return marks
    return [replace(each, depth=each.depth - 1) for each in marks if each.item.parent_id is not None]


def mark_row(each: Mark, *, is_sum: bool) -> Row:
    item, path = each.item, ("score", "items", each.item.code)
    weighted = item.weight is not None
    own = count(item.self_mark, *path, "self_mark") if weighted and not is_sum else ""
    return row(
        f"{INDENT * each.depth}{item.code} {item.name}",
        item.meaning,
        count(item.weight, *path, "weight") if weighted else "",
        mark(each.full, *path, "full"),
        own if item.self_mark is not None else "",
        mark(each.mark, *path, "mark"),
        "",
        strong=is_sum,
    )


def notes(facts: Facts, score: Score) -> list[Note]:
    """How weights count, and each mark that a person gave in place of the calculated one, with the reason."""
    said = []
    if any(each.item.weight is not None for each in score.marks):
        said.append(note("有权重的指标，得分＝权重×自评，分值＝权重×分制。"))
    return said + [overridden(each) for each in score.marks if is_overridden(each)]


def is_overridden(each: Mark) -> bool:
    return each.item.method not in (SUM, MANUAL) and each.item.self_mark is not None


def overridden(each: Mark) -> Note:
    path = ("score", "items", each.item.code)
    reason = f"，原因：{each.item.deduction_reason.rstrip('。')}" if each.item.deduction_reason else ""
    return note(
        f"“{each.item.name}”按完成率计分为",
        *(mark(each.automatic, *path, "automatic"), "，自评得分为", mark(each.mark, *path, "mark")),
        f"{reason}。",
    )


def composite(facts: Facts, score: Score) -> Block | None:
    """The score over the school and its groups, where the school is not all of it."""
    if facts.composite is None or score.weight is None or score.weight == 100:
        return None
    weighed: Runs = ("学校层面的综合权重为", count(score.weight, "score", "weight"), "%")
    if facts.composite.total is None:
        return sentences((*weighed, "，各层面的得分或权重尚不完整，综合得分暂无法计算"))
    result = (*weighed, "，综合得分为", count(facts.composite.total, "score", "composite"), "分")
    grade = f"，综合等级为“{facts.composite.grade}”" if facts.composite.grade else ""
    return sentences((*result, grade))
