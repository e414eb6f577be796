"""The demo college: loaded once for all tests of this file, each of which is undone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from io import BytesIO, StringIO
from typing import Any

import pypdf
import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import transaction
from django.db.models import Count
from django.test import override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker, Settings

from indicators.models import Indicator, Outcome, OutcomeTarget
from projects import evidence, review
from projects.filetypes import PNG, kind_of
from projects.models import Entry, Evidence, Project, Role, State, StoredFile, TaskPoint, User
from projects.permissions import can_fill
from reports.demo import accounts
from reports.demo.book import rows, sheets
from reports.exchange import import_workbook
from reports.export import export_workbook
from reports.facts import gather
from reports.figures import as_json, figures
from reports.sheets import SHEETS
from reports.trace import state_of

SCHOOL, GROUP, REMOTE = "BHVTC-2024", "BHVTC-2024-PM", "YSVC-2025"
OWN_APPS = ("projects", "indicators", "funding", "reports")


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("demo", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def first_run(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """What the first run said; its records stay for the tests of this file."""
    folder = override_settings(EVIDENCE_DIR=tmp_path_factory.mktemp("evidence"))
    with folder, django_db_blocker.unblock(), transaction.atomic():
        yield run()
        transaction.set_rollback(True)


@pytest.fixture
def demo(first_run: str, db: None) -> Project:
    return Project.objects.get(code=SCHOOL)


def figures_of(code: str) -> dict[str, Any]:
    return as_json(figures(gather(Project.objects.get(code=code))))


def everything() -> dict[str, int]:
    models = [model for name in OWN_APPS for model in apps.get_app_config(name).get_models()]
    return {model._meta.label: model._default_manager.count() for model in models}


def test_the_figures_are_those_counted_by_hand(demo: Project) -> None:
    found = figures_of(SCHOOL)
    tasks = found["tasks"]
    assert (tasks["total"], tasks["due"], tasks["due_done"], tasks["early"]) == ("447", "224", "217", "5")
    assert (tasks["due_rate"], tasks["overall_rate"], tasks["extra"]) == ("96.88", "49.66", "7")
    # Of eight points that are not done two are half done.
    assert tasks["buckets"] == {"not_started": "6", "partial": "2", "done": "197", "over": "19"}
    assert {year: planned["planned"] for year, planned in tasks["by_year"].items()} == {
        "2024": "108",
        "2025": "116",
        "2026": "115",
        "2027": "108",
    }
    assert tasks["by_area"]["6"]["due_done"] == "23"
    assert len(tasks["by_area"]) == 10
    own = found["funding"]["source:学校自筹"]
    assert (own["budget"], own["received"], own["receipt_rate"]) == ("9041", "7373.6", "81.56")
    assert found["funding"]["window"]["budget"] == "13252"
    # 18 + (2.93 + 2.91 + 3) + 18 + 24 + 18
    assert (found["score"]["total"], found["score"]["grade"]) == ("86.84", "良")
    assert found["score"]["vetoes"] == []


def test_the_group_counts_for_seventy_percent(demo: Project) -> None:
    group = figures_of(GROUP)
    assert (group["tasks"]["total"], len(group["tasks"]["by_area"])) == ("158", 9)
    assert group["score"]["unmarked"] == "0"
    assert (group["score"]["weight"], figures_of(SCHOOL)["score"]["composite_grade"]) == ("70", "良")


def test_one_source_is_low_and_one_group_of_people_less_content(demo: Project) -> None:
    facts = gather(demo)
    low = [key for key, money in facts.funding.by_key.items() if key.startswith("source:")]
    assert len(low) == 4
    rates = {key: facts.funding.get(key).receipt_rate or 0 for key in low}
    assert [key for key, rate in rates.items() if rate < 1] == ["source:学校自筹"]
    said = {(row.who, row.year): row.percent or 0 for row in facts.satisfaction}
    fall = {who: said[who, 2024] - said[who, 2025] for who, year in said if year == 2025}
    assert [who for who, points in fall.items() if points > 5] == ["在校生"]


def test_the_sums_by_year_source_and_task_agree(demo: Project) -> None:
    for code in (SCHOOL, GROUP):
        funding = gather(Project.objects.get(code=code)).funding
        whole = funding.get("window")
        for kind in ("year:", "source:", "task:"):
            parts = [money for key, money in funding.by_key.items() if key.startswith(kind)]
            assert sum(money.budget or 0 for money in parts) == whole.budget
            assert sum(money.received or 0 for money in parts) == whole.received
            assert sum(money.spent or 0 for money in parts) == whole.spent


def test_every_point_says_something_of_its_own(demo: Project) -> None:
    texts = TaskPoint.objects.of(demo).values_list("text", flat=True)
    # A few promise the same number every year.
    assert len(set(texts)) > len(texts) * 0.97
    assert not any("{" in text or "  " in text for text in texts)
    assert not TaskPoint.objects.of(demo).filter(department=None).exists()
    days = set(TaskPoint.objects.of(demo).values_list("due_on__month", flat=True))
    assert days == {6, 9, 12}


def test_magnitudes(demo: Project) -> None:
    assert demo.institution.departments.count() == 30
    assert Indicator.objects.filter(project=demo).count() == 357
    assert OutcomeTarget.objects.filter(project=demo).count() == 60
    assert Outcome.objects.filter(project=demo).count() == 120
    assert Outcome.objects.filter(project=demo, first_project_code=GROUP).count() == 6
    assert demo.windows.count() == 3


@pytest.mark.parametrize("folder", ["school", "group"])
def test_every_sheet_is_filled(folder: str) -> None:
    filled = {title for title, table in sheets(folder).items() if table}
    expected = {sheet.title for sheet in SHEETS} - ({"原报告数"} if folder == "group" else set())
    assert filled == expected


def test_what_ledger_rows_prove_is_not_typed_again(demo: Project) -> None:
    """Points and indicators whose number is the sum of their linked rows, and equals the plan or more."""
    prizes = TaskPoint.objects.get(task__project=demo, task__code="2-2", year=2025, seq="3")
    assert set(prizes.entries.values_list("quantity", "ratio")) == {(None, None)}
    fact = next(point for point in gather(demo).points if point.id == prizes.pk)
    assert (fact.quantity, fact.capped) == (26, 1)


def test_work_in_every_state(demo: Project) -> None:
    # What stands last at each point.
    states = dict(
        Entry.objects.of(demo).latest_per_point().order_by().values_list("state").annotate(n=Count("pk"))
    )
    assert set(states) == set(State)
    assert (states[State.SUBMITTED], states[State.DRAFT], states[State.RETURNED]) == (12, 7, 3)
    again = list(
        Entry.objects.filter(point__task__code="8-2", point__year=2025, point__seq="3").order_by("pk")
    )
    assert [entry.state for entry in again] == [State.RETURNED, State.SUBMITTED]
    comment = again[0].log.get(verb="return").comment
    assert comment == "请附正式印发文件，写明汇编包含的制度数量。"
    # A point nobody has touched, one reported as zero, and one with its reason and next step.
    entries = Entry.objects.of(demo)
    assert not entries.filter(point__task__code="5-3", point__year=2025, point__seq="1").exists()
    assert entries.get(point__task__code="6-2", point__year=2024, point__seq="5").quantity == 0
    half = entries.get(point__task__code="10-2", point__year=2025, point__seq="1")
    assert all((half.ratio, half.reason, half.expected_on, half.next_step))


def test_the_story_has_its_own_time(demo: Project) -> None:
    entries = Entry.objects.of(demo)
    assert {when.year for when in entries.values_list("created_at", flat=True)} == {2026}
    for entry in entries.exclude(submitted_at=None):
        assert entry.submitted_at >= entry.created_at
        assert entry.decided_at is None or entry.decided_at >= entry.submitted_at
    logged = [log.at for entry in entries.prefetch_related("log") for log in entry.log.all()]
    assert date(2026, 1, 15) <= min(logged).date()
    assert max(logged).date() < date(2026, 7, 4)


def test_every_material_has_a_file_of_its_own(demo: Project) -> None:
    materials = Evidence.objects.filter(project__institution=demo.institution)
    assert not materials.filter(file=None).exists()
    # Certificates that two projects keep are one file.
    assert StoredFile.objects.count() >= materials.count() * 9 // 10
    for stored in StoredFile.objects.all()[::25]:
        assert hashlib.sha256(evidence.path_of(stored).read_bytes()).hexdigest() == stored.sha256
    done = TaskPoint.objects.of(demo).filter(due_on__year__lte=2025, entries__state=State.APPROVED).distinct()
    assert 1 <= done.filter(evidence=None, entries__quantity__gt=0).count() <= 5


def test_letters_and_certificates_can_be_read(demo: Project) -> None:
    letter = StoredFile.objects.get(uses__project=demo, uses__file_name="1-1-2024-01 印发文件.pdf")
    page = pypdf.PdfReader(evidence.path_of(letter)).pages[0]
    content = page.get_contents()
    assert content is not None
    assert "党委会议事规则".encode("utf-16-be").hex().encode() in content.get_data()
    prize = StoredFile.objects.get(uses__project=demo, uses__file_name="L-013 获奖证明.png")
    with evidence.path_of(prize).open("rb") as picture:
        assert kind_of(picture) == PNG


@pytest.mark.parametrize("role", ["项目办", "填报人", "部门负责人", "财务", "校领导", "管理员"])
def test_each_role_has_somebody_who_can_log_in(first_run: str, db: None, role: str) -> None:
    person = next(row for row in rows("", "people") if row["角色"] == role)
    user = User.objects.get(username=person["用户名"])
    assert user.check_password(accounts.PASSWORD)
    assert not user.is_staff
    assert not user.is_superuser
    assert person["用户名"] in first_run
    assert person["姓名"] in first_run


def test_only_who_runs_the_platform_opens_the_back_office(demo: Project) -> None:
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["platform"]


def test_colleges_do_not_see_each_other(demo: Project) -> None:
    ours, theirs = User.objects.get(username="zhoumin"), User.objects.get(username="tianye")
    assert {p.code for p in Project.objects.visible_to(ours)} == {SCHOOL, GROUP}
    assert {p.code for p in Project.objects.visible_to(theirs)} == {REMOTE}


def test_people_fill_what_names_them(demo: Project) -> None:
    filler = User.objects.get(username="gaoyuan")
    own = TaskPoint.objects.of(demo).filter(assignee=filler)
    assert set(own.values_list("person", flat=True)) == {"高远"}
    assert all(can_fill(filler, point) for point in own)
    leader = User.objects.get(username="huangzhiqiang").memberships.get()
    assert leader.role == Role.LEADER
    assert [task.code for task in leader.tasks.all()] == ["2"]


def test_the_second_run_changes_nothing(demo: Project) -> None:
    before = everything()
    assert run().startswith("演示数据已经在，无变化。")
    assert everything() == before


def test_what_visitors_changed_stays(demo: Project) -> None:
    user = User.objects.get(username="gaoyuan")
    user.set_password("换过的口令-2026")
    user.save()
    waiting = Entry.objects.of(demo).filter(state=State.SUBMITTED, author=user).first()
    assert waiting is not None
    review.withdraw(waiting, by=user)
    Project.objects.filter(pk=demo.pk).update(leader="另一位负责人")
    assert "无变化" in run()
    user.refresh_from_db()
    assert user.check_password("换过的口令-2026")
    waiting.refresh_from_db()
    assert waiting.state == State.DRAFT
    assert Project.objects.get(pk=demo.pk).leader == "另一位负责人"


def test_a_second_run_is_harmless_where_others_can_reach_it(demo: Project, settings: Settings) -> None:
    settings.ALLOWED_HOSTS = ["projects.example.edu.cn"]
    assert "无变化" in run()


@pytest.mark.parametrize("code", [SCHOOL, GROUP, REMOTE])
def test_an_export_of_the_demo_imports_again_without_any_change(demo: Project, code: str) -> None:
    project = Project.objects.get(code=code)
    before, records = figures_of(code), state_of(project.institution, project)
    again = import_workbook(BytesIO(export_workbook(project)), now=timezone.now())
    assert not again.faults
    assert again.changes_nothing
    assert state_of(project.institution, project) == records
    assert figures_of(code) == before
