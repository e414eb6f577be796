"""项目总览: who sees it, as of which date, what it says, and what it costs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from projects.models import Entry, Institution, Project, State, TaskPoint, User

Browser = Callable[[User], Client]
Look = Callable[..., str]


def approved(point: TaskPoint, now: datetime, ratio: int = 1, **changes: Any) -> Entry:
    values = {"effective_on": date(2023, 12, 1), "state": State.APPROVED, "decided_at": now} | changes
    return Entry.objects.create(point=point, ratio=ratio, **values)


def test_each_role_lands_on_what_it_must_do(
    browser: Browser, filler: User, office: User, project: Project
) -> None:
    assert browser(office).get("/")["Location"] == f"/projects/{project.pk}/"
    assert browser(filler).get("/")["Location"] == f"/projects/{project.pk}/mine/"


def test_the_whole_college_comes_before_its_groups(browser: Browser, office: User, project: Project) -> None:
    values = {"institution": project.institution, "start_year": 2022, "end_year": 2025}
    Project.objects.create(code="A-GROUP", name="专业群", level="group", **values)
    assert browser(office).get("/")["Location"] == f"/projects/{project.pk}/"


def test_the_office_without_a_project_is_led_to_the_import(browser: Browser, office: User) -> None:
    assert browser(office).get("/")["Location"] == "/import/"


def test_others_without_a_project_are_told_what_happens_next(browser: Browser, filler: User) -> None:
    response = browser(filler).get("/")
    assert response.status_code == 200
    assert "还看不到任何建设项目" in response.content.decode()


@pytest.mark.parametrize("path", ["", "indicators/", "outcomes/", "funding/", "satisfaction/", "score/"])
def test_every_member_reads_and_outsiders_find_nothing(
    path: str, browser: Browser, filler: User, principal: User, outsider: User, project: Project
) -> None:
    address = f"/projects/{project.pk}/{path}"
    assert [browser(user).get(address).status_code for user in (filler, principal, outsider)] == [
        200,
        200,
        404,
    ]
    response = Client().get(address)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_an_empty_project_has_a_page(browser: Browser, filler: User, project: Project) -> None:
    page = browser(filler).get(f"/projects/{project.pk}/").content.decode()
    for sentence in ("任务书还没有任务点", "还没有经费记录", "没有评分表", "任务书还没有建设任务"):
        assert sentence in page


def test_the_example_school(look: Look, school: Project) -> None:
    page = look(school)
    sentence = page.split('aria-label="一句话结论">')[1].split("</section>")[0]
    for bold in ("224", "217", "96.88%", "100%", "80.64%", "97.53%", "86", "4"):
        assert f"<b>{bold}</b>" in sentence
    for text in ("217 / 224 个任务点", "177.5 / 182 项", "13,253 / 13,253 万元", "共 64 个期满目标"):
        assert text in page
    assert "低于 95% 的 3 个" in page
    assert "当日要盯的八件事" in page
    assert "共 8 件" in page


def test_any_date_can_be_asked(look: Look, school: Project) -> None:
    page = look(school, "?as_of=2022-12-31")
    assert "<b>97.98%</b>" in page
    assert "截至 2022-12-31" in page
    # Links keep the date that was asked for.
    assert f'href="/projects/{school.pk}/indicators/?as_of=2022-12-31"' in page


@pytest.mark.parametrize(
    ("as_of", "sentence"),
    [
        ("2021-12-31", "截至日期早于中期统计开始日 2022-01-01：统计时段还没有开始，没有应完成的任务点。"),
        ("2024-06-30", "截至日期晚于中期统计截止日 2023-12-31，仍按中期口径计算"),
        ("2023-12-31", ""),
        ("2023-06-30", ""),
        (
            "2022-06-30",
            "截至日期早于中期统计截止日 2023-12-31：指标的完成值统计到 2022-06-30，与中期目标相比。",
        ),
    ],
)
@pytest.mark.parametrize("path", ["", "funding/"])
def test_a_date_outside_the_window_is_explained(
    look: Look, project: Project, path: str, as_of: str, sentence: str
) -> None:
    page = look(project, f"{path}?as_of={as_of}")
    assert sentence in page
    assert ("截至日期" in page) == bool(sentence)


def test_nothing_due_yet(look: Look, school: Project) -> None:
    assert "截至 2022-01-01 还没有到期的任务点，也没有提前完成的" in look(school, "?as_of=2022-01-01")


@pytest.mark.parametrize("asked", ["2023-13-01", "昨天", "1850-01-01", "2023", "31/12/2023"])
def test_what_is_no_date_gets_a_sentence(
    asked: str, browser: Browser, filler: User, project: Project
) -> None:
    response = browser(filler).get(f"/projects/{project.pk}/", {"as_of": asked})
    assert response.status_code == 400
    assert f"截至日期“{asked}”" in response.content.decode()


def test_pending_work_counts_only_when_asked(
    browser: Browser, filler: User, point: TaskPoint, now: datetime
) -> None:
    Entry.objects.create(point=point, ratio=1, effective_on=date(2023, 12, 1), state=State.SUBMITTED)
    address = f"/projects/{point.task.project.pk}/"
    client = browser(filler)
    assert "已完成 <b>0</b> 项" in client.get(address).content.decode()
    page = client.get(address, {"pending": "1"}).content.decode()
    assert "含待审（非正式数字）：" in page
    assert "已完成 <b>1</b> 项" in page


def test_what_is_late_leads_to_its_point(browser: Browser, filler: User, point: TaskPoint) -> None:
    page = browser(filler).get(f"/projects/{point.task.project.pk}/?as_of=2024-01-10").content.decode()
    assert "已逾期 10 天" in page
    assert f'href="/points/{point.pk}/?as_of=2024-01-10"' in page
    assert "党政办公室 · 高远" in page


def test_charts_are_pictures_that_come_later(look: Look, school: Project, browser: Browser) -> None:
    assert f'<img loading="lazy" src="/projects/{school.pk}/charts/progress.svg"' in look(school)


def test_a_chart(browser: Browser, reader: Callable[[Project], User], school: Project) -> None:
    client = browser(reader(school))
    wide = client.get(f"/projects/{school.pk}/charts/progress.svg")
    assert wide.headers["Cache-Control"] == "private, no-cache"
    assert (wide.status_code, wide["Content-Type"]) == (200, "image/svg+xml")
    narrow = client.get(f"/projects/{school.pk}/charts/progress.svg", {"width": "narrow"})
    assert narrow.content.startswith(b"<svg")
    assert narrow.content != wide.content


@pytest.mark.parametrize("name", ["execution", "nonsense"])
def test_no_chart_without_data_or_name(
    name: str, browser: Browser, reader: Callable[[Project], User], school: Project
) -> None:
    address = f"/projects/{school.pk}/charts/{name}.svg"
    assert browser(reader(school)).get(address).status_code == 404


def test_charts_of_others_do_not_exist(browser: Browser, outsider: User, school: Project) -> None:
    assert browser(outsider).get(f"/projects/{school.pk}/charts/progress.svg").status_code == 404


def test_a_group_project_without_indicators_and_score(look: Look, group: Project) -> None:
    page = look(group)
    assert "没有纳入统计的指标" in page
    assert "没有评分表" in page
    assert "支出 1,429.9 万元" in page


def test_queries_do_not_grow_with_the_project(
    django_assert_max_num_queries: DjangoAssertNumQueries,
    browser: Browser,
    reader: Callable[[Project], User],
    school: Project,
) -> None:
    client = browser(reader(school))
    client.get(f"/projects/{school.pk}/")
    with django_assert_max_num_queries(QUERIES):
        client.get(f"/projects/{school.pk}/")


# Session, user, roles, projects with their windows; the rest is one query per kind of record.
QUERIES = 16


def test_one_college_never_sees_the_other(
    browser: Browser, outsider: User, school: Project, college: Institution
) -> None:
    page = browser(outsider).get("/")
    assert page["Location"] == "/import/"
