"""Whoever is asked to log in again comes back to the page where the form stands, not to where it was sent."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

ENDED = "登录已过期，内容还没有保存。请重新登录，页面上的内容会保留。"
ASKING = ("GET", "HEAD")


class ComingBackMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.get_response(request)
        if request.method in ASKING or not asks_to_log_in(answer):
            return answer
        if request.content_type == "application/json":
            return JsonResponse({"refusal": ENDED, "login": reverse("login")}, status=401)
        query = urlencode({"next": page_of(request)}, safe="/")
        return HttpResponseRedirect(f"{reverse('login')}?{query}")


def asks_to_log_in(answer: HttpResponse) -> bool:
    """Not so whoever just logged out: that leads to the log-in without a way back."""
    url = urlsplit(answer.get("Location", ""))
    return answer.status_code == 302 and url.path == reverse("login") and "next=" in url.query


def page_of(request: HttpRequest) -> str:
    """The page of ours that sent the request; the front page when the browser does not say."""
    referer = request.META.get("HTTP_REFERER", "")
    hosts = {request.get_host()}
    if not url_has_allowed_host_and_scheme(referer, hosts, require_https=request.is_secure()):
        return "/"
    url = urlsplit(referer)
    return f"{url.path or '/'}?{url.query}" if url.query else url.path or "/"
