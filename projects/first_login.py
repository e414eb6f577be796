"""A password that somebody else set opens one page: the one where it is changed."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib.auth import views as auth
from django.contrib.auth.forms import PasswordChangeForm
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse_lazy

from projects.models import User

OPEN = ("password_change", "password_change_done", "logout", "login")
SENTENCE = "这是别人为您设的密码，请先改成您自己的密码，再使用系统。"


class FirstLoginMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *view: object) -> HttpResponse | None:
        user, match = request.user, request.resolver_match
        if not (isinstance(user, User) and user.must_change_password) or (match and match.view_name in OPEN):
            return None
        # Another system asked for the password: ours was not used.
        if request.session.get("sso"):
            return None
        if match and match.namespace == "api":
            raise PermissionDenied(SENTENCE)
        return redirect("password_change")


class NewPasswordForm(PasswordChangeForm):
    def clean_new_password1(self) -> str:
        new: str = self.cleaned_data["new_password1"]
        if self.user.check_password(new):
            raise ValidationError("新密码不能与原密码相同。")
        return new


class PasswordChange(auth.PasswordChangeView):
    form_class = NewPasswordForm
    success_url = reverse_lazy("password_change_done")

    def get_context_data(self, **kwargs: object) -> dict[str, object]:
        must = isinstance(self.request.user, User) and self.request.user.must_change_password
        return super().get_context_data(**kwargs) | {"why": SENTENCE if must else ""}

    def form_valid(self, form: PasswordChangeForm) -> HttpResponse:
        form.user.must_change_password = False
        return super().form_valid(form)
