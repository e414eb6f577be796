"""自评报告: what is offered, one on the screen, its making in the background, and who may have the files."""

from __future__ import annotations

import errno
import re
import signal
import subprocess
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

from projects import jobs, tasks
from projects.models import Entry, Job, Project, State, TaskPoint, User
from reports import rendering
from reports.build import build
from reports.document import Document
from reports.facts import gather
from reports.kinds import KINDS, kind
from reports.renderers import RENDERERS, renderer
from reports.renderers.json import JsonRenderer

Browser = Callable[[User], Client]
Order = Callable[..., Job]
PDF, HTML, JSON = renderer("pdf"), renderer("html"), renderer("json")


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Path) -> None:
    settings.JOBS_DIR = tmp_path


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids handed to Celery, which here carries them nowhere."""
    ids: list[int] = []
    monkeypatch.setattr(tasks.run_job, "delay", ids.append)
    return ids


@pytest.fixture
def address(project: Project) -> str:
    return f"/projects/{project.pk}/report/"


@pytest.fixture
def ordered(office: User, project: Project) -> Order:
    """A report of the project asked for, not yet made."""

    def order(form: str = "json", by: User = office, as_of: date | None = None) -> Job:
        return rendering.order(gather(project, as_of), KINDS[0], renderer(form), by=by)

    return order


def content(response: Any) -> str:
    assert response.status_code == 200
    text: str = response.content.decode()
    return text


def downloaded(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def named(response: Any) -> str:
    """The name of a download as RFC 5987 writes it."""
    found = re.fullmatch(r"attachment; filename\*=utf-8''(.+)", response["Content-Disposition"])
    assert found
    return unquote(found[1])


def test_both_kinds_are_offered_the_fitting_one_first(
    browser: Browser, filler: User, project: Project, address: str
) -> None:
    page = content(browser(filler).get(address))
    assert page.index("学校中期自评报告") < page.index("专业群中期建设报告")
    assert page.count("适合本项目") == 1
    assert "还没有生成过文件" in page
    project.level = "group"
    project.save()
    page = content(browser(filler).get(address))
    assert page.index("专业群中期建设报告") < page.index("学校中期自评报告")


@pytest.mark.parametrize("path", ["", "files/", "school-midterm/", "group-construction/"])
def test_members_see_it_and_outsiders_find_nothing(
    path: str, browser: Browser, filler: User, principal: User, outsider: User, address: str
) -> None:
    statuses = [browser(user).get(address + path).status_code for user in (filler, principal, outsider)]
    assert statuses == [200, 200, 404]
    response = Client().get(address + path)
    assert response.status_code == 302
    assert response["Location"].startswith("/login/")


def test_members_of_another_project_have_no_right(
    browser: Browser, filler: User, project: Project, address: str
) -> None:
    other = Project.objects.create(
        **{
            name: getattr(project, name)
            for name in ("institution", "name", "level", "start_year", "end_year")
        },
        code="OTHER",
    )
    filler.memberships.update(project=other)
    assert browser(filler).get(address).status_code == 403
    assert browser(filler).post(f"{address}school-midterm/pdf/").status_code == 403


def test_the_report_stands_in_the_frame(browser: Browser, filler: User, address: str) -> None:
    page = content(browser(filler).get(f"{address}school-midterm/"))
    assert 'class="report"' in page
    assert "项目总览" in page
    assert re.search(r'<nav class="contents"[^>]*>.*href="#r-introduction"', page, re.DOTALL)
    assert not re.search(r"<style|\sstyle=|<script(?![^>]*src=)", page)


def test_a_page_says_what_the_file_says(
    browser: Browser, filler: User, project: Project, address: str
) -> None:
    page = content(browser(filler).get(f"{address}school-midterm/?as_of=2022-12-31"))
    document = build(gather(project, date(2022, 12, 31)), kind("school-midterm"))
    assert document.stamp in page
    assert "2022年12月31日" in page


def test_there_are_no_other_kinds_and_formats(browser: Browser, filler: User, address: str) -> None:
    client = browser(filler)
    assert client.get(f"{address}national/").status_code == 404
    assert client.post(f"{address}national/pdf/").status_code == 404
    assert client.post(f"{address}school-midterm/odt/").status_code == 404
    assert client.get(f"{address}school-midterm/pdf/").status_code == 405


@pytest.mark.parametrize("path", ["", "school-midterm/"])
def test_a_date_that_is_none_is_said(path: str, browser: Browser, filler: User, address: str) -> None:
    response = browser(filler).get(f"{address}{path}?as_of=gestern")
    assert response.status_code == 400
    assert "应写成 2026-05-20" in response.content.decode()
    response = browser(filler).post(f"{address}school-midterm/pdf/", {"as_of": "gestern"})
    assert response.status_code == 400


@pytest.mark.parametrize("path", ["", "school-midterm/"])
def test_pending_work_is_ignored_and_that_is_said(
    path: str, browser: Browser, filler: User, point: TaskPoint, address: str
) -> None:
    Entry.objects.create(point=point, ratio=1, effective_on=date(2023, 12, 1), state=State.SUBMITTED)
    client = browser(filler)
    plain, asked = (content(client.get(address + path + query)) for query in ("", "?pending=1"))
    assert "报告不统计待审的填报" not in plain
    assert "报告不统计待审的填报" in asked
    stamp = build(gather(point.task.project), KINDS[0]).stamp
    assert (stamp in plain) == (stamp in asked) == bool(path)


@pytest.mark.parametrize("form", RENDERERS, ids=lambda each: each.identifier)
def test_a_report_is_asked_for_made_and_downloaded(
    form: Any, browser: Browser, filler: User, address: str, django_capture_on_commit_callbacks: Any
) -> None:
    client = browser(filler)
    with django_capture_on_commit_callbacks(execute=True):
        response = client.post(f"{address}school-midterm/{form.identifier}/", {"as_of": "2022-12-31"})
    assert (response.status_code, response["Location"]) == (302, f"{address}?as_of=2022-12-31#files")
    job = Job.objects.get()
    assert (job.state, job.error) == ("done", "")
    page = content(client.get(address))
    assert f"{address}files/{job.pk}/" in page
    assert "截至 2022-12-31" in page
    assert "高远" in page
    download = client.get(f"{address}files/{job.pk}/")
    assert named(download) == f"样例职业技术学院_中期自评报告_截至2022-12-31{form.suffix}"
    assert download["Content-Type"].split(";")[0] == form.content_type.split(";")[0]
    assert len(downloaded(download)) == job.result["size"]


def test_the_file_is_the_report(
    browser: Browser, office: User, ordered: Order, sent: list[int], project: Project, address: str
) -> None:
    job = ordered()
    jobs.execute(job.pk)
    document = build(gather(project), KINDS[0])
    response = browser(office).get(f"{address}files/{job.pk}/")
    assert downloaded(response) == JsonRenderer().render(document)
    job.refresh_from_db()
    assert job.result["digest"] == document.digest


def test_a_double_click_is_one_job(browser: Browser, filler: User, address: str, sent: list[int]) -> None:
    client = browser(filler)
    for _ in range(2):
        client.post(f"{address}school-midterm/pdf/")
    assert Job.objects.count() == 1


def test_other_reports_and_other_numbers_are_other_jobs(
    browser: Browser, filler: User, address: str, sent: list[int], point: TaskPoint
) -> None:
    client = browser(filler)
    client.post(f"{address}school-midterm/pdf/")
    client.post(f"{address}school-midterm/html/")
    client.post(f"{address}group-construction/pdf/")
    client.post(f"{address}school-midterm/pdf/", {"as_of": "2022-12-31"})
    assert Job.objects.count() == 4
    Entry.objects.create(
        point=point,
        ratio=1,
        effective_on=date(2023, 12, 1),
        state=State.APPROVED,
        decided_at=timezone.now(),
    )
    client.post(f"{address}school-midterm/pdf/")
    assert Job.objects.count() == 5


def test_htmx_gets_the_list_which_asks_again_until_all_is_done(
    browser: Browser, filler: User, address: str, sent: list[int]
) -> None:
    client = browser(filler)
    asked = content(client.post(f"{address}school-midterm/json/", headers={"HX-Request": "true"}))
    assert "<html" not in asked
    assert f'hx-get="{address}files/"' in asked
    assert "排队中" in asked
    job = Job.objects.get()
    jobs.execute(job.pk)
    again = content(client.get(f"{address}files/", headers={"HX-Request": "true"}))
    assert "hx-get" not in again
    assert f"{address}files/{job.pk}/" in again


def test_colleagues_have_the_file_and_outsiders_do_not(
    browser: Browser,
    filler: User,
    principal: User,
    outsider: User,
    ordered: Order,
    sent: list[int],
    address: str,
) -> None:
    job = ordered(by=filler)
    jobs.execute(job.pk)
    path = f"{address}files/{job.pk}/"
    assert [browser(user).get(path).status_code for user in (filler, principal, outsider)] == [200, 200, 404]
    assert browser(outsider).post(f"{path}retry/").status_code == 404
    assert Client().get(path).status_code == 302


def test_only_finished_reports_of_the_project_are_files(
    browser: Browser,
    filler: User,
    project: Project,
    ordered: Order,
    sent: list[int],
    address: str,
    settings: Any,
) -> None:
    client = browser(filler)
    settings.JOB_HANDLERS = settings.JOB_HANDLERS | {"other": "tests.job_handlers.count"}
    other = jobs.enqueue("other", {}, by=filler, project=project)
    waiting = ordered()
    assert client.get(f"{address}files/{waiting.pk}/").status_code == 404
    assert client.get(f"{address}files/{other.pk}/").status_code == 404
    assert f"files/{other.pk}/" not in content(client.get(address))


def test_a_file_that_is_gone_is_said(
    browser: Browser, filler: User, ordered: Order, sent: list[int], address: str
) -> None:
    job = ordered()
    jobs.execute(job.pk)
    for path in job.folder.iterdir():
        path.unlink()
    assert "文件已清理" in content(browser(filler).get(address))
    assert browser(filler).get(f"{address}files/{job.pk}/").status_code == 404


def test_a_full_disk_is_said_and_the_report_can_be_tried_again(
    browser: Browser,
    filler: User,
    principal: User,
    ordered: Order,
    sent: list[int],
    address: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def full(path: Path, content: bytes) -> int:
        path.open("wb").close()
        raise OSError(errno.ENOSPC, "No space left on device")

    job = ordered(by=filler)
    with monkeypatch.context() as disk:
        disk.setattr(Path, "write_bytes", full)
        jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", rendering.DISK_FULL)
    assert list(job.folder.iterdir()) == []
    page = content(browser(principal).get(address))
    assert "磁盘空间不足" in page
    response = browser(principal).post(f"{address}files/{job.pk}/retry/")
    assert (response.status_code, response["Location"]) == (302, f"{address}#files")
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.requested_by) == ("done", principal)


def test_a_killed_worker_leaves_nothing_behind_and_the_job_is_done_again(
    ordered: Order, sent: list[int]
) -> None:
    job = ordered()
    job.folder.mkdir(parents=True)
    (job.folder / ".0123456789abcdef.half.json").write_text("{")
    Job.objects.filter(pk=job.pk).update(
        state="running", owner="killed", attempts=1, lease_until=timezone.now() - timedelta(seconds=1)
    )
    assert jobs.resend() == 1
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)
    assert [path.name for path in job.folder.iterdir()] == [job.result["file"]]


def test_progress_names_the_stages_and_the_page(
    ordered: Order, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int, str]] = []
    call = jobs.Progress.__call__

    def heard(progress: jobs.Progress, done: int, total: int = 0, message: str = "") -> None:
        told.append((done, total, message))
        call(progress, done, total, message)

    monkeypatch.setattr(jobs.Progress, "__call__", heard)
    jobs.execute(ordered("pdf").pk)
    assert told[:3] == [(0, 4, "汇总数据"), (1, 4, "绘制图表"), (2, 4, "排版：第 1 页")]
    assert told[-1] == (3, 4, "写入文件")
    stages = [done for done, _, _ in told]
    assert stages == sorted(stages)


def test_setting_ends_with_whoever_waits_for_it(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[subprocess.Popen[str]] = []

    class Watched(subprocess.Popen[str]):
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            begun.append(self)

    def stop(step: str) -> None:
        if step.startswith("排版"):
            raise LookupError(step)

    monkeypatch.setattr(subprocess, "Popen", Watched)
    with pytest.raises(LookupError, match="排版：第 1 页"):
        PDF.render(build(gather(project), KINDS[0]), stop)
    assert [process.returncode for process in begun] == [-signal.SIGKILL]


def test_another_worker_that_took_over_stops_the_rendering(
    ordered: Order, sent: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    job = ordered("pdf")
    document_of = rendering.document_of

    def taken(running: Job, payload: Any) -> Document:
        Job.objects.filter(pk=running.pk).update(owner="another worker")
        return document_of(running, payload)

    monkeypatch.setattr(rendering, "document_of", taken)
    monkeypatch.setattr(jobs, "SECONDS_BETWEEN_WRITES", 0)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert (job.state, job.owner) == ("running", "another worker")
    assert not job.folder.exists()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ('自评/报告：“2023”\\n?*"<>|', "自评报告：“2023”n"),
        ("..", ".."),
        ("很长的标题" * 40, None),
    ],
)
def test_names_of_files_are_ones_every_system_takes(title: str, name: str | None, project: Project) -> None:
    project.report_title = title
    made = rendering.file_name(build(gather(project), KINDS[0]), PDF)
    if name is not None:
        assert made == f"样例职业技术学院_{name}_截至2023-12-31.pdf"
    assert made.startswith("样例职业技术学院_")
    assert made.endswith("_截至2023-12-31.pdf")
    assert len(made.encode()) < 200


@pytest.mark.usefixtures("_header_known")
def test_the_pages_cost_few_queries(
    browser: Browser,
    filler: User,
    ordered: Order,
    sent: list[int],
    address: str,
    django_assert_max_num_queries: Any,
) -> None:
    client = browser(filler)
    for day in range(1, 9):
        ordered(as_of=date(2023, 12, day))
    with django_assert_max_num_queries(30):
        client.get(address)
    with django_assert_max_num_queries(8):
        client.get(f"{address}files/")
