"""The frame: menu by role, the question its links carry along, and pages that stand on their own."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from django.conf import settings
from django.core.cache import cache
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.db import connection
from django.http import HttpRequest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from projects.context import version
from projects.menu import BACK_OFFICE, FUNDING, IMPORT, LEVELS, MINE, OVERVIEW, REVIEW, Item, menu_for
from projects.models import Entry, Institution, Job, Membership, Project, Role, TaskPoint, User
from projects.templatetags.components import BADGES, FILE_ICONS
from projects.templatetags.shell import carried
from projects.views.errors import bad_request

TEMPLATES = sorted((settings.BASE_DIR / "templates").rglob("*.html"))
# What is put on paper has its style with it.
PAPER = ("document.html", "book.html")
PAGES = [path for path in TEMPLATES if path.name not in PAPER]


def entries(*roles: str, is_superuser: bool = False) -> list[Item]:
    return [item for group in menu_for(roles, is_superuser=is_superuser) for item in group.items]


def test_what_must_be_done_comes_first() -> None:
    assert entries(Role.FILLER)[:2] == [MINE, OVERVIEW]
    assert entries(Role.OFFICE)[:3] == [OVERVIEW, MINE, REVIEW]
    assert entries(Role.FILLER, Role.OFFICE)[:3] == [OVERVIEW, MINE, REVIEW]


def test_who_leads_tasks_finds_their_texts_whatever_else_they_are() -> None:
    assert entries(Role.LEADER)[:3] == entries(Role.GROUP_LEADER)[:3] == [OVERVIEW, REVIEW, MINE]
    assert entries(Role.PRINCIPAL, Role.LEADER)[:3] == [OVERVIEW, REVIEW, MINE]
    assert entries(Role.FILLER, Role.LEADER).count(MINE) == 1
    assert MINE not in entries(Role.PRINCIPAL)


@pytest.mark.parametrize("role", [Role.FILLER, Role.HEAD, Role.LEADER, Role.PRINCIPAL])
def test_only_the_office_imports_and_sets_the_levels(role: Role) -> None:
    assert not {LEVELS, IMPORT} & set(entries(role))
    assert {REVIEW, LEVELS, IMPORT} <= set(entries(Role.ADMIN))


def test_who_keeps_the_money_begins_there_and_imports_it() -> None:
    found = entries(Role.FINANCE)
    assert found[0] == FUNDING
    assert found.count(FUNDING) == 1
    assert IMPORT in found
    assert LEVELS not in found


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("levels", "name", "is_there"),
    [
        (1, "head", False),
        (1, "office", True),
        (2, "head", True),
        (2, "principal", False),
        (4, "principal", True),
    ],
)
def test_who_reviews_finds_the_entry(
    client: Client,
    project: Project,
    levels: int,
    name: str,
    is_there: bool,
    request: pytest.FixtureRequest,
) -> None:
    Project.objects.update(review_levels=levels)
    client.force_login(request.getfixturevalue(name))
    page = client.get(f"/projects/{project.pk}/").content.decode()
    assert (f'href="/projects/{project.pk}/review/"' in page) == is_there


@pytest.mark.parametrize("role", [Role.EXPERT, Role.AUTHORITY])
def test_guests_have_no_entries_and_staff_the_back_office(role: Role) -> None:
    assert entries(role) == []
    assert entries(role, is_superuser=True) == [BACK_OFFICE]


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.EXPERT, Role.AUTHORITY)])
def test_every_reading_role_has_a_first_page(role: Role) -> None:
    assert OVERVIEW in entries(role)[:3]


@pytest.mark.parametrize(
    ("context", "query"),
    [
        ({}, ""),
        ({"as_of": date(2023, 12, 31), "default_as_of": date(2023, 12, 31), "pending": False}, ""),
        ({"as_of": date(2022, 6, 30), "default_as_of": date(2023, 12, 31)}, "?as_of=2022-06-30"),
        ({"as_of": date(2022, 6, 30), "pending": True}, "?as_of=2022-06-30&pending=1"),
    ],
)
def test_links_carry_the_question_along_unless_it_is_the_usual_one(
    context: dict[str, Any], query: str
) -> None:
    assert carried(Context(context)) == query


@pytest.mark.django_db
def test_the_password_page_shows_who_is_signed_in(client: Client, filler: User) -> None:
    client.force_login(filler)
    page = client.get("/password/").content.decode()
    assert str(filler) in page
    assert "样例职业技术学院" in page
    assert f"建设项目管理 {version()}" in page
    assert 'href="#main"' in page


@pytest.mark.django_db
def test_a_page_without_a_project_keeps_the_menu_of_the_first(
    client: Client, filler: User, project: Project
) -> None:
    client.force_login(filler)
    page = client.get("/password/").content.decode()
    for path in ("mine/", "indicators/", "report/"):
        assert f'href="/projects/{project.pk}/{path}"' in page
    assert project.name in page


@pytest.fixture
def group_project(project: Project) -> Project:
    return Project.objects.create(
        institution=project.institution,
        code="SAMPLE-G",
        name="样例专业群",
        level="group",
        parent_code=project.code,
        start_year=2022,
        end_year=2025,
    )


SWITCHES = [
    ("{0}/", "{1}/"),
    (
        "{0}/indicators/?as_of=2022-12-31&state=met&area=8&page=2",
        "{1}/indicators/?as_of=2022-12-31&state=met",
    ),
    ("{0}/tasks/?view=points&year=2023&pending=1", "{1}/tasks/?pending=1&view=points"),
    ("{0}/mine/?tab=all", "{1}/mine/?tab=all"),
    ("{0}/tasks/{task}/?state=overdue", "{1}/tasks/"),
    ("{0}/report/group-construction/?as_of=2022-12-31", "{1}/report/?as_of=2022-12-31"),
]


@pytest.mark.parametrize(("here", "there"), SWITCHES)
def test_another_project_opens_at_the_same_page(
    client: Client, filler: User, point: TaskPoint, group_project: Project, here: str, there: str
) -> None:
    client.force_login(filler)
    address = here.format(point.task.project_id, group_project.pk, task=point.task_id)
    page = client.get(f"/projects/{address}").content.decode()
    assert f'href="/projects/{escape(there.format("", group_project.pk))}"' in page


@pytest.mark.django_db
def test_from_a_point_the_other_project_opens_at_its_tasks(
    client: Client, filler: User, point: TaskPoint, group_project: Project
) -> None:
    client.force_login(filler)
    page = client.get(f"/points/{point.pk}/?as_of=2024-01-31").content.decode()
    assert f'href="/projects/{group_project.pk}/tasks/?as_of=2024-01-31"' in page


@pytest.mark.django_db
def test_a_page_that_the_other_project_does_not_offer_leads_to_its_overview(
    client: Client, project: Project, group_project: Project, college: Institution
) -> None:
    user = User.objects.create_user("liangbian", name="两边")
    Membership.objects.create(user=user, institution=college, role=Role.OFFICE, project=project)
    Membership.objects.create(user=user, institution=college, role=Role.GROUP_LEADER, project=group_project)
    client.force_login(user)
    page = client.get(f"/projects/{project.pk}/review/").content.decode()
    assert f'href="/projects/{group_project.pk}/"' in page
    assert f'href="/projects/{group_project.pk}/review/"' not in page


def counts(client: Client, user: User, project: Project) -> list[str]:
    cache.clear()  # The number of a minute ago.
    client.force_login(user)
    page = client.get(f"/projects/{project.pk}/funding/").content.decode()
    return re.findall(r'<span class="n"[^>]*>(\d+)<span class="visually-hidden"> (\w+)', page)


def test_the_menu_counts_what_waits_for_the_user(
    client: Client,
    point: TaskPoint,
    filler: User,
    other_filler: User,
    head: User,
    office: User,
    principal: User,
) -> None:
    project = point.task.project
    later = Entry.objects.create(point=point, effective_on=date(2023, 12, 1), state="submitted")
    assert counts(client, office, project) == [("1", "项待审核")]
    assert counts(client, filler, project) == []
    Entry.objects.filter(pk=later.pk).update(state="returned")
    assert counts(client, filler, project) == counts(client, head, project) == [("1", "项被退回")]
    for user in (office, other_filler, principal):
        assert counts(client, user, project) == []
    Entry.objects.create(point=point, effective_on=date(2023, 12, 1), state="draft", author=filler)
    assert counts(client, filler, project) == []


def test_counting_costs_few_queries(
    client: Client, point: TaskPoint, filler: User, office: User, head: User
) -> None:
    def queries(user: User) -> int:
        client.force_login(user)
        client.get("/password/")
        with CaptureQueriesContext(connection) as seen:
            client.get("/password/")
        return len(seen)

    # Session, user, projects, unread, delegations and roles; of a reviewer what waits, and who else reviews.
    assert queries(filler) <= 7
    assert queries(office) <= 9
    assert queries(head) <= 7


@pytest.mark.django_db
def test_a_wrong_password_is_answered_in_chinese(client: Client, filler: User) -> None:
    page = client.post("/login/", {"username": filler.username, "password": "错"}).content.decode()
    assert 'role="alert"' in page
    assert "用户名或密码不正确，请重新输入。" in page


@pytest.mark.parametrize("name", ["400", "403", "403_csrf", "404", "409", "413", "422", "500", "507"])
def test_error_pages_stand_without_any_context(name: str) -> None:
    page = render_to_string(f"{name}.html")
    sentence = re.search(r"<p data-sentence>(.+?)</p>", page)
    assert sentence
    assert len(sentence[1]) > 15
    assert "{" not in page


def test_a_bad_request_says_what_would_be_right(rf: RequestFactory) -> None:
    said = bad_request(rf.get("/"), BadRequest("截至日期“x”不是日期，应写成 2026-05-20。"))
    assert said.status_code == 400
    assert "不是日期，应写成 2026-05-20" in said.content.decode()


def test_what_is_suspicious_is_not_repeated(rf: RequestFactory) -> None:
    assert "secret" not in bad_request(rf.get("/"), SuspiciousOperation("secret")).content.decode()


def job_fragment(**fields: Any) -> str:
    context = {"job": Job(pk=7, **fields), "url": "/jobs/7/", "title": "生成 PDF"}
    return render_to_string("components/job.html", {**context, "download": "/f.pdf", "retry": "/again/"})


def test_a_running_job_asks_again_and_a_finished_one_does_not() -> None:
    running = job_fragment(state="running", progress=3, total=8, message="正在排版第 3 章")
    assert 'hx-get="/jobs/7/"' in running
    assert 'value="37"' in running
    assert "正在排版第 3 章" in running
    assert "value=" not in job_fragment(state="queued")
    done = job_fragment(state="done")
    assert "hx-get" not in done
    assert "/f.pdf" in done
    assert "/again/" not in done


def test_a_failed_job_says_why_and_offers_to_try_again() -> None:
    failed = job_fragment(state="failed", error="没有中文字体。")
    assert "没有中文字体。" in failed
    assert 'action="/again/"' in failed
    assert "/f.pdf" not in failed


def sprite() -> set[str]:
    root = ElementTree.parse(settings.BASE_DIR / "static/icons.svg").getroot()
    return {symbol.attrib["id"] for symbol in root if len(symbol)}


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    used = {badge.icon for badge in BADGES.values()} | set(FILE_ICONS.values()) | {"file"}
    for role in Role:
        used |= {item.icon for item in entries(role, is_superuser=True)}
    for path in TEMPLATES:
        used |= set(re.findall(r'{% icon "([\w-]+)"', path.read_text(encoding="utf-8")))
    assert used - sprite() == set()


@pytest.mark.parametrize(
    "path", PAGES, ids=lambda path: str(path.relative_to(settings.BASE_DIR / "templates"))
)
def test_pages_keep_to_the_content_security_policy(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style|\son\w+\s*=\s*[\"']|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"(src|href)=[\"'](https?:)?//", text)


def test_messages_are_shown_by_their_weight(rf: RequestFactory) -> None:
    class Said:
        def __init__(self, level_tag: str) -> None:
            self.level_tag = level_tag

        def __str__(self) -> str:
            return f"说<{self.level_tag}>"

    page = Template('{% include "components/messages.html" %}').render(
        Context({"messages": [Said("error"), Said("success")], "request": HttpRequest()})
    )
    assert page.count('role="alert"') == 1
    assert "说&lt;error&gt;" in page
    assert 'class="note ok"' in page
