"""佐证材料库: the materials of a project under generated numbers, what each proves, and what lacks proof."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.urls import reverse

from indicators.models import IndicatorEvidence, Outcome, OutcomeEvidence
from projects.models import Evidence, PointEvidence, Project, State, User
from projects.permissions import fills_all
from projects.progress import PointFact, TaskFact
from projects.workbook.sheet import natural
from projects.workbook.writing import Heading, Page, Shape, write_workbook
from reports.facts import Facts

# The chapter of what proves no task point.
OTHERS = "其他"
# Ledger rows in these states only those know who may write them.
UNTOLD = (State.DRAFT, State.RETURNED)


@dataclass(frozen=True, slots=True)
class Use:
    """What a material proves: its code, its words, and where it is."""

    kind: str
    code: str
    text: str
    href: str = ""
    pages: str = ""


@dataclass(slots=True)
class Material:
    record: Evidence
    number: str = ""
    area: str = ""
    uses: list[Use] = field(default_factory=list)
    # The ledger rows not handed in yet that are all it proves: who may not know of these, not of it either.
    drafts: frozenset[int] = frozenset()

    @property
    def href(self) -> str:
        return reverse("reports:material", args=[self.record.project_id, self.record.pk])

    @property
    def download(self) -> str:
        return reverse("projects:evidence", args=[self.record.pk]) if self.record.file_id else ""

    @property
    def searched(self) -> str:
        record = self.record
        told = (self.number, record.title, record.file_name, record.issuer, record.document_no)
        return "\n".join((*told, *(f"{use.code} {use.text}" for use in self.uses))).casefold()


def materials(facts: Facts) -> list[Material]:
    """All materials in the order of their numbers.

    A number is the code of the task that a material proves first, and its place among those of the task.
    """
    # Uses before materials: what somebody adds meanwhile has no use yet, but no use is without its material.
    of_points = uses_of(PointEvidence, "point", facts)
    of_indicators = uses_of(IndicatorEvidence, "indicator", facts)
    of_outcomes = uses_of(OutcomeEvidence, "outcome_id", facts, "outcome__state")
    records = Evidence.objects.filter(project=facts.project).select_related("file").order_by("pk")
    found = {record.pk: Material(record) for record in records}
    chapters: dict[int, TaskFact] = {}
    tasks = {task.id: task for task in facts.tasks}
    points = {point.id: point for point in facts.points}
    order = {point.id: place for place, point in enumerate(facts.points)}
    first: dict[int, PointFact] = {}
    for material, point_pk, pages in known(of_points, found):
        if point := points.get(point_pk):
            href = reverse("projects:point", args=[point.id])
            material.uses.append(Use("任务点", point.code, point.text, href, pages))
            pk = material.record.pk
            first[pk] = min(point, first.get(pk, point), key=lambda each: order[each.id])
    for evidence, point in first.items():
        chapters[evidence] = tasks[point.task_id]
        found[evidence].area = point.area
    indicators = {each.indicator.id: each.indicator for each in facts.attainments}
    for material, pk, pages in known(of_indicators, found):
        if indicator := indicators.get(pk):
            href = reverse("reports:proofs", args=["indicator", pk])
            material.uses.append(Use("绩效指标", indicator.code, indicator.name, href, pages))
    ledger = {each.id: each for each in facts.outcomes}
    for material, pk, pages in known(of_outcomes, found):
        # What is not approved nobody else should know of.
        if outcome := ledger.get(pk):
            href = reverse("reports:proofs", args=["outcome", pk])
            material.uses.append(Use("成果", outcome.code, outcome.name, href, pages))
    mark_drafts(found, [*of_points, *of_indicators], of_outcomes)
    return numbered(found, chapters)


def mark_drafts(
    found: Mapping[int, Material], others: Iterable[tuple[Any, ...]], of_outcomes: Iterable[tuple[Any, ...]]
) -> None:
    """Say of each material that proves nothing but drafts which ones."""
    told = {evidence for evidence, *_ in others}
    drafts: dict[int, set[int]] = defaultdict(set)
    for evidence, outcome, _, state in of_outcomes:
        if state in UNTOLD:
            drafts[evidence].add(outcome)
        else:
            told.add(evidence)
    for pk in (drafts.keys() - told) & found.keys():
        found[pk].drafts = frozenset(drafts[pk])


def shown_to(user: User, found: Iterable[Material], project: Project) -> list[Material]:
    """Without the materials of drafts that the user may not know of; the numbers of the others stay."""
    materials = list(found)
    drafts = frozenset[int]().union(*(each.drafts for each in materials))
    if not drafts or fills_all(user, project):
        return materials
    visible = Outcome.objects.visible_to(user, project).filter(pk__in=drafts)
    known = set(visible.values_list("pk", flat=True))
    return [each for each in materials if not each.drafts or each.drafts & known]


def uses_of(model: Any, what: str, facts: Facts, *more: str) -> list[tuple[Any, ...]]:
    """Material, what it proves, on which pages, and more that is asked for; read here and now."""
    rows = model.objects.filter(evidence__project=facts.project).order_by("pk")
    return list(rows.values_list("evidence", what, "pages", *more))


def known(
    uses: Iterable[tuple[Any, ...]], found: Mapping[int, Material]
) -> Iterator[tuple[Material, Any, str]]:
    """The uses of the materials found; one that was deleted since the uses were read has none."""
    return ((found[pk], target, pages) for pk, target, pages, *_ in uses if pk in found)


def numbered(found: dict[int, Material], chapters: dict[int, TaskFact]) -> list[Material]:
    within: Counter[str] = Counter()
    for pk, material in found.items():
        chapter = chapters[pk].code if pk in chapters else OTHERS
        within[chapter] += 1
        material.number = f"{chapter}-{within[chapter]:02}"
    return sorted(found.values(), key=lambda each: (each.number.startswith(OTHERS), natural((each.number,))))


def matching(found: Iterable[Material], *, area: str = "", text: str = "", state: str = "") -> list[Material]:
    states = {"": all_of, "bare": without_file, "loose": without_use}
    wanted = text.casefold()
    return [
        each
        for each in found
        if area in ("", each.area) and wanted in each.searched and states.get(state, all_of)(each)
    ]


def all_of(material: Material) -> bool:
    return True


def without_file(material: Material) -> bool:
    return material.record.file_id is None


def without_use(material: Material) -> bool:
    return not material.uses


@dataclass(frozen=True, slots=True)
class Covered:
    """Of the points that are due and done, at least in part, how many have a file that proves them."""

    proved: int = 0
    claimed: int = 0

    @property
    def is_full(self) -> bool:
        return self.proved == self.claimed


def coverage(facts: Facts) -> tuple[list[int], list[tuple[TaskFact, list[Covered]]]]:
    """The years, and per area what is covered in each of them and in all."""
    rows = PointEvidence.objects.filter(evidence__project=facts.project, evidence__file__isnull=False)
    proved = set(rows.values_list("point", flat=True))
    claimed: dict[tuple[str, int], list[bool]] = defaultdict(list)
    for point in facts.points:
        if point.r:
            claimed[point.area, point.year].append(point.id in proved)
    years = sorted({year for _, year in claimed})
    return years, [(area, list(row(claimed, area.code, years))) for area in facts.areas]


def row(claimed: dict[tuple[str, int], list[bool]], area: str, years: Sequence[int]) -> Iterator[Covered]:
    cells = [Covered(sum(told), len(told)) for told in (claimed.get((area, year), []) for year in years)]
    yield from cells
    yield Covered(sum(each.proved for each in cells), sum(each.claimed for each in cells))


def catalogue(facts: Facts, user: User) -> bytes:
    """The catalogue as a workbook: a row for each material that the user may know of and what it proves."""
    found = shown_to(user, materials(facts), facts.project)
    guide = (
        f"{facts.project.name}佐证材料目录",
        f"生成时可查看的全部材料；编号由系统按任务编号生成，共 {len(found)} 份。",
    )
    file = BytesIO()
    write_workbook(file, [catalogue_page(facts, found)], ("说明", guide))
    return file.getvalue()


def catalogue_page(facts: Facts, found: Iterable[Material]) -> Page:
    headings = [
        Heading("编号", Shape.CODE),
        Heading("材料名称", Shape.TEXT),
        Heading("发文单位", Shape.LINE),
        Heading("文号", Shape.LINE),
        Heading("成文日期", Shape.DAY),
        Heading("建设任务", Shape.LINE),
        Heading("佐证内容", Shape.TEXT),
        Heading("文件名", Shape.LINE),
    ]
    areas = {area.code: f"{area.code} {area.name}" for area in facts.areas}
    rows = [
        (
            each.number,
            each.record.title,
            each.record.issuer,
            each.record.document_no,
            each.record.issued_on,
            areas.get(each.area, ""),
            "\n".join(f"{use.kind} {use.code} {use.text}".replace("  ", " ") for use in each.uses),
            each.record.file_name if each.record.file_id else f"{each.record.file_name}（缺文件）",
        )
        for each in found
    ]
    return Page("佐证材料目录", headings, rows)
