"""Eight people write into one project at once; what was accepted must stand in the history exactly once.

    python script/writers.py SECONDS [MOST]      six fillers and two reviewers, at most MOST tries each
    python script/writers.py write NAME SECONDS MOST     one of them

It makes a database of its own on the server that DATABASE_URL names, prints one line of figures, and ends
with 1 when a save was lost, doubled or overwrote another in silence.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.contenttypes.models import ContentType  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from projects import review  # noqa: E402
from projects.models import (  # noqa: E402
    Department,
    Entry,
    Institution,
    Membership,
    Project,
    ReviewLog,
    Role,
    State,
    Task,
    TaskPoint,
    User,
)

FILLERS = tuple(f"filler{number}" for number in range(6))
REVIEWERS = ("office0", "office1")
POINTS = 12


@contextmanager
def own_database() -> Iterator[str]:
    """A new database; its address."""
    named = connection.settings_dict["NAME"]
    is_server = connection.vendor == "postgresql"
    own = f"hvcollege_writers_{os.getpid()}" if is_server else settings.DATA_DIR / "writers.sqlite3"
    connection.settings_dict["TEST"]["NAME"] = own
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    where = connection.settings_dict
    server = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/".format_map(where) if is_server else "sqlite:///"
    try:
        yield f"{server}{own}"
    finally:
        connection.creation.destroy_test_db(named, verbosity=0)


def a_college() -> None:
    """A small project whose points are everybody's."""
    college = Institution.objects.create(name="并发职业技术学院")
    department = Department.objects.create(institution=college, name="教务处")
    project = Project.objects.create(
        institution=college, code="W-1", name="并发项目", level="school", start_year=2022, end_year=2025
    )
    task = Task.objects.create(project=project, code="1", name="任务")
    for number in range(POINTS):
        TaskPoint.objects.create(
            task=task, year=2023, seq=f"{number}", text="制度", due_on=date(2099, 1, 1), department=department
        )
    for name in (*FILLERS, *REVIEWERS):
        user = User.objects.create_user(name, name=name)
        role = Role.FILLER if name in FILLERS else Role.OFFICE
        Membership.objects.create(
            user=user, institution=college, role=role, department=department if name in FILLERS else None
        )


def write(name: str, seconds: float, most: int) -> list[dict[str, Any]]:
    """What one person got accepted, in order; who was second looks at the other's version and goes on."""
    user = User.objects.get(username=name)
    step = fill_one if name in FILLERS else review_one
    client = Client()
    client.force_login(user)
    chance = random.Random(name)
    seen: dict[str, str] = {}
    done: list[dict[str, Any]] = []
    client.get(reverse("api:project-rows", args=[Project.objects.get().pk]))
    # All begin together, when everyone has read the program.
    print("ready", flush=True)
    sys.stdin.readline()
    until = time.monotonic() + seconds
    while len(done) < most and time.monotonic() < until:
        done += step(client, user, chance, seen, len(done))
    return done


def fill_one(
    client: Client, user: User, chance: random.Random, seen: dict[str, str], number: int
) -> Iterator[dict[str, Any]]:
    """Save or hand in one row through the door of the grid."""
    point = chance.choice(points())
    key, text = f"point:{point}", f"{user.username} 第 {number} 次"
    step = chance.choice(("draft", "draft", "submit"))
    row = {
        "key": key,
        "seen": seen.get(key, "0"),
        "values": {"percent": "50", "quantity": "1", "description": text},
    }
    address = reverse("reports:mine_rows", args=[Project.objects.get().pk])
    sent = json.dumps({"rows": [row], "step": step})
    answer = client.post(address, sent, content_type="application/json")
    assert answer.status_code in (200, 403, 409, 422), (answer.status_code, answer.content[:500])
    (filed,) = answer.json()["rows"]
    if filed["theirs"]:
        seen[key] = filed["theirs"]["seen"]
    if not filed["ok"]:
        yield {"step": "second" if filed["theirs"] else "refused", "why": filed["refusal"] or filed["errors"]}
        return
    yield {"step": step, "key": key, "seen": row["seen"], "text": text}
    seen[key] = filed["row"]["seen"]


def points() -> list[int]:
    return list(TaskPoint.objects.order_by("pk").values_list("pk", flat=True))


def review_one(
    client: Client, user: User, chance: random.Random, seen: dict[str, str], number: int
) -> Iterator[dict[str, Any]]:
    """Decide on one entry that waits, as it was seen."""
    waiting = list(Entry.objects.filter(state=State.SUBMITTED).order_by("id")[:3])
    if not waiting:
        time.sleep(0.01)
        return
    entry = chance.choice(waiting)
    version = review.version_of(entry)
    verb = chance.choice(("approve", "return"))
    try:
        if verb == "approve":
            review.approve(entry, by=user, now=timezone.now(), seen=version)
        else:
            review.return_for_revision(entry, by=user, comment="请补充", seen=version)
    except review.NotAllowed:
        yield {"step": "second"}
    else:
        yield {"step": verb, "entry": entry.pk}


def faults_of(done: list[dict[str, Any]]) -> list[str]:
    """What was lost, doubled, or overwrote another in silence; empty when all is well."""
    faults = []
    used = Counter((one["key"], one["seen"]) for one in done if "key" in one)
    faults += [f"两次保存都以同一版本为准：{version}" for version, count in used.items() if count > 1]
    logs = ReviewLog.objects.filter(content_type=ContentType.objects.get_for_model(Entry))
    texts = Counter(
        Entry.objects.filter(pk__in=logs.filter(verb="submit").values("object_id")).values_list(
            "description", flat=True
        )
    )
    handed_in = Counter(one["text"] for one in done if one["step"] == "submit")
    faults += [f"历史中有 {texts[text]} 次：{text}" for text in handed_in if texts[text] != 1]
    if logs.filter(verb="submit").count() != sum(handed_in.values()):
        faults.append("提交的次数与历史不符")
    for verb in ("approve", "return"):
        decided = Counter(one["entry"] for one in done if one["step"] == verb)
        logged = Counter(logs.filter(verb=verb).values_list("object_id", flat=True))
        if decided != logged or max(decided.values(), default=1) > 1:
            faults.append(f"{verb} 的次数与历史不符")
    return faults


def main(seconds: float, most: int) -> int:
    with own_database() as address:
        a_college()
        connection.close()
        people = [start(name, address, seconds, most) for name in (*FILLERS, *REVIEWERS)]
        for person in people:
            assert person.stdout
            person.stdout.readline()
        began = time.monotonic()
        for person in people:
            assert person.stdin
            person.stdin.write("go\n")
            person.stdin.flush()
        said = [person.communicate(timeout=seconds + 120)[0] for person in people]
        spent = time.monotonic() - began
        if any(person.returncode for person in people):
            print("有人中断了：", [person.returncode for person in people])
            return 1
        done = [one for each in said for one in json.loads(each)]
        faults = faults_of(done)
        counts = Counter(one["step"] for one in done)
        saves = counts["draft"] + counts["submit"]
        print(
            f"{connection.vendor:10}  eight people for {spent:.0f} s: {saves} saves accepted,"
            f" {counts['submit']} of them handed in, {counts['approve']} approved,"
            f" {counts['return']} returned, {counts['second']} told that another was first,"
            f" {counts['refused']} in a state that forbids it; lost or doubled: {len(faults)}",
            *faults,
            sep="\n",
            flush=True,
        )
        return 1 if faults or not (counts["draft"] and counts["submit"] and counts["approve"]) else 0


def start(name: str, address: str, seconds: float, most: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, __file__, "write", name, str(seconds), str(most)],
        cwd=settings.BASE_DIR,
        env=os.environ
        | {
            "DATABASE_URL": address,
            "PYTHONPATH": str(settings.BASE_DIR),
            "PYTHONWARNINGS": "ignore",
            "ALLOWED_HOSTS": "testserver",
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


if __name__ == "__main__":
    if sys.argv[1] == "write":
        told = write(sys.argv[2], float(sys.argv[3]), int(sys.argv[4]))
        print(json.dumps(told))
    else:
        sys.exit(main(float(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000))
