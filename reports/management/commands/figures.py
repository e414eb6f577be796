"""`manage.py figures PROJECT [--as-of DATE] [--known-at DATETIME] [--basis BASIS]`: the figures as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.core.management.base import CommandParser

from projects.original import BASES, CURRENT
from reports.facts import gather
from reports.figures import as_json, figures
from reports.management.arguments import add_moment_arguments, find_project, moments
from reports.management.command import SentenceCommand


class Command(SentenceCommand):
    help = "把一个建设项目的全部数字输出为 JSON。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("project", help="项目编号")
        add_moment_arguments(parser)
        parser.add_argument(
            "--basis",
            choices=BASES,
            default=CURRENT,
            help="任务书：current 为调整后（默认），original 为调整前的原任务书",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        project = find_project(options["project"])
        facts = gather(project, *moments(options), basis=options["basis"])
        self.stdout.write(json.dumps(as_json(figures(facts)), ensure_ascii=False, indent=1))
