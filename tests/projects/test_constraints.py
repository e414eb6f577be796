"""What the database itself refuses, whichever door a record comes through."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models

from projects.models import (
    Alert,
    Bulletin,
    ChangeRequest,
    Department,
    FollowUp,
    PointShare,
    Project,
    Round,
    RoundDeadline,
    TaskPoint,
    User,
    WindowException,
)

pytestmark = pytest.mark.django_db
Make = Callable[..., models.Model]

OPENS, CLOSES, LATER = date(2023, 12, 1), date(2023, 12, 15), date(2023, 12, 31)
APPROVED = {"state": "approved", "approved_on": CLOSES, "approval_no": "教职〔2023〕8 号"}


@pytest.fixture
def valid(
    project: Project, point: TaskPoint, office_department: Department, office: User
) -> dict[type[models.Model], dict[str, Any]]:
    """The values of a record that is accepted, by model."""
    return {
        Round: {"project": project, "name": "2023年第四季度进展", "opens_on": OPENS, "closes_on": CLOSES},
        PointShare: {"point": point, "department": office_department, "target": 1},
        WindowException: {
            "window": project.windows.get(),
            "user": office,
            "reason": "获奖文件迟到",
            "granted_by": office,
            "granted_on": OPENS,
            "until": CLOSES,
        },
        ChangeRequest: {
            "project": project,
            "content_type": ContentType.objects.get_for_model(TaskPoint),
            "object_id": point.pk,
            "field": "planned",
            "old_value": "1",
            "new_value": "2",
            "reason": "上级要求增加一部",
            "asked_by": office,
            "asked_on": OPENS,
        },
        FollowUp: {
            "project": project,
            "what": "补齐第二版汇编的佐证",
            "department": office_department,
            "asked_by": office,
            "asked_on": OPENS,
            "due_on": CLOSES,
        },
        Bulletin: {"project": project, "period": "2023年第4期", "title": "推进会", "text": "正文"},
        Alert: {
            "project": project,
            "rule": "due-soon",
            "level": "red",
            "ref": "8-2-2023-03",
            "message": "还有 10 天到期",
            "raised_on": OPENS,
        },
    }


@pytest.fixture
def make(valid: dict[type[models.Model], dict[str, Any]]) -> Make:
    def create(model: type[models.Model], **changes: Any) -> models.Model:
        return model._default_manager.create(**{**valid[model], **changes})

    return create


@pytest.fixture
def asked(valid: dict[type[models.Model], dict[str, Any]]) -> Round:
    return Round.objects.create(**valid[Round])


@pytest.mark.parametrize(
    ("model", "accepted", "refused", "constraint"),
    [
        (Round, {"closes_on": OPENS}, {"opens_on": LATER}, "round_dates_in_order"),
        (
            Round,
            {"first_year": 2022, "last_year": 2023},
            {"first_year": 2023, "last_year": 2022},
            "round_years_in_order",
        ),
        (Round, {}, {"first_year": 2023}, "round_years_in_order"),
        (
            Round,
            {"asks_progress": False, "asks_problems": False, "asks_help": False},
            {
                "asks_progress": False,
                "asks_problems": False,
                "asks_help": False,
                "asks_expected_completion": False,
            },
            "round_asks_something",
        ),
        (PointShare, {"target": None}, {"target": -1}, "pointshare_target_not_negative"),
        (WindowException, {"until": OPENS}, {"granted_on": LATER}, "exception_dates_in_order"),
        (WindowException, {}, {"reason": ""}, "exception_says_why"),
        (ChangeRequest, {}, {"field": ""}, "change_says_what_and_why"),
        (ChangeRequest, {}, {"reason": ""}, "change_says_what_and_why"),
        (
            ChangeRequest,
            {"field": "deletion", "old_value": "", "new_value": ""},
            {"new_value": "1"},
            "change_changes_something",
        ),
        (ChangeRequest, APPROVED, {**APPROVED, "approved_on": None}, "change_approval_documented"),
        (ChangeRequest, APPROVED, {**APPROVED, "approval_no": ""}, "change_approval_documented"),
        (
            ChangeRequest,
            {**APPROVED, "in_force_on": LATER},
            {"state": "reported", "in_force_on": LATER},
            "change_in_force_needs_approval",
        ),
        (
            ChangeRequest,
            {"deliberated_on": CLOSES, "reported_on": CLOSES},
            {"deliberated_on": LATER, "reported_on": CLOSES},
            "change_dates_in_order",
        ),
        (ChangeRequest, APPROVED, {**APPROVED, "asked_on": LATER}, "change_dates_in_order"),
        (FollowUp, {"done_on": OPENS}, {"department": None}, "follow_up_has_owner"),
        (FollowUp, {"due_on": OPENS}, {"asked_on": LATER}, "follow_up_due_after_asked"),
        (FollowUp, {"done_on": LATER}, {"done_on": date(2023, 11, 30)}, "follow_up_done_after_asked"),
        (FollowUp, {}, {"what": ""}, "follow_up_says_what"),
        (Alert, {"closed_on": OPENS}, {"closed_on": date(2023, 11, 30)}, "alert_dates_in_order"),
        (Alert, {"level": "yellow"}, {"level": "green"}, "alert_level"),
    ],
)
def test_one_is_accepted_the_other_refused(
    make: Make,
    model: type[models.Model],
    accepted: dict[str, Any],
    refused: dict[str, Any],
    constraint: str,
) -> None:
    make(model, **accepted).delete()
    with pytest.raises(IntegrityError, match=constraint):
        make(model, **refused)


@pytest.mark.parametrize("model", [Round, PointShare, Bulletin, Alert])
def test_the_same_key_twice_is_refused(make: Make, model: type[models.Model]) -> None:
    make(model)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        make(model)


def test_a_person_alone_may_be_responsible(make: Make, filler: User) -> None:
    assert make(FollowUp, department=None, assignee=filler).pk


def test_an_alert_may_come_again_after_it_was_closed(make: Make) -> None:
    make(Alert, closed_on=CLOSES)
    assert make(Alert, raised_on=LATER).pk


def test_a_level_of_review_has_one_deadline_in_a_round(asked: Round) -> None:
    RoundDeadline.objects.create(round=asked, level=1, closes_on=CLOSES)
    RoundDeadline.objects.create(round=asked, level=2, closes_on=LATER)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        RoundDeadline.objects.create(round=asked, level=1, closes_on=LATER)


@pytest.mark.parametrize("level", [0, 5])
def test_there_are_four_levels_of_review_at_most(asked: Round, level: int) -> None:
    with pytest.raises(IntegrityError, match="round_deadline_level"):
        RoundDeadline.objects.create(round=asked, level=level, closes_on=LATER)


def test_review_does_not_close_before_filling(asked: Round) -> None:
    RoundDeadline(round=asked, level=1, closes_on=CLOSES).full_clean()
    with pytest.raises(ValidationError, match="不能早于填报截止日期"):
        RoundDeadline(round=asked, level=1, closes_on=OPENS).full_clean()


def test_a_change_concerns_a_record_of_its_project(
    valid: dict[type[models.Model], dict[str, Any]], project: Project
) -> None:
    values = valid[ChangeRequest]
    other = Project.objects.create(
        institution=project.institution,
        code="O",
        name="另一项目",
        level="group",
        start_year=2022,
        end_year=2023,
    )
    tasks = ContentType.objects.get_for_model(project.tasks.model)
    area = project.tasks.get(code="8")
    ChangeRequest(**values).full_clean()
    ChangeRequest(**{**values, "content_type": tasks, "object_id": area.pk}).full_clean()
    for changes in ({"object_id": 0}, {"project": other}, {"content_type": tasks, "object_id": 0}):
        with pytest.raises(ValidationError, match="本项目中没有这条调整对象"):
            ChangeRequest(**{**values, **changes}).full_clean()


def test_a_project_with_change_requests_stays(make: Make, project: Project) -> None:
    make(ChangeRequest)
    with pytest.raises(models.ProtectedError):
        project.delete()
