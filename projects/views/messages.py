"""消息: what a person was told and by which way; for administrators, what did not get through."""

from __future__ import annotations

from typing import Any

from django.contrib import messages as notes
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects.asking import key_in
from projects.message_forms import AccountsForm, SwitchesForm
from projects.models import Delivery, Kind, Message, User
from projects.notices import sending, ways
from projects.people import people_of
from projects.views.page import CONFLICT, UNPROCESSABLE, signed_in
from projects.views.people import colleges_of

ROWS = 50
SECTION = "projects:people"


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """Unread first, then the newest."""
    own = Message.objects.of(signed_in(request)).select_related("project")
    asked = request.GET.get("kind", "")
    kind = Kind(asked) if asked in Kind.values else None
    found = own.filter(kind=kind) if kind else own
    context = {
        "page": Paginator(found.order_by(F("read_at").asc(nulls_first=True), "-id"), ROWS).get_page(
            request.GET.get("page")
        ),
        "tabs": tabs_of(own, kind),
        "unread": own.unread().count(),
    }
    return render(request, "projects/messages.html", context)


def tabs_of(own: Any, active: Kind | None) -> list[dict[str, Any]]:
    counts = dict.fromkeys(Kind.values, 0)
    for kind in own.order_by().values_list("kind", flat=True):
        counts[kind] += 1
    tabs = [{"label": "全部", "href": "?", "count": sum(counts.values()), "is_active": active is None}]
    return tabs + [
        {"label": kind.label, "href": f"?kind={kind}", "count": counts[kind], "is_active": kind == active}
        for kind in Kind
        if counts[kind]
    ]


@login_required
@require_GET
def opened(request: HttpRequest, pk: int) -> HttpResponse:
    """On to the row a message is about; it is read then."""
    found = get_object_or_404(Message.objects.of(signed_in(request)), pk=pk)
    Message.objects.filter(pk=found.pk).unread().update(read_at=timezone.now())
    return redirect(found.url)


@login_required
@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """All of them, or the one named by `message`, are read."""
    found = Message.objects.of(signed_in(request)).unread()
    if (pk := key_in(request.POST.get("message", ""))) is not None:
        found = found.filter(pk=pk)
    found.update(read_at=timezone.now())
    return redirect("projects:messages")


@login_required
@require_http_methods(["GET", "POST"])
def settings(request: HttpRequest) -> HttpResponse:
    """The own accounts, and which kinds come by which way."""
    user = signed_in(request)
    which = request.POST.get("form", "")
    with transaction.atomic():
        if request.method == "POST":
            User.objects.select_for_update().get(pk=user.pk)
            user.refresh_from_db()
        accounts = AccountsForm(request.POST if which == "accounts" else None, instance=user)
        switches = SwitchesForm(request.POST if which == "switches" else None, user=user)
        for form in (accounts, switches):
            if form.is_bound and form.is_valid():
                form.save()
                notes.success(request, "已保存。")
                return redirect("projects:message_settings")
    user.refresh_from_db()
    is_bound = accounts.is_bound or switches.is_bound
    status = 200 if not is_bound else CONFLICT if accounts.is_overtaken else UNPROCESSABLE
    context = {
        "accounts": accounts,
        "switches": switches,
        "ready": ways.configured(),
        "reachable": [way for way in ways.configured() if ways.account(user, way)],
    }
    return render(request, "projects/message_settings.html", context, status=status)


@login_required
@require_GET
def deliveries(request: HttpRequest) -> HttpResponse:
    """What did not get through, of the administrator's colleges; and what waits for another attempt."""
    found = of_colleges(request).exclude(state=Delivery.State.SENT).filter(attempts__gt=0)
    context = {
        "page": Paginator(found, ROWS).get_page(request.GET.get("page")),
        "ready": [*ways.configured(), *ways.robots()],
        "section": SECTION,
    }
    return render(request, "projects/message_deliveries.html", context)


@login_required
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    sending.again(get_object_or_404(of_colleges(request), pk=pk))
    notes.success(request, "已重新排队发送。")
    return redirect("projects:message_deliveries")


def of_colleges(request: HttpRequest) -> Any:
    """The ways out of messages to people of the colleges that the user administers, and to their group."""
    colleges = colleges_of(request)
    people = people_of(colleges).order_by().values("pk")
    to_people = Delivery.objects.filter(message__user__in=people)
    to_group = Delivery.objects.filter(message__user=None, message__project__institution__in=colleges)
    return (to_people | to_group).select_related("message__user").order_by("-id")
