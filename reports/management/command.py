"""Commands that answer bad input with one Chinese sentence per line on stderr.

Exit code 1 for what was given, 2 for how the command was called.
"""

from __future__ import annotations

import errno
import os
import re
import sys
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandError, CommandParser

# What argparse says of a wrong call, and what we say.
USAGE = (
    (r"the following arguments are required: (.+)", "缺少参数 {}。"),
    (r"unrecognized arguments: (.+)", "多出参数 {}。"),
    (r"argument (\S+): invalid choice: '?(.*?)'? \(choose from (.+)\)", "参数 {} 的值“{}”不对，应为 {}。"),
    (r"argument (\S+): expected one argument", "参数 {} 后面缺少值。"),
    (r"argument (\S+): ignored explicit argument '(.*)'", "参数 {} 不带值，多出“{}”。"),
    (r"ambiguous option: (\S+) could match (.+)", "参数 {} 不明确，可以是 {}。"),
)


REASONS = {
    errno.ENOENT: "这里不能建立文件",
    errno.EACCES: "没有写入权限",
    errno.EPERM: "没有写入权限",
    errno.EROFS: "所在的磁盘只能读取",
    errno.ENOSPC: "磁盘空间不足",
    errno.EDQUOT: "磁盘配额已用完",
    errno.ENAMETOOLONG: "文件名太长",
}


class SentenceCommand(BaseCommand):
    """A CommandError is printed as it is, without the name of its class."""

    speaks_plainly = False

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        parser = super().create_parser(prog_name, subcommand, **kwargs)
        parser.called_from_command_line = False  # so that a wrong call is a CommandError, too
        return parser

    def run_from_argv(self, argv: list[str]) -> None:
        self.speaks_plainly = True
        try:
            super().run_from_argv(argv)
        except CommandError as error:
            self.end(f"{in_chinese(str(error))}用法见 {' '.join(argv[:2])} --help", 2)

    def execute(self, *args: Any, **options: Any) -> str | None:
        if not self.speaks_plainly:
            return super().execute(*args, **options)
        try:
            super().execute(*args, **options)
            sys.stdout.flush()
        except CommandError as error:
            self.end(str(error))
        except OSError as error:
            # The interpreter would write what is left once more, and fail once more.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            # Whoever read us (`| head`) has seen enough.
            self.end("" if isinstance(error, BrokenPipeError) else f"无法写出结果：{reason(error)}。")
        return None

    def end(self, sentence: str, code: int = 1) -> NoReturn:
        if sentence:
            self.stderr.write(sentence, lambda text: text)
        sys.exit(code)


def in_chinese(usage: str) -> str:
    """`Error: argument --kind: invalid choice: 'x' (choose from 'a', 'b')` as a sentence of ours."""
    said = usage.removeprefix("Error: ")
    for pattern, sentence in USAGE:
        if found := re.fullmatch(pattern, said):
            return sentence.format(*(part.replace("'", "").replace(", ", "、") for part in found.groups()))
    return f"{said}。"


def reason(error: OSError) -> str:
    """Why a file could not be written."""
    return REASONS.get(error.errno or 0, error.strerror or str(error))
