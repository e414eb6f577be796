"""愿景目标 and 发展对比 as frozen facts: words and values as the college wrote them down."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VisionFact:
    """What the task book wants to become true, and how far it did; `area` is a code or empty."""

    code: str
    area: str
    text: str
    result: str
    degree: str


@dataclass(frozen=True, slots=True)
class ComparisonFact:
    """One observation before the project, now, and at the benchmark college; empty text is unknown."""

    code: str
    dimension: str
    name: str
    unit: str
    moment: str
    before: str
    now: str
    benchmark_name: str
    benchmark: str
    source: str
