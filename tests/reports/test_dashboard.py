"""What the overview makes of facts: cards, areas, heat map, departments, levels, charts."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from projects.progress import ExtraFact
from reports import cards as cards_of
from reports.cards import Card
from reports.charts import Dumbbell, Progress
from reports.dashboard import (
    area_rows,
    department_rows,
    heat_map,
    losses,
    outcome_levels,
    satisfaction_table,
)
from reports.facts import Facts
from reports.series import CHARTS, execution_chart, figure, grid, progress_chart, sentence
from reports.watch import heading, watched
from tests.reports.made import (
    AREA,
    CUTOFF,
    OTHER_AREA,
    amount,
    attainment,
    facts,
    item_mark,
    marked,
    money,
    outcome,
    point,
    said,
    target,
)

ZERO, HALF, ONE = Fraction(0), Fraction(1, 2), Fraction(1)
NEXT_YEAR = date(2024, 12, 31)


def card(about: Facts, section: str) -> Card:
    return next(card for card in cards_of.cards(about) if card.section == f"reports:{section}")


def test_five_cards_stand_whatever_is_known() -> None:
    empty = cards_of.cards(facts())
    assert [made.section.removeprefix("reports:") for made in empty] == [
        *("tasks", "indicators", "funding", "outcomes", "score")
    ]
    assert [made.value for made in empty] == ["—", "—", "—", "0", "—"]
    assert all(made.note for made in empty)


def test_a_card_says_numerator_denominator_and_target() -> None:
    about = facts([point(1), point(HALF), point(1, due=NEXT_YEAR)], kind="final")
    made = card(about, "tasks")
    assert (made.label, made.value, made.unit, made.of) == ("期满任务完成率", "75", "%", "1.5 / 2 个任务点")
    assert (made.target, made.note, made.tone) == (Fraction(95, 100), "低于目标 95%，差 20 点", "bad")
    assert made.lines[0].of == "2.5 / 3，含提前 1"


def test_the_money_card_names_both_rates() -> None:
    made = card(facts(amounts=money(200, 100, 50)), "funding")
    assert (made.value, made.of) == ("50", "100 / 200 万元")
    assert (made.lines[0].value, made.lines[0].of, made.lines[0].target) == (
        *("50%", "50 / 100"),
        Fraction(90, 100),
    )


def test_unknown_money_shows_dashes() -> None:
    made = card(facts(amounts=money(200, None)), "funding")
    assert (made.value, made.of, made.note) == ("—", "— / 200 万元", "预算或到位资金未知")


def test_the_indicator_card_leaves_out_what_cannot_be_judged() -> None:
    some = [attainment(10), attainment(5), attainment(10, target=None)]
    made = card(facts(attainments=some), "indicators")
    assert (made.value, made.of) == ("75", "1.5 / 2 项")
    assert [(line.label, line.value) for line in made.lines] == [("完全达标", "1 项"), ("无法判断", "1 项")]


def test_the_outcome_card_counts_targets_and_lists_levels() -> None:
    about = facts(
        targets=[target(1, "省级", 2), target(2, "国家级", 1)],
        outcomes=[outcome(1, "省级", 1, 3), outcome(2, "省级", None)],
    )
    made = card(about, "outcomes")
    assert (made.value, made.of, made.rate) == ("1", "共 2 个期满目标", HALF)
    assert [(line.label, line.value) for line in made.lines] == [("国家级", "0 / 1 项"), ("省级", "3 / 2 项")]


def test_the_score_card() -> None:
    assert card(facts(score=marked(86)), "score").note == "距“优”还差 4 分"
    assert card(facts(score=marked(86)), "score").target == Fraction(90, 100)
    unmarked = card(facts(score=marked(50, grade=None, unmarked=2)), "score")
    assert (unmarked.label, unmarked.note, unmarked.tone) == ("自评得分（暂计）", "还有 2 项未评分", "warn")
    vetoed = card(facts(score=marked(95, grade="差", vetoes=("失真",))), "score")
    assert (vetoed.note, vetoed.tone) == ("触发否决项：失真", "bad")


def test_areas_show_what_is_left_and_their_money() -> None:
    about = facts(
        [point(1), point(HALF), point(1, area=OTHER_AREA)],
        amounts=[amount("budget", 100, task="2"), amount("spent", 40, task="2")],
    )
    first, second = area_rows(about)
    assert (first.undone, first.is_low, first.money.spent_of_budget) == (HALF, True, None)
    assert (second.undone, second.is_low, second.money.spent_of_budget) == (ZERO, False, Fraction(2, 5))


def test_heat_map_tells_states_apart() -> None:
    ended = date(2022, 12, 31)
    points = [
        *[point(1, due=ended)] * 2,
        *[point(1)] * 19,
        point(0),
        point(0, area=OTHER_AREA),
        point(1, due=NEXT_YEAR),
    ]
    about = facts(points)
    made = heat_map(about, area_rows(about))
    assert made.years == ((2022, True), (2023, True), (2024, False))
    first, second = (row.cells for row in made.rows)
    assert [(cell.css, cell.text, cell.small) for cell in first] == [
        ("lv3", "2/2", "100%"),
        ("lv2", "19/20", "95%"),
        ("nd", "1", "提前 1"),
    ]
    assert [cell.css for cell in second] == ["none", "lv0", "none"]
    assert [cell.text for cell in made.sums] == ["2/2", "19/21", "1"]
    assert (made.total.css, made.total.text) == ("tot lo", "21/23")


def test_departments_stand_lowest_first_and_the_rest_together() -> None:
    points = [point(0, department="科研处"), *[point(1, department=f"部门{n}") for n in range(10)]]
    made = department_rows(facts(points), limit=3)
    assert [row.name for row in made[:3]] == ["科研处", "部门0", "部门1"]
    assert (made[-1].others, made[-1].due, made[-1].rate) == (8, 8, ONE)
    assert sum(row.due for row in made) == 11


def test_points_not_due_count_for_no_department() -> None:
    assert department_rows(facts([point(0, due=NEXT_YEAR)])) == ()


def test_levels_stand_highest_first_and_units_apart() -> None:
    about = facts(
        targets=[target(1, "省级", 2), target(2, "省级", 9, "万元"), target(3, "省级以上", 1)],
        outcomes=[outcome(1, "国家级", None), outcome(2, "省级", None), outcome(3, "省级", 1)],
    )
    made = [(row.level, row.unit, row.done, row.others) for row in outcome_levels(about)]
    assert made == [
        ("国家级", "项", Decimal(0), 1),
        ("省级以上", "项", Decimal(0), 0),
        ("省级", "项", Decimal(1), 1),
        ("省级", "万元", Decimal(0), 0),
    ]


def test_references_count_nowhere() -> None:
    about = facts(outcomes=[outcome(1, "国家级", None, reference=True)])
    assert outcome_levels(about) == ()


def test_losses_are_of_single_items_most_first() -> None:
    marks = (item_mark(1, "产出", 30, 20), item_mark(2, "数量", 10, 9, 1), item_mark(3, "质量", 20, 11, 1))
    assert [mark.item.name for mark in losses(marked(20, marks=marks))] == ["质量", "数量"]
    assert losses(None) == ()


def test_satisfaction_by_year_with_its_change() -> None:
    years, rows = satisfaction_table(
        facts(
            satisfaction=[
                said("在校生", 2022, "91.2"),
                said("在校生", 2023, "81"),
                said("家长", 2023, None),
                said("家长", 2022, "95", "96"),
                said("毕业生", 2025, "99"),
            ]
        )
    )
    assert years == (2022, 2023)
    students, parents = rows
    assert (students.change, students.is_falling, students.is_low) == (Decimal("-10.2"), True, True)
    assert (parents.percents, parents.change, parents.is_falling) == ((Decimal(95), None), None, False)


def test_watched_most_urgent_first() -> None:
    points = [
        point(HALF, due=CUTOFF + timedelta(days=31), text="部分完成"),
        point(0, due=CUTOFF + timedelta(days=31), text="还早"),
        point(0, due=CUTOFF + timedelta(days=30), text="快到期"),
        point(0, text="当日", entered=CUTOFF),
        point(HALF, due=CUTOFF - timedelta(days=3), text="逾期 3 天"),
        point(None, due=date(2021, 12, 31), text="早先的", department="", person=""),
        point(1, due=date(2021, 12, 31), text="做完了"),
    ]
    made = watched(facts(points))
    assert [(item.point.text, item.when, item.done) for item in made] == [
        ("早先的", "已逾期 730 天", "未填报"),
        ("逾期 3 天", "已逾期 3 天", "完成 50%"),
        ("当日", "当日到期", "填报为零"),
        ("快到期", "还有 30 天到期", "未填报"),
        ("部分完成", "尚未到期", "完成 50%"),
    ]
    assert made[0].who == "未落实责任部门"
    assert made[1].who == "党政办公室"


def test_progress_adds_up_to_the_figures() -> None:
    points = [
        point(1, due=date(2022, 6, 30), entered=date(2022, 5, 1)),
        point(HALF, entered=date(2023, 11, 2)),
        point(1, due=NEXT_YEAR, entered=date(2023, 12, 31)),
        point(1),
    ]
    about = facts(points)
    made = progress_chart(about)
    assert made
    by_day = {step.day: step for step in made.steps}
    assert (by_day[date(2022, 3, 31)].planned, by_day[date(2022, 3, 31)].done) == (ZERO, ZERO)
    assert (by_day[date(2022, 6, 30)].planned, by_day[date(2022, 6, 30)].done) == (ONE, ONE)
    assert by_day[CUTOFF].done == about.task_figures.progress.done
    assert by_day[NEXT_YEAR].done is None
    assert made.steps[-1].planned == len(points)


def test_points_due_after_the_project_are_planned_too() -> None:
    made = progress_chart(facts([point(0, due=date(2026, 6, 30))]))
    assert made
    assert (made.steps[-1].day, made.steps[-1].planned) == (date(2026, 6, 30), ONE)


def test_only_areas_with_both_rates_are_compared() -> None:
    amounts = [amount("budget", 100, task="1"), amount("spent", 80, task="1"), amount("spent", 5, task="2")]
    made = execution_chart(facts([point(1), point(1, area=OTHER_AREA)], amounts=amounts))
    assert made
    assert [(pair.name, pair.first, pair.second) for pair in made.pairs] == [
        (f"1 {AREA.name}", ONE, Fraction(4, 5))
    ]
    assert grid(made).rows == ((f"1 {AREA.name}", "100%", "80%", "−20"),)


def test_nothing_to_draw() -> None:
    assert {name: make(facts()) for name, make in CHARTS.items()} == dict.fromkeys(CHARTS)
    assert figure("progress", facts()) is None


def test_every_chart_says_what_it_shows() -> None:
    about = facts(
        [point(1)],
        amounts=[*money(10, 9, 8), amount("budget", 10, task="1"), amount("spent", 9, task="1")],
        satisfaction=[said("在校生", 2022, "91")],
    )
    for make in CHARTS.values():
        made = make(about)
        assert made
        assert sentence(made).endswith("。")
        assert len(grid(made).headers) == len(grid(made).rows[0])
        assert isinstance(made, Progress | Dumbbell) or made.series  # type: ignore[union-attr]


def test_extra_achievements_stay_out_of_the_due_rate() -> None:
    extra = ExtraFact("1", 1, 2023, "1", CUTOFF, "新增", None)
    assert card(facts([point(HALF)], extras=[extra]), "tasks").value == "50"


def test_the_heading_of_what_to_watch_counts_what_is_shown() -> None:
    assert heading(10, is_today=True) == "今日要盯的十件事"
    assert heading(8, is_today=False) == "当日要盯的八件事"
    assert heading(2, is_today=True) == "今日要盯的两件事"
    assert heading(0, is_today=True) == "今日没有要盯的事"
