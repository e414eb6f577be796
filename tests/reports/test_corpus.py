"""Some of the damaged workbooks of script/corpus, of each family alike."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings

from tests.corpus import FAMILIES, corpus
from tests.door import Door

TURNS = 3


@pytest.mark.django_db
def test_damaged_workbooks_are_refused_with_places_or_taken_in(
    settings: LazySettings, tmp_path: Path
) -> None:
    settings.IMPORTS_DIR = tmp_path
    door = Door()
    ends = {
        f"{file.number} {file.family} {file.base}": door.through(file.content)
        for file in corpus(seed=2, count=TURNS * len(FAMILIES))
    }
    assert {name: end.violations for name, end in ends.items() if end.violations} == {}
    assert {"done", "refused"} <= {end.state for end in ends.values()}
