"""Run damaged workbooks through the door of the application, in a scratch database.

Each is handed in, checked and, where it can be, confirmed and written; each finds the same records. No job
may end in an unexpected error; a refusal leaves every record as it was; each fault is a sentence, and the
cell that it names lies within what is used of a sheet of the file. A file that breaks a rule is kept, under
its seed and number, and the end is 1.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

SLOW = 30.0


def main() -> int:
    parser = argparse.ArgumentParser(prog="script/corpus", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="another one makes other files (1)")
    parser.add_argument("--count", type=int, default=2000, help="how many files (2000)")
    parser.add_argument("--first", type=int, default=0, metavar="NUMBER", help="begin with this one (0)")
    parser.add_argument("--only", type=int, metavar="NUMBER", help="this one file")
    parser.add_argument("--keep", type=Path, default=Path("corpus-kept"), help="folder for such files")
    asked = parser.parse_args()
    numbers = range(asked.first, asked.first + asked.count)
    with tempfile.TemporaryDirectory(prefix="corpus-") as folder:
        prepare(folder)
        return run(asked.seed, numbers if asked.only is None else [asked.only], asked.keep)


def prepare(folder: str) -> None:
    os.environ |= {"DATA_DIR": folder, "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3"}
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hvcollege.settings")
    import logging

    import django
    from django.core.management import call_command

    django.setup()
    logging.disable(logging.WARNING)
    call_command("migrate", verbosity=0)


def run(seed: int, numbers: range | list[int], keep: Path) -> int:
    from tests.corpus import damaged
    from tests.door import Door

    door = Door()
    kinds: Counter[str] = Counter()
    ends: Counter[tuple[str, str]] = Counter()
    slowest = (0.0, 0)
    for number in numbers:
        file = damaged(seed, number)
        began = time.process_time()
        end = door.through(file.content)
        spent = time.process_time() - began
        slowest = max(slowest, (spent, number))
        ends[file.family, end.state] += 1
        violations = [*end.violations, *([("slow", f"{spent:.0f} s")] if spent > SLOW else [])]
        kinds.update(kind for kind, _ in violations)
        for kind, what in violations:
            keep.mkdir(parents=True, exist_ok=True)
            path = keep / f"{seed}-{number}-{file.family}-{file.base}"
            path.write_bytes(file.content)
            print(f"{kind}: {what}\n  {path}", flush=True)
    for (family, state), count in sorted(ends.items()):
        print(f"{family:18} {state:10} {count:5}")
    broken = (
        ("traceback", "tracebacks"),
        ("half", "half imports"),
        ("place", "misplaced faults"),
        ("slow", "slow"),
    )
    told = ", ".join(f"{words} {kinds[kind]}" for kind, words in broken)
    print(f"{len(numbers)} files, seed {seed}: {told}; slowest {slowest[0]:.1f} s (number {slowest[1]})")
    return int(bool(kinds))


if __name__ == "__main__":
    sys.exit(main())
