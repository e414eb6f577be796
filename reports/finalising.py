"""定稿: a report is built once more and stored with its digest, and its window is locked.

A correction is a new version that names the one it supersedes. What is read back comes from what was stored,
never from the records, and only with the digest it was stored with.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from django.db import transaction

from projects import locking
from projects.models import Project, ReportingWindow, User
from reports import document_json
from reports.build import build
from reports.document import Document
from reports.facts import Facts, as_window, gather
from reports.kinds import Kind
from reports.models import Report, Snapshot

NO_WINDOW = "这个项目还没有统计时段，无法定稿。请先在工作簿的“项目”中写明统计开始日期和截止日期。"
UNCHANGED = "上一版定稿以来没有变化，内容与该版完全相同，不需要再次定稿"
NOT_INTACT = "这个定稿版本的内容与定稿时的校验码不符，可能被改动过。请不要使用，并联系管理员从备份恢复。"


class NotAllowed(Exception):
    """It cannot be finalised; the message is a sentence for the user."""


class NotIntact(Exception):
    """What is stored is not what was finalised."""

    def __init__(self) -> None:
        super().__init__(NOT_INTACT)


@transaction.atomic
def finalise(
    project: Project, kind: Kind, as_of: date, *, by: User, now: datetime, reason: str = ""
) -> Snapshot:
    """The report of a kind as of a date with what is approved `now`, as its next version.

    Locks the window of the report: what speaks of a day up to its cut-off is no longer written.
    """
    window = ReportingWindow.objects.select_for_update().filter(project=project, is_main=True).first()
    if window is None:
        raise NotAllowed(NO_WINDOW)
    facts = gather(project, as_of, now, window=as_window(window))
    document = build(facts, kind)
    report = report_of(facts, kind, window, document, by)
    # The row of the window is held, so nobody else makes one now.
    last = report.snapshots.defer("document").order_by("-number").first()
    if last and window.locked_at and is_same(last, facts, kind):
        raise NotAllowed(f"{UNCHANGED}（第 {last.number} 版，{last.finalised_by}）。")
    number = last.number + 1 if last else 1
    data = replace(document, version=version_name(number)).to_json()
    snapshot = Snapshot(
        report=report,
        number=number,
        as_of=facts.as_of,
        known_at=now,
        document=data,
        sha256=document_json.digest(data),
        finalised_at=now,
        finalised_by=by,
        reason=reason.strip(),
        supersedes=last,
    )
    snapshot.save()
    if window.locked_at is None:
        locking.lock(window, by=by, now=now, reason=f"“{document.title}”第 {snapshot.number} 版定稿")
    return snapshot


def is_same(last: Snapshot, facts: Facts, kind: Kind) -> bool:
    """Whether the version says what would be finalised now: built as of its moment, it has its digest."""
    again = replace(build(replace(facts, known_at=last.known_at), kind), version=version_name(last.number))
    return again.digest == last.sha256


def version_name(number: int) -> str:
    return f"第 {number} 版（定稿）"


def report_of(facts: Facts, kind: Kind, window: ReportingWindow, document: Document, by: User) -> Report:
    """The report of the kind on the window, with the date and the state it now has."""
    found = Report.objects.select_for_update().filter(
        project=facts.project, kind=kind.identifier, window=window
    )
    report = found.order_by("pk").first() or Report(
        project=facts.project, kind=kind.identifier, window=window, created_by=by
    )
    report.title, report.as_of, report.known_at = document.title, facts.as_of, facts.known_at
    report.state = Report.State.FINAL
    report.save()
    return report


def document_of(snapshot: Snapshot) -> Document:
    """The document as it was finalised; NotIntact when what is stored has another digest."""
    if document_json.digest(snapshot.document) != snapshot.sha256:
        raise NotIntact
    try:
        return Document.from_json(snapshot.document)
    except ValueError as error:
        raise NotIntact from error


def versions_of(project: Project) -> list[Snapshot]:
    """Every finalised version, the latest first; their documents stay where they are."""
    found = Snapshot.objects.filter(report__project=project).order_by("-finalised_at", "-pk")
    people = found.select_related("report", "finalised_by", "superseded_by")
    return list(people.defer("document", "superseded_by__document"))
