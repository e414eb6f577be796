"""One record of every kind that the workbook of the rules does not bring."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from indicators.models import Comparison, GradeBand, Indicator, LedgerNumber, Veto, Vision
from projects.models import (
    Alert,
    Bulletin,
    ChangeRequest,
    ChangeStep,
    Delegation,
    Delivery,
    Evidence,
    FollowUp,
    Job,
    Membership,
    Message,
    MessageSwitch,
    PointEvidence,
    ProfessionalGroup,
    Project,
    ReviewLevel,
    ReviewPhrase,
    Round,
    StoredFile,
    TaskPoint,
    User,
    WindowException,
    WindowLog,
)
from reports.models import (
    ColumnMapping,
    Conversion,
    FileKind,
    Intake,
    LedgerMapping,
    Narrative,
    PrintedFigure,
    Report,
    Snapshot,
    Waiver,
)


def fill(project: Project, user: User, now: datetime) -> None:
    add_people_and_files(project, user, now)
    add_steering(project, user, now)
    add_reports(project, user, now)


def add_people_and_files(project: Project, user: User, now: datetime) -> None:
    college = project.institution
    point = TaskPoint.objects.of(project).earliest("pk")
    ProfessionalGroup.objects.create(institution=college, name="石油化工技术专业群")
    Membership.objects.create(user=user, institution=college, role="office")
    Job.objects.create(kind="import", requested_by=user, project=project, lease_until=now)
    message = Message.objects.create(
        user=user, project=project, kind="returned", key="returned:1", title="填报被退回", url="/points/1/"
    )
    Delivery.objects.create(message=message, channel="wecom", next_at=now)
    MessageSwitch.objects.create(user=user, kind="due", channel="email", is_on=False)
    file = StoredFile.objects.create(
        institution=college, sha256="a" * 64, size=1, content_type="application/pdf", uploaded_by=user
    )
    evidence = Evidence.objects.create(project=project, file=file, file_name="1.pdf", title="汇编")
    PointEvidence.objects.create(evidence=evidence, point=point)
    Comparison.objects.create(project=project, code="1", name="就业率")
    LedgerNumber.objects.create(project=project, last=3)
    Vision.objects.create(project=project, code="1", text="建成高水平专业群")
    worst = GradeBand.objects.create(project=project, name="不合格", lower=0)
    Veto.objects.create(project=project, code="1", name="弄虚作假", grade=worst)
    PrintedFigure.objects.create(project=project, key="tasks.due", printed="224", place="表 1-1")


def add_steering(project: Project, user: User, now: datetime) -> None:
    day = now.date()
    point = TaskPoint.objects.of(project).earliest("pk")
    college = project.institution
    ReviewLevel.objects.create(project=project, level=1, role="leader")
    ReviewPhrase.objects.create(institution=college, text="佐证不清晰")
    other = User.objects.create_user("substitute", name="代审人")
    Delegation.objects.create(
        institution=college, absent=user, substitute=other, since=day, until=day, made_by=user
    )
    asked: dict[str, Any] = {"project": project, "asked_by": user, "asked_on": day}
    Round.objects.create(project=project, name="2023年第四季度进展", opens_on=day, closes_on=day)
    for target in (point, Indicator.objects.filter(project=project).earliest("pk")):
        change = ChangeRequest.objects.create(
            target=target, field="unit", old_value="门", new_value="部", reason="理由", **asked
        )
        ChangeStep.objects.create(request=change, by=user, at=now, to_state="requested")
    exception = WindowException.objects.create(
        window=project.windows.get(is_main=True),
        user=user,
        reason="理由",
        granted_by=user,
        granted_on=day,
        until=day,
    )
    exception.points.add(point)
    WindowLog.objects.create(window=exception.window, verb="lock", by=user, at=now, reason="定稿")
    FollowUp.objects.create(what="补齐佐证", assignee=user, due_on=day, **asked)
    Bulletin.objects.create(project=project, period="2023年第4期", title="推进会", text="正文")
    Alert.objects.create(project=project, rule="late", level="red", message="逾期", raised_on=day)


def add_reports(project: Project, user: User, now: datetime) -> None:
    day = now.date()
    report = Report.objects.create(
        project=project, kind="school-midterm", title="自评报告", as_of=day, created_by=user
    )
    Narrative.objects.create(report=report, section="foreword", author=user)
    Intake.objects.create(project=project, by=user, file_name="任务书.xlsx", sha256="b" * 64, size=1)
    Conversion.objects.create(
        kind=FileKind.TASKBOOK, project=project, by=user, file_name="任务书.docx", sha256="c" * 64, size=1
    )
    ColumnMapping.objects.create(
        institution=project.institution,
        kind=FileKind.TASKBOOK,
        digest="d" * 64,
        headings=["任务", "任务点"],
        columns=["area", "point"],
        by=user,
    )
    LedgerMapping.objects.create(project=project, value="双高建设", task_code="1")
    Waiver.objects.create(project=project, rule="spent", reason="理由", by=user)
    values: dict[str, Any] = {
        "report": report,
        "as_of": day,
        "known_at": now,
        "document": {"format": 1, "title": "自评报告"},
        "sha256": "a" * 64,
        "finalised_at": now,
        "finalised_by": user,
    }
    first = Snapshot.objects.create(number=1, **values)
    Snapshot.objects.create(number=2, supersedes=first, **values)
