"""One of several processes that write to the same SQLite file: read, then write, in one transaction each.

Usage: python -m tests.sqlite_writer NAME TRANSACTIONS, with DATABASE_URL set and a table `note` in it.
"""

import sys

import django

django.setup()

from django.db import connection, transaction  # noqa: E402


def main(name: str, transactions: int) -> None:
    for number in range(transactions):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM note WHERE writer = %s", [name])
            assert cursor.fetchone() == (number,)
            cursor.execute("INSERT INTO note (writer, number) VALUES (%s, %s)", [name, number])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
