"""How the benches measure, and the project they measure with."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.conf import settings
from django.db import connection
from django.utils import timezone

from projects.models import Membership, Project, Role, User
from reports.exchange import import_workbook

EXAMPLE = settings.BASE_DIR / "tests/data/maoming-school.xlsx"
EXAMPLE_CODE = "MMVTC-2022"


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of doing it once."""
    began = time.process_time()
    work()
    return time.process_time() - began


def best(ours: Callable[[], object], bare: Callable[[], object]) -> tuple[float, float]:
    """The cheapest round of each, in turns of ten: both warm, and both under the same weather."""
    spent: tuple[list[float], list[float]] = ([], [])
    for _ in range(6):
        for work, rounds in zip((ours, bare), spent, strict=True):
            work()
            rounds.extend(cpu(work) for _ in range(10))
    return min(spent[0]), min(spent[1])


def report(what: str, ours: float, bare: float, aim: str, *more: str) -> None:
    values = f"{seconds(ours)} ÷ {seconds(bare)}"
    line = [f"{connection.vendor:10}  {what:42} {ours / bare:7.2f}  aim ≤ {aim:5}", values, *more]
    print("  ".join(line), flush=True)


def seconds(value: float) -> str:
    return f"{value:.2f} s" if value >= 1 else f"{value * 1000:.2f} ms"


def example() -> Project:
    """A real task book: 447 task points, 182 indicators."""
    found = Project.objects.with_window().filter(code=EXAMPLE_CODE)
    if not found:
        taken_in = import_workbook(EXAMPLE, now=timezone.now(), approve=True)
        assert taken_in.ok, taken_in.faults
    return found.get()


def office_of(project: Project, username: str) -> User:
    """Somebody of the project office, who may fill and review everything."""
    user = User.objects.create_user(username, name="测试")
    Membership.objects.create(user=user, institution=project.institution, role=Role.OFFICE)
    return user
