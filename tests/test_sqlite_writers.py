"""Several processes write to SQLite at the same time, and none is refused."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS
from django.db.utils import ConnectionHandler
from pytest_django import DjangoDbBlocker

from hvcollege import env

WRITERS = 8
TRANSACTIONS = 200


def start(name: str, database: Path, data: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.sqlite_writer", name, str(TRANSACTIONS)],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DJANGO_SETTINGS_MODULE": "hvcollege.settings",
            "DATABASE_URL": f"sqlite:///{database}",
            "DATA_DIR": str(data),
        },
        stderr=subprocess.PIPE,
        text=True,
    )


def test_eight_writers_are_all_served(tmp_path: Path) -> None:
    database = tmp_path / "writers.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("CREATE TABLE note (writer TEXT, number INTEGER)")
    writers = [start(f"writer {number}", database, tmp_path) for number in range(WRITERS)]
    faults = [writer.communicate(timeout=240)[1] for writer in writers]
    assert faults == [""] * WRITERS
    with sqlite3.connect(database) as connection:
        rows = connection.execute("SELECT COUNT(*), COUNT(DISTINCT writer || number) FROM note").fetchone()
    assert rows == (WRITERS * TRANSACTIONS, WRITERS * TRANSACTIONS)


@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("busy_timeout", 20_000)]
)
def test_connections_are_set_up_for_many_writers(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker, pragma: str, value: str | int
) -> None:
    database = env.database("UNSET", f"sqlite:///{tmp_path / 'db.sqlite3'}", tmp_path)
    connection = ConnectionHandler({DEFAULT_DB_ALIAS: database})[DEFAULT_DB_ALIAS]
    with django_db_blocker.unblock(), closing(connection), connection.cursor() as cursor:
        cursor.execute(f"PRAGMA {pragma}")
        assert cursor.fetchone() == (value,)
