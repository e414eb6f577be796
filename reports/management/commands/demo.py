"""`manage.py demo [--force]`: the demo college with its people and files; safe to run twice."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError, CommandParser

from projects.evidence import NotStored
from reports.demo import accounts
from reports.demo.book import rows
from reports.demo.loading import Loaded, Refused, load
from reports.management.command import SentenceCommand


class Command(SentenceCommand):
    help = "建立演示学校：两所虚构的学校、任务书、填报、佐证材料和登录账号。可以重复运行。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--force", action="store_true", help="可从外部访问时也建立口令公开的账号")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            loaded = load(force=options["force"])
        except (Refused, NotStored) as refused:
            raise CommandError(str(refused)) from None
        self.stdout.write(self.sentence(loaded))
        self.stdout.write(accounts.table(rows("", "people")))

    def sentence(self, loaded: Loaded) -> str:
        if loaded.is_nothing:
            return "演示数据已经在，无变化。登录账号（口令改过的以改过的为准）："
        made = [f"{len(loaded.projects)} 个项目（{'、'.join(loaded.projects)}）"] * bool(loaded.projects)
        made += [f"{len(loaded.people)} 个账号"] * bool(loaded.people)
        return f"已建立 {'、'.join(made)}。登录账号（口令改过的以改过的为准）："
