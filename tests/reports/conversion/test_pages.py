"""The pages that turn a Word task book into a workbook: upload, questions about columns, preview."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from projects import jobs
from projects.models import Institution, Job, Project, TaskPoint, User
from reports.models import ColumnMapping, Conversion, Intake
from tests.wordfiles import Grid, word

Browser = Callable[[User], Client]
State = Conversion.State
START = "/import/from/taskbook/"
BOOK: Grid = [
    ["任务", "年度", "任务点", "时间节点"],
    ["1 加强党的建设", "2022年度", "①制定制度②建成样板支部 2 个", "2022.12"],
]
ODD: Grid = [["工作事项", "哪一年", "做什么"], ["1 党建", "2022", "调研"]]


@pytest.fixture(autouse=True)
def own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.IMPORTS_DIR = tmp_path / "imports"


def work() -> None:
    """What a worker does."""
    for job in Job.objects.open():
        jobs.execute(job.pk)


def text(response: Any) -> str:
    return str(response.content.decode())


def content(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def send(client: Client, sent: BytesIO | bytes, project: Project | None = None) -> Any:
    """Hand a file in and let it be read; the page at the end."""
    data = sent if isinstance(sent, bytes) else sent.getvalue()
    file = SimpleUploadedFile("任务书.docx", data)
    answer = client.post(START, {"file": file, "project": project.pk if project else ""})
    if answer.status_code != 302:
        return answer
    work()
    return client.get(answer["Location"])


def say(client: Client, **answers: str) -> Any:
    """Answer the questions about the latest file."""
    found = Conversion.objects.latest("pk")
    answer = client.post(f"/import/conversion/{found.pk}/", answers)
    if answer.status_code != 302:
        return answer
    work()
    return client.get(answer["Location"])


def guessed(**others: str) -> dict[str, str]:
    return {"column0-0": "area", "column0-1": "year", "column0-2": "point", "column0-3": ""} | others


def test_the_import_page_leads_there(browser: Browser, office: User) -> None:
    assert f'href="{START}"' in text(browser(office).get("/import/"))
    page = text(browser(office).get(START))
    assert "从 Word 任务书生成导入工作簿" in page
    assert ".docx 文档，不超过 60 MB" in page
    assert ".xls" not in page


def test_columns_are_guessed_and_asked_about(browser: Browser, office: User, project: Project) -> None:
    page = text(send(browser(office), word(BOOK), project))
    assert Conversion.objects.get().state == State.ASKING
    assert "请核对各列的含义" in page
    assert '<option value="point" selected>任务点</option>' in page
    assert "①制定制度②建成样板支部 2 个" in page


def test_a_workbook_is_made_previewed_and_imported(browser: Browser, office: User, project: Project) -> None:
    client = browser(office)
    send(client, word(BOOK), project)
    page = text(say(client, **guessed(**{"column0-3": "due_on"})))
    assert "工作簿已生成，还没有导入" in page
    found = Conversion.objects.get()
    assert found.state == State.MADE
    file = content(client.get(f"/import/conversion/{found.pk}/workbook/"))
    assert load_workbook(BytesIO(file)).sheetnames == ["填写说明", "项目", "建设任务", "任务点", "核对"]
    intake = client.post(f"/import/conversion/{found.pk}/preview/")["Location"]
    work()
    assert "还没有写入" in text(client.get(intake))
    client.post(f"{intake}confirm/")
    work()
    assert Intake.objects.get().state == Intake.State.DONE
    assert set(TaskPoint.objects.of(project).values_list("seq", "planned", "unit")) == {
        ("1", None, ""),
        ("2", 2, "个"),
    }


def test_the_next_file_with_these_headings_needs_no_work(
    browser: Browser, office: User, project: Project
) -> None:
    client = browser(office)
    send(client, word(ODD), project)
    say(client, **{"column0-0": "area", "column0-1": "year", "column0-2": "point"})
    assert ColumnMapping.objects.get().columns == ["area", "year", "point"]
    page = text(send(client, word([ODD[0], ["2 课程", "2023", "立项"]]), project))
    assert Conversion.objects.latest("pk").state == State.MADE
    assert "任务点 1 个" in page


def test_other_years_in_the_headings_are_the_same_kind(
    browser: Browser, office: User, project: Project
) -> None:
    client = browser(office)
    send(client, word([["任务", "2022年度"], ["1 党建", "调研"]]), project)
    say(client, **{"column0-0": "area", "column0-1": "year_point"})
    send(client, word([["任务", "2026年度"], ["1 党建", "调研"]]), project)
    assert Conversion.objects.latest("pk").state == State.MADE


def test_another_college_is_asked_for_itself(
    browser: Browser, office: User, outsider: User, project: Project
) -> None:
    send(browser(office), word(BOOK), project)
    say(browser(office), **guessed())
    send(browser(outsider), word(BOOK))
    assert Conversion.objects.latest("pk").state == State.ASKING


def test_columns_can_be_changed_afterwards(browser: Browser, office: User, project: Project) -> None:
    client = browser(office)
    send(client, word(BOOK), project)
    say(client, **guessed())
    page = text(say(client, **guessed(**{"column0-3": "due_on"})))
    assert "没有读入的列" not in page
    assert ColumnMapping.objects.get().columns[3] == "due_on"


def test_a_meaning_given_twice_is_refused(browser: Browser, office: User, project: Project) -> None:
    client = browser(office)
    send(client, word(BOOK), project)
    answer = say(client, **guessed(**{"column0-3": "year"}))
    assert answer.status_code == 422
    assert "“年度”已经指定给另一列" in text(answer)
    assert not ColumnMapping.objects.exists()


def test_a_table_without_points_must_be_left_out_on_purpose(
    browser: Browser, office: User, project: Project
) -> None:
    client = browser(office)
    send(client, word(BOOK), project)
    answer = say(client, **guessed(**{"column0-2": ""}))
    assert "还没有指定哪一列是任务点" in text(answer)
    page = text(say(client, **guessed(left0="on")))
    assert "3 行未读入" not in page
    assert "2 行未读入" in page


def test_a_new_project(browser: Browser, office: User, college: Institution) -> None:
    client = browser(office)
    send(client, word(BOOK))
    say(client, **guessed())
    found = Conversion.objects.get()
    assert (found.project, found.institution) == (None, college)
    fields = {row[0].value: row[1].value for row in load_workbook(found.workbook)["项目"].iter_rows()}
    assert fields["学校名称*"] == college.name


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04 broken", "文件已损坏，或不是 Word 文档"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "像是旧版 .doc"),
        (word("没有表格"), "文档中没有表格"),
    ],
)
def test_other_files_end_in_a_sentence(
    browser: Browser, office: User, project: Project, content: BytesIO | bytes, said: str
) -> None:
    page = text(send(browser(office), content, project))
    assert Conversion.objects.get().state == State.REFUSED
    assert "文件没有读入。" in page
    assert said in page


def test_a_file_that_is_too_large(browser: Browser, office: User, settings: LazySettings) -> None:
    settings.WORKBOOK_MAX_BYTES = 1000
    answer = send(browser(office), word(BOOK))
    assert answer.status_code == 413
    assert "超过上限" in text(answer)
    assert not Conversion.objects.exists()


def test_who_may_not_import_may_not_do_this(
    browser: Browser, filler: User, outsider: User, office: User, project: Project
) -> None:
    assert browser(filler).get(START).status_code == 403
    send(browser(office), word(BOOK), project)
    found = Conversion.objects.get()
    for address in ("", "workbook/", "file/", "progress/"):
        assert browser(outsider).get(f"/import/conversion/{found.pk}/{address}").status_code == 404
    assert browser(outsider).post(f"/import/conversion/{found.pk}/preview/").status_code == 404
    answer = send(browser(outsider), word(BOOK), project)
    assert answer.status_code == 422
    assert "这个项目不存在" in text(answer)


def test_there_is_no_workbook_before_the_answers(browser: Browser, office: User, project: Project) -> None:
    client = browser(office)
    send(client, word(BOOK), project)
    assert client.get(f"/import/conversion/{Conversion.objects.get().pk}/workbook/").status_code == 404
    assert client.get("/import/from/pictures/").status_code == 404


def test_a_full_disk_is_a_sentence(
    browser: Browser, office: User, project: Project, settings: LazySettings, tmp_path: Path
) -> None:
    client = browser(office)
    send(client, word(BOOK), project)
    say(client, **guessed())
    found = Conversion.objects.get()
    (tmp_path / "file").touch()
    # A file where the folder should be refuses every file in it, as a full disk does.
    settings.IMPORTS_DIR = tmp_path / "file"
    assert "服务器没有存下文件" in text(send(client, word(BOOK), project))
    settings.IMPORTS_DIR = tmp_path / "imports"
    assert Conversion.objects.get() == found
