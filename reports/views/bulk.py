"""批量通过: rows whose checks found nothing, many at once; what has a failed check is decided one by one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from projects import review
from projects.asking import asked
from projects.models import State, User
from projects.reviewing import Panel
from reports.facts import Facts, gather
from reports.inspection.access import panel_or_404
from reports.inspection.filters import QueueFilter
from reports.inspection.kinds import BY_SLUG, KINDS
from reports.inspection.queue import Item, waiting
from reports.views.page import page, signed_in

CHANGED = "您打开页面之后有了变化，或已由他人处理"
FAULTY = "核对有问题，请逐项审核"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bulk(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    panel = panel_or_404(user, pk)
    question = asked(request.GET)
    facts = gather(panel.project, question.as_of, pending=question.pending)
    if request.method == "POST":
        return passed(request, panel, facts)
    everything = waiting(panel, user, facts)
    narrowed = QueueFilter(request.GET, everything)
    items = [item for item in everything if narrowed.fits(item)]
    return page(
        request,
        "reports/review_bulk.html",
        facts,
        section="reports:review",
        filter=narrowed,
        ready=[item for item in items if not item.faults],
        faulty=[item for item in items if item.faults],
    )


def passed(request: HttpRequest, panel: Panel, facts: Facts) -> HttpResponse:
    """Approve the rows that were ticked; those that changed since are told and left as they are."""
    user = signed_in(request)
    # `point-12` → the version that stood beside its box.
    ticked = {key: request.POST.get(f"seen-{key}", "") for key in request.POST.getlist("item")}
    if not ticked:
        messages.error(request, "没有勾选任何一项，没有通过。")
        return HttpResponseRedirect(request.get_full_path())
    items = {item.key: item for item in waiting(panel, user, facts)}
    left = [(code_of(panel, key), CHANGED) for key in ticked if key not in items]
    chosen = [items[key] for key in ticked if key in items]
    left += [(item.code, FAULTY) for item in chosen if item.faults]
    done, more = approve([item for item in chosen if not item.faults], panel, user, ticked)
    final = sum(record.state == State.APPROVED for record in done)
    if done:
        onward = f"，其中 {len(done) - final} 项转下一级审核" if final < len(done) else ""
        messages.success(request, f"已通过 {len(done)} 项{onward}。")
    reasons = defaultdict(list)
    for name, why in [*left, *more]:
        reasons[why].append(name)
    for why, names in reasons.items():
        said = "、".join(names[:10]) + ("等" if len(names) > 10 else "")
        messages.error(request, f"{len(names)} 项没有通过（{said}）：{why.rstrip('。')}。")
    query = request.GET.urlencode()
    return HttpResponseRedirect(
        reverse("reports:review", args=[panel.project.pk]) + (f"?{query}" if query else "")
    )


def code_of(panel: Panel, key: str) -> str:
    """How people call the record of a key; a key that is none stays as it is."""
    slug, _, pk = key.partition("-")
    if slug not in BY_SLUG or not pk.isdecimal():
        return key[:30]
    kind = BY_SLUG[slug]
    records = kind.model._base_manager.filter(**{kind.model.PROJECT: panel.project.pk})
    record = records.select_related(*kind.related).filter(pk=pk[:18]).first()
    return kind.code(record) if record else key[:30]


@transaction.atomic
def approve(
    items: Sequence[Item], panel: Panel, user: User, seen: dict[str, str]
) -> tuple[list[Any], list[tuple[str, str]]]:
    """All of them in one transaction: the records that passed; code and reason of those that did not."""
    done: list[Any] = []
    left: list[tuple[str, str]] = []
    for kind in KINDS:
        own = [item for item in items if item.kind is kind]
        codes = {item.record.pk: item.code for item in own}
        passed, refused = review.approve_all(
            [item.record for item in own],
            panel=panel,
            by=user,
            now=timezone.now(),
            seen={item.record.pk: seen[item.key] for item in own},
            behalf={item.record.pk: item.behalf for item in own},
        )
        done += passed
        left += [(codes[record.pk], CHANGED if why == review.OVERTAKEN else why) for record, why in refused]
    return done, left
