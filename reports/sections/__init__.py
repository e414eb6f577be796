"""What reports say: each builder makes one chapter of the facts, or nothing where there is nothing to say."""

from __future__ import annotations

from collections.abc import Callable

from reports.document import Section
from reports.facts import Facts
from reports.sections.annex import annex, group_annex
from reports.sections.areas import areas
from reports.sections.group import attainment, basics, completion
from reports.sections.overview import overview
from reports.sections.progress import progress
from reports.sections.satisfaction import satisfaction

SectionBuilder = Callable[[Facts], Section | None]

SCHOOL_MIDTERM: tuple[SectionBuilder, ...] = (overview, areas, progress, satisfaction, annex)
GROUP_CONSTRUCTION: tuple[SectionBuilder, ...] = (basics, completion, attainment, group_annex)
