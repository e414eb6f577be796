"""导入: the page where a workbook comes in. All of it or nothing, and always with a sentence."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from openpyxl import load_workbook

from projects import jobs
from projects.models import (
    Department,
    Entry,
    Evidence,
    Institution,
    Job,
    Membership,
    Project,
    ReviewLog,
    Role,
    State,
    User,
)
from reports import intake
from reports.models import Intake
from reports.views import imports
from tests.conftest import DATA
from tests.otherformats import ods, xls
from tests.projects.conftest import PDF
from tests.workbooks import BAD, POINTS, PROJECT, Rows, small, workbook

Browser = Callable[[User], Client]
Send = Callable[..., HttpResponse]


@pytest.fixture
def test_college(db: None) -> Institution:
    return Institution.objects.create(name="测试职业学院")


@pytest.fixture
def clerk(test_college: Institution) -> User:
    """The project office of the college the small workbook speaks of."""
    user = User.objects.create_user("clerk", password="口令-for-tests", name="办事员")
    Membership.objects.create(user=user, institution=test_college, role=Role.OFFICE)
    return user


@pytest.fixture(autouse=True)
def own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.IMPORTS_DIR = tmp_path / "imports"


@pytest.fixture
def send(browser: Browser) -> Send:
    """Hand a file in, let it be checked, confirm it if it can be; the page at the end."""

    def posted(
        user: User, file: BytesIO | bytes, name: str = "任务书.xlsx", *, sure: bool = True, **data: Any
    ) -> Any:
        client = browser(user)
        content = file if isinstance(file, bytes) else file.getvalue()
        answer = client.post("/import/", {"file": SimpleUploadedFile(name, content), **data})
        if answer.status_code != 302:
            return answer
        work()
        page = client.get(answer["Location"])
        if sure and "确认导入" in text(page):
            assert client.post(f"{answer['Location']}confirm/")["Location"] == answer["Location"]
            work()
            page = client.get(answer["Location"])
        return page

    return posted


def work() -> None:
    """What a worker does."""
    for job in Job.objects.open():
        jobs.execute(job.pk)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_page_explains_the_format(browser: Browser, clerk: User) -> None:
    page = text(browser(clerk).get("/import/"))
    assert "选择文件" in page
    assert "全部工作表和列" in page
    assert "统计截止日期" in page


def test_the_page_says_which_files_are_taken_before_one_is_chosen(browser: Browser, clerk: User) -> None:
    page = text(browser(clerk).get("/import/"))
    assert 'accept=".xlsx,.xls,.et,.ods"' in page
    assert "可以选择 Excel 或 WPS 保存的工作簿（.xlsx、.xls、.et 或 .ods）" in page
    assert "<b>任务编号</b>：任务序号、任务代码、" in page


@pytest.mark.parametrize(("write", "name"), [(xls, "任务书.xls"), (ods, "任务书.ods")])
def test_other_formats_come_in_and_come_back_marked_as_a_copy(
    write: Callable[[dict[str, Rows]], bytes], name: str, send: Send, browser: Browser, clerk: User
) -> None:
    points = [POINTS[0], ("A.1", 2022, 1, "建设课程", "许多", "门")]
    page = text(send(clerk, write(small(任务点=points, 完成情况=None)), name))
    assert "由它转换成的 .xlsx 副本" in page
    answer: Any = browser(clerk).get(f"/import/{Intake.objects.latest('pk').pk}/marked/")
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert "不是数字" in book["任务点"]["E2"].comment.text
    assert "已导入。" in text(send(clerk, write(small()), name))
    assert "由它转换成的" not in text(send(clerk, workbook(small(任务点=points, 完成情况=None))))


def test_a_workbook_becomes_a_project(send: Send, clerk: User) -> None:
    page = text(send(clerk, workbook(small())))
    project = Project.objects.get(code="T-1")
    assert f'href="/projects/{project.pk}/"' in page
    assert "已导入。" in page
    assert '<td>任务点</td><td class="r num b ink-sent">2</td>' in page


def test_entries_wait_for_review_unless_said_otherwise(send: Send, clerk: User) -> None:
    send(clerk, workbook(small()))
    entry = Entry.objects.get()
    assert (entry.state, entry.author) == (State.SUBMITTED, clerk)
    send(clerk, workbook(small()), approve="on")
    assert Entry.objects.get().state == State.APPROVED
    assert {log.by for log in ReviewLog.objects.all()} == {clerk}


def test_twice_changes_nothing(send: Send, clerk: User) -> None:
    send(clerk, workbook(small()))
    assert "已读完，没有变化。" in text(send(clerk, workbook(small())))


def test_all_faults_at_once_and_nothing_written(send: Send, clerk: User) -> None:
    points = [list(row) for row in POINTS]
    points[1][4] = "四门"
    points[2][1] = 1850
    entries = (
        ("任务编号", "年度", "序号", "完成日期", "完成数量"),
        ("A.9", 2022, 1, "2022-12-01", 3),
    )
    page = text(send(clerk, workbook(small(任务点=points, 完成情况=entries))))
    assert "没有写入任何数据。" in page
    assert not Project.objects.exists()
    for said in ("<h2>任务点</h2>", "E2", "四门", "B3", "1850", "<h2>完成情况</h2>", "A.9"):
        assert said in page


@pytest.mark.parametrize(("sheets", "sentence"), BAD)
def test_bad_input_names_its_place(sheets: dict[str, Rows], sentence: str, send: Send, clerk: User) -> None:
    page = text(send(clerk, workbook(sheets)))
    place, _, message = sentence.partition(": ")
    sheet, _, cell = place.partition("!")
    assert f"<h2>{sheet}</h2>" in page
    assert f'data-l="单元格">{cell}</td>' in page or not cell
    assert message in page
    assert not Project.objects.exists()


def test_many_faults_are_counted_not_all_shown(
    send: Send, clerk: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "FAULTS_SHOWN", 3)
    points = [POINTS[0], *(("A.1", 2022, n, "建设课程", "若干", "门") for n in range(5))]
    page = text(send(clerk, workbook(small(任务点=points, 完成情况=None))))
    assert "文件有 5 处问题" in page
    assert "另有 2 处未列出" in page


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"PK\x03\x04 broken", "任务书.xlsx"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "任务书.xls"),
    ],
)
def test_what_is_no_workbook_gets_a_sentence(content: bytes, name: str, send: Send, clerk: User) -> None:
    page = text(send(clerk, content, name))
    assert "没有写入任何数据。" in page
    assert "<h2>文件</h2>" in page


def test_without_a_file(browser: Browser, clerk: User) -> None:
    response = browser(clerk).post("/import/", {})
    assert response.status_code == 422
    assert "请选择要导入的工作簿文件。" in text(response)


def test_an_empty_file(send: Send, clerk: User) -> None:
    assert "文件是空的" in text(send(clerk, b""))


def test_too_large_a_file_is_not_read(send: Send, clerk: User, settings: LazySettings) -> None:
    settings.WORKBOOK_MAX_BYTES = 1000
    response = send(clerk, workbook(small()))
    assert response.status_code == 413
    assert "超过上限 1000" in text(response).replace("\xa0", " ")
    assert not Project.objects.exists()


def test_a_huge_upload_is_turned_away_unread(browser: Browser, clerk: User, settings: LazySettings) -> None:
    class Unread(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise AssertionError("the door reads what it should turn away")

    environment: Any = {"CONTENT_LENGTH": str(2 * settings.ARCHIVE_MAX_BYTES), "wsgi.input": Unread()}
    answer = browser(clerk).generic("POST", "/import/", b"", "multipart/form-data; boundary=x", **environment)
    assert answer.status_code == 413
    page = text(answer).replace("\xa0", " ")
    assert "上传的文件有 2.0 GB，超过上限 1.1 GB，没有接收。" in page
    assert 'href="/import/"' in page


def test_a_huge_workbook_is_not_taken_for_an_archive(
    browser: Browser, clerk: User, settings: LazySettings
) -> None:
    settings.WORKBOOK_MAX_BYTES = 1000
    answer = browser(clerk).post("/import/", {"file": SimpleUploadedFile("a.xlsx", bytes(200_000))})
    assert answer.status_code == 413
    assert "超过上限 1000" in text(answer).replace("\xa0", " ")
    assert not Intake.objects.exists()


def test_a_workbook_of_another_college_is_refused(send: Send, clerk: User) -> None:
    assert "学校名称与您所在的学校不一致" in text(send(clerk, (DATA / "maoming-school.xlsx").read_bytes()))
    assert not Project.objects.exists()


def test_the_code_of_another_colleges_project_stays_its_own(
    send: Send, clerk: User, other_college: Institution
) -> None:
    project = Project.objects.create(
        institution=other_college, code="T-1", name="别校项目", level="school", start_year=2022, end_year=2025
    )
    page = text(send(clerk, workbook(small())))
    assert "项目编号已被使用" in page
    assert "别校项目" not in page
    project.refresh_from_db()
    assert project.institution == other_college


@pytest.mark.parametrize("cast", ["filler", "head", "principal"])
def test_only_the_office_imports(cast: str, request: pytest.FixtureRequest, browser: Browser) -> None:
    client = browser(request.getfixturevalue(cast))
    assert client.get("/import/").status_code == 403
    assert client.post("/import/", {}).status_code == 403


def test_visitors_log_in_first() -> None:
    assert Client().get("/import/")["Location"] == "/login/?next=/import/"


def test_an_office_of_two_colleges_says_for_which(
    send: Send, browser: Browser, clerk: User, college: Institution, test_college: Institution
) -> None:
    Membership.objects.create(user=clerk, institution=college, role=Role.OFFICE)
    assert "样例职业技术学院</option>" in text(browser(clerk).get("/import/"))
    refused = send(clerk, workbook(small()), institution=college.pk)
    assert "学校名称与您所在的学校不一致" in text(refused)
    assert "已导入。" in text(send(clerk, workbook(small()), institution=test_college.pk))


def test_whoever_is_above_the_colleges_may_import_for_any(send: Send, db: None) -> None:
    root = User.objects.create_superuser("root", password="口令-for-tests")
    assert "已导入。" in text(send(root, workbook(small())))


def test_notices_are_listed(send: Send, clerk: User) -> None:
    page = text(send(clerk, workbook(small(说明=(("随便",), ("写写",))))))
    assert "工作表名称不在格式中，已忽略" in page


def test_markup_in_a_file_is_text(send: Send, clerk: User) -> None:
    project = [*PROJECT[:5], ("建设起始年", "<script>alert(1)</script>"), *PROJECT[6:]]
    page = text(send(clerk, workbook(small(项目=project))))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_nothing_is_written_before_it_is_confirmed(send: Send, clerk: User) -> None:
    page = text(send(clerk, workbook(small()), sure=False))
    assert "还没有写入。" in page
    assert not Project.objects.exists()


def test_the_preview_shows_old_and_new_and_can_be_narrowed(send: Send, browser: Browser, clerk: User) -> None:
    send(clerk, workbook(small()))
    points = [POINTS[0], ("A.1", 2022, 1, "建设课程", 5, "门"), ("A.1", 2024, 1, "新点", 1, "项")]
    page = text(send(clerk, workbook(small(任务点=points)), sure=False))
    assert "<del>4</del>" in page
    assert "<ins>5</ins>" in page
    assert "文件里没有这一行" not in page
    address = f"/import/{Intake.objects.latest('pk').pk}/"
    only_new = text(browser(clerk).get(address, {"kind": "new"}))
    assert "新点" in only_new
    assert "<del>" not in only_new
    asked = {"sheet": "任务点", "text": "A.1-2023", "kind": "missing"}
    found = text(browser(clerk).get(address, asked))
    assert "A.1 / 2023 / 1" in found
    assert "文件里没有这一行，保留不动" in found
    assert "新点" not in found


def test_money_that_would_be_deleted_is_said_first(send: Send, browser: Browser, clerk: User) -> None:
    head = ("年度", "资金来源", "预算（万元）")
    send(clerk, workbook(small(经费=[head, (2022, "学校自筹", 5), (2023, "学校自筹", 6)])))
    page = text(send(clerk, workbook(small(经费=[head, (2022, "学校自筹", 5)])), sure=False))
    assert "确认后将删除 1 行经费。" in page
    address = f"/import/{Intake.objects.latest('pk').pk}/"
    assert "确认后删除" in text(browser(clerk).get(address, {"kind": "removed"}))


def test_faults_come_back_marked_in_the_file(send: Send, browser: Browser, clerk: User) -> None:
    points = [POINTS[0], ("A.1", 2022, 1, "建设课程", "许多", "门")]
    page = text(send(clerk, workbook(small(任务点=points, 完成情况=None))))
    assert "下载已标注问题的工作簿" in page
    answer: Any = browser(clerk).get(f"/import/{Intake.objects.latest('pk').pk}/marked/")
    assert "%EF%BC%88%E5%B7%B2%E6%A0%87%E6%B3%A8" in answer["Content-Disposition"]
    book = load_workbook(BytesIO(b"".join(answer.streaming_content)))
    assert "不是数字" in book["任务点"]["E2"].comment.text


def test_the_file_itself_can_be_had_again(send: Send, browser: Browser, clerk: User) -> None:
    data = workbook(small()).getvalue()
    send(clerk, data)
    answer: Any = browser(clerk).get(f"/import/{Intake.objects.latest('pk').pk}/file/")
    assert b"".join(answer.streaming_content) == data


def test_an_import_is_undone_from_its_page(send: Send, browser: Browser, clerk: User) -> None:
    assert "撤销这次导入" in text(send(clerk, workbook(small())))
    address = f"/import/{Intake.objects.latest('pk').pk}/"
    browser(clerk).post(f"{address}undo/")
    assert "已撤销。" in text(browser(clerk).get(address))
    assert not Project.objects.exists()


@pytest.mark.parametrize("verb", ["confirm", "again", "undo"])
def test_what_cannot_be_done_now_gets_a_sentence(
    verb: str, send: Send, browser: Browser, clerk: User
) -> None:
    send(clerk, b"PK\x03\x04 broken")
    address = f"/import/{Intake.objects.latest('pk').pk}/"
    page = browser(clerk).post(f"{address}{verb}/", follow=True)
    assert 'role="alert"' in text(page)
    assert browser(clerk).post(f"{address}nonsense/").status_code == 404


def test_imports_of_other_colleges_do_not_exist(
    send: Send, browser: Browser, clerk: User, office: User
) -> None:
    send(clerk, workbook(small()))
    address = f"/import/{Intake.objects.latest('pk').pk}/"
    for piece in ("", "progress/", "file/", "marked/"):
        assert browser(office).get(address + piece).status_code == 404
    assert browser(office).post(f"{address}undo/").status_code == 404
    assert Project.objects.exists()


def test_a_full_disk_gets_a_sentence(send: Send, clerk: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(intake, "write_draft", full)
    response = send(clerk, workbook(small()))
    assert response.status_code == 422
    assert "磁盘空间不足" in text(response)
    assert not Intake.objects.exists()


def test_a_project_and_the_template_are_given_out(
    send: Send, browser: Browser, clerk: User, filler: User
) -> None:
    send(clerk, workbook(small()))
    project = Project.objects.get()
    answer: Any = browser(clerk).get(f"/projects/{project.pk}/workbook/")
    assert "attachment" in answer["Content-Disposition"]
    assert load_workbook(BytesIO(answer.content))["任务点"].max_row == len(POINTS)
    template: Any = browser(clerk).get("/import/template/")
    assert load_workbook(BytesIO(template.content))["任务点"].max_row == 1
    assert browser(filler).get("/import/template/").status_code == 403


def test_who_only_fills_does_not_export(browser: Browser, filler: User, project: Project) -> None:
    assert browser(filler).get(f"/projects/{project.pk}/workbook/").status_code == 403


SATISFACTION: Rows = (("对象", "年度", "满意度（%）"), ("在校生", 2022, "91.2%"))


def test_a_list_is_taken_into_the_chosen_project(send: Send, browser: Browser, clerk: User) -> None:
    send(clerk, workbook(small()))
    project = Project.objects.get()
    assert f'<option value="{project.pk}">T-1 测试项目</option>' in text(browser(clerk).get("/import/"))
    file = workbook({"Sheet1": SATISFACTION})
    assert "缺少工作表“项目”" in text(send(clerk, file))
    page = text(send(clerk, file, project=project.pk))
    assert "已导入。" in page
    assert "工作表按表头识别为“满意度”" in page
    address = f"/import/{Intake.objects.latest('pk').pk}/"
    browser(clerk).post(f"{address}undo/")
    assert "已撤销。" in text(browser(clerk).get(address))
    assert Project.objects.get().satisfaction.count() == 0


def test_faults_of_a_sheet_of_another_name_are_counted_once(send: Send, clerk: User) -> None:
    send(clerk, workbook(small()))
    rows = (*SATISFACTION, ("家长", 2022, "120%"))
    page = text(send(clerk, workbook({"Sheet1": rows}), project=Project.objects.get().pk))
    assert "<h2>Sheet1</h2>" in page
    assert "<td>满意度</td>" in page
    assert "<td>Sheet1</td>" not in page


def test_departments_need_no_project(send: Send, browser: Browser, clerk: User) -> None:
    rows = (("部门名称", "类型"), ("教务处", "职能部门"))
    assert "已导入。" in text(send(clerk, workbook({"部门": rows})))
    assert "已读完，没有变化。" in text(send(clerk, workbook({"部门": rows})))
    address = f"/import/{Intake.objects.earliest('pk').pk}/"
    browser(clerk).post(f"{address}undo/")
    assert "已撤销。" in text(browser(clerk).get(address))
    assert not Department.objects.exists()


def test_a_project_of_another_college_cannot_be_chosen(send: Send, clerk: User, project: Project) -> None:
    answer = send(clerk, workbook({"满意度": SATISFACTION}), project=project.pk)
    assert answer.status_code == 422
    assert "这个项目不存在，或您不能导入。" in text(answer)
    assert not Intake.objects.exists()


def test_lists_are_given_out_one_by_one(send: Send, browser: Browser, clerk: User, filler: User) -> None:
    send(clerk, workbook(small()))
    project = Project.objects.get()
    answer: Any = browser(clerk).get(f"/projects/{project.pk}/workbook/任务点/")
    assert load_workbook(BytesIO(answer.content))["任务点"].max_row == len(POINTS)
    assert browser(clerk).get("/import/template/满意度/").status_code == 200
    assert browser(clerk).get("/import/template/没有/").status_code == 404
    assert browser(clerk).get("/import/template/项目/").status_code == 404
    assert browser(filler).get("/import/template/满意度/").status_code == 403
    assert browser(filler).get(f"/projects/{project.pk}/workbook/任务点/").status_code == 404


def test_evidence_comes_in_a_zip_beside_the_workbook(
    send: Send, clerk: User, settings: LazySettings, tmp_path: Path
) -> None:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    index: Rows = (("文件名", "材料名称"), ("通知.pdf", "启动通知"), ("没有.pdf", "缺少的材料"))
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as container:
        container.writestr("2022/通知.pdf", PDF)
        container.writestr("多余.pdf", PDF)
    files = SimpleUploadedFile("佐证.zip", archive.getvalue())
    page = text(send(clerk, workbook(small(佐证材料=index)), evidence=files))
    assert "已导入。" in page
    for said in ("已对应的 1 份材料", "2022/通知.pdf", "缺少的材料", '<li class="wrap">多余.pdf</li>'):
        assert said in page
    assert Evidence.objects.get(title="启动通知").file


def test_too_large_a_zip_is_not_read(send: Send, clerk: User, settings: LazySettings) -> None:
    settings.ARCHIVE_MAX_BYTES = 10
    files = SimpleUploadedFile("佐证.zip", b"PK" * 10)
    answer = send(clerk, workbook(small()), evidence=files)
    assert answer.status_code == 413
    assert "请分成几个压缩包" in text(answer)
