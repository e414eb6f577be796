"""What the database refuses about messages."""

from __future__ import annotations

from datetime import datetime

import pytest
from django.db import IntegrityError

from projects.models import Delivery, Message, MessageSwitch, User

pytestmark = pytest.mark.django_db


def told(user: User | None, **values: str) -> Message:
    given = {"kind": "returned", "key": "returned:1", "title": "填报被退回", "url": "/points/1/"}
    return Message.objects.create(user=user, **given | values)


def test_nothing_is_told_twice(filler: User) -> None:
    told(filler)
    with pytest.raises(IntegrityError, match="key"):
        told(filler, title="再说一次")


def test_a_message_goes_to_a_person_or_to_the_group(filler: User) -> None:
    told(None, kind="group")
    with pytest.raises(IntegrityError, match="message_to_one_or_to_the_group"):
        told(None, key="2")


def test_the_group_is_nobody_in_particular(filler: User) -> None:
    with pytest.raises(IntegrityError, match="message_to_one_or_to_the_group"):
        told(filler, kind="group")


def test_a_message_leads_to_a_page_of_ours(filler: User) -> None:
    with pytest.raises(IntegrityError, match="message_url_is_ours"):
        told(filler, url="https://elsewhere.example/")


def test_a_message_leaves_once_per_way(filler: User, now: datetime) -> None:
    message = told(filler)
    Delivery.objects.create(message=message, channel="email", next_at=now)
    with pytest.raises(IntegrityError, match="delivery_once_per_channel|channel"):
        Delivery.objects.create(message=message, channel="email", next_at=now)


def test_what_was_sent_says_when(filler: User, now: datetime) -> None:
    with pytest.raises(IntegrityError, match="delivery_sent_when"):
        Delivery.objects.create(message=told(filler), channel="email", next_at=now, state="sent")


def test_one_switch_per_kind_and_way(filler: User) -> None:
    MessageSwitch.objects.create(user=filler, kind="due", channel="email", is_on=True)
    with pytest.raises(IntegrityError, match="message_switch_once|kind"):
        MessageSwitch.objects.create(user=filler, kind="due", channel="email", is_on=False)
