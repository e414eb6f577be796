"""Logging in and out, by password or by 统一身份认证."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth import views as auth
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from projects.sso import cas, oidc
from projects.sso.accounts import NotLetIn, account_of

# What a session keeps: on the way, where to go after it and a secret; later, which way it came by.
NEXT, STATE, WAY, TOKEN = "sso_next", "sso_state", "sso", "sso_token"
BACKEND = "projects.backends.MemberBackend"


class LogIn(auth.LoginView):
    """By password; where 统一身份认证 is configured, its button stands beside it."""

    redirect_authenticated_user = True

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "ways": ways(self.get_redirect_url()),
            "sso_label": settings.SSO_LABEL,
        }


def ways(after: str) -> list[str]:
    """The addresses at which other systems let people in."""
    query = f"?{urlencode({'next': after})}" if after else ""
    configured = (("sso_oidc", settings.OIDC), ("sso_cas", settings.CAS_URL))
    return [reverse(name) + query for name, is_on in configured if is_on]


class LogOut(auth.LogoutView):
    """Whoever came by another system is logged out there, too."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        way, token = request.session.get(WAY), request.session.get(TOKEN, "")
        answer = super().post(request, *args, **kwargs)
        back = absolute(reverse("login"))
        there = ""
        if way == "cas" and settings.CAS_URL:
            there = cas.log_out_address(back)
        elif way == "oidc" and settings.OIDC:
            there = oidc.log_out_address(back, token)
        return HttpResponseRedirect(there) if there else answer


@never_cache
@require_GET
def oidc_begin(request: HttpRequest) -> HttpResponse:
    if not settings.OIDC:
        raise Http404
    keep_next(request)
    try:
        return oidc.begin(request, absolute(reverse("sso_oidc_back")))
    except NotLetIn as refusal:
        return refused(request, refusal)


@never_cache
@require_GET
def oidc_back(request: HttpRequest) -> HttpResponse:
    if not settings.OIDC:
        raise Http404
    try:
        name, token = oidc.user_name(request)
        return let_in(request, name, "oidc", token)
    except NotLetIn as refusal:
        return refused(request, refusal)


@never_cache
@require_GET
def cas_log_in(request: HttpRequest) -> HttpResponse:
    """There and back: without a ticket to the server, with one in.

    The address it comes back to holds a secret of this session: a ticket of somebody else opens nothing.
    """
    if not settings.CAS_URL:
        raise Http404
    ticket = request.GET.get("ticket", "")
    if not ticket:
        keep_next(request)
        request.session[STATE] = secrets.token_urlsafe(24)
        return redirect(cas.log_in_address(service(request.session[STATE])))
    state = str(request.session.pop(STATE, ""))
    try:
        if not state or not constant_time_compare(state, request.GET.get("state", "")):
            raise NotLetIn("登录等待太久，或不是从本站开始的，请重新登录。")
        return let_in(request, cas.user_name(ticket, service(state)), "cas")
    except NotLetIn as refusal:
        return refused(request, refusal)


def service(state: str) -> str:
    return f"{absolute(reverse('sso_cas'))}?{urlencode({'state': state})}"


def absolute(path: str) -> str:
    """Never from the Host header: it is the visitor's."""
    return f"{settings.SITE_URL}{path}"


def keep_next(request: HttpRequest) -> None:
    request.session[NEXT] = request.GET.get("next", "")


def let_in(request: HttpRequest, name: str, way: str, token: str = "") -> HttpResponse:
    after = str(request.session.pop(NEXT, ""))
    login(request, account_of(name), backend=BACKEND)
    request.session[WAY] = way
    if token:
        request.session[TOKEN] = token
    is_ours = url_has_allowed_host_and_scheme(
        after, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(after if is_ours else settings.LOGIN_REDIRECT_URL)


def refused(request: HttpRequest, refusal: NotLetIn) -> HttpResponse:
    context = {"exception": PermissionDenied(str(refusal)), "back": reverse("login")}
    return render(request, "registration/not_let_in.html", context, status=403)
