"""What the chapters say of projects of every kind: nothing due, nothing known, one area, other windows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest

from indicators.development import ComparisonFact, VisionFact
from indicators.landmarks import OutcomeFact, TargetFact
from indicators.scoring import MANUAL, SUM, Composite, ItemFact, Mark
from projects.models import Project
from projects.progress import EntryFact, ExtraFact, TaskFact, task_figures
from reports.document import Figure, Grade, Note, Paragraph, Ref, Section, Table
from reports.facts import Facts
from reports.sections import GROUP_CONSTRUCTION, SCHOOL_MIDTERM
from reports.sections.aligned import mark
from reports.sections.areas import areas
from reports.sections.funding import receipt_summary, receipt_table, spending_table
from reports.sections.indicators import blocks as indicator_blocks
from reports.sections.numbers import key, rate
from reports.sections.outcomes import achieved
from reports.sections.outcomes import blocks as outcome_blocks
from reports.sections.progress import progress
from reports.sections.satisfaction import blocks as satisfaction_blocks
from reports.sections.scores import blocks as score_blocks
from reports.sections.tasks import blocks as task_blocks
from reports.sections.unfinished import overview_table
from reports.sections.words import term, until, window_years, years
from tests.reports import made
from tests.reports.made import amount, attainment, marked, money, outcome, point, said, target

NEXT_YEAR = date(2024, 12, 31)


def facts(*args: Any, project: dict[str, Any] | None = None, **more: Any) -> Facts:
    """Facts without a database: nothing is left to be read."""
    found = made.facts(*args, **more)
    fields = {"code": "P", "name": "样例项目", "level": "school", "start_year": 2022, "end_year": 2025}
    changed = replace(found, project=Project(pk=1, **{**fields, **(project or {})}))
    changed.__dict__.update(score=found.score, composite=None, visions=(), comparisons=())
    return changed


def text(part: object) -> str:
    match part:
        case Paragraph(runs) | Note(runs):
            return "".join(
                each.text
                if isinstance(each, Figure)
                else f"〔{each.target}〕"
                if isinstance(each, Ref)
                else each
                for each in runs
            )
        case Section():
            return "\n".join([part.title, *map(text, part.blocks), *map(text, part.parts)])
        case Table():
            return "\n".join(
                [part.caption, *("|".join(cells(row)) for row in part.rows), *map(text, part.notes)]
            )
    return ""


def cells(row: Any) -> list[str]:
    return [text(Paragraph(cell.runs)) for cell in row.cells]


def spoken(blocks: list[Any]) -> str:
    return "\n".join(text(block) for block in blocks if isinstance(block, Paragraph))


@pytest.mark.parametrize(("first", "last", "words"), [(2022, 2025, "2022—2025年"), (2023, 2023, "2023年")])
def test_years(first: int, last: int, words: str) -> None:
    assert years(first, last) == words


def test_the_window_is_named_by_its_years_up_to_the_date_asked() -> None:
    asked = facts(as_of=date(2022, 6, 30))
    assert (window_years(asked), until(asked)) == ("2022年", "截至2022年6月30日")


@pytest.mark.parametrize(
    ("own", "words"),
    [("", "两项建设任务"), ("十大项目指标", "十大项目指标"), ("九大改革任务", "九大改革任务")],
)
def test_areas_are_called_as_the_project_calls_them_else_counted(own: str, words: str) -> None:
    assert term(facts(project={"area_term": own})) == words


def test_keys_put_segments_with_dots_in_brackets() -> None:
    assert key("tasks", "by_area", "A.1", "due") == "tasks.by_area[A.1].due"
    assert key("funding", "source:财政", 2022) == "funding.source:财政.2022"


@pytest.mark.parametrize(("places", "words"), [(0, "97%"), (1, "96.9%"), (2, "96.88%"), (4, "96.875%")])
def test_rates_have_the_decimals_the_project_asks_for(places: int, words: str) -> None:
    asked = facts(project={"percent_places": places})
    figure = rate(asked, Fraction(31, 32), "tasks", "due_rate")
    assert (figure.text, figure.value, figure.key) == (words, Fraction(31, 32), "tasks.due_rate")


def test_tasks_below_the_line_name_the_area_that_is() -> None:
    words = spoken(task_blocks(facts([point(1, pk=1), point(0, pk=2)])))
    assert "2022—2023年应完成中期任务点2个，已完成1个，中期任务完成率为50%，未达到95%的要求。" in words
    assert "未达到95%的有加强党的建设（50%）。详见〔task-rates〕。" in words
    assert "此外" not in words


def test_nothing_due_has_no_rate() -> None:
    words = spoken(task_blocks(facts([point(due=NEXT_YEAR)])))
    assert "2022—2023年没有到期的任务点。" in words
    assert "—的要求" not in words
    assert "为—" not in words


def test_no_points_at_all() -> None:
    assert spoken(task_blocks(facts())) == "任务书还没有任务点。"


def test_early_over_and_extra_are_said_beside_the_rate() -> None:
    extra = ExtraFact("1", 1, 2023, "1", date(2023, 5, 1), "新增", None)
    points = [point(1, pk=1), point(Fraction(3, 2), pk=2), point(1, NEXT_YEAR, pk=3)]
    words = spoken(task_blocks(facts(points, extras=[extra])))
    assert "提前完成尚未到期的任务点1个，超额完成任务点1个，任务书外新增成果1项" in words
    assert "含提前完成及新增的完成率为200%" in words


@pytest.mark.parametrize(("window", "label"), [("annual", "年度"), ("midterm", "中期"), ("final", "期满")])
def test_labels_follow_the_kind_of_the_window(window: str, label: str) -> None:
    asked = facts(
        [point(1)],
        kind=window,
        attainments=[attainment(5)],
        amounts=money(10, 9, 8),
        score=marked(86),
        satisfaction=[said("在校生", 2023, "91")],
        targets=[target(1, "省级", 2)],
    )
    chapters = [text(make(asked)) for make in (*SCHOOL_MIDTERM, *GROUP_CONSTRUCTION)]
    assert any(f"{label}任务完成率" in chapter for chapter in chapters)
    others = {"年度任务完成率", "中期", "期满任务完成率"} - {label, f"{label}任务完成率"}
    assert [other for other in others if any(other in chapter for chapter in chapters)] == []


@pytest.mark.parametrize("make", [*SCHOOL_MIDTERM, *GROUP_CONSTRUCTION])
def test_nothing_at_all_makes_no_numbers_and_no_tables_of_dashes(make: Any) -> None:
    empty = replace(facts(), tasks=())
    empty.__dict__.update(score=None, composite=None, visions=(), comparisons=(), areas=())
    chapter = make(empty)
    assert chapter is None or "—%" not in text(chapter)
    assert chapter is None or "None" not in text(chapter)


def test_a_chapter_for_each_area_says_what_is_left_and_why() -> None:
    late = replace(point(Fraction(1, 2), pk=2), entry=entry("只完成一半", date(2024, 6, 30)))
    chapter = areas(facts([point(1, pk=1), late, point(None, pk=3)]))
    assert chapter
    assert chapter.title == "两项建设任务完成情况"
    first, second = chapter.parts
    assert [part.title for part in first.parts] == ["基本情况", "建设任务完成情况", "尚未开展（完成）的任务"]
    left = text(first.parts[-1])
    assert "本项到期任务点尚有2个未开展或未全部完成" in left
    assert "2023|编印规章制度汇编|1|50%|只完成一半|2024-06-30|党政办公室" in left
    assert "2023|编印规章制度汇编|1|—|未填报|—|党政办公室" in left
    assert "任务书没有为本项列出任务点" in text(second)


def entry(reason: str, expected: date | None = None) -> EntryFact:
    return EntryFact(1, "approved", made.CUTOFF, None, Decimal("0.5"), "", reason, expected)


def test_the_list_of_all_that_is_left_names_each_task_once() -> None:
    found = overview_table(facts([point(1, pk=1), point(None, pk=2), point(None, pk=3)]))
    assert found
    assert [cells(row)[0] for row in found.rows] == ["1 加强党的建设", "2"]
    assert found.rows[0].cells[0].rowspan == 2


def test_all_done_says_so_in_place_of_a_table() -> None:
    chapter = areas(facts([point(1)]))
    assert chapter
    left = chapter.parts[0].parts[-1]
    assert text(left.blocks[0]) == "无。截至2023年12月31日，本项到期任务点已全部完成。"


def test_reported_zero_is_not_the_same_as_not_reported() -> None:
    zero = replace(point(0, pk=1, entered=made.CUTOFF), quantity=Decimal(0))
    chapter = areas(facts([zero, point(None, pk=2)]))
    assert chapter
    left = text(chapter.parts[0].parts[-1])
    assert "|1|0|0%|填报为零|" in left
    assert "|1|—|—|未填报|" in left
    assert "“—”为没有数量、未填报或未经审核通过；“0”为已填报、完成数为零。" in left


def test_due_points_are_counted_as_reported_zero_unreported_and_without_a_ratio() -> None:
    zero = replace(point(0, pk=1, entered=made.CUTOFF), quantity=Decimal(0))
    unrated = point(None, pk=2, entered=made.CUTOFF)
    later = point(None, NEXT_YEAR, pk=5)
    chapter = areas(facts([zero, unrated, point(None, pk=3), point(1, pk=4), later]))
    assert chapter
    words = spoken(list(chapter.blocks))
    assert (
        "到期的任务点共4个，其中全部完成1个、填报为零1个、未填报1个、未填报比例1个。另有1个未到期。" in words
    )
    table = next(block for block in chapter.blocks if isinstance(block, Table) and block.id == "task-states")
    assert [leaf.title for leaf in table.leaves] == [
        *("建设任务", "未到期", "到期", "全部完成", "超额完成", "部分完成"),
        *("合计", "填报为零", "未填报", "未填报比例"),
    ]
    assert cells(table.rows[-1]) == ["合计", "1", "4", "1", "0", "0", "3", "1", "1", "1"]


def test_ledger_rows_of_later_report_nothing_yet() -> None:
    """Their sum is 0 so far, but nobody has reported that."""
    chapter = areas(facts([replace(point(0, pk=1), quantity=Fraction(0))]))
    assert chapter
    assert "未填报1个" in spoken(list(chapter.blocks))
    assert "|未填报|" in text(chapter.parts[0].parts[-1])


def test_indicators_that_nobody_has_reported_are_named_under_their_table() -> None:
    asked = facts(attainments=[attainment(0, code="1"), attainment(None, code="2")])
    asked.__dict__["final_attainments"] = asked.attainments
    _, table = indicator_blocks(asked)
    assert "尚未填报、中期完成率按0计的有：数量指标1个。" in text(table)


def point_table(*outcomes: OutcomeFact, targets: Sequence[TargetFact] = ()) -> Table:
    """The points of an area with two sub-tasks, years as rows."""
    first = TaskFact(3, "1-1", "组织建设", 1, "1", "", "", 1)
    second = TaskFact(4, "1-2", "品牌建设", 1, "1", "", "", 1)
    points = [replace(point(1, pk=at), task_id=task.id) for at, task in enumerate((first, first, second), 1)]
    asked = facts(points, outcomes=outcomes, targets=targets)
    asked = replace(asked, tasks=(made.AREA, first, second, made.OTHER_AREA))
    chapter = areas(asked)
    assert chapter
    return next(
        block
        for block in chapter.parts[0].parts[1].blocks
        if isinstance(block, Table) and "任务点" in block.caption
    )


def test_what_a_task_won_stands_beside_its_points() -> None:
    won = [replace(outcome(1, "省级", None), task_id=3), replace(outcome(2, "省级", None), task_id=4)]
    table = point_table(*won)
    assert table.leaves[-1].title == "标志性成果"
    assert [(cells(row)[-1], row.cells[-1].rowspan) for row in (table.rows[0], table.rows[2])] == [
        ("（1）奖项1。", 2),
        ("（1）奖项2。", 1),
    ]


def test_what_the_whole_area_won_stands_beside_all_its_points_in_its_own_unit() -> None:
    table = point_table(outcome(1, "省级", 7, 3), targets=[target(7, "省级", 5, "万元")])
    assert (cells(table.rows[0])[-1], table.rows[0].cells[-1].rowspan) == ("（1）奖项1（3万元）。", 3)


def test_more_than_stands_well_beside_points_is_left_to_the_list() -> None:
    table = point_table(*(outcome(at, "省级", None) for at in range(12)))
    assert cells(table.rows[0])[-1] == "见〔outcome-list〕"


def test_nothing_won_needs_no_column() -> None:
    assert point_table().leaves[-1].title != "标志性成果"


def test_spending_stands_beside_the_whole_budget() -> None:
    table = spending_table(facts(amounts=[*money(10, 9, 8), amount("budget", 5, year=2025)]))
    assert [leaf.title for leaf in table.leaves][:4] == ["资金来源", "总支出预算", "到位资金", "支出资金"]
    assert cells(table.rows[-1])[:4] == ["合计", "15", "9", "8"]


def test_codes_with_spaces_and_dots_make_ids() -> None:
    odd = TaskFact(1, "P 07.甲", "党建", None, "P 07.甲", "", "", 0)
    own = replace(point(1), area=odd.code)
    asked = replace(facts(), tasks=(odd,), points=(own,))
    figures = task_figures((odd,), (own,), (), made.START, made.CUTOFF)
    asked = replace(asked, task_figures=figures)
    asked.__dict__.update(score=None, composite=None, visions=(), comparisons=())
    chapter = areas(asked)
    assert chapter
    assert chapter.parts[0].id == "area-P%2007.甲"
    assert "tasks.by_area[P 07.甲].due" in {f.key for f in figures_in(chapter)}


def figures_in(section: Section) -> list[Figure]:
    own = [run for block in section.blocks if isinstance(block, Paragraph) for run in block.runs]
    return [run for run in own if isinstance(run, Figure)] + [f for p in section.parts for f in figures_in(p)]


def test_money_says_what_is_unknown_and_which_source_is_low() -> None:
    words = text(receipt_summary(facts(amounts=[amount("budget", 100), amount("received", None)]), None))
    assert "预算总经费100万元。其中，2022—2023年预算100万元，到位未知。" in words
    assert "率" not in words
    two = money(100, 100, source="财政") + money(50, 20, source="自筹")
    words = text(receipt_summary(facts(amounts=two), None))
    assert "财政到位率100%，自筹到位率40%，其中自筹（尚差30万元）低于95%的要求" in words


def test_sources_of_which_nothing_is_known_still_stand_in_the_table() -> None:
    amounts = [amount("budget", None, source="省财政"), amount("budget", 5, source="学校", year=2025)]
    table = receipt_table(facts(amounts=[*amounts, amount("received", 3, source="")]))
    assert [cells(row) for row in table.rows] == [
        ["省财政", "—", "—", "—", "—", "—", "—"],
        ["学校", "5", "—", "—", "—", "—", "—"],
        ["未注明来源", "—", "—", "—", "3", "—", "—"],
        ["合计", "5", "—", "—", "3", "—", "60%"],
    ]


@pytest.mark.parametrize(
    ("won", "words"),
    [
        ([], "截至2023年12月31日尚未取得标志性成果"),
        ([("国家级", 1), ("国家级", 2), ("国家级", 1)], "截至2023年12月31日，产出国家级标志性成果3项4个"),
        ([("省级", 1)], "截至2023年12月31日，产出省级标志性成果1项1个"),
    ],
)
def test_outcomes_are_counted_by_level(won: list[tuple[str, int]], words: str) -> None:
    targets = [target(at, level, 1, "个") for at, (level, _) in enumerate(won)]
    rows = [outcome(at, level, at, number) for at, (level, number) in enumerate(won)]
    said = achieved(facts(targets=targets, outcomes=rows))
    assert text(Paragraph(said)) == words


def test_without_targets_the_unit_is_that_of_the_ledger_and_units_never_add() -> None:
    rows = [outcome(1, "省级", None, 3), outcome(2, "省级", None, 1), outcome(3, "市级", 1, 40)]
    said = achieved(facts(targets=[target(1, "市级", 50, "万元")], outcomes=rows))
    assert text(Paragraph(said)).endswith("产出省级标志性成果2类4项；市级标志性成果1项40万元")


def test_no_outcomes_and_no_targets() -> None:
    assert spoken(outcome_blocks(facts())) == "没有标志性成果目标，成果台账中也没有标志性成果。"


def test_the_score_has_a_box_and_what_caps_it() -> None:
    blocks = score_blocks(facts(score=marked(86, grade="差", vetoes=("弄虚作假",))))
    box = next(block for block in blocks if isinstance(block, Grade))
    assert (box.score.text, box.full.text, box.grade, box.reasons) == (
        *("86", "100", "差"),
        ("触发否决项：“弄虚作假”",),
    )
    assert "距" not in spoken(blocks)


def test_a_score_with_gaps_has_no_grade_yet() -> None:
    blocks = score_blocks(facts(score=marked(50, grade=None, unmarked=2)))
    assert "自评得分为50分。尚有2项未评分，暂按0分计，等级待定。" in spoken(blocks)


def test_an_only_root_leaves_its_total_to_the_last_line() -> None:
    full = Decimal(40)
    root = ItemFact(1, None, "0", "评价总分", full, None, None, SUM, "", None, "", "")
    leaf = ItemFact(2, 1, "1", "任务", full, None, None, MANUAL, "", Decimal(30), "", "")
    marks = tuple(
        Mark(item, depth, Fraction(40), None, None, Fraction(30), 0)
        for depth, item in enumerate((root, leaf))
    )
    blocks = score_blocks(facts(score=replace(marked(30), marks=marks)))
    shown = next(block for block in blocks if isinstance(block, Table))
    assert [cells(row)[0] for row in shown.rows] == ["1 任务", "综合评价（良）"]


def test_a_school_beside_its_groups_has_a_composite_score() -> None:
    asked = facts(score=replace(marked(86), weight=Decimal(30)))
    asked.__dict__["composite"] = Composite(Decimal("88.5"), "良")
    said = "学校层面的综合权重为30%，综合得分为88.5分，综合等级为“良”。"
    assert said in spoken(score_blocks(asked))
    asked.__dict__["composite"] = Composite(None, None)
    assert "综合得分暂无法计算" in spoken(score_blocks(asked))


def test_no_scheme_no_score() -> None:
    assert spoken(score_blocks(facts())) == "没有评分表，尚未自评。"


def test_satisfaction_names_falls_targets_and_gaps() -> None:
    asked = facts(
        satisfaction=[
            *(said("在校生", 2022, "91.2"), said("在校生", 2023, "81")),
            *(said("家长", 2022, None), said("家长", 2023, "95.5", "80")),
            said("教职工", 2023, None),
        ]
    )
    words = "\n".join(map(text, satisfaction_blocks(asked)))
    assert "在校生满意度2022年为91.2%、2023年为81%，低于目标值90%。" in words
    assert "家长满意度2023年为95.5%，达到目标值80%。教职工满意度未知。" in words
    assert "降幅较大的有：在校生10.2个百分点。" in words
    assert "在校生|91.2%|81%|−10.2|90%" in words
    assert "家长|—|95.5%|—|80%" in words


def test_visions_and_comparisons_as_the_college_wrote_them() -> None:
    asked = facts()
    asked.__dict__["visions"] = (VisionFact("V1", "1", "党建引领", "", "基本实现"),)
    asked.__dict__["comparisons"] = (
        ComparisonFact("B1", "办学条件", "生师比", "", "2023", "17.5", "16.2", "甲校", "达标", ""),
        ComparisonFact("B2", "办学条件", "图书", "册", "2023", "", "60%", "甲校", "", ""),
        ComparisonFact("B3", "", "其他", "", "", "1e999", "12", "", "", ""),
    )
    chapter = progress(asked)
    words = text(chapter)
    assert "1 加强党的建设|党建引领|—|基本实现" in words
    assert "标杆院校为甲校" in words
    assert "办学条件|生师比||2023|17.5|16.2|达标" in words
    assert "图书|册|2023|—|60%|—" in words


def test_without_a_value_from_before_only_the_benchmark_is_compared() -> None:
    asked = facts()
    asked.__dict__["visions"] = ()
    asked.__dict__["comparisons"] = (
        ComparisonFact("B1", "办学条件", "生师比", "", "2023", "—", "16.2", "甲校", "15", ""),
    )
    words = text(progress(asked))
    assert "与标杆院校对比，标杆院校为甲校" in words
    assert "建设前" not in words.replace("与建设前及标杆院校对比情况", "")


def test_points_are_numbered_as_in_the_task_book() -> None:
    assert [mark(seq) for seq in ("1", "20", "21", "50", "51", "0", "一", "3.1")] == [
        *("①", "⑳", "㉑", "㊿", "（51）", "（0）", "（一）", "（3.1）")
    ]


def test_a_group_is_called_by_its_name_or_its_level() -> None:
    asked = facts([point(1)], project={"level": "group"})
    chapter = GROUP_CONSTRUCTION[1](asked)
    assert chapter
    assert "专业群建设任务共有2个一级任务。2022—2023年应完成中期任务点1个" in text(chapter)


def test_an_area_with_many_early_points_refers_to_their_list() -> None:
    many = [point(1, NEXT_YEAR, pk=at) for at in range(1, 8)]
    chapter = areas(facts(many))
    assert chapter
    assert "提前完成尚未到期的任务点7个（见〔early〕）。" in text(chapter.parts[0])
