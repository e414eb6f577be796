"""分解下达 of indicators."""

from __future__ import annotations

from django.db import models

from indicators.models.indicator import Indicator
from projects.models import Share


class IndicatorShare(Share):
    """A department's share of the final target (期满目标) of an indicator."""

    SUBJECT = "indicator"

    indicator = models.ForeignKey(Indicator, models.CASCADE, related_name="shares", verbose_name="绩效指标")

    class Meta(Share.Meta):
        verbose_name = verbose_name_plural = "指标分解"
        ordering = ("indicator_id", "id")
        constraints = [
            *Share.Meta.constraints,
            models.UniqueConstraint(fields=("indicator", "department"), name="indicator_share_once"),
        ]
