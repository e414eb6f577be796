"""Log-ins: from where, until when a door is shut after wrong passwords, and opening it again."""

from __future__ import annotations

from datetime import datetime

from axes.models import AccessAttempt, AccessLog
from axes.utils import reset
from django.conf import settings
from django.db.models import Max, Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from projects.models import User

TOO_MANY_REQUESTS = 429
SHOWN = 10


def client_ip(request: HttpRequest) -> str:
    """Who asks: behind the proxy that ends TLS, the address that this proxy added last."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.HTTPS else ""
    return forwarded.rpartition(",")[2].strip() or request.META.get("REMOTE_ADDR", "")


def locked(request: HttpRequest, response: HttpResponse | None, credentials: dict[str, str]) -> HttpResponse:
    """The page of whoever guessed wrong too often: it says when to try again."""
    until = locked_until(credentials.get("username") or "", client_ip(request))
    minutes = max(1, -int(-(until - timezone.now()).total_seconds() // 60)) if until else 0
    context = {"failure_limit": settings.AXES_FAILURE_LIMIT, "until": until, "minutes": minutes}
    return render(request, "registration/locked.html", context, status=TOO_MANY_REQUESTS)


def locked_until(username: str, address: str | None = None) -> datetime | None:
    """When a name may be tried again (from an address, or from the last one that is shut); None: now."""
    since = timezone.now() - settings.AXES_COOLOFF_TIME
    attempts = AccessAttempt.objects.filter(username=username, attempt_time__gte=since).order_by()
    if address is not None:
        attempts = attempts.filter(ip_address=address)
    by_address = attempts.values("ip_address").annotate(
        n=Sum("failures_since_start"), last=Max("attempt_time")
    )
    shut = [each["last"] for each in by_address if each["n"] >= settings.AXES_FAILURE_LIMIT]
    return max(shut) + settings.AXES_COOLOFF_TIME if shut else None


def unlock(person: User) -> None:
    """Wrong passwords are forgotten; the person may try at once."""
    reset(username=person.username)


def log_ins_of(person: User) -> list[AccessLog]:
    """The last ones."""
    return list(AccessLog.objects.filter(username=person.username).order_by("-attempt_time")[:SHOWN])
