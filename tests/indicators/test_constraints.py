from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import IntegrityError

from indicators.models import Indicator, IndicatorShare
from projects.models import Department, Project


@pytest.fixture
def indicator(project: Project) -> Indicator:
    return Indicator.objects.create(
        project=project, code="1.1.1", level1="产出指标", level2="数量指标", name="制度", final_target=4
    )


def test_departments_share_an_indicator(
    indicator: Indicator, office_department: Department, industry_department: Department
) -> None:
    IndicatorShare.objects.create(indicator=indicator, department=office_department, target=Decimal("1.5"))
    IndicatorShare.objects.create(indicator=indicator, department=industry_department, target=Decimal("2.5"))
    assert [share.target for share in indicator.shares.all()] == [Decimal("1.5"), Decimal("2.5")]


def test_a_department_has_one_share(indicator: Indicator, office_department: Department) -> None:
    IndicatorShare.objects.create(indicator=indicator, department=office_department)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        IndicatorShare.objects.create(indicator=indicator, department=office_department)


def test_a_share_is_not_negative(indicator: Indicator, office_department: Department) -> None:
    with pytest.raises(IntegrityError, match="indicatorshare_target_not_negative"):
        IndicatorShare.objects.create(indicator=indicator, department=office_department, target=-1)
