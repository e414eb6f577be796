"""我的任务: where a filler lands, with every row to fill; and what stands beside one of them."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.serializers.json import DjangoJSONEncoder
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.html import json_script
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from indicators.models import Indicator, Outcome
from projects import review, todo
from projects.forms import REASON_KINDS
from projects.models import State, TaskPoint
from projects.permissions import Action, may_withdraw, memberships_of, project_or_404
from projects.rounds import days_left
from projects.templatetags.components import BADGES, sprite
from projects.views.page import page, signed_in
from reports.desk.about import about
from reports.desk.counting import by_group
from reports.desk.desk import Desk
from reports.desk.filing import found
from reports.desk.kind import ReviewedKind
from reports.desk.kinds import KINDS
from reports.desk.row import Row
from reports.desk.rows import rows_of
from reports.views.evidence import upload_form


class Words(DjangoJSONEncoder):
    """Chinese as it is, a third of the size that its escapes would have."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**(options | {"ensure_ascii": False}))


@never_cache
@login_required
@require_GET
def mine(request: HttpRequest, pk: int) -> HttpResponse:
    """As of today, whatever the address asks for: what is to be filled is a matter of today."""
    user, today = signed_in(request), timezone.localdate()
    project = project_or_404(user, pk, Action.WRITE)
    desk = Desk(user, project, today)
    rows = rows_of(desk)
    todo.keep(user, project, today, by_group(rows))
    return page(
        request,
        "reports/mine.html",
        project,
        sheet=json_script(sheet_of(desk, rows), "desk", Words),
        rows=rows,
        places=places(desk),
        total=len(rows),
        left=sum(row.is_open for row in rows),
        round=desk.round,
        is_running=desk.is_running,
        days_left=days_left(desk.round, today) if desk.round else 0,
        reason_kinds=REASON_KINDS,
    )


@login_required
@require_GET
def row(request: HttpRequest, pk: int, key: str) -> HttpResponse:
    """A piece of the page: what the task book says of a row, its evidence and its history."""
    user = signed_in(request)
    project = project_or_404(user, pk, Action.WRITE)
    desk = Desk(user, project, timezone.localdate())
    kind, target = found(desk, key)
    if kind is None or target is None:
        raise Http404
    if refusal := desk.guard.permission(target):
        raise PermissionDenied(str(refusal))
    told = about(desk, target)
    return page(
        request,
        "reports/_mine_row.html",
        project,
        about=told,
        proofs=reverse("reports:proofs", args=told.prove) if told.prove else "",
        evidence_form=upload_form(*told.prove) if told.prove else None,
        withdraw=withdrawal(desk, target),
    )


def withdrawal(desk: Desk, target: Any) -> str:
    """Where what was handed in about the target is taken back; empty where nothing can be."""
    if isinstance(target, Outcome):
        is_open = may_withdraw(desk.user, target) and review.is_untouched(target)
        where = reverse("reports:outcome_act", args=[desk.project.pk, target.pk, "withdraw"])
        return where if is_open and target.state == State.SUBMITTED else ""
    slug = {TaskPoint: "point", Indicator: "indicator"}.get(type(target))
    record = review.latest(target) if slug else None
    if record is None or record.state != State.SUBMITTED:
        return ""
    if not may_withdraw(desk.user, record) or not review.is_untouched(record):
        return ""
    return reverse("reports:review_withdraw", args=[desk.project.pk, slug, record.pk])


def places(desk: Desk) -> list[str]:
    """In whose name the user fills."""
    if desk.fills_all:
        return ["全部部门"]
    return sorted({m.department.name for m in memberships_of(desk.user, desk.project) if m.department})


def sheet_of(desk: Desk, rows: list[Row]) -> dict[str, Any]:
    """All that static/js/grid.js works with."""
    here = reverse("reports:mine", args=[desk.project.pk])
    zero = desk.is_running and desk.round is not None and desk.round.allows_zero_report
    return {
        "user": desk.user.pk,
        "project": desk.project.pk,
        "places": places(desk),
        "today": desk.today.isoformat(),
        # As projects.todo counts: whoever may fill in everything is not the one who has to.
        "is_counted": not desk.fills_all,
        "rows": [row.as_json() for row in rows],
        "kinds": {
            kind.name: {
                "label": kind.label,
                "reviewed": isinstance(kind, ReviewedKind),
                "saves_itself": kind.saves_itself,
                "fields": [
                    {"name": column.name, "label": column.label, "type": column.type}
                    for column in kind.columns
                ],
            }
            for kind in KINDS
        },
        "badges": {key: [badge.label, badge.icon, badge.tone] for key, badge in BADGES.items()},
        "sprite": sprite(),
        "round": {"name": desk.round.name, "zero": zero, "asks": desk.fields_asked} if desk.round else None,
        "urls": {
            "rows": reverse("reports:mine_rows", args=[desk.project.pk]),
            "ledger": reverse("reports:outcomes", args=[desk.project.pk]) + "?view=ledger",
            "enter": reverse("reports:outcome_new", args=[desk.project.pk]),
            "paste": reverse("reports:outcome_paste", args=[desk.project.pk]),
            "login": reverse("login"),
            "back": here,
        },
    }
