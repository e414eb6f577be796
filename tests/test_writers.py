"""Eight people write into one project at once, through the door of the grid: nothing is lost or doubled."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection


def test_what_eight_people_got_accepted_stands_in_the_history_exactly_once(db: None, tmp_path: Path) -> None:
    own = f"sqlite:///{tmp_path / 'unused.sqlite3'}"
    done = subprocess.run(
        [sys.executable, "script/writers.py", "10", "40"],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "hvcollege.settings",
            "PYTHONPATH": str(settings.BASE_DIR),
            "DATA_DIR": str(tmp_path),
            "DATABASE_URL": os.environ["DATABASE_URL"] if connection.vendor == "postgresql" else own,
        },
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lost or doubled: 0" in done.stdout
