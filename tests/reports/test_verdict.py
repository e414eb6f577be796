"""The sentence that says where a project stands, in every state a project can be in."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from reports.facts import Facts
from reports.verdict import Figure, verdict
from tests.reports.made import amount, attainment, facts, marked, money, point

HALF = Fraction(1, 2)


def said(about: Facts) -> str:
    return "".join(verdict(about))


def clause(about: Facts, word: str) -> str:
    """The clause of the sentence that holds `word`."""
    return next(part for part in said(about).rstrip("。").split("；") if word in part)


def test_all_known() -> None:
    self_financed = money(100, 80, 80, source="学校自筹")
    about = facts(
        [*[point(1)] * 217, *[point(0)] * 7],
        attainments=[attainment(10)] * 3,
        amounts=[*money(100, 120, 120, source="财政"), *self_financed],
        score=marked(86),
    )
    assert said(about) == (
        "中期应完成 224 项任务点，已完成 217 项，中期任务完成率 96.88%，高于 95% 线；"
        "资金到位率 100%，其中学校自筹 80% 偏低；绩效指标完成率 100%；自评 86 分（良），距“优”还差 4 分。"
    )


def test_numbers_are_marked_as_figures() -> None:
    pieces = verdict(facts([point(1), point(HALF)], score=marked(86)))
    assert [piece for piece in pieces if isinstance(piece, Figure)] == ["2", "1.5", "75%", "86", "4"]


def test_labels_follow_the_kind_of_window() -> None:
    for kind, label in (("annual", "年度"), ("midterm", "中期"), ("final", "期满")):
        about = facts([point(1)], kind=kind)
        assert clause(about, "任务点") == (
            f"{label}应完成 1 项任务点，已完成 1 项，{label}任务完成率 100%，高于 95% 线"
        )


def test_pending_work_is_said_to_be_unofficial() -> None:
    assert said(facts([point(1)], pending=True)).startswith("含待审（非正式数字）：中期应完成")


def test_below_and_on_the_line() -> None:
    assert "，低于 95% 线 45 点" in said(facts([point(1), point(0)]))
    assert "，刚好达到 95% 线" in said(facts([*[point(1)] * 19, point(0)]))


def test_nothing_due() -> None:
    later = [point(0, due=date(2024, 12, 31)), point(1, due=date(2024, 12, 31))]
    assert clause(facts(later), "到期") == "截至 2023-12-31 还没有到期的任务点，已提前完成 1 项"
    assert clause(facts(later[:1]), "到期").endswith("也没有提前完成的")
    assert clause(facts(), "任务") == "任务书还没有任务点"


def test_money_without_records() -> None:
    assert clause(facts(), "经费") == "还没有经费记录"


def test_unknown_money_is_not_zero() -> None:
    assert clause(facts(amounts=money(100, None)), "资金") == "到位资金未知，资金到位率无法计算"
    assert clause(facts(amounts=money(None, 50)), "资金") == "预算未知，资金到位率无法计算"
    assert clause(facts(amounts=money(None, None)), "资金") == "预算和到位资金未知，资金到位率无法计算"
    assert clause(facts(amounts=money(0, 50)), "资金") == "统计时段内预算为 0，资金到位率无从谈起"


def test_partly_unknown_money_is_marked() -> None:
    some = [*money(100, 100, 100), amount("received", None)]
    assert clause(facts(amounts=some), "资金") == "资金到位率 100%（部分未知）"


def test_money_below_its_lines() -> None:
    assert clause(facts(amounts=money(100, 90, 45)), "资金") == (
        "资金到位率 90%，低于 95% 线 5 点，资金支出率 50%，低于 90% 线 40 点"
    )


def test_every_weak_source_is_named() -> None:
    sources = [("财政", 200), ("企业", 50), ("自筹", 60), ("举办方", 100)]
    amounts = [fact for name, got in sources for fact in money(100, got, got, source=name)]
    assert clause(facts(amounts=amounts), "资金") == "资金到位率 102.5%，其中企业 50%、自筹 60% 偏低"


def test_indicators() -> None:
    assert "指标" not in said(facts())
    assert clause(facts(attainments=[attainment(5)]), "指标") == "绩效指标完成率 50%，低于 95% 线 45 点"
    with_unknown = facts(attainments=[attainment(10), attainment(10, target=None)])
    assert clause(with_unknown, "指标") == "绩效指标完成率 100%（另有 1 项无法判断）"
    assert clause(facts(attainments=[attainment(1, target=None)]), "指标") == (
        "1 项绩效指标都没有可用的目标值，完成率无法计算"
    )


def test_no_scheme() -> None:
    assert clause(facts(), "评分") == "没有评分表，尚未评分"


def test_unmarked_items_keep_the_grade_open() -> None:
    open_score = marked(60, grade=None, unmarked=3)
    assert clause(facts(score=open_score), "自评") == "自评暂计 60 分，还有 3 项未评分"


def test_vetoes_set_the_grade() -> None:
    vetoed = marked(92, grade="差", vetoes=("任务完成度不足 80%", "报送信息失真"))
    assert clause(facts(score=vetoed), "自评") == (
        "自评 92 分（差），触发否决项“任务完成度不足 80%”、“报送信息失真”，等级为差"
    )


def test_the_best_grade_misses_nothing() -> None:
    assert clause(facts(score=marked(95, grade="优")), "自评") == "自评 95 分（优）"


def test_without_bands_there_is_no_grade() -> None:
    assert clause(facts(score=marked(95, grade=None, bands=())), "自评") == "自评 95 分"


def test_the_distance_is_taken_from_the_rounded_total() -> None:
    assert clause(facts(score=marked("89.996", grade="优")), "自评") == "自评 90 分（优）"
    assert "还差 0.01 分" in said(facts(score=marked("89.994")))
