"""From a verified user name to an account of ours, or a refusal that says who can help."""

from __future__ import annotations

from django.conf import settings

from projects.models import Institution, Membership, Role, User


class NotLetIn(Exception):
    """The message is a sentence for whoever tries to log in."""


def account_of(name: str) -> User:
    """The account in use of that name."""
    found = User.objects.filter(username=name[:150]).first()
    if found is None:
        raise NotLetIn(
            f"{settings.SSO_LABEL}的账号“{name[:50]}”在本系统中还没有对应的账号，不能登录。请联系{helper()}开通。"
        )
    if not found.is_active:
        raise NotLetIn(f"账号“{name[:50]}”已停用，不能登录。如需恢复，请联系{helper()}。")
    return found


def helper() -> str:
    """The college's administrator, by name where there is one college."""
    colleges = Institution.objects.all()[:2]
    if len(colleges) != 1:
        return "学校的系统管理员"
    keepers = Membership.objects.filter(
        institution=colleges[0], role=Role.ADMIN, project=None, user__is_active=True
    )
    names = "、".join(str(each.user) for each in keepers.select_related("user").order_by("id")[:2])
    return f"学校的系统管理员{names}"
