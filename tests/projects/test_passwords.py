"""Password rules speak Chinese."""

from __future__ import annotations

import pytest
from django.contrib.auth.password_validation import password_validators_help_texts, validate_password
from django.core.exceptions import ValidationError


def test_a_short_password_is_refused_in_chinese() -> None:
    with pytest.raises(ValidationError) as refusal:
        validate_password("Xk7-qw")
    assert refusal.value.messages == ["密码太短，至少需要 10 个字符。"]
    assert "您的密码至少需要 10 个字符。" in password_validators_help_texts()
