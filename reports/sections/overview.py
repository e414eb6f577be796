"""一、基本情况: how far the whole project is, and its money."""

from __future__ import annotations

from reports.document import Section
from reports.facts import Facts
from reports.sections.funding import receipts, spending
from reports.sections.indicators import indicators
from reports.sections.outcomes import outcomes
from reports.sections.scores import scores
from reports.sections.spending import details
from reports.sections.tasks import tasks
from reports.sections.words import sentences
from reports.writing import section

GOALS = "总体目标的实现程度及效果概述"
MONEY = "项目经费到位和执行情况概述"


def overview(facts: Facts) -> Section:
    parts = (tasks(facts), indicators(facts), outcomes(facts), scores(facts))
    return section("overview", "基本情况", section("goals", GOALS, *parts), funding(facts))


def funding(facts: Facts) -> Section:
    if not facts.amounts:
        return section("funding", MONEY, sentences("没有经费记录"))
    return section("funding", MONEY, receipts(facts), spending(facts), details(facts))
