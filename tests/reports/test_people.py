"""用户: accounts and roles of a college by a list, and what a list may never do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from openpyxl import load_workbook

from projects import jobs
from projects.models import Department, Institution, Membership, Project, Role, User
from projects.notes import notes_about
from projects.people_sheet import PEOPLE
from reports import intake
from reports.exchange import Destination, Outcome, import_workbook
from reports.export import export_list
from reports.models import Intake
from tests.conftest import person
from tests.workbooks import Rows, small, workbook

pytestmark = pytest.mark.django_db(transaction=True)

HEAD = ("用户名", "姓名", "部门", "角色", "项目", "邮箱", "初始密码", "停用")
PASSWORD = "Qing-Song-2024"
NEW = ("zhaolei", "赵雷", "教务处", "填报人、部门负责人", None, "zhaolei@example.edu.cn", PASSWORD, None)


@pytest.fixture(autouse=True)
def own_folders(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> None:
    monkeypatch.setattr(jobs, "_send", lambda pk: None)
    settings.IMPORTS_DIR = tmp_path / "imports"


@pytest.fixture
def take(college: Institution, admin_user: User, now: datetime) -> Callable[..., Outcome]:
    """Take rows of people in, as the college's administrator."""

    def taken(*rows: Any, by: User | None = admin_user, head: Any = HEAD, **more: Rows) -> Outcome:
        file = workbook({"用户": (head, *rows), **more})
        return import_workbook(file, now=now, by=by, to=Destination(college, by=by))

    return taken


def roles(user: str) -> set[tuple[str, str | None]]:
    own = Membership.objects.filter(user__username=user)
    return {(m.role, m.department.name if m.department else None) for m in own}


def messages(told: Outcome) -> list[str]:
    return [f"{fault.cell} {fault.message}" for fault in told.faults]


def test_a_new_person_gets_an_account_and_roles(take: Callable[..., Outcome]) -> None:
    told = take(NEW)
    assert not told.faults
    user = User.objects.get(username="zhaolei")
    assert user.check_password(PASSWORD)
    assert user.must_change_password
    assert (user.name, user.email, user.is_active) == ("赵雷", "zhaolei@example.edu.cn", True)
    assert roles("zhaolei") == {(Role.FILLER, "教务处"), (Role.HEAD, "教务处")}
    assert [str(notice) for notice in told.notices] == ["用户: 新建部门“教务处”"]
    assert [note.change_message for note in notes_about(user)] == ["清单导入：建立账号"]


def test_again_changes_nothing(take: Callable[..., Outcome]) -> None:
    take(NEW)
    User.objects.filter(username="zhaolei").update(must_change_password=False)
    again = take(NEW)
    assert again.changes_nothing
    assert "已有账号，初始密码没有使用" in str(again.notices[0])


def test_a_list_moves_people_and_rows_add_up(take: Callable[..., Outcome], filler: User) -> None:
    row = ("gaoyuan", "高远")
    told = take(
        (*row, "教务处", "填报人", None, None, None, None),
        (*row, "科研处", "部门负责人", None, None, None, None),
    )
    assert told.counts["用户"]["changed"] == 1
    assert roles("gaoyuan") == {(Role.FILLER, "教务处"), (Role.HEAD, "科研处")}
    assert filler.memberships.count() == 2


def test_without_roles_they_stay(take: Callable[..., Outcome], filler: User) -> None:
    assert take(("gaoyuan", "高小远"), head=HEAD[:2]).ok
    filler.refresh_from_db()
    assert filler.name == "高小远"
    assert roles("gaoyuan") == {(Role.FILLER, "党政办公室")}


def test_who_is_switched_off_is_logged_out(take: Callable[..., Outcome], filler: User) -> None:
    client = Client()
    client.force_login(filler)
    assert take(("gaoyuan", "高远", "党政办公室", "填报人", None, None, None, "是")).ok
    assert client.get("/").status_code == 302


def test_a_person_may_be_limited_to_a_project(take: Callable[..., Outcome], project: Project) -> None:
    assert take(("wang", "王", None, "专业群负责人", project.code, None, PASSWORD, None)).ok
    assert Membership.objects.get(user__username="wang").project == project
    wrong = take(("wang", "王", None, "专业群负责人", "NONE", None, None, None))
    assert messages(wrong) == ["E2 项目“NONE”不存在"]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (("a b/c", "甲", "教务处", "填报人"), "A2 用户名只能有文字、数字和 @ . + - _"),
        (("jia", "甲", "教务处", "院长"), "D2 没有“院长”这个角色"),
        (("jia", "甲", None, "填报人"), "C2 填报人要写明部门"),
        (("jia", "甲", "教务处", None), "D2 写了部门或项目，没有写角色"),
        (("jia", "甲", None, None), "D2 新用户没有写角色"),
        (("jia", "甲", None, "财务", None, "不是邮箱"), "F2 不是邮箱地址"),
        (("jia", "甲", None, "财务", None, None, None, "也许"), "H2 不是“是”或“否”"),
    ],
)
def test_what_is_wrong_names_its_cell(
    take: Callable[..., Outcome], row: tuple[Any, ...], message: str
) -> None:
    assert messages(take(row)) == [message]
    assert not User.objects.filter(username=row[0]).exists()


@pytest.mark.parametrize("password", ["short", "1234567890", "password123", "zhaolei2024"])
def test_a_weak_password_is_refused_and_not_shown(take: Callable[..., Outcome], password: str) -> None:
    told = take((*NEW[:6], password, None))
    (fault,) = told.faults
    assert (fault.cell, fault.value) == ("G2", "")
    assert fault.message.startswith("初始密码不合格：")
    assert password not in str(told)


def test_accounts_of_others_are_not_touched(take: Callable[..., Outcome], outsider: User) -> None:
    root = User.objects.create_superuser("root", password=PASSWORD)
    row = (None, "财务", None, None, None, None)
    assert messages(take(("wairen", "改名", *row), ("root", "改名", *row))) == [
        "A2 用户名已被使用",
        "A3 用户名已被使用",
    ]
    outsider.refresh_from_db()
    root.refresh_from_db()
    assert (outsider.name, root.name) == ("外人", "")


def test_who_belongs_to_two_colleges_keeps_the_account(
    take: Callable[..., Outcome], outsider: User, college: Institution
) -> None:
    Membership.objects.create(user=outsider, institution=college, role=Role.FINANCE)
    row = ("wairen", "外人", None, "财务、项目办", None, None, None)
    assert take((*row, None)).ok
    assert outsider.memberships.filter(institution=college).count() == 2
    assert outsider.memberships.exclude(institution=college).count() == 1
    assert messages(take((*row, "是")))[0].startswith("A2 这个账号不只属于本校")


def test_what_the_platform_gives_is_not_given_by_a_college(take: Callable[..., Outcome]) -> None:
    row = ("jia", "甲", None, "主管部门")
    assert messages(take(row)) == ["D2 “主管部门”由平台管理员设置"]
    assert take(row, by=None).ok


@pytest.mark.parametrize("cast", ["office", "filler", "principal"])
def test_only_the_administrator_brings_people(
    take: Callable[..., Outcome], cast: str, request: pytest.FixtureRequest
) -> None:
    told = take(NEW, by=request.getfixturevalue(cast))
    assert messages(told)[-1] == " 只有本校管理员可以导入用户"
    assert not told.ok


def test_the_administrator_of_one_project_does_not(
    take: Callable[..., Outcome], project: Project, office: User
) -> None:
    Membership.objects.create(user=office, institution=project.institution, role=Role.ADMIN, project=project)
    assert messages(take(NEW, by=office)) == [" 只有本校管理员可以导入用户"]


@pytest.mark.parametrize("change", [("财务", None), ("管理员、财务", None), ("管理员", "是")])
def test_nobody_changes_own_rights(
    take: Callable[..., Outcome], admin_user: User, change: tuple[str, str | None]
) -> None:
    role, off = change
    told = take(("wuguanli", "吴管理", None, role, None, None, None, off))
    assert "A2 不能用清单修改自己的角色，也不能停用自己" in messages(told)
    assert roles("wuguanli") == {(Role.ADMIN, None)}
    assert take(("wuguanli", "吴新名", None, "管理员", None, None, None, None)).ok


def test_the_last_administrator_stays(
    take: Callable[..., Outcome], admin_user: User, college: Institution
) -> None:
    off = ("wuguanli", "吴管理", None, "管理员", None, None, None, "是")
    assert messages(take(off, by=None)) == ["A2 导入后本校没有可用的管理员账号"]
    second = ("zheng", "郑二", None, "管理员", None, None, PASSWORD, None)
    assert take(off, second, by=None).ok
    admin_user.refresh_from_db()
    assert not admin_user.is_active


def test_an_export_imports_to_the_same(
    take: Callable[..., Outcome], project: Project, filler: User, head: User, office: User, now: datetime
) -> None:
    Membership.objects.create(
        user=filler,
        institution=project.institution,
        role=Role.HEAD,
        department=Department.objects.create(institution=project.institution, name="教务处"),
    )
    file = export_list(project, PEOPLE)
    cells = [cell.value for row in load_workbook(BytesIO(file))["用户"] for cell in row]
    assert not [cell for cell in cells if cell and ("pbkdf2" in cell or "md5" in cell)]
    told = import_workbook(BytesIO(file), now=now, to=Destination(project.institution))
    assert not told.faults
    assert told.changes_nothing
    assert not told.counts["用户"]["missing"]


def test_passwords_come_in_a_file_of_their_own(take: Callable[..., Outcome], college: Institution) -> None:
    sheets = {title: rows for title, rows in small().items() if title != "项目"}
    told = take(NEW, **sheets)
    assert " 写有初始密码的用户表要单独成一个文件" in messages(told)


# The page


def hand_in(rows: tuple[Any, ...], by: User, college: Institution) -> Intake:
    upload = SimpleUploadedFile("用户.xlsx", workbook({"用户": (HEAD, *rows)}).getvalue())
    return work(intake.receive(upload, to=Destination(college, by=by), approve=False, by=by))


def work(record: Intake) -> Intake:
    assert record.job
    jobs.execute(record.job.pk)
    record.refresh_from_db()
    return record


def kept(folder: Path) -> bytes:
    """All that lies in a folder, workbooks unpacked."""
    found = b""
    for data in [path.read_bytes() for path in folder.rglob("*") if path.is_file()]:
        sheets = load_workbook(BytesIO(data)) if data[:2] == b"PK" else ()
        cells = [str(cell.value) for sheet in sheets for row in sheet for cell in row]
        found += data + "".join(cells).encode()
    return found


def test_a_password_is_nowhere_in_what_is_kept(admin_user: User, college: Institution) -> None:
    record = hand_in((NEW,), admin_user, college)
    assert record.state == Intake.State.READY
    assert record.file_name == "用户（已去掉初始密码）.xlsx"
    assert PASSWORD.encode() not in kept(record.folder)
    assert "（已填写）" in (record.folder / "preview.jsonl").read_text()
    assert PASSWORD not in str(record.result)
    intake.confirm(record, by=admin_user)
    work(record)
    assert User.objects.get(username="zhaolei").check_password(PASSWORD)
    assert b"md5$" not in kept(record.folder)
    intake.undo(record, by=admin_user, now=timezone.now())
    assert not User.objects.filter(username="zhaolei").exists()
    assert not Department.objects.filter(name="教务处").exists()


def test_a_refused_list_with_passwords_is_not_kept(admin_user: User, college: Institution) -> None:
    record = hand_in((NEW, ("jia", "甲", None, "院长")), admin_user, college)
    assert record.state == Intake.State.REFUSED
    assert not record.source.exists()
    assert not record.marked.exists()
    client = Client()
    client.force_login(admin_user)
    page = client.get(f"/import/{record.pk}/").content.decode()
    assert "文件写有初始密码，没有保存。" in page
    assert "下载文件" not in page
    assert client.get(f"/import/{record.pk}/file/").status_code == 404
    assert PASSWORD.encode() not in kept(record.folder)


def test_a_change_of_people_is_taken_back(admin_user: User, filler: User, college: Institution) -> None:
    record = hand_in((("gaoyuan", "高二", "教务处", "部门负责人"),), admin_user, college)
    intake.confirm(record, by=admin_user)
    work(record)
    assert roles("gaoyuan") == {(Role.HEAD, "教务处")}
    intake.undo(record, by=admin_user, now=timezone.now())
    filler.refresh_from_db()
    assert filler.name == "高远"
    assert filler.check_password("口令-for-tests")
    assert roles("gaoyuan") == {(Role.FILLER, "党政办公室")}


def test_who_has_changed_the_password_since_stays(admin_user: User, college: Institution) -> None:
    record = hand_in((NEW,), admin_user, college)
    intake.confirm(record, by=admin_user)
    work(record)
    User.objects.filter(username="zhaolei").update(must_change_password=False)
    with pytest.raises(intake.Refusal, match="用户"):
        intake.undo(record, by=admin_user, now=timezone.now())


def test_the_office_neither_sees_nor_decides(admin_user: User, office: User, college: Institution) -> None:
    record = hand_in((NEW,), admin_user, college)
    client = Client()
    client.force_login(office)
    assert client.post(f"/import/{record.pk}/confirm/").status_code == 403
    assert client.get("/import/template/用户/").status_code == 403
    assert "用户</td>" not in client.get("/import/").content.decode()
    refused = hand_in((NEW[:6],), office, college)
    assert (refused.folder / "preview.jsonl").read_text() == ""
    client.force_login(admin_user)
    assert client.get("/import/template/用户/").status_code == 200
    assert "用户</td>" in client.get("/import/").content.decode()


def test_a_new_person_changes_the_password_first(take: Callable[..., Outcome]) -> None:
    take(NEW)
    client = Client()
    assert client.login(username="zhaolei", password=PASSWORD)
    assert client.get("/")["Location"] == "/password/"


def test_another_college_has_its_own_people(other_college: Institution, take: Callable[..., Outcome]) -> None:
    person("liu", "刘", Role.ADMIN, other_college, None)
    take(NEW)
    assert not Membership.objects.filter(institution=other_college, user__username="zhaolei").exists()


def test_a_name_that_was_taken_meanwhile_makes_the_preview_stale(
    admin_user: User, college: Institution, other_college: Institution
) -> None:
    record = hand_in((NEW,), admin_user, college)
    person("zhaolei", "别人", Role.FINANCE, other_college, None)
    intake.confirm(record, by=admin_user)
    work(record)
    assert record.state == Intake.State.STALE
    assert "用户名已被使用" in record.note
    assert roles("zhaolei") == {(Role.FINANCE, None)}
    intake.check_again(record, by=admin_user)
    assert work(record).state == Intake.State.REFUSED


def test_a_password_under_another_heading_is_one(admin_user: User, college: Institution) -> None:
    rows = (("账号", "姓名", "角色", "密码"), ("jia", "甲", "财务", PASSWORD))
    upload = SimpleUploadedFile("名单.xlsx", workbook({"Sheet1": rows}).getvalue())
    to = Destination(college, by=admin_user)
    record = work(intake.receive(upload, to=to, approve=False, by=admin_user))
    assert record.state == Intake.State.READY
    assert PASSWORD.encode() not in kept(record.folder)
