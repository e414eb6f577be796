"""Whose points are whose to fill: the list and the single check agree."""

from __future__ import annotations

import pytest

from projects.models import Project, TaskPoint, User
from projects.permissions import can_fill, points_to_fill


def test_assigned_and_assisted_points_are_own(
    project: Project, point: TaskPoint, later_point: TaskPoint, filler: User
) -> None:
    assert point.department is not None
    later_point.co_departments.add(point.department)
    assert len(points_to_fill(filler, project)) == 2
    later_point.co_departments.clear()
    later_point.assignee = filler
    later_point.save()
    assert len(points_to_fill(filler, project)) == 2


@pytest.mark.parametrize(
    "name", ["filler", "other_filler", "head", "office", "admin_user", "principal", "outsider"]
)
def test_the_list_and_the_single_check_agree(
    project: Project, point: TaskPoint, later_point: TaskPoint, name: str, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    chosen = set(points_to_fill(user, project))
    assert chosen == {each for each in (point, later_point) if can_fill(user, each)}
