"""What reports say: each builder makes one chapter of the facts, or nothing where there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable

from reports.document import Section
from reports.facts import Facts
from reports.sections.tasks import tasks

SectionBuilder = Callable[[Facts], Section | None]

SCHOOL_MIDTERM: tuple[SectionBuilder, ...] = (tasks,)
GROUP_CONSTRUCTION: tuple[SectionBuilder, ...] = (tasks,)
