"""All kinds of rows of 我的任务, in their order. A new kind is one file and one line."""

from __future__ import annotations

from reports.desk.indicators import IndicatorKind
from reports.desk.kind import Kind
from reports.desk.outcomes import OutcomeKind
from reports.desk.plain import EffectKind, SatisfactionKind, VisionKind
from reports.desk.points import PointKind
from reports.desk.shares import IndicatorShareKind, PointShareKind

KINDS: tuple[Kind, ...] = (
    PointKind(),
    PointShareKind(),
    IndicatorKind(),
    IndicatorShareKind(),
    SatisfactionKind(),
    OutcomeKind(),
    EffectKind(),
    VisionKind(),
)
BY_NAME = {kind.name: kind for kind in KINDS}
