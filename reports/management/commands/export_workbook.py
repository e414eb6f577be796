"""`manage.py export_workbook PROJECT FILE [--sheet TITLE]`: a project as the exchange workbook."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from reports.export import export_list, export_workbook
from reports.management.arguments import find_project
from reports.management.command import SentenceCommand
from reports.management.commands.render_report import replaced, writable, written
from reports.sheets import LISTS


class Command(SentenceCommand):
    help = "把一个建设项目写成交换工作簿；再次导入得到同样的记录。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="项目编号")
        parser.add_argument("file", type=Path, metavar="FILE", help="写入的工作簿（.xlsx）")

        titles = [sheet.title for sheet in LISTS]
        parser.add_argument("--sheet", choices=titles, metavar="TITLE", help="只写这一张，如 绩效指标")

    def handle(self, *args: Any, **options: Any) -> None:
        project = find_project(options["project"])
        output = writable(options["file"])
        sheet = next((sheet for sheet in LISTS if sheet.title == options["sheet"]), None)
        content = export_list(project, sheet) if sheet else export_workbook(project)
        with written(options["file"]), replaced(output) as draft:
            draft.write_bytes(content)
        self.stdout.write(f"已导出 {options['file']}。")
