"""用 Excel 填报: what the workbook holds, what a filled-in one would do, and what is written of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from indicators.models import Indicator, Outcome, SatisfactionResult, Vision
from projects import jobs, review, tasks
from projects.models import (
    Department,
    Entry,
    Job,
    Project,
    ReportingWindow,
    Round,
    State,
    Task,
    TaskPoint,
    User,
)
from projects.rounds import answered, report_nothing
from reports.desk.offline import taking
from reports.desk.offline.sheets import HIDDEN, mark_of, workbook
from reports.desk.offline.trial import CHANGE, OVERTAKEN, REFUSED, Item
from reports.desk.rows import rows
from tests.projects.conftest import COMPLETE

TODAY = date(2024, 3, 1)
COUNT = 41
Browser = Callable[[User], Client]
Sent = Callable[..., Job]


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(timezone, "localdate", lambda *args: TODAY)
    monkeypatch.setattr(tasks.run_job, "delay", lambda pk: None)
    settings.JOBS_DIR = tmp_path / "jobs"
    settings.EVIDENCE_DIR = tmp_path / "evidence"


@pytest.fixture
def points(task: Task, office_department: Department) -> list[TaskPoint]:
    """41 points of 党政办公室."""
    return [
        TaskPoint.objects.create(
            task=task,
            year=2023,
            seq=f"{at}",
            text=f"建设第 {at} 项",
            planned=10,
            unit="项",
            due_on=date(2023, 12, 31),
            department=office_department,
        )
        for at in range(1, COUNT + 1)
    ]


@pytest.fixture
def others(task: Task, industry_department: Department) -> TaskPoint:
    return TaskPoint.objects.create(
        task=task,
        year=2024,
        seq="1",
        text="他部门的任务点",
        due_on=date(2024, 12, 31),
        department=industry_department,
    )


def downloaded(user: User, project: Project) -> Any:
    made = workbook(project, rows(user, project, TODAY), str(user), TODAY)
    return load_workbook(BytesIO(made))


def place(sheet: Worksheet, heading: str) -> int:
    return [cell.value for cell in sheet[1]].index(heading) + 1


def line(sheet: Worksheet, key: str) -> int:
    column = place(sheet, "行标识")
    return next(at for at in range(2, sheet.max_row + 1) if sheet.cell(at, column).value == key)


def fill(book: Any, target: TaskPoint, **values: Any) -> None:
    sheet = book["任务点"]
    for heading, value in values.items():
        sheet.cell(line(sheet, f"point:{target.pk}"), place(sheet, heading)).value = value


def saved(book: Any) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()


@pytest.fixture
def sent(project: Project, filler: User) -> Sent:
    """A workbook handed in and rehearsed."""

    def send(book: Any, by: User = filler, to: Project = project, name: str = "填报表.xlsx") -> Job:
        data = book if isinstance(book, bytes) else saved(book)
        job = taking.receive(SimpleUploadedFile(name, data), to, by=by)
        return done(job)

    return send


def done(job: Job) -> Job:
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.DONE, job.error
    return job


def items(job: Job, outcome: str = "") -> list[Item]:
    return [item for item in taking.items_of(job) if outcome in ("", item.outcome)]


def confirmed(job: Job, by: User, *mine: str, submitting: bool = False) -> Job:
    return done(taking.confirm(job, mine=mine, submitting=submitting, by=by))


def counts(job: Job) -> tuple[int, int, int]:
    told = job.result["counts"]
    return told[CHANGE], told[REFUSED], told[OVERTAKEN]


@pytest.fixture
def all_kinds(project: Project, task: Task, office_department: Department, points: list[TaskPoint]) -> None:
    area = Task.objects.get(project=project, parent=None)
    area.lead = office_department
    area.save()
    Indicator.objects.create(
        project=project,
        code="1.1.1",
        level1="产出指标",
        level2="数量指标",
        task=task,
        name="规章制度数",
        unit="项",
        department=office_department,
        midterm_target=4,
    )
    SatisfactionResult.objects.create(
        project=project, who="学生", year=2023, target=90, department=office_department
    )
    Vision.objects.create(project=project, code="V1", task=area, text="治理水平领先")


def test_a_sheet_for_each_kind_locked_but_for_its_fields(
    all_kinds: None, points: list[TaskPoint], filler: User, project: Project
) -> None:
    review.save_draft(points[0], COMPLETE, by=filler, seen="0")
    book = downloaded(filler, project)
    assert book.sheetnames == ["填报说明", "任务点", "绩效指标", "满意度", "任务成效", "愿景目标实现情况"]
    sheet = book["任务点"]
    assert sheet.protection.sheet
    assert not sheet.protection.password
    at = line(sheet, f"point:{points[0].pk}")
    told = {sheet.cell(1, column).value: sheet.cell(at, column) for column in range(1, sheet.max_column + 1)}
    assert (told["编号"].value, told["计划"].value, told["状态"].value) == ("8-2-2023-01", 10, "草稿")
    assert (told["完成数量"].value, told["完成日期"].value.date()) == (1, date(2023, 12, 22))
    open_ones = {name for name, cell in told.items() if not cell.protection.locked}
    assert open_ones == {
        *("完成数量", "完成比例（%）", "完成日期", "实际完成情况", "原因类别", "未完成原因"),
        *("预计完成日期", "下一步措施", "存在问题", "需要的支持"),
    }
    letters = [told[name].column_letter for name in HIDDEN]
    assert all(sheet.column_dimensions[letters[0]].hidden for _ in letters)
    offers = [rule for rule in sheet.data_validations.dataValidation if rule.type == "list"]
    assert "政策调整" in offers[0].formula1
    assert told["完成日期"].number_format == "yyyy-mm-dd"


def test_what_waits_for_review_or_is_locked_is_grey(
    points: list[TaskPoint], filler: User, office: User, project: Project, now: Any
) -> None:
    review.submit(review.save_draft(points[0], COMPLETE, by=filler, seen="0"), by=filler, now=now)
    given = review.submit(review.save_draft(points[1], COMPLETE, by=filler, seen="0"), by=filler, now=now)
    review.return_for_revision(given, by=office, comment="=请附文件")
    sheet = downloaded(filler, project)["任务点"]
    waiting, returned = (line(sheet, f"point:{point.pk}") for point in points[:2])
    column = place(sheet, "完成数量")
    assert sheet.cell(waiting, column).protection.locked
    assert "等待审核" in sheet.cell(waiting, place(sheet, "状态")).value
    assert not sheet.cell(returned, column).protection.locked
    comment = sheet.cell(returned, place(sheet, "退回意见"))
    assert comment.data_type == "s"
    assert comment.value.endswith("=请附文件")


def test_unchanged_it_changes_nothing(
    all_kinds: None, points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    words = {"description": "=1+1", "problems": "@甲\n乙", "quantity": Decimal("3.123456")}
    review.save_draft(points[0], COMPLETE | words, by=filler, seen="0")
    sheet = downloaded(filler, project)["任务点"]
    text = sheet.cell(line(sheet, f"point:{points[0].pk}"), place(sheet, "实际完成情况"))
    assert (text.value, text.data_type) == ("=1+1", "s")
    # As it was made, and as another program saves it again.
    made = workbook(project, rows(filler, project, TODAY), "测试", TODAY)
    for data in (made, downloaded(filler, project)):
        job = sent(data)
        assert counts(job) == (0, 0, 0)
        assert job.result["counts"]["same"] == COUNT + 4
    with pytest.raises(taking.Refusal):
        taking.confirm(job, mine=(), submitting=False, by=filler)


def test_37_changes_2_refused_1_changed_by_another(
    points: list[TaskPoint], filler: User, office: User, project: Project, sent: Sent, head: User
) -> None:
    book = downloaded(filler, project)
    for at, point in enumerate(points[:37], 1):
        fill(book, point, 完成数量=at % 9, 完成日期=date(2023, 6, 30))
    fill(book, points[37], 完成数量="三项")
    fill(book, points[38], 完成数量=1, 完成日期="2099-01-01")
    fill(book, points[39], 完成数量=7, 实际完成情况="我的")
    review.save_draft(points[39], COMPLETE | {"description": "他的"}, by=head, seen="0")
    # Changed by another, but not in the file: nobody has to choose.
    review.save_draft(points[40], COMPLETE, by=head, seen="0")
    before = Entry.objects.count()
    job = sent(book)
    assert counts(job) == (37, 2, 1)
    assert Entry.objects.count() == before
    first = items(job, CHANGE)[0]
    assert [(value.label, value.old, value.new) for value in first.values] == [
        ("完成数量", "", "1"),
        ("完成日期", "", "2023-06-30"),
    ]
    wrong, late = items(job, REFUSED)
    assert (wrong.values[0].cell[0], "数字" in wrong.values[0].errors[0]) == ("G", True)
    assert late.values[1].errors
    overtaken = items(job, OVERTAKEN)[0]
    assert (overtaken.who, [value.old for value in overtaken.values]) == (head.name, ["1", "他的"])
    told = confirmed(job, filler).result
    assert told == {"saved": 37, "submitted": 0, "refused": 0}
    assert Entry.objects.count() == before + 37
    assert review.latest(points[4]).quantity == 5
    assert review.latest(points[39]).description == "他的"
    with pytest.raises(taking.Refusal, match="已经确认过"):
        taking.confirm(job, mine=(), submitting=False, by=filler)


def test_what_lacks_evidence_is_told_before_it_is_handed_in(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    TaskPoint.objects.filter(pk=points[0].pk).update(evidence_required="印发通知、汇编目录")
    book = downloaded(filler, project)
    for point in points[:2]:
        fill(book, point, 完成数量=999, 完成日期=date(2023, 6, 30), 实际完成情况="已印发")
    job = sent(book)
    assert [item.bare for item in items(job, CHANGE)] == ["缺佐证：要求 2 份，已有 0 份", ""]
    assert job.result["bare"] == 1


def test_that_a_zero_report_ends_is_told_before_it_does(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    asked = Round.objects.create(project=project, name="三月进展", opens_on=TODAY, closes_on=TODAY)
    report_nothing(asked, points[0], by=filler, today=TODAY)
    book = downloaded(filler, project)
    for point in points[:2]:
        fill(book, point, 完成数量=4)
    job = sent(book)
    told = {item.key: item.notice for item in items(job, CHANGE)}
    assert "零报告不再算数" in told.pop(f"point:{points[0].pk}")
    assert told == {f"point:{points[1].pk}": ""}
    assert answered(asked) == {points[0].pk}
    confirmed(job, filler)
    assert answered(asked) == set()
    review.discard(points[0], seen=review.version_of(review.latest(points[0])))
    assert answered(asked) == {points[0].pk}


def test_a_column_that_says_nothing_is_left_out(
    points: list[TaskPoint], filler: User, project: Project
) -> None:
    headings = [cell.value for cell in downloaded(filler, project)["任务点"][1]]
    assert headings[:5] == ["编号", "内容", "单位", "计划", "截止日期"]
    assert "内控完成日期" not in headings
    TaskPoint.objects.filter(pk=points[0].pk).update(internal_due_on=date(2023, 12, 1))
    sheet = downloaded(filler, project)["任务点"]
    at = line(sheet, f"point:{points[0].pk}")
    days = [sheet.cell(at, place(sheet, name)).value.date() for name in ("截止日期", "内控完成日期")]
    assert days == [date(2023, 12, 31), date(2023, 12, 1)]


def test_who_chooses_the_own_version_overwrites_it_knowingly(
    points: list[TaskPoint], filler: User, head: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    fill(book, points[0], 实际完成情况="我的")
    theirs = review.save_draft(points[0], COMPLETE | {"description": "他的"}, by=head, seen="0")
    job = sent(book)
    assert confirmed(job, filler, f"point:{points[0].pk}").result["saved"] == 1
    assert review.latest(points[0]).description == "我的"
    # Only what was typed: the quantity of the other stays.
    assert review.latest(points[0]).quantity == theirs.quantity


def test_whoever_is_faster_than_the_confirmation_is_not_overwritten(
    points: list[TaskPoint], filler: User, head: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    fill(book, points[0], 完成数量=4)
    job = sent(book)
    review.save_draft(points[0], COMPLETE, by=head, seen="0")
    told = confirmed(job, filler)
    assert told.result == {"saved": 0, "submitted": 0, "refused": 1}
    assert "没有写入" in taking.kept(told, taking.TOLD)[0]["sentence"]
    assert review.latest(points[0]).quantity == 1


def test_ready_rows_are_handed_in_and_others_stay_drafts(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    fill(book, points[0], 完成数量=10, 完成日期=date(2023, 12, 1), 实际完成情况="全部完成。")
    fill(book, points[1], 实际完成情况="只有文字")
    job = sent(book)
    assert counts(job) == (2, 0, 0)
    assert job.result["not_ready"] == 1
    told = confirmed(job, filler, submitting=True)
    assert told.result == {"saved": 2, "submitted": 1, "refused": 0}
    assert [review.latest(point).state for point in points[:2]] == [State.SUBMITTED, State.DRAFT]
    (sentence,) = (each["sentence"] for each in taking.kept(told, taking.TOLD) if each["sentence"])
    assert sentence.startswith("已存草稿，没有提交：")


def test_ledger_rows_go_there_and_back(
    points: list[TaskPoint],
    filler: User,
    office: User,
    project: Project,
    office_department: Department,
    sent: Sent,
) -> None:
    first, second = (
        Outcome.objects.create(
            project=project,
            code=f"CG-000{at}",
            name=f"教学案例{at}",
            level="校级",
            awarded_on=date(2024, 1, 10),
            state=State.DRAFT,
            department=office_department,
        )
        for at in (1, 2)
    )
    book = downloaded(filler, project)
    sheet = book["成果台账"]
    for outcome, heading, value in (
        (first, "级别", "省级"),
        (first, "获批日期", date(2024, 2, 1)),
        (first, "数量", 3),
        (second, "级别", "部级"),
    ):
        sheet.cell(line(sheet, f"outcome:{outcome.pk}"), place(sheet, heading)).value = value
    job = sent(book)
    assert counts(job) == (1, 1, 0)
    (refused,) = items(job, REFUSED)
    assert "没有“部级”这个级别，应为" in refused.values[0].errors[0]
    confirmed(job, filler, submitting=True)
    first.refresh_from_db()
    assert (first.level, first.awarded_on, first.quantity, first.state, first.name) == (
        *("省级", date(2024, 2, 1), 3),
        *(State.SUBMITTED, "教学案例1"),
    )
    review.approve(first, by=office, now=timezone.now())
    late = sent(book)
    assert "可能已审核通过" in next(item.refusal for item in items(late) if item.code == first.code)


def test_rows_of_others_and_forged_keys_are_refused_one_by_one(
    points: list[TaskPoint], others: TaskPoint, filler: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    fill(book, points[0], 完成数量=2)
    sheet = book["任务点"]
    key, amount = place(sheet, "行标识"), place(sheet, "完成数量")
    forged = [
        f"point:{others.pk}",
        "point:999999",
        "user:1",
        "point:1 OR 1=1",
        "任务",
        "",
        f"point:{points[0].pk}",
    ]
    for at, text in enumerate(forged, COUNT + 2):
        sheet.cell(at, key).value = text or None
        sheet.cell(at, amount).value = 5
    job = sent(book)
    assert counts(job) == (1, len(forged), 0)
    refused = [item.refusal for item in items(job, REFUSED)]
    assert refused[0].startswith("这一行不是您的：")
    assert "校企合作处" in refused[0]
    assert all(sentence.startswith("这一行不是您的：") for sentence in refused[1:5])
    assert "不能在表里新增行" in refused[5]
    assert "出现了两次" in refused[6]
    confirmed(job, filler)
    assert Entry.objects.count() == 1


def test_a_workbook_of_another_college_brings_nothing(
    points: list[TaskPoint], filler: User, project: Project, outsider: User, other_college: Any, sent: Sent
) -> None:
    elsewhere = Project.objects.create(
        institution=other_college, code="ELSE", name="别处", level="school", start_year=2022, end_year=2025
    )
    ReportingWindow.objects.create(
        project=elsewhere, kind="midterm", start=date(2022, 1, 1), cutoff=date(2023, 12, 31), is_main=True
    )
    book = downloaded(filler, project)
    fill(book, points[0], 完成数量=2)
    job = sent(book, by=outsider, to=elsewhere)
    assert counts(job) == (0, COUNT, 0)
    assert {item.refusal[:8] for item in items(job)} == {"这一行不是您的："}


def test_a_locked_window_refuses_with_its_sentence(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent, now: Any
) -> None:
    book = downloaded(filler, project)
    fill(book, points[0], 完成数量=2, 完成日期=date(2023, 6, 30))
    project.windows.update(locked_at=now)
    job = sent(book)
    assert counts(job) == (0, 1, 0)
    assert "锁定" in items(job)[0].refusal


def test_percent_cells_dates_and_formulas_are_read_as_people_mean_them(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    sheet = book["任务点"]
    cell = sheet.cell(line(sheet, f"point:{points[0].pk}"), place(sheet, "完成比例（%）"))
    cell.value, cell.number_format = 0.955, "0.0%"
    fill(book, points[0], 完成日期="2023年6月30日")
    fill(book, points[1], 实际完成情况="=HYPERLINK(1)")
    job = sent(book)
    assert counts(job) == (1, 1, 0)
    assert items(job, CHANGE)[0].typed == {"percent": "95.5", "effective_on": "2023年6月30日"}
    assert "公式" in items(job, REFUSED)[0].values[0].errors[0]


def hostile() -> dict[str, bytes]:
    plain = Workbook()
    plain.active.append(["任务编号", "年度"])
    return {
        "not a workbook": b"<html><script>alert(1)</script></html>",
        "empty": b" ",
        "damaged": saved(plain)[:400],
        "another workbook": saved(plain),
    }


@pytest.mark.parametrize("name", hostile())
def test_other_files_are_refused_with_a_sentence(
    name: str, points: list[TaskPoint], filler: User, sent: Sent
) -> None:
    job = sent(hostile()[name])
    assert job.result["faults"]
    with pytest.raises(taking.Refusal):
        taking.confirm(job, mine=(), submitting=False, by=filler)


def test_a_bomb_is_refused(points: list[TaskPoint], filler: User, project: Project, sent: Sent) -> None:
    from zipfile import ZIP_DEFLATED, ZipFile

    file = BytesIO(saved(downloaded(filler, project)))
    with ZipFile(file, "a", ZIP_DEFLATED) as package, package.open("xl/media/a.xml", "w") as part:
        for _ in range(1100):
            part.write(bytes(1024 * 1024))
    job = sent(file.getvalue())
    assert "超过" in job.result["faults"][0]


def test_the_faulty_cells_come_back_marked(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    fill(book, points[0], 完成数量="三项")
    job = sent(book)
    marked = load_workbook(job.folder / taking.MARKED)
    sheet = marked["任务点"]
    cell = sheet.cell(line(sheet, f"point:{points[0].pk}"), place(sheet, "完成数量"))
    assert "数字" in cell.comment.text
    assert cell.fill.start_color.rgb.endswith("FFD9D6")
    assert marked.sheetnames[0] == "问题清单"


def test_a_day_later_it_is_too_late(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    fill(book, points[0], 完成数量=2)
    job = sent(book)
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - timedelta(hours=25))
    job.refresh_from_db()
    with pytest.raises(taking.Refusal, match="24 小时"):
        taking.confirm(job, mine=(), submitting=False, by=filler)


def test_an_attempt_that_was_cut_short_goes_on(
    points: list[TaskPoint], filler: User, project: Project, sent: Sent
) -> None:
    book = downloaded(filler, project)
    for point in points[:3]:
        fill(book, point, 完成数量=2, 完成日期=date(2023, 6, 30))
    job = sent(book)
    first = confirmed(job, filler)
    Job.objects.filter(pk=first.pk).update(state=Job.State.QUEUED)
    assert done(first).result == {"saved": 3, "submitted": 0, "refused": 0}
    assert Entry.objects.count() == 3


def test_marks_know_a_value_however_it_is_written() -> None:
    assert mark_of("3.0", "number") == mark_of("3", "number")
    assert mark_of("—", "text") == mark_of("", "text") == "-"
    assert mark_of("3.0", "text") != mark_of("3", "text")


@pytest.fixture
def address(project: Project) -> str:
    return f"/projects/{project.pk}/mine/workbook/"


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_the_pages_from_download_to_confirmation(
    points: list[TaskPoint], others: TaskPoint, filler: User, head: User, browser: Browser, address: str
) -> None:
    client = browser(filler)
    assert f"下载 {COUNT} 行" in page(client.get(address))
    answer = client.get(f"{address}download/")
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    book = load_workbook(BytesIO(answer.content))
    fill(book, points[0], 完成数量=2)
    fill(book, points[1], 实际完成情况="我的")
    fill(book, points[2], 完成数量="两个")
    review.save_draft(points[1], COMPLETE | {"description": "他的"}, by=head, seen="0")
    answer = client.post(address, {"file": SimpleUploadedFile("填报表.xlsx", saved(book))})
    job = Job.objects.get(kind=taking.CHECK)
    assert answer["Location"] == f"{address}{job.pk}/"
    assert "排队中" in page(client.get(f"{address}{job.pk}/"))
    done(job)
    assert client.get(f"{address}{job.pk}/", headers={"HX-Request": "true"})["HX-Refresh"] == "true"
    shown = page(client.get(f"{address}{job.pk}/"))
    assert "1 项变化，1 项被拒，1 项期间被他人修改" in shown
    assert "现在 <b>他的</b>" in shown
    assert "填报表 <b>我的</b>" in shown
    assert client.get(f"{address}{job.pk}/marked/").status_code == 200
    answer = client.post(f"{address}{job.pk}/confirm/", {f"row-point:{points[1].pk}": "mine"})
    assert answer.status_code == 302
    done(Job.objects.get(kind=taking.WRITE))
    assert "已写入 2 项草稿" in page(client.get(f"{address}{job.pk}/"))
    assert review.latest(points[1]).description == "我的"
    again = client.post(f"{address}{job.pk}/confirm/")
    assert again.status_code == 409
    assert "已经确认过" in page(again)
    # Nobody else sees it, also who fills the same rows.
    assert browser(head).get(f"{address}{job.pk}/").status_code == 404


def test_the_office_downloads_one_department(
    points: list[TaskPoint], others: TaskPoint, office: User, principal: User, browser: Browser, address: str
) -> None:
    client = browser(office)
    assert "按部门下载" in page(client.get(address))
    answer = client.get(f"{address}download/", {"department": "校企合作处"})
    sheet = load_workbook(BytesIO(answer.content))["任务点"]
    assert [cell.value for cell in sheet["A"]] == ["编号", "8-2-2024-01"]
    assert client.get(f"{address}download/", {"department": "没有"}).status_code == 404
    assert browser(principal).get(address).status_code == 403


def test_an_upload_without_a_file_is_told(
    points: list[TaskPoint], filler: User, browser: Browser, address: str
) -> None:
    answer = browser(filler).post(address)
    assert answer.status_code == 422
    assert "请选择填好的填报表" in page(answer)
