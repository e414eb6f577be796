"""`manage.py import_workbook FILE [--files DIR|ZIP] [--project CODE] [--approve] [--dry-run] [--json]`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from projects.evidence import NotStored
from projects.workbook.faults import Fault
from projects.workbook.reading import EXTENSIONS
from reports.exchange import Destination, Outcome, import_workbook
from reports.management.arguments import find_project
from reports.management.command import SentenceCommand


def named(fault: Fault, file: Path) -> Fault:
    """A fault of the file as a whole, with the name of the file as its value."""
    return fault if fault.sheet or fault.value else replace(fault, value=str(file))


def files_told(files: Mapping[str, list[Any]]) -> Iterator[str]:
    """A line for each file and row of 佐证材料."""
    for row, title, path, how in files.get("found", ()):
        yield f"佐证文件 第 {row} 行“{title}”：{path}（按{how}）"
    for row, title, paths in files.get("unclear", ()):
        yield f"佐证文件 第 {row} 行“{title}”：分不清是{'、'.join(paths)}中的哪一个，没有对应"
    for row, title, name in files.get("alone", ()):
        yield f"佐证文件 第 {row} 行“{title}”：没有找到文件“{name}”"
    for path in files.get("left", ()):
        yield f"佐证文件 {path}：没有对应的行"


class Command(SentenceCommand):
    help = "导入一个交换工作簿：全部写入，或有问题时一行也不写。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help=f"工作簿（{'、'.join(EXTENSIONS)}）")
        parser.add_argument(
            "--project", metavar="CODE", help="项目编号：文件里没有“项目”表时，导入到这个项目"
        )
        parser.add_argument("--files", type=Path, metavar="DIR|ZIP", help="佐证文件：文件夹或 zip")
        parser.add_argument("--approve", action="store_true", help="完成情况等直接计为已通过")
        parser.add_argument("--dry-run", action="store_true", help="只检查和比较，不写入")
        parser.add_argument("--json", action="store_true", help="结果输出为 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        code = options["project"]
        to = Destination(project=None if code is None else find_project(code))
        try:
            outcome = import_workbook(
                options["file"],
                now=timezone.now(),
                approve=options["approve"],
                dry_run=options["dry_run"],
                to=to,
                files=options["files"],
            )
        except NotStored as fault:
            raise CommandError(str(fault)) from fault
        outcome = replace(outcome, faults=tuple(named(fault, options["file"]) for fault in outcome.faults))
        if options["json"]:
            self.stdout.write(json.dumps(outcome.as_json(), ensure_ascii=False, indent=1))
        if not outcome.ok:
            raise CommandError("\n".join(map(str, outcome.faults)))
        if not options["json"]:
            self.report(outcome, dry_run=options["dry_run"])

    def report(self, outcome: Outcome, *, dry_run: bool) -> None:
        for notice in outcome.notices:
            self.stdout.write(f"提示 {notice}")
        for sentence in files_told(outcome.files):
            self.stdout.write(sentence)
        for title, n in outcome.counts.items():
            self.stdout.write(
                f"{title}：新增 {n['new']}，变更 {n['changed']}，无变化 {n['unchanged']}，缺少 {n['missing']}"
            )
        self.stdout.write("只检查，没有写入。" if dry_run else "已导入。")
