"""What people did since the import, done again with the app's verbs, each at its time (`work.csv`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal

from django.core.files.base import ContentFile
from django.utils import timezone

from projects import review
from projects.evidence import Filing
from projects.models import Entry, Project, ReviewLog, TaskPoint, User
from reports.demo.scans import Paper, document

Row = Mapping[str, str]


def save(point: TaskPoint, row: Row, by: User, at: datetime) -> Entry:
    values = {
        "effective_on": date.fromisoformat(row["完成日期"]),
        "quantity": number(row["完成数量"]),
        "ratio": number(row["完成比例"]),
        "description": row["实际完成情况"],
        "reason": row["未完成原因"],
        "reason_kind": row["原因类别"],
        "expected_on": date.fromisoformat(row["预计完成日期"]) if row["预计完成日期"] else None,
        "next_step": row["下一步措施"],
    }
    seen = review.version_of(review.latest(point))
    entry = review.save_draft(point, values, by=by, seen=seen)
    Entry.objects.filter(pk=entry.pk).update(created_at=at)
    return entry


def submit(point: TaskPoint, row: Row, by: User, at: datetime) -> Entry:
    return review.submit(save(point, row, by, at), by=by, now=at)


def withdraw(point: TaskPoint, row: Row, by: User, at: datetime) -> Entry:
    return review.withdraw(latest(point), by=by)


def approve(point: TaskPoint, row: Row, by: User, at: datetime) -> Entry:
    return review.approve(latest(point), by=by, now=at, comment=row["意见"])


def give_back(point: TaskPoint, row: Row, by: User, at: datetime) -> Entry:
    return review.return_for_revision(latest(point), by=by, comment=row["意见"])


VERBS: dict[str, Callable[[TaskPoint, Row, User, datetime], Entry]] = {
    "保存": save,
    "提交": submit,
    "撤回": withdraw,
    "通过": approve,
    "退回": give_back,
}


def number(text: str) -> Decimal | None:
    return Decimal(text) if text else None


def latest(point: TaskPoint) -> Entry:
    entry = review.latest(point)
    assert entry is not None
    return entry


def redo(project: Project, work: Iterable[Row], files: Filing) -> None:
    """Every step in its order."""
    points = {
        f"{point.task.code}/{point.year}/{point.seq}": point
        for point in TaskPoint.objects.filter(task__project=project).select_related(
            "task__project__institution"
        )
    }
    people = {user.name: user for user in User.objects.filter(memberships__institution=project.institution)}
    for row in work:
        at = timezone.make_aware(datetime.fromisoformat(row["时间"]))
        point, by = points[row["任务点"]], people[row["操作人"]]
        entry = VERBS[row["操作"]](point, row, by, at)
        date_back(entry, at)
        if name := row["佐证文件"]:
            files.attach(point, scan(name, project, entry), by=by)


def date_back(entry: Entry, at: datetime) -> None:
    """The log keeps the time at which the step was taken in the story, not the time of loading it."""
    last = entry.log.order_by("-pk")[:1]
    ReviewLog.objects.filter(pk__in=list(last.values_list("pk", flat=True))).update(at=at)


def scan(name: str, project: Project, entry: Entry) -> ContentFile[bytes]:
    stem = name.rpartition(".")[0]
    paper = Paper(f"佐证材料：{stem}", project.institution.name, "", f"{entry.effective_on:%Y-%m-%d}")
    return ContentFile(document(paper, name), name)
