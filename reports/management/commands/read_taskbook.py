"""`manage.py read_taskbook FILE.docx --output X.xlsx`: a Word task book as an exchange workbook."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError, CommandParser

from projects.workbook.faults import Refused
from reports.conversion import meanings
from reports.conversion.converter import digest
from reports.conversion.layout import layouts
from reports.conversion.remarks import LEFT, LOOK
from reports.conversion.running import said_by
from reports.conversion.taskbook import read_taskbook
from reports.conversion.taskbook_pages import taskbook_workbook
from reports.conversion.word import read_word
from reports.management.arguments import find_project
from reports.management.command import SentenceCommand
from reports.management.commands.import_workbook import named
from reports.management.commands.render_report import replaced, writable, written
from reports.models import FileKind


class Command(SentenceCommand):
    help = "把 Word 任务书的表格读成交换工作簿，核对后再导入。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, help="任务书（.docx）")
        parser.add_argument(
            "--output", required=True, type=Path, metavar="FILE", help="写入的工作簿（.xlsx）"
        )
        parser.add_argument("--project", metavar="CODE", help="任务书所属的已有项目的编号（默认：新项目）")

    def handle(self, *args: Any, **options: Any) -> None:
        project = find_project(options["project"]) if options["project"] else None
        output = writable(options["output"])
        try:
            word = read_word(options["file"])
        except Refused as refused:
            raise CommandError(
                "\n".join(str(named(fault, options["file"])) for fault in refused.faults)
            ) from None
        institution = project.institution if project else None
        saved = said_by(institution, FileKind.TASKBOOK)

        def columns_for(headings: tuple[str, ...]) -> Sequence[str]:
            said = saved.get(digest(headings))
            return said["columns"] if said else meanings.guess(headings)

        book = read_taskbook(layouts(word.tables), columns_for)
        content = taskbook_workbook(book, word.opening, project, institution)
        with written(options["output"]), replaced(output) as draft:
            draft.write_bytes(content)
        states = [remark.state for remark in book.remarks]
        found = {"任务": book.tree.tasks, "任务点": book.points, "绩效指标": book.indicators.rows}
        counts = [f"{name} {len(rows)} 个" for name, rows in found.items()]
        doubts = f"{states.count(LOOK)} 行请核对，{states.count(LEFT)} 行未读入"
        self.stdout.write(f"读了 {len(word.tables)} 个表格：{'，'.join(counts)}；{doubts}。")
        self.stdout.write(f"已写入 {options['output']}。")
