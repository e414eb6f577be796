"""Letters leave by SMTP, as EMAIL_URL says, and what the mail server answers is told."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import quote

import pytest
from django.conf import LazySettings

from hvcollege import env
from projects import jobs
from projects.models import Delivery, Job, Kind, User
from projects.notices.telling import Line, tell
from tests.letterbox import Letterbox, opened

# There is no eavesdropper between a test and itself.
pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
SITE = "https://shuanggao.example.edu.cn"


@pytest.fixture
def box(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Letterbox]:
    with opened() as letterbox:
        configure(letterbox, settings, monkeypatch)
        yield letterbox


def configure(
    box: Letterbox, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, password: str = ""
) -> None:
    """As the settings do it."""
    log_in = f"{quote(box.sender)}:{quote(password or box.password)}"
    monkeypatch.setenv("EMAIL_URL", f"smtp://{log_in}@127.0.0.1:{box.port}")
    mail = env.mail("EMAIL_URL")
    settings.EMAIL_BACKEND, settings.EMAIL_HOST, settings.EMAIL_PORT = mail.backend, mail.host, mail.port
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = mail.user, mail.password
    settings.DEFAULT_FROM_EMAIL = mail.user
    settings.SITE_URL, settings.SENDS_MAIL = SITE, True


@pytest.fixture
def reader(filler: User) -> User:
    filler.email = "gaoyuan@example.edu.cn"
    filler.save()
    return filler


def say(user: User) -> Delivery:
    """Tell somebody something, and let the worker carry it out."""
    tell(
        user,
        Kind.RETURNED,
        key="8-2",
        title="填报被退回：8-2-2023-03",
        text="请附正式印发文件。",
        url="/points/7/",
        rows=[Line("8-2-2023-03 汇编", "/points/7/")],
    )
    jobs.execute(Job.objects.open().get().pk)
    return Delivery.objects.get()


def test_a_letter_arrives_with_the_link_to_the_row(box: Letterbox, reader: User) -> None:
    assert say(reader).state == Delivery.State.SENT
    (letter,) = box.letters
    assert (letter["From"], letter["To"]) == (box.sender, "gaoyuan@example.edu.cn")
    assert letter["Subject"].strip() == "【建设项目】填报被退回：8-2-2023-03"
    text = letter.get_content().replace("\r\n", "\n")
    assert text.startswith("高远，您好：")
    assert f"8-2-2023-03 汇编\n  {SITE}/points/7/" in text


def test_who_is_unknown_there_is_not_tried_again(box: Letterbox, reader: User) -> None:
    box.unknown = {reader.email}
    delivery = say(reader)
    assert (delivery.state, delivery.error) == (
        Delivery.State.FAILED,
        "邮件服务器不接受收件人 gaoyuan@example.edu.cn。",
    )
    assert not box.letters


def test_a_wrong_password_is_told_and_tried_again(
    box: Letterbox, reader: User, settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    configure(box, settings, monkeypatch, password="wrong")
    delivery = say(reader)
    assert delivery.state == Delivery.State.WAITING
    assert delivery.error == "邮件服务器不接受用户名或密码（535）。"
    assert not box.letters


def test_a_server_that_says_nothing_costs_one_attempt(
    box: Letterbox, reader: User, settings: LazySettings
) -> None:
    assert 0 < settings.EMAIL_TIMEOUT <= 30
    settings.EMAIL_TIMEOUT = 0.2
    with socket.create_server(("127.0.0.1", 0)) as mute:
        settings.EMAIL_PORT = mute.getsockname()[1]
        delivery = say(reader)
    assert delivery.state == Delivery.State.WAITING
    assert delivery.error == "邮件服务器没有应答，或中断了连接。"
