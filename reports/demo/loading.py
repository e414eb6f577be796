"""Loading the demo: what is missing is made, what is there is left alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.utils import timezone

from indicators.models import IndicatorValue
from projects.evidence import Filing, filing
from projects.models import Entry, Evidence, ExtraAchievement, Project, ReviewLog, Role, User
from reports.demo import accounts, changes, rounds, work
from reports.demo.book import rows, workbook
from reports.demo.scans import Paper, document
from reports.exchange import import_workbook

# The day on which the demo college moved from its spreadsheets into the app.
IMPORTED_AT = timezone.make_aware(datetime(2026, 1, 15, 9, 0))
FOLDERS = ("school", "group", "remote")
# The group is reviewed by 部门, 建设组 and 项目办; that came when its first work had been decided.
REVIEW_LEVELS = {"group": 3}
OFFICE = Role.OFFICE.label


class Refused(Exception):
    """The demo cannot be loaded here; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was made: codes of projects, and user names."""

    projects: list[str]
    people: list[str]

    @property
    def is_nothing(self) -> bool:
        return not self.projects and not self.people


def load(*, force: bool = False) -> Loaded:
    """All or nothing. `force` makes accounts with a known password even where others can reach them."""
    newcomers = accounts.missing(rows("", "people"))
    if newcomers and accounts.is_reachable() and not force:
        raise Refused(
            "这台服务器可以从外部访问（ALLOWED_HOSTS 中有非本机地址），而演示账号的口令是公开的，"
            "因此没有建立。确实需要时请加 --force，并在演示后停用这些账号。"
        )
    codes = {folder: code_of(folder) for folder in FOLDERS}
    with filing() as files:
        known = set(Project.objects.filter(code__in=codes.values()).values_list("code", flat=True))
        made = accounts.create(newcomers)
        importers = {row["学校"]: made[row["姓名"]] for row in newcomers if row["角色"] == OFFICE}
        new = {folder: take_in(folder, importers) for folder, code in codes.items() if code not in known}
        for row in newcomers:
            accounts.join(made[row["姓名"]], row)
        for folder, project in new.items():
            credit(project)
            file_all(project, files)
            work.redo(project, rows(folder, "work"), files)
            project.review_levels = REVIEW_LEVELS.get(folder, project.review_levels)
            project.save(update_fields=["review_levels"])
            changes.ask(project, files)
            rounds.ask(project, IMPORTED_AT.date(), timezone.localdate())
    return Loaded([project.code for project in new.values()], list(made))


def code_of(folder: str) -> str:
    return fields_of(folder)["项目编号"]


def fields_of(folder: str) -> dict[str, str]:
    return {row["字段"]: row["值"] for row in rows(folder, "project")}


def take_in(folder: str, importers: Mapping[str, User]) -> Project:
    """The project of a folder, through the door by which every college comes in."""
    by = importers.get(fields_of(folder)["学校名称"])
    last = ReviewLog.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    outcome = import_workbook(workbook(folder), now=IMPORTED_AT, by=by, approve=True)
    if outcome.project is None or not outcome.ok:
        raise Refused("\n".join(map(str, outcome.faults)))
    date_back(outcome.project, last)
    return outcome.project


def date_back(project: Project, last: int) -> None:
    """What the import made stands as made on its day in the story; `last` is the log before it."""
    Entry.objects.of(project).update(created_at=IMPORTED_AT)
    ExtraAchievement.objects.filter(task__project=project).update(created_at=IMPORTED_AT)
    IndicatorValue.objects.filter(indicator__project=project).update(created_at=IMPORTED_AT)
    ReviewLog.objects.filter(pk__gt=last, verb="import").update(at=IMPORTED_AT)


def credit(project: Project) -> None:
    """Entries of the spreadsheet were made by the people they name, where these have an account."""
    for user in User.objects.filter(memberships__institution=project.institution).distinct():
        Entry.objects.of(project).filter(point__assignee=user).update(author=user)


def file_all(project: Project, files: Filing) -> None:
    """A document for every material of the index."""
    awaited = list(Evidence.objects.filter(project=project, file=None))
    for evidence in awaited:
        evidence.file, _ = files.store(scan(evidence), project.institution, by=None)
    Evidence.objects.bulk_update(awaited, ["file"], batch_size=200)


def scan(evidence: Evidence) -> ContentFile[bytes]:
    day = f"{evidence.issued_on:%Y-%m-%d}" if evidence.issued_on else ""
    paper = Paper(evidence.title, evidence.issuer, evidence.document_no, day)
    return ContentFile(document(paper, evidence.file_name), evidence.file_name)
