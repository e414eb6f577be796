"""Facts made by hand, for tests of what pages say about them. No database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction

from funding.execution import AmountFact, funding_figures
from indicators.attainment import Attainment, IndicatorFact, attain
from indicators.landmarks import OutcomeFact, TargetFact, outcome_figures
from indicators.satisfaction import SatisfactionFact
from indicators.scoring import Band, ItemFact, Mark, Score
from projects.models import Project
from projects.progress import EntryFact, ExtraFact, PointFact, TaskFact, task_figures
from reports.facts import Facts, Window

START, CUTOFF = date(2022, 1, 1), date(2023, 12, 31)
AREA = TaskFact(1, "1", "加强党的建设", None, "1", "党政办公室", "", 0)
OTHER_AREA = TaskFact(2, "2", "提升校企合作水平", None, "2", "校企合作处", "", 0)
BANDS = (Band("优", Decimal(90)), Band("良", Decimal(80)), Band("中", Decimal(60)), Band("差", Decimal(0)))


def known(value: int | str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def point(
    done: Fraction | int | None = None,
    due: date = CUTOFF,
    *,
    area: TaskFact = AREA,
    department: str = "党政办公室",
    person: str = "",
    text: str = "编印规章制度汇编",
    pk: int = 1,
    entered: date | None = None,
) -> PointFact:
    """A point of the year of `due`, done so far; `entered` gives it an entry of that day."""
    entry = EntryFact(1, "approved", entered, None, None, "", "", None) if entered else None
    r = None if done is None else Fraction(done)
    return PointFact(
        *(
            pk,
            f"{area.code}-1-{due.year}-{pk:02}",
            area.id,
            area.code,
            due.year,
            str(pk),
            text,
            "项",
            Decimal(1),
        ),
        *(due, department, person, entry, None, r),
    )


def amount(
    kind: str, value: int | str | None, *, source: str = "财政", task: str = "", year: int = 2022
) -> AmountFact:
    return AmountFact(kind, year, year, source, task, known(value), None)


def money(
    budget: int | None, received: int | None, spent: int | None = None, source: str = "财政"
) -> list[AmountFact]:
    kinds = {"budget": budget, "received": received, "spent": spent}
    return [amount(kind, value, source=source) for kind, value in kinds.items()]


def attainment(
    value: int | None,
    target: int | None = 10,
    *,
    level2: str = "数量指标",
    code: str = "1.1",
    name: str = "新增专业",
) -> Attainment:
    indicator = IndicatorFact(
        *(1, code, "产出指标", level2, "1", name, "个", "higher", "cumulative"),
        *(None, None, {}, "", "教务处", "", (), ()),
    )
    return attain(indicator, known(target), known(value), None)


def target(pk: int, level: str, number: int, unit: str = "项") -> TargetFact:
    return TargetFact(pk, str(pk), f"成果{pk}", level, Decimal(number), unit, "1", "", "")


def outcome(
    pk: int, level: str, counts_for: int | None, number: int = 1, *, reference: bool = False
) -> OutcomeFact:
    return OutcomeFact(
        *(
            pk,
            f"C{pk}",
            f"奖项{pk}",
            level,
            "获奖",
            "",
            CUTOFF,
            Decimal(number),
            "",
            "",
            "教务处",
            "1",
            counts_for,
        ),
        reference,
    )


def said(who: str, year: int, percent: str | None, target: str | None = None) -> SatisfactionFact:
    return SatisfactionFact(who, year, known(percent), known(target), None, "", "")


def marked(
    total: int | str,
    *,
    grade: str | None = "良",
    unmarked: int = 0,
    vetoes: tuple[str, ...] = (),
    bands: tuple[Band, ...] = BANDS,
    marks: tuple[Mark, ...] = (),
) -> Score:
    return Score(marks, Fraction(total), Fraction(100), unmarked, grade, Decimal(100), vetoes, bands)


def item_mark(pk: int, name: str, full: int, own: int | None, parent: int | None = None) -> Mark:
    item = ItemFact(pk, parent, str(pk), name, Decimal(full), None, None, "manual", "", None, "", "")
    mark = None if own is None else Fraction(own)
    return Mark(item, 0 if parent is None else 1, Fraction(full), None, None, mark, int(mark is None))


def facts(
    points: Sequence[PointFact] = (),
    *,
    kind: str = "midterm",
    start: date = START,
    as_of: date = CUTOFF,
    pending: bool = False,
    extras: Sequence[ExtraFact] = (),
    attainments: Sequence[Attainment] = (),
    targets: Sequence[TargetFact] = (),
    outcomes: Sequence[OutcomeFact] = (),
    amounts: Sequence[AmountFact] = (),
    satisfaction: Sequence[SatisfactionFact] = (),
    score: Score | None = None,
) -> Facts:
    tasks = (AREA, OTHER_AREA)
    made = Facts(
        project=Project(pk=1, code="P", name="样例建设项目", level="school", start_year=2022, end_year=2025),
        window=Window(kind, start, CUTOFF),
        as_of=as_of,
        known_at=None,
        pending=pending,
        basis="current",
        adjustments=(),
        tasks=tasks,
        points=tuple(points),
        extras=tuple(extras),
        attainments=tuple(attainments),
        outcomes=tuple(outcomes),
        amounts=tuple(amounts),
        satisfaction=tuple(satisfaction),
        task_figures=task_figures(tasks, points, extras, start, as_of),
        outcome_figures=outcome_figures(targets, outcomes, as_of),
        funding=funding_figures(amounts, start, as_of),
    )
    made.__dict__["score"] = score
    return made
