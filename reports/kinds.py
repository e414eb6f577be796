"""The kinds of reports: one entry here and its sections. Any kind renders any project: gaps print "—"."""

from __future__ import annotations

from dataclasses import dataclass

from projects.models import Level, Project
from reports.facts import Window
from reports.sections import GROUP_CONSTRUCTION, SCHOOL_MIDTERM, SectionBuilder


@dataclass(frozen=True, slots=True)
class Kind:
    """`label` and `title` say `{window}` where the kind of the window goes: no 中期 in an annual report.

    `level` is that of the projects it is meant for; `signature` says who signs and seals.
    """

    identifier: str
    label: str
    title: str
    about: str
    level: str
    sections: tuple[SectionBuilder, ...]
    signature: tuple[str, ...]

    def label_in(self, window: Window) -> str:
        return self.label.format(window=window.label)

    def title_of(self, project: Project, window: Window) -> str:
        """The project's own title stands on the report meant for it; else two reports would bear one name."""
        return (project.report_title if self.fits(project) else "") or self.title.format(window=window.label)

    def fits(self, project: Project) -> bool:
        return project.level == self.level


KINDS: tuple[Kind, ...] = (
    Kind(
        "school-midterm",
        label="学校{window}自评报告",
        title="{window}自评报告",
        about="学校层面：任务、指标、成果与评分概述，经费到位和执行，各项建设任务逐项完成情况，目标愿景与发展进步，满意度。",
        level=Level.SCHOOL,
        sections=SCHOOL_MIDTERM,
        signature=("学校（盖章）：", "负责人（签字）："),
    ),
    Kind(
        "group-construction",
        label="专业群{window}建设报告",
        title="专业群{window}建设报告",
        about="专业群层面：标志性成果对期满目标，分年度任务与经费，分任务支出，计划与完成逐年对照。",
        level=Level.GROUP,
        sections=GROUP_CONSTRUCTION,
        signature=("专业群负责人（签字）：", "学校（盖章）："),
    ),
)


def kind(identifier: str) -> Kind:
    """Raises KeyError for a kind that we do not have."""
    for each in KINDS:
        if each.identifier == identifier:
            return each
    raise KeyError(identifier)


def kinds_for(project: Project) -> list[Kind]:
    """All kinds, those meant for the level of the project first."""
    return sorted(KINDS, key=lambda each: not each.fits(project))
