"""Our Chinese for what Django says: the compiled catalogue is the one that can be read, and it is used."""

from __future__ import annotations

import gettext
import re

import pytest
from django.conf import settings
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError

FOLDER = settings.BASE_DIR / "locale/zh_Hans/LC_MESSAGES"
MESSAGE = re.compile(r'^msgid "(.+)"\n(?:msgid_plural ".+"\n)?msgstr(?:\[0\])? "(.+)"$', re.MULTILINE)


def test_the_compiled_catalogue_is_the_one_that_can_be_read() -> None:
    text = (FOLDER / "django.po").read_text(encoding="utf-8")
    readable = {
        source.replace('\\"', '"'): chinese.replace('\\"', '"') for source, chinese in MESSAGE.findall(text)
    }
    with (FOLDER / "django.mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert len(readable) == text.count("\nmsgid ") - 1
    assert {source: compiled.ngettext(source, compiled.gettext(source), 2) for source in readable} == readable


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("Xk7-qw", "密码太短，至少需要 10 个字符。"),
        ("72901846350", "密码只包含数字。"),
    ],
)
def test_password_rules_speak_chinese(password: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_password(password)
    assert refusal.value.messages == [sentence]
    assert not re.search("[A-Za-z]{3}|你", "".join(password_validators_help_texts()))
