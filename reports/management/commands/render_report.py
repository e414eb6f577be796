"""`manage.py render_report PROJECT --kind KIND --format FORMAT --output FILE`: a report as a file."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from reports.build import build
from reports.facts import gather
from reports.kinds import KINDS, kind
from reports.management.arguments import add_moment_arguments, find_project, moments
from reports.management.command import SentenceCommand, reason
from reports.renderers import RENDERERS, renderer


class Command(SentenceCommand):
    help = "把一个建设项目的自评报告写成文件。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="项目编号")
        parser.add_argument("--kind", required=True, choices=[each.identifier for each in KINDS])
        parser.add_argument("--format", required=True, choices=[each.identifier for each in RENDERERS])
        parser.add_argument("--output", required=True, type=Path, metavar="FILE", help="写入的文件")
        add_moment_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        as_of, known_at = moments(options)
        project = find_project(options["project"])
        output = writable(options["output"])
        document = build(gather(project, as_of, known_at), kind(options["kind"]))
        content = renderer(options["format"]).render(document)
        with written(options["output"]), replaced(output) as draft:
            draft.write_bytes(content)
        self.stdout.write(f"已生成 {options['output']}（{document.title}，截至 {document.as_of}）。")


@contextmanager
def written(path: Path) -> Iterator[None]:
    """What goes wrong with files, in a sentence."""
    try:
        yield
    except OSError as error:
        raise CommandError(f"无法写入“{path}”：{reason(error)}。") from error


def writable(path: Path) -> Path:
    """The file to write, links followed. CommandError when it cannot be one, before minutes are spent."""
    with written(path):
        target = path.resolve()
        if not target.parent.is_dir():
            raise CommandError(f"文件夹“{path.parent}”不存在，请先建立。")
        if target.exists() and not target.is_file():
            raise CommandError(f"“{path}”不是普通文件，请给出一个文件名。")
    return target


@contextmanager
def replaced(path: Path) -> Iterator[Path]:
    """A draft beside the file, which it replaces in one step at the end: nobody sees half a report."""
    draft = path.with_name(f".{secrets.token_hex(8)}.draft")
    try:
        yield draft
        draft.replace(path)
    finally:
        with suppress(OSError):
            draft.unlink()
