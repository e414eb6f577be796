"""Who gets to review: fetches that are the check. Outsiders get 404, members without a seat 403."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from projects.models import State, User
from projects.permissions import Action, project_or_404, require
from projects.reviewing import Panel, panel_of
from projects.seats import Seat, place
from reports.inspection.kinds import BY_SLUG, Kind

NO_SEAT = "您不是“{}”的审核人。审核层级和审核人由本校管理员设置；请假期间可由审核人委托您代审。"


def panel_or_404(user: User, pk: int) -> Panel:
    """The panel of a project at which the user has a seat, an own one or for somebody who is away."""
    panel = panel_of(user, project_or_404(user, pk))
    require(bool(panel.seats_of(user)), NO_SEAT.format(panel.project))
    return panel


def record_or_404(panel: Panel, slug: str, pk: int) -> tuple[Kind, Any]:
    """A record of the project; drafts are nobody's to review."""
    kind = BY_SLUG.get(slug)
    if kind is None:
        raise Http404
    records = kind.model._base_manager.select_related(*kind.related)
    return kind, get_object_or_404(records, pk=pk, **{kind.model.PROJECT: panel.project.pk})


def seat_or_403(panel: Panel, user: User, kind: Kind, record: Any) -> Seat | None:
    """The seat from which the user decides about a record that waits; None for one that does not any more,
    which somebody at the user's desk has just decided."""
    if record.state == State.SUBMITTED:
        seat = panel.seat(user, record)
        level, name = panel.level_of(record), f"{kind.label} {kind.code(record)}"
        own = f"{name} 是您本人填报的，由{level.desk}的其他审核人审核。"
        require(seat is not None or not panel.is_for_others(user, record), own)
        absent = None if seat else panel.absent_after_own(user, record)
        require(absent is None, f"{name} 的前一级由您审核通过，不能再代{absent}审核{level.desk}这一级。")
        require(seat is not None, f"{name} 现在等待{level.desk}审核，您不能审核。")
        return seat
    covered = any(seat.covers(*place(record)) for seat in panel.seats_of(user))
    require(covered, f"您不能审核{kind.label} {kind.code(record)}。")
    return None


def record_of_project_or_404(user: User, project_pk: int, slug: str, pk: int) -> tuple[Panel, Kind, Any]:
    """A record that the user sees, whoever reviews it."""
    panel = panel_of(user, project_or_404(user, project_pk, Action.VIEW))
    return (panel, *record_or_404(panel, slug, pk))
