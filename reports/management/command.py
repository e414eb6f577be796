"""Commands that answer bad input with one Chinese sentence per line on stderr and exit code 1."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError


class SentenceCommand(BaseCommand):
    """A CommandError raised by `handle` is printed as it is, without the name of its class."""

    def run_from_argv(self, argv: list[str]) -> None:
        self.speaks_plainly = True
        super().run_from_argv(argv)

    def execute(self, *args: Any, **options: Any) -> str | None:
        try:
            return super().execute(*args, **options)
        except CommandError as error:
            if not getattr(self, "speaks_plainly", False):
                raise
            self.stderr.write(str(error), lambda text: text)
            sys.exit(1)
