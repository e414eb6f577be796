"""Models of indicators, outcomes, satisfaction and scoring."""

from indicators.models.indicator import (
    Accumulation,
    Direction,
    Indicator,
    IndicatorEvidence,
    IndicatorTarget,
    IndicatorValue,
    Nature,
)
from indicators.models.outcome import (
    LedgerNumber,
    Outcome,
    OutcomeEvidence,
    OutcomeIndicator,
    OutcomePoint,
    OutcomeTarget,
)
from indicators.models.progress import Comparison, SatisfactionResult, Vision
from indicators.models.scoring import GradeBand, Method, ScoringItem, Veto
from indicators.models.sharing import IndicatorShare

__all__ = [
    "Accumulation",
    "Comparison",
    "Direction",
    "GradeBand",
    "Indicator",
    "IndicatorEvidence",
    "IndicatorShare",
    "IndicatorTarget",
    "IndicatorValue",
    "Method",
    "Nature",
    "LedgerNumber",
    "Outcome",
    "OutcomeEvidence",
    "OutcomeIndicator",
    "OutcomePoint",
    "OutcomeTarget",
    "SatisfactionResult",
    "ScoringItem",
    "Veto",
    "Vision",
]
