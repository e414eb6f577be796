"""Who is asking: the user together with his or her roles, in one query per request."""

from __future__ import annotations

from django.contrib.auth.backends import ModelBackend

from projects.models import Membership, User


class MemberBackend(ModelBackend):
    """Log-in by user name and password; a request's user brings the roles that every page needs."""

    def get_user(self, user_id: int) -> User | None:
        roles = list(
            Membership.objects.filter(user_id=user_id).select_related("user", "department", "institution")
        )
        user: User | None = roles[0].user if roles else super().get_user(user_id)
        if user is None or not self.user_can_authenticate(user):
            return None
        user._roles = roles  # type: ignore[attr-defined]
        return user
