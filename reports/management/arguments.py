"""Arguments that several commands share, with Chinese sentences for what is wrong with them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time

from django.core.exceptions import BadRequest
from django.core.management.base import CommandError, CommandParser
from django.utils import timezone

from projects.asking import FIRST, LAST, parse_day
from projects.models import Project


def add_moment_arguments(parser: CommandParser) -> None:
    parser.add_argument("--as-of", metavar="DATE", help="截至日期，如 2026-05-20（默认：统计截止日期）")
    parser.add_argument("--known-at", metavar="DATETIME", help="只统计此时已审核通过的填报")


def find_project(code: str) -> Project:
    """The project with this 项目编号; CommandError (exit 1) where there is none."""
    projects = Project.objects.select_related("institution").filter(code=code)
    # What a shell of another encoding hands over is no text that a database could be asked for.
    project: Project | None = projects.first() if code.isprintable() else None
    if project is None:
        raise CommandError(f"项目“{code}”不存在，请核对项目编号。")
    return project


def moments(options: Mapping[str, str | None]) -> tuple[date | None, datetime | None]:
    """(as_of, known_at) of the command line, None where not given."""
    as_of, known_at = options["as_of"], options["known_at"]
    return (
        None if as_of is None else as_of_day(as_of),
        None if known_at is None else parse_moment(known_at),
    )


def as_of_day(text: str) -> date:
    try:
        return parse_day(text)
    except BadRequest as error:
        raise CommandError(str(error)) from None


def parse_moment(text: str) -> datetime:
    """A date means the end of that day."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"审核时间“{text}”不是时间，应写成 2024-03-01 或 2024-03-01T18:00。") from None
    if not FIRST <= moment.date() <= LAST:
        raise CommandError(f"审核时间“{text}”不在 1990 年至 2100 年之间。")
    if len(text) <= 10:
        moment = datetime.combine(moment.date(), time.max)
    return moment if timezone.is_aware(moment) else timezone.make_aware(moment)
