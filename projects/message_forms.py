"""Forms about messages: where they reach a person, and which the person wants."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from projects.models import PERSONAL, Channel, Kind, MessageSwitch, User
from projects.notices import ways
from projects.seen import SeenForm

ACCOUNT = RegexValidator(
    r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}\Z",
    "账号以字母或数字开头，由字母、数字和 . _ - @ 组成，不超过 64 个字符。",
)
FIELDS = ("wecom_id", "dingtalk_id", "email")


class AccountsForm(SeenForm):
    wecom_id = forms.CharField(
        label="企业微信账号",
        required=False,
        strip=True,
        validators=[ACCOUNT],
        help_text="企业微信通讯录中的账号（UserID），不是手机号或昵称；不清楚时请问管理员",
    )
    dingtalk_id = forms.CharField(
        label="钉钉账号",
        required=False,
        strip=True,
        validators=[ACCOUNT],
        help_text="钉钉通讯录中的员工 UserID；不清楚时请问管理员",
    )
    email = forms.EmailField(label="邮箱", required=False)

    class Meta:
        model = User
        fields: tuple[str, ...] = FIELDS

    def save(self, commit: bool = True) -> User:
        self.instance.save(update_fields=FIELDS)
        user: User = self.instance
        return user


class SwitchesForm(forms.Form):
    """One box per kind of message and configured way."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user, self.channels = user, ways.configured()
        found = MessageSwitch.objects.filter(user=user)
        self.decided = {(each.kind, each.channel): each.is_on for each in found}
        for kind, channel in self.cells():
            box = forms.BooleanField(required=False, label=f"{kind.label}：{channel.label}")
            box.initial = self.decided.get((kind, channel), ways.usual(user, kind, channel))
            self.fields[f"{kind}-{channel}"] = box

    def cells(self) -> Iterator[tuple[Kind, Channel]]:
        return ((kind, channel) for kind in PERSONAL for channel in self.channels)

    def rows(self) -> list[tuple[str, list[Any]]]:
        """A line per kind: its words, its boxes."""
        return [(kind.label, [self[f"{kind}-{each}"] for each in self.channels]) for kind in PERSONAL]

    def save(self) -> None:
        """Only what differs from the usual is kept: who never decided follows what becomes usual."""
        for kind, channel in self.cells():
            is_on = self.cleaned_data[f"{kind}-{channel}"]
            own = MessageSwitch.objects.filter(user=self.user, kind=kind, channel=channel)
            if is_on == ways.usual(self.user, kind, channel):
                own.delete()
            else:
                MessageSwitch.objects.update_or_create(
                    user=self.user, kind=kind, channel=channel, defaults={"is_on": is_on}
                )
