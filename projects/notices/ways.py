"""The ways out: which are configured, whom they reach, and how a message goes on each."""

from __future__ import annotations

import time
from smtplib import SMTPAuthenticationError, SMTPException, SMTPRecipientsRefused, SMTPServerDisconnected

from django.conf import settings
from django.core.mail import EmailMessage

from projects.models import PERSONAL_CHANNELS, Channel, Institution, Kind, Message, MessageSwitch, User
from projects.notices import dingtalk, wecom
from projects.notices.web import NotSent, Refused, Unreachable
from projects.notices.words import letter

# What nobody needs on the phone unless they ask for it.
QUIET = (Kind.JOB,)


def configured() -> list[Channel]:
    """The ways to a person that the server is set up for, the best first."""
    ready = {
        Channel.WECOM: bool(settings.WECOM),
        Channel.DINGTALK: bool(settings.DINGTALK),
        Channel.EMAIL: settings.SENDS_MAIL,
    }
    return [channel for channel in PERSONAL_CHANNELS if ready[channel]]


def robots() -> list[Channel]:
    """The ways to the group."""
    ready = {
        Channel.WECOM_ROBOT: settings.WECOM_ROBOT,
        Channel.DINGTALK_ROBOT: settings.DINGTALK_ROBOT,
    }
    return [channel for channel, robot in ready.items() if robot]


def has_group(college: Institution) -> bool:
    """Whether the group of the robots is this college's: named, or the only one there is."""
    if settings.ROBOT_COLLEGE:
        return college.name == settings.ROBOT_COLLEGE
    return not Institution.objects.exclude(pk=college.pk).exists()


def account(user: User, channel: str) -> str:
    """Where the way reaches a person; "" where nobody said."""
    return str({"wecom": user.wecom_id, "dingtalk": user.dingtalk_id, "email": user.email}.get(channel, ""))


def usual(user: User, kind: str, channel: str) -> bool:
    """Whether it is sent when the person has decided nothing: by app, by mail only without one."""
    if kind in QUIET:
        return False
    apps = [each for each in configured() if each != Channel.EMAIL and account(user, each)]
    return channel != Channel.EMAIL or not apps


def wanted(user: User, kind: str) -> list[Channel]:
    """The ways a message of this kind shall go to the person."""
    reachable = [channel for channel in configured() if account(user, channel)]
    if not reachable:
        return []
    decided = dict(MessageSwitch.objects.filter(user=user, kind=kind).values_list("channel", "is_on"))
    return [each for each in reachable if decided.get(each, usual(user, kind, each))]


def hand_over(message: Message, channel: str) -> None:
    """Send a message on one way; Refused or NotSent with a sentence."""
    if channel not in (*configured(), *robots()):
        raise Refused(f"{Channel(channel).label}没有配置或已停用。")
    if channel == Channel.WECOM_ROBOT and settings.WECOM_ROBOT:
        return wecom.send_to_group(settings.WECOM_ROBOT, message)
    if channel == Channel.DINGTALK_ROBOT and settings.DINGTALK_ROBOT:
        return dingtalk.send_to_group(settings.DINGTALK_ROBOT, message, int(time.time() * 1000))
    assert message.user
    to = account(message.user, channel)
    if not message.user.is_active or not to:
        raise Refused(f"{message.user}没有{Channel(channel).label}账号，或账号已停用。")
    if channel == Channel.WECOM and settings.WECOM:
        return wecom.send(settings.WECOM, message, to)
    if channel == Channel.DINGTALK and settings.DINGTALK:
        return dingtalk.send(settings.DINGTALK, message, to)
    return post(message, to)


def post(message: Message, to: str) -> None:
    """A letter, by Django's mail back end."""
    try:
        EmailMessage(f"【建设项目】{message.title}", letter(message), to=[to]).send()
    except SMTPRecipientsRefused:
        raise Refused(f"邮件服务器不接受收件人 {to}。") from None
    except SMTPAuthenticationError as fault:
        raise Unreachable(f"邮件服务器不接受用户名或密码（{fault.smtp_code}）。") from None
    except SMTPServerDisconnected:
        raise Unreachable("邮件服务器没有应答，或中断了连接。") from None
    except SMTPException as fault:
        raise NotSent(f"邮件服务器拒绝：{fault}"[:300]) from None
    except OSError as fault:
        raise Unreachable(f"连接不上邮件服务器：{fault}。") from None
