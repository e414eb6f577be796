"""How much memory an import takes: workbooks of some 50 MB, and the most rows that are taken in.

Each is checked, shown and written by a process of its own each, whose largest resident memory is printed.
`python -m script.weigh [NAME...]` ends with 1 where any is above the limit.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

LIMIT_MB = 500
MEGABYTE = 1024 * 1024
# Some characters that a report is made of, in no order: text that packs as badly as text can.
CHARACTERS = [chr(code) for code in range(0x4E00, 0x4E00 + 3000)]
PROJECT = (
    *(("字段", "值"), ("项目编号", "W-1"), ("项目名称", "大项目"), ("学校名称", "测试职业学院")),
    *(("建设层面", "学校"), ("建设起始年", 2022), ("建设结束年", 2025)),
    *(("统计开始日期", "2022-01-01"), ("统计截止日期", "2023-12-31")),
)
TASKS = (("任务编号", "上级编号", "任务名称"), ("A", None, "一号任务"))
POINTS = ("任务编号", "年度", "序号", "任务点", "计划数量", "单位")
Rows = Iterator[Sequence[Any]]


def text(chance: random.Random, length: int) -> str:
    return "".join(chance.choices(CHARACTERS, k=length))


def points(count: int, length: int) -> Rows:
    chance = random.Random(count)
    yield POINTS
    for number in range(count):
        yield ("A", 2022 + number % 4, str(number), text(chance, length), number % 50, "项")


def sheets(path: Path, pages: dict[str, Rows], pictures: int = 0, is_shared: bool = False) -> None:
    from xlsxwriter import Workbook

    with Workbook(str(path), {"constant_memory": not is_shared}) as book:
        for title, rows in ({"项目": iter(PROJECT), "建设任务": iter(TASKS)} | pages).items():
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    if pictures:
        from zipfile import ZipFile

        with ZipFile(path, "a") as package:
            for number in range(pictures):
                package.writestr(f"xl/media/image{number}.jpeg", random.Random(number).randbytes(MEGABYTE))


def raw_data() -> Rows:
    chance = random.Random(7)
    for _ in range(400_000):
        yield tuple(chance.random() for _ in range(10))


KINDS: dict[str, Callable[[Path], None]] = {
    "rows with long texts": lambda path: sheets(path, {"任务点": points(34_000, 800)}, is_shared=True),
    "rows with long texts, inline": lambda path: sheets(path, {"任务点": points(34_000, 800)}),
    "many rows": lambda path: sheets(path, {"任务点": points(100_000, 60)}, is_shared=True),
    "pictures": lambda path: sheets(path, {"任务点": points(10_000, 40)}, pictures=48),
    "a sheet of other data": lambda path: sheets(
        path, {"任务点": points(10_000, 40), "原始数据": raw_data()}
    ),
}


def heaviest() -> float:
    """MB that this process held at most; `ru_maxrss` would count who started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def check(path: Path) -> None:
    from django.core.files.base import File

    from projects import jobs
    from projects.models import Institution, User
    from reports import intake
    from reports.exchange import ANYWHERE

    Institution.objects.get_or_create(name="测试职业学院")
    user, _ = User.objects.get_or_create(username="weigh", is_superuser=True, name="测试")
    with path.open("rb") as file:
        made = intake.receive(File(file, path.name), to=ANYWHERE, approve=False, by=user)
    assert made.job
    jobs.execute(made.job.pk)
    told(made)


def page(path: Path) -> None:
    from django.test import Client

    from projects.models import User
    from reports.models import Intake

    client = Client()
    client.force_login(User.objects.get())
    answer: Any = client.get(f"/import/{Intake.objects.latest('pk').pk}/", {"text": "3"})
    assert answer.status_code == 200, answer.status_code
    print("page shown", end="  ")


def write(path: Path) -> None:
    from projects import jobs
    from projects.models import User
    from reports import intake
    from reports.models import Intake

    made = Intake.objects.latest("pk")
    if made.state == Intake.State.READY:
        intake.confirm(made, by=User.objects.get())
        assert made.job
        jobs.execute(made.job.pk)
    told(made)


def told(made: Any) -> None:
    from reports import intake

    made.refresh_from_db()
    counts = {title: each["new"] for title, each in made.result.get("counts", {}).items() if each["new"]}
    faults = intake.kept(made, intake.FAULTS)
    print(made.get_state_display(), counts, *(fault["message"] for fault in faults[:2]), end="  ")


STEPS = {"check": check, "page": page, "write": write}


def step(name: str, path: Path) -> None:
    """In a process of its own."""
    import django
    from django.conf import settings

    # Nothing was gathered for this run.
    settings.ALLOWED_HOSTS = ["testserver"]
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    django.setup()
    began = time.monotonic()
    STEPS[name](path)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{heaviest():.0f}", file=sys.stderr)


def weigh(kind: str) -> float:
    with tempfile.TemporaryDirectory(prefix="weigh-") as folder:
        path = Path(folder, "任务书.xlsx")
        KINDS[kind](path)
        print(f"{kind}: {path.stat().st_size / MEGABYTE:.0f} MB", flush=True)
        environment = os.environ | {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "DJANGO_SETTINGS_MODULE": "hvcollege.settings",
        }
        subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], env=environment, check=True)
        most = 0.0
        for name in STEPS:
            ended = subprocess.run(
                [sys.executable, "-m", "script.weigh", "--step", name, str(path)],
                env=environment,
                capture_output=True,
                text=True,
            )
            if ended.returncode:
                sys.exit(f"{kind}, {name}: {ended.stderr[-2000:]}")
            weight = float(ended.stderr.split()[-1])
            print(f"  {name:6} {weight:4.0f} MB  {ended.stdout.strip()}", flush=True)
            most = max(most, weight)
        return most


def main() -> None:
    parser = argparse.ArgumentParser(prog="script/weigh", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {'; '.join(KINDS)}; all without any")
    parser.add_argument("--step", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.step:
        step(asked.step[0], Path(asked.step[1]))
        return
    most = max(map(weigh, asked.names or KINDS))
    print(f"largest: {most:.0f} MB, limit {LIMIT_MB} MB")
    sys.exit(most > LIMIT_MB)


if __name__ == "__main__":
    main()
