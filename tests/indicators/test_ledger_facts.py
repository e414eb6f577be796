"""What the ledger gives to figures: approved rows, as known at a moment, and the links that count."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from indicators.duplicates import keys_of, twins
from indicators.forms import IndicatorValueForm
from indicators.models import Indicator, Outcome, OutcomeIndicator, OutcomePoint, OutcomeTarget
from projects import review
from projects.models import Department, Project, State, TaskPoint, User
from reports.facts import gather

pytestmark = pytest.mark.django_db
LAST = date(2023, 12, 31)


@pytest.fixture
def indicator(project: Project) -> Indicator:
    return Indicator.objects.create(
        project=project, code="1.1", level1="产出指标", level2="数量指标", name="教材", final_target=10
    )


def won(project: Project, name: str = "奖项", **values: Any) -> Outcome:
    number = project.outcomes.count() + 1
    values = {"state": State.DRAFT, "awarded_on": date(2023, 5, 1), **values}
    return Outcome.objects.create(project=project, code=f"T{number}", name=name, **values)


def linked(point: TaskPoint, as_of: date = LAST, known_at: datetime | None = None, **asked: Any) -> Any:
    facts = gather(point.task.project, as_of, known_at, **asked)
    return next(each.quantity for each in facts.points if each.id == point.pk)


def test_only_what_was_approved_counts(
    project: Project, point: TaskPoint, office: User, now: datetime
) -> None:
    row = won(project, quantity=3)
    OutcomePoint.objects.create(outcome=row, point=point)
    assert linked(point) is None
    assert linked(point, pending=True) is None
    row = review.submit(row, by=office, now=now)
    assert linked(point) is None
    assert linked(point, pending=True) == 3
    assert not gather(project).outcomes
    row = review.approve(row, by=office, now=now)
    assert linked(point) == 3
    assert linked(point, known_at=now - timedelta(seconds=1)) is None
    later = now + timedelta(days=1)
    review.revoke(row, by=office, comment="数量有误", now=later)
    assert linked(point) is None
    assert linked(point, known_at=later - timedelta(seconds=1)) == 3
    assert linked(point, known_at=later) is None


def test_what_is_mended_after_a_revocation_counts_again(
    project: Project, point: TaskPoint, office: User, now: datetime
) -> None:
    row = won(project, quantity=2)
    OutcomePoint.objects.create(outcome=row, point=point)
    row = review.approve(review.submit(row, by=office, now=now), by=office, now=now)
    row = review.revoke(row, by=office, comment="数量有误", now=now + timedelta(days=1))
    Outcome.objects.filter(pk=row.pk).update(state=State.DRAFT)
    again = now + timedelta(days=2)
    review.approve(review.submit(row, by=office, now=again), by=office, now=again)
    assert linked(point, known_at=again) == 2
    assert linked(point, known_at=again - timedelta(seconds=1)) is None


def test_what_a_workbook_brought_in_counts_from_the_beginning(
    project: Project, point: TaskPoint, office: User, now: datetime
) -> None:
    row = won(project, state=State.APPROVED)
    OutcomePoint.objects.create(outcome=row, point=point)
    assert linked(point, known_at=now - timedelta(days=3650)) == 1
    review.revoke(row, by=office, comment="重复", now=now)
    assert linked(point, known_at=now) is None
    assert linked(point, known_at=now - timedelta(seconds=1)) == 1


def test_support_is_no_count(project: Project, point: TaskPoint, indicator: Indicator) -> None:
    target = OutcomeTarget.objects.create(project=project, code="1", name="奖", target=2)
    row = won(project, state=State.APPROVED, supported_target=target)
    OutcomePoint.objects.create(outcome=row, point=point, counts=False)
    OutcomeIndicator.objects.create(outcome=row, indicator=indicator, counts=False)
    facts = gather(project)
    assert linked(point) is None
    assert facts.attainments[0].value is None
    assert facts.outcome_figures.progress[0].done == 0
    # In the ledger itself it counts once, whatever it supports.
    assert facts.outcome_figures.achieved["未标级别"]["项"].kinds == 1


def test_links_of_both_kinds_do_not_multiply(
    project: Project, point: TaskPoint, indicator: Indicator
) -> None:
    other = TaskPoint.objects.create(task=point.task, year=2023, seq="4", text="另一项", due_on=LAST)
    row = won(project, state=State.APPROVED, quantity=2)
    for each, counts in ((point, True), (other, False)):
        OutcomePoint.objects.create(outcome=row, point=each, counts=counts)
    OutcomeIndicator.objects.create(outcome=row, indicator=indicator)
    assert linked(point) == 2
    assert linked(other) is None
    assert gather(project).attainments[0].value == 2
    assert len(gather(project).outcomes) == 1


def test_linked_quantities_follow_the_ledger_as_of_any_date(
    project: Project, point: TaskPoint, indicator: Indicator
) -> None:
    for on, quantity in ((date(2022, 3, 1), 1), (date(2023, 3, 1), 2), (date(2023, 9, 1), Decimal("0.5"))):
        row = won(project, state=State.APPROVED, awarded_on=on, quantity=quantity)
        OutcomePoint.objects.create(outcome=row, point=point)
        OutcomeIndicator.objects.create(outcome=row, indicator=indicator)
    for as_of, expected in (
        (date(2022, 2, 28), 0),
        (date(2022, 3, 1), 1),
        (date(2023, 3, 1), 3),
        (LAST, Decimal("3.5")),
    ):
        assert linked(point, as_of) == expected
        assert (gather(project, as_of).attainments[0].value or 0) == expected


def test_gathering_asks_no_more_for_drafts(
    project: Project, point: TaskPoint, office_department: Department, django_assert_max_num_queries: Any
) -> None:
    for number in range(20):
        row = won(project, f"奖项{number}", department=office_department)
        OutcomePoint.objects.create(outcome=row, point=point)
    with django_assert_max_num_queries(12):
        gather(project, LAST)


def test_a_value_other_than_the_ledgers_is_explained(project: Project, indicator: Indicator) -> None:
    for on, quantity in ((date(2022, 3, 1), 2), (date(2023, 3, 1), 3)):
        row = won(project, state=State.APPROVED, awarded_on=on, quantity=quantity)
        OutcomeIndicator.objects.create(outcome=row, indicator=indicator)
    fact = gather(project).attainments[0]

    def errors(value: str, on: str, note: str = "") -> Any:
        typed = {"value": value, "percent": "", "measured_on": on, "note": note}
        form = IndicatorValueForm(typed, indicator=indicator, fact=fact, today=LAST, submitting=True)
        return form.errors

    sentence = "台账合计 5 项，填报 6 项，请写明原因，或到成果台账补登。"
    assert errors("6", "2023-12-31") == {"note": [sentence]}
    assert "请写明原因，或到成果台账核对关联。" in errors("4", "2023-12-31")["note"][0]
    assert not errors("6", "2023-12-31", "1 项证书未到")
    assert not errors("5", "2023-12-31")
    assert not errors("2", "2022-12-31")
    indicator.accumulation = "yearly"
    indicator.save()
    fact = gather(project).attainments[0]
    assert not errors("3", "2023-12-31")
    assert errors("5", "2023-12-31")


def test_a_ratio_other_than_the_ledgers_is_explained(project: Project, indicator: Indicator) -> None:
    row = won(project, state=State.APPROVED, awarded_on=date(2023, 3, 1), quantity=1)
    OutcomeIndicator.objects.create(outcome=row, indicator=indicator)
    fact = gather(project).attainments[0]

    def errors(percent: str, target: int | None, note: str = "") -> Any:
        typed = {"value": "", "percent": percent, "measured_on": "2023-12-31", "note": note}
        known = replace(fact, target=target)
        return IndicatorValueForm(typed, indicator=indicator, fact=known, today=LAST, submitting=True).errors

    assert "计划 1 项，完成 100%），填报 完成比例 300%" in errors("300", 1)["note"][0]
    assert errors("100", None)
    assert not errors("100", 1)
    assert not errors("33.3", 3)
    assert not errors("300", 1, "2 项证书未到")


def test_a_row_is_found_among_ten_thousand_by_an_index(project: Project, filler: User) -> None:
    rows = [
        Outcome(project=project, code=f"N{n}", name=f"成果第{n}项", awarded_on=LAST) for n in range(10_000)
    ]
    for each in rows:
        each.set_keys()
    Outcome.objects.bulk_create(rows, batch_size=1000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    wanted = [keys_of("成果（第 77 项）", ""), keys_of("没有的", "")]
    assert [twin.code for twin in twins(wanted, project, filler)[0]] == ["N77"]
    plan = Outcome.objects.filter(name_key__in=[wanted[0].name]).explain()
    assert "index" in plan.lower()
    assert "name_key" in plan
