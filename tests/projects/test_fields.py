"""The exact decimal column: what goes in comes out, and sums do not drift."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Sum
from hypothesis import given
from hypothesis import strategies as st

from funding.models import Expenditure
from projects.fields import LIMIT, ExactDecimalField
from projects.models import Project

FIELD = ExactDecimalField()


@given(st.decimals(min_value=-LIMIT, max_value=LIMIT, places=6))
def test_a_number_survives_storage(value: Decimal) -> None:
    stored = FIELD.get_prep_value(value)
    assert FIELD.from_db_value(stored, None, None) == value


def test_sums_are_exact(project: Project) -> None:
    amounts = [Decimal("0.1"), Decimal("0.2"), Decimal("1234567.891234")] * 300
    Expenditure.objects.bulk_create(
        Expenditure(project=project, first_year=2022, last_year=2022, amount=amount) for amount in amounts
    )
    total = Expenditure.objects.aggregate(total=Sum("amount"))["total"]
    assert total == sum(amounts)


@pytest.mark.parametrize("value", ["0.0000001", "NaN", "Infinity", "1e400", "abc", "9223372036855"])
def test_what_cannot_be_stored_exactly_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        FIELD.get_prep_value(value)


def test_the_database_refuses_negative_money(project: Project) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Expenditure.objects.create(project=project, first_year=2022, last_year=2022, amount=Decimal(-1))
