"""Password rules in the language of the site."""

from __future__ import annotations

from django.contrib.auth import password_validation


class MinimumLengthValidator(password_validation.MinimumLengthValidator):
    """Django asks for its sentence under a text its Chinese catalogue does not have; so it is said here."""

    def get_error_message(self) -> str:
        return f"密码太短，至少需要 {self.min_length} 个字符。"

    def get_help_text(self) -> str:
        return f"您的密码至少需要 {self.min_length} 个字符。"
