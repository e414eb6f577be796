"""The ministry's words, for any college: years, levels, names of tasks, lists and sentences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from projects.gathered import lineage
from projects.progress import PointFact, TaskFact
from projects.templatetags.numbers import cn_day
from reports.document import Paragraph, Run, Runs
from reports.facts import Facts
from reports.numbering import chinese

# What a sentence is put together from; None is left out.
Clause = Run | Runs | None


def years(first: int, last: int) -> str:
    """`2022年`, `2022—2025年`."""
    return f"{first}年" if first == last else f"{first}—{last}年"


def project_years(facts: Facts) -> str:
    return years(facts.project.start_year, facts.project.end_year)


def window_years(facts: Facts) -> str:
    return years(facts.window.start.year, max(facts.window.start.year, facts.as_of.year))


def until(facts: Facts) -> str:
    return f"截至{cn_day(facts.as_of)}"


def subject(facts: Facts) -> str:
    """Whose project it is: 学校, or the professional group by its name."""
    group = facts.project.group
    return "学校" if facts.project.is_school else group.name if group else "专业群"


def level(facts: Facts) -> str:
    return "学校" if facts.project.is_school else "专业群"


def term(facts: Facts) -> str:
    """The project's own name for its areas, else how many there are: 十大建设任务, 九项建设任务."""
    number = len(facts.areas)
    if facts.project.area_term or not number:
        return facts.project.term
    counted = "两" if number == 2 else chinese(number) if number < 100 else str(number)
    return f"{counted}项{facts.project.term}"


def named(task: TaskFact) -> str:
    """`2-1 深化“三教”改革`; a name that brings its code stays as it is."""
    return task.name if task.name.startswith(task.code) else f"{task.code} {task.name}"


def below_area(facts: Facts, point: PointFact) -> str:
    """The tasks between the area and the point; nothing where it stands under the area itself."""
    return "／".join(named(task) for task in lineage(facts.tasks, point.task_id)[1:])


def runs(clause: Clause) -> Runs:
    if clause is None:
        return ()
    return clause if isinstance(clause, tuple) else (clause,)


def joined(clauses: Iterable[Clause], mark: str = "，") -> Runs:
    """Clauses with a mark between them; empty ones are left out."""
    said = [runs(clause) for clause in clauses if clause]
    return tuple(run for number, clause in enumerate(said) for run in ((mark, *clause) if number else clause))


def listed(items: Iterable[Clause]) -> Runs:
    return joined(items, "、")


def sentences(*said: Clause) -> Paragraph | None:
    """Sentences as one paragraph, each with its full stop; None where nothing is said."""
    whole = tuple(run for clause in said if clause for run in (*runs(clause), "。"))
    return Paragraph(whole) if whole else None


def paragraphs(text: str) -> list[Paragraph]:
    """Text of several lines, written by people."""
    return [Paragraph((line,)) for line in map(str.strip, text.splitlines()) if line]


def area_id(part: str, area: TaskFact) -> str:
    """The id of a part of an area's chapter: its code without spaces, which ids must not hold."""
    code = "".join(f"%{ord(char):x}" if char.isspace() else char for char in area.code)
    return f"{part}-{code}"


def quoted(names: Sequence[str]) -> str:
    return "、".join(f"“{name}”" for name in names)
