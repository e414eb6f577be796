"""The changes of the task book in the demo: one in force, one under way, one just asked for. All invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

from django.core.files.base import ContentFile
from django.utils import timezone

from indicators.models import Indicator
from projects import changing
from projects.adjustable import values_of, written
from projects.evidence import Filing
from projects.models import (
    ChangeRequest,
    Kind,
    Membership,
    Message,
    Project,
    Role,
    StoredFile,
    TaskPoint,
    User,
)
from reports.demo.scans import Paper, document

NAME = "任务书调整申请.pdf"


def ask(project: Project, files: Filing) -> None:
    """Points of the last year that nobody has reported on, and an indicator: no figure of today changes."""
    office = Membership.objects.filter(institution=project.institution, role=Role.OFFICE).first()
    filler = Membership.objects.filter(institution=project.institution, role=Role.FILLER).first()
    points = TaskPoint.objects.of(project).filter(year=project.end_year, entries=None, planned__gt=1)
    chosen = list(points.order_by("id")[:2])
    indicator = Indicator.objects.filter(project=project, final_target__gt=1).order_by("id").first()
    if not office or not filler or len(chosen) < 2 or indicator is None:
        return
    first, second = chosen
    paper = Paper("任务书调整申请", project.institution.name, "", "2025-09-10")
    given = ContentFile(document(paper, NAME), NAME)
    file, _ = files.store(given, project.institution, by=office.user)
    reason = "上级主管部门调整评审周期，该项工作改为两年一次，按新周期重新核定数量。"
    fewer = written((first.planned or Decimal(2)) - 1)
    text = first.text.replace(f" {written(first.planned)} ", f" {fewer} ")
    wanted = {"planned": fewer} | ({"text": text} if text != first.text else {})
    for done in asked(first, wanted, filler.user, date(2025, 9, 10), reason, file=file):
        grant(done, office.user, file)
    [under_way] = asked(
        indicator,
        {"final_target": written((indicator.final_target or Decimal(2)) - 1)},
        office.user,
        date(2026, 2, 10),
        "统计口径调整，部分项目不再单独认定。",
    )
    changing.deliberate(under_way, by=office.user, on=date(2026, 2, 24), now=at(date(2026, 2, 24)))
    due = {"due_on": f"{project.end_year}-06-30"}
    asked(second, due, filler.user, date(2026, 3, 12), "合作企业建设计划提前，申请提前完成。")
    # What was told about steps of long ago was read long ago.
    told = Message.objects.filter(project=project, kind=Kind.CHANGE)
    told.update(created_at=at(date(2025, 11, 20)), read_at=at(date(2025, 11, 21)))


def grant(done: ChangeRequest, by: User, file: StoredFile) -> None:
    changing.deliberate(
        done, by=by, on=date(2025, 9, 20), now=at(date(2025, 9, 20)), comment="院长办公会审议通过"
    )
    changing.report(done, by=by, on=date(2025, 10, 8), now=at(date(2025, 10, 8)))
    changing.approve(
        done,
        by=by,
        now=at(date(2025, 11, 20)),
        number="省教职函〔2025〕31号",
        on=date(2025, 11, 18),
        in_force_on=date(2025, 11, 18),
        file=file,
    )


def asked(
    record: Any, wanted: Mapping[str, str], by: User, on: date, reason: str, **others: Any
) -> list[ChangeRequest]:
    seen = changing.version_of(values_of(record))
    return changing.ask(record, wanted, seen=seen, reason=reason, by=by, today=on, now=at(on), **others)


def at(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(10, 30)))
