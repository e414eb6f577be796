"""委托代审: who reviews for whom while they are away. Made by who goes, or for them by the office."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from projects.forms import DayField, WordsField
from projects.models import Delegation, User
from projects.permissions import Action, can
from projects.querysets import READING_ROLES
from projects.reviewing import Panel


class Refusal(Exception):
    """What was asked cannot be done; the message is a sentence for the user."""


def manages(user: User, panel: Panel) -> bool:
    """Whether the user also makes and ends delegations of others."""
    return can(user, Action.LEVELS, panel.project)


def shown_to(user: User, panel: Panel) -> QuerySet[Delegation]:
    """Those of the college that concern the user; all of them for the office."""
    every = Delegation.objects.filter(institution=panel.project.institution_id)
    every = every.select_related("absent", "substitute", "made_by")
    if manages(user, panel):
        return every
    return every.filter(absent=user) | every.filter(substitute=user)


def end(delegation: Delegation, *, now: datetime) -> None:
    """From now on the substitute decides nothing in that name; what was decided stays."""
    if delegation.ended_at:
        raise Refusal("这项委托已经结束。")
    delegation.ended_at = now
    delegation.save(update_fields=["ended_at"])


class DelegationForm(forms.ModelForm):
    since = DayField(label="开始日期")
    until = DayField(label="结束日期", help_text="含当天，过后自动失效")
    reason = WordsField(label="事由", max_length=200, required=False, help_text="例如：出差、休假")

    class Meta:
        model = Delegation
        fields = ("absent", "substitute", "since", "until", "reason")

    def __init__(self, *args: Any, user: User, panel: Panel, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.panel, self.today = user, panel, today
        self.instance.institution = panel.project.institution
        self.instance.made_by = user
        college = panel.project.institution_id
        people = User.objects.filter(
            is_active=True, memberships__institution=college, memberships__role__in=READING_ROLES
        ).distinct()
        absent: Any = self.fields["absent"]
        substitute: Any = self.fields["substitute"]
        substitute.queryset = people.order_by("name", "username")
        substitute.empty_label = "（选择代审人）"
        seated = {seat.user.pk for seats in panel.by_role.values() for seat in seats if not seat.behalf}
        absent.queryset = substitute.queryset.filter(pk__in=seated)
        if manages(user, panel):
            absent.initial = user.pk
        else:
            absent.queryset = absent.queryset.filter(pk=user.pk)
            absent.initial, absent.disabled = user.pk, True

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < self.today:
            raise ValidationError(f"结束日期 {until} 已经过去，委托不会生效。")
        return until

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        absent, since, until = (cleaned.get(name) for name in ("absent", "since", "until"))
        if absent and since and until:
            others = Delegation.objects.filter(
                institution=self.instance.institution,
                absent=absent,
                ended_at=None,
                since__lte=until,
                until__gte=since,
            )
            if other := others.first():
                said = f"{absent}在 {other.since} 至 {other.until} 已委托{other.substitute}代审"
                self.add_error("since", f"{said}，请先结束那一项。")
        return cleaned
