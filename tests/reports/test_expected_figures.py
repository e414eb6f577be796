"""The figures of every example workbook equal those of an independent program, key by key."""

from __future__ import annotations

import json
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from reports.exchange import import_workbook
from tests.conftest import DATA

EXPECTED = sorted(DATA.glob("*.expected.json"))


def workbook_of(expected: Path) -> tuple[Path, str | None]:
    """`rules.2024-12-31.expected.json` → rules.xlsx asked as of 2024-12-31."""
    name, *day = expected.name.removesuffix(".expected.json").split(".", 1)
    return DATA / f"{name}.xlsx", day[0] if day else None


def differences(ours: Any, theirs: Any, path: str = "") -> list[str]:
    """Paths at which our figures lack or contradict the expected ones; more keys than expected are fine."""
    if isinstance(theirs, dict) and isinstance(ours, dict):
        missing = [f"{path}.{key}: missing" for key in theirs if key not in ours]
        return missing + [
            d for key in theirs if key in ours for d in differences(ours[key], theirs[key], f"{path}.{key}")
        ]
    return [] if ours == theirs else [f"{path}: {ours!r} instead of {theirs!r}"]


@pytest.mark.django_db
@pytest.mark.parametrize("expected", EXPECTED, ids=lambda path: path.name)
def test_figures_equal_the_expected_ones(expected: Path, now: datetime) -> None:
    workbook, as_of = workbook_of(expected)
    outcome = import_workbook(workbook, now=now, approve=True)
    assert outcome.ok, outcome.faults
    theirs = json.loads(expected.read_text())
    out = StringIO()
    call_command("figures", theirs["project"], *(["--as-of", as_of] if as_of else []), stdout=out)
    ours = json.loads(out.getvalue())
    assert differences(ours, theirs) == []
    # No key may be invented where the expected file has a closed set of keys.
    assert set(ours["funding"]) == set(theirs["funding"])
    assert set(ours["indicators"]["window"]) == set(theirs["indicators"]["window"])


def test_every_workbook_has_expected_figures() -> None:
    assert {workbook_of(path)[0] for path in EXPECTED} == set(DATA.glob("*.xlsx"))
    assert len(EXPECTED) == 9
    assert all(date.fromisoformat(day) for _, day in map(workbook_of, EXPECTED) if day)
