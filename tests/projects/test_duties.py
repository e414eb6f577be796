"""分工 and 交接: who gives which rows to whom, many at once, and everything of one person to another."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.db.models import ForeignKey
from django.test import Client
from django.urls import reverse

from indicators.models import Indicator, IndicatorShare, OutcomeTarget, SatisfactionResult
from projects import people, review
from projects.models import (
    Department,
    Entry,
    FollowUp,
    Institution,
    Membership,
    Message,
    PointShare,
    Project,
    ReviewLog,
    Role,
    State,
    Task,
    TaskPoint,
    User,
)
from projects.notes import notes_about
from projects.permissions import can_fill
from reports.duties import assign, duties_of, hand_over, holdings, version_of
from reports.duty_kinds import BY_NAME, KINDS
from tests.conftest import person
from tests.projects.conftest import COMPLETE


def text(answer: Any) -> str:
    return str(answer.content.decode())


@pytest.fixture
def second(college: Institution, office_department: Department) -> User:
    return person("xinren", "新人", Role.FILLER, college, office_department)


@pytest.fixture
def rows(project: Project, point: TaskPoint, office_department: Department, office: User) -> list[Any]:
    """One row of each kind, all of 党政办公室."""
    own: dict[str, Any] = {"department": office_department}
    asked: dict[str, Any] = {"project": project, "asked_on": date(2023, 1, 1), "due_on": date(2023, 2, 1)}
    indicator = Indicator.objects.create(
        project=project, code="1.1", level1="产出", level2="数量", name="协议", task=point.task, **own
    )
    return [
        point,
        indicator,
        OutcomeTarget.objects.create(project=project, code="1", name="教学成果奖", target=1, **own),
        PointShare.objects.create(point=point, target=1, **own),
        IndicatorShare.objects.create(indicator=indicator, target=1, **own),
        SatisfactionResult.objects.create(project=project, who="学生", year=2023, **own),
        FollowUp.objects.create(what="补齐材料", asked_by=office, **asked, **own),
    ]


def client_text(user: User, page: str) -> str:
    client = Client()
    client.force_login(user)
    return text(client.get(page))


def keys(project: Project, department: Department | None) -> list[str]:
    return [duty.key for duty in duties_of(project, department.pk if department else None)]


def address(project: Project, department: Department | str) -> str:
    asked = department if isinstance(department, str) else department.pk
    return f"{reverse('reports:duties', args=[project.pk])}?department={asked}"


def test_everything_that_is_given_to_somebody_is_here() -> None:
    """A new model whose rows have a filler needs its line in KINDS."""
    found = {
        model
        for model in apps.get_models()
        for field in model._meta.fields
        if field.name == "assignee" and isinstance(field, ForeignKey)
    }
    assert found == {kind.model for kind in KINDS}


def test_a_head_gives_rows_of_all_kinds_to_one_person(
    browser: Any, head: User, second: User, rows: list[Any], project: Project, office_department: Department
) -> None:
    client = browser(head)
    page = text(client.get(reverse("reports:duties", args=[project.pk])))
    assert "党政办公室 7 项" in page
    given = {"row": keys(project, office_department), "to": second.pk}
    answer = client.post(address(project, office_department), given, follow=True)
    assert "已把 7 项分配给新人" in text(answer)
    for row in rows:
        row.refresh_from_db()
        assert row.assignee == second
        assert notes_about(row)[0].change_message == "分工：填报账号改为 新人"
        assert notes_about(row)[0].user == head


def test_the_message_leads_to_where_the_row_is_shown(
    head: User, second: User, rows: list[Any], project: Project, office_department: Department
) -> None:
    assign(project, keys(project, office_department), to=second, departments=None, by=head)
    told = {line["text"]: line["url"] for line in Message.objects.get(user=second).rows}
    mine = reverse("reports:mine", args=[project.pk])
    assert told["1 教学成果奖"] == reverse("reports:outcomes", args=[project.pk])
    assert told["补齐材料"] == ""
    assert told["1.1 协议"].startswith(f"{mine}#indicator")
    page = client_text(second, reverse("projects:messages"))
    assert 'href=""' not in page
    assert "补齐材料" in page


def test_a_follow_up_alone_leads_to_what_is_ones_own(
    head: User, second: User, rows: list[Any], project: Project, office_department: Department
) -> None:
    row = next(key for key in keys(project, office_department) if key.startswith("followup:"))
    assign(project, [row], to=second, departments=None, by=head)
    assert Message.objects.get(user=second).url == reverse("reports:mine", args=[project.pk])


def test_what_another_gave_away_meanwhile_is_left(
    browser: Any,
    head: User,
    filler: User,
    second: User,
    rows: list[Any],
    project: Project,
    office_department: Department,
) -> None:
    before = keys(project, office_department)
    assign(project, before[:1], to=second, departments=None, by=head)
    answer = browser(head).post(
        address(project, office_department), {"row": before, "to": filler.pk}, follow=True
    )
    assert "已把 6 项分配给高远" in text(answer)
    assert "1 项在您打开页面之后已被他人改派，没有改动：8-2-2023-03（现为新人）" in text(answer)
    rows[0].refresh_from_db()
    assert rows[0].assignee == second


@pytest.mark.parametrize(
    ("row", "to", "status", "sentence"),
    [
        ([], "own", 422, "请先勾选要分配的行"),
        (["point:999999::"], "own", 422, "有的行不存在"),
        (["nothing:1::"], "own", 422, "有的行不存在"),
        (["point:1e3::"], "own", 422, "有的行不存在"),
        (["point:" + "9" * 40], "own", 422, "有的行不存在"),
        (None, "foreign", 422, "选择一个有效的选项"),
        (None, "elsewhere", 422, "选择一个有效的选项"),
        (None, "x", 422, "选择一个有效的选项"),
        (["later"], "own", 403, "不属于您负责的部门"),
    ],
)
def test_forged_rows_and_people_are_refused(
    browser: Any,
    head: User,
    second: User,
    outsider: User,
    other_filler: User,
    rows: list[Any],
    later_point: TaskPoint,
    project: Project,
    office_department: Department,
    industry_department: Department,
    row: list[str] | None,
    to: str,
    status: int,
    sentence: str,
) -> None:
    own = keys(project, office_department)
    people = {"own": second.pk, "foreign": outsider.pk, "elsewhere": other_filler.pk}
    asked = own if row is None else keys(project, industry_department) if row == ["later"] else row
    # Nothing of what goes along with a forged row is written either.
    answer = browser(head).post(
        address(project, office_department), {"row": asked and [own[0], *asked], "to": people.get(to, to)}
    )
    assert answer.status_code == status
    assert sentence in text(answer)
    assert not TaskPoint.objects.exclude(assignee=None).exists()


def test_who_may_not_assign_is_told(
    browser: Any,
    filler: User,
    head: User,
    other_filler: User,
    outsider: User,
    principal: User,
    rows: list[Any],
    project: Project,
    industry_department: Department,
) -> None:
    page = reverse("reports:duties", args=[project.pk])
    assert browser(filler).get(page).status_code == 403
    assert browser(principal).get(page).status_code == 403
    assert browser(outsider).get(page).status_code == 404
    assert browser(head).get(address(project, industry_department)).status_code == 403
    assert browser(head).get(address(project, "none")).status_code == 403
    assert browser(head).get(address(project, "abc")).status_code == 404
    assert (
        "分工" not in text(browser(filler).get(reverse("reports:mine", args=[project.pk]))).split("<main")[0]
    )


def test_the_office_gives_a_row_a_department(
    browser: Any,
    office: User,
    head: User,
    second: User,
    rows: list[Any],
    project: Project,
    office_department: Department,
    industry_department: Department,
) -> None:
    client = browser(office)
    OutcomeTarget.objects.create(project=project, code="2", name="没有部门的目标", target=1)
    page = text(client.get(reverse("reports:duties", args=[project.pk])))
    assert "未落实责任部门" in page
    given: dict[str, Any] = {"row": keys(project, None), "into": industry_department.pk, "step": "move"}
    client.post(address(project, "none"), given)
    assert OutcomeTarget.objects.get(code="2").department == industry_department
    # One that had a department is taken from it with a reason, and its person does not come along.
    SatisfactionResult.objects.update(assignee=second)
    survey = next(key for key in keys(project, office_department) if key.startswith("satisfaction:"))
    given = {"row": [survey], "into": industry_department.pk, "step": "move"}
    answer = client.post(address(project, office_department), given)
    assert answer.status_code == 422
    assert "请写明原因" in text(answer)
    client.post(address(project, office_department), given | {"reason": "机构调整"})
    moved = SatisfactionResult.objects.get()
    assert (moved.department, moved.assignee) == (industry_department, None)
    assert "责任部门改为 校企合作处。原因：机构调整" in notes_about(moved)[0].change_message
    # A share is moved by splitting anew; a head moves nothing.
    share = next(key for key in keys(project, office_department) if key.startswith("pointshare:"))
    answer = client.post(address(project, office_department), given | {"row": [share], "reason": "x"})
    assert "请在“分解下达”里调整" in text(answer)
    browser(head).post(address(project, office_department), given | {"row": [share], "reason": "x"})
    assert PointShare.objects.get().department == office_department


@pytest.mark.parametrize("kind", ["point", "indicator", "target"])
def test_the_department_of_the_task_book_is_changed_by_a_request(
    browser: Any,
    office: User,
    rows: list[Any],
    project: Project,
    office_department: Department,
    industry_department: Department,
    kind: str,
) -> None:
    client = browser(office)
    own = keys(project, office_department)
    row = next(key for key in own if key.startswith(f"{kind}:"))
    survey = next(key for key in own if key.startswith("satisfaction:"))
    given = {"row": [survey, row], "into": industry_department.pk, "step": "move", "reason": "机构调整"}
    answer = client.post(address(project, office_department), given)
    assert answer.status_code == 422
    assert "的责任部门（党政办公室）写在任务书里" in text(answer)
    assert keys(project, office_department) == own  # nothing of what was ticked is written
    model = BY_NAME[kind].model_name
    asked = reverse("reports:change_new", args=[project.pk, model, row.split(":")[1]])
    assert f'href="{asked}"' in text(answer)
    form = client.get(asked)
    assert form.status_code == 200
    assert 'name="department"' in text(form)


def test_filters(
    browser: Any, head: User, second: User, rows: list[Any], project: Project, office_department: Department
) -> None:
    TaskPoint.objects.update(assignee=second)
    client = browser(head)

    def listed(**asked: Any) -> str:
        return text(client.get(reverse("reports:duties", args=[project.pk]), asked)).partition("<tbody>")[2]

    assert "编印学校" in listed(person=second.pk)
    assert "协议" not in listed(person=second.pk)
    assert "编印学校" not in listed(person="free", kind="point")
    assert "协议" in listed(area="8", kind="indicator")
    assert "满意度" in listed(year="2023")
    assert "协议" not in listed(year="2023", kind="indicator")
    assert listed(text="没有这样的") == ""


def test_all_of_one_person_goes_to_another(
    browser: Any,
    head: User,
    filler: User,
    second: User,
    rows: list[Any],
    project: Project,
    returned: Any,
    college: Institution,
) -> None:
    entry = returned()
    seen = review.version_of(review.latest(rows[0]))
    draft = review.save_draft(rows[0], COMPLETE | {"description": "接着写"}, by=filler, seen=seen)
    for kind in KINDS:
        kind.model.objects.update(assignee=filler)
    client, page = browser(head), reverse("reports:handover", args=[filler.pk])
    shown = text(client.get(page))
    assert "名下 7 项，其中 1 项有没提交的草稿" in shown
    assert "任务点 1 项，绩效指标 1 项" in shown
    seen = version_of(holdings(filler, college, None))
    answer = client.post(page, {"to": second.pk, "seen": seen, "reason": ""})
    assert answer.status_code == 422
    answer = client.post(page, {"to": second.pk, "seen": seen, "reason": "调离"}, follow=True)
    assert "已把高远的 7 项移交给新人" in text(answer)
    assert not holdings(filler, college, None)
    # What was done keeps its author and its log; the draft is there for the successor to go on with.
    entry.refresh_from_db()
    assert (entry.author, entry.state) == (filler, State.RETURNED)
    assert ReviewLog.objects.filter(object_id=entry.pk, by=filler, verb="submit").exists()
    fill = reverse("projects:fill", args=[rows[0].pk])
    theirs = browser(second)
    assert "接着写" in text(theirs.get(fill))
    values = {"effective_on": "2023-12-22", "description": "写完了", "step": "draft", "quantity": "1"}
    theirs.post(fill, values | {"seen": review.version_of(draft)})
    assert Entry.objects.get(pk=draft.pk).description == "写完了"
    said = [note.change_message for note in notes_about(filler)]
    assert said == ["交接：7 项移交给新人。原因：调离"]
    assert notes_about(second)[0].change_message == "交接：接手高远的 7 项。原因：调离"
    assert notes_about(rows[0])[0].change_message == "交接：高远 → 新人。原因：调离"


def test_a_hand_over_of_something_else_than_was_shown_is_refused(
    browser: Any, head: User, filler: User, second: User, rows: list[Any], college: Institution
) -> None:
    TaskPoint.objects.update(assignee=filler)
    seen = version_of(holdings(filler, college, None))
    Indicator.objects.update(assignee=filler)
    page = reverse("reports:handover", args=[filler.pk])
    answer = browser(head).post(page, {"to": second.pk, "seen": seen, "reason": "调离"})
    assert answer.status_code == 409
    assert "要移交的内容有了变化" in text(answer)
    assert f'value="{version_of(holdings(filler, college, None))}"' in text(answer)
    assert TaskPoint.objects.get().assignee == filler


def test_a_head_hands_over_the_rows_of_the_own_department_alone(
    head: User,
    filler: User,
    second: User,
    rows: list[Any],
    later_point: TaskPoint,
    college: Institution,
    browser: Any,
    office: User,
    other_filler: User,
    outsider: User,
    principal: User,
) -> None:
    TaskPoint.objects.update(assignee=filler)
    page = reverse("reports:handover", args=[filler.pk])
    assert "名下 1 项" in text(browser(head).get(page))
    assert "名下 2 项" in text(browser(office).get(page))
    own = version_of(holdings(filler, college, [rows[0].department_id]))
    given = {"to": second.pk, "seen": own, "reason": "调离"}
    assert browser(head).post(page, given | {"to": other_filler.pk}).status_code == 422
    browser(head).post(page, given)
    later_point.refresh_from_db()
    assert later_point.assignee == filler
    assert browser(other_filler).post(page, given).status_code == 403
    assert browser(principal).get(page).status_code == 403
    assert browser(outsider).get(page).status_code == 404


def test_who_takes_over_must_be_able_to_fill_there(
    browser: Any,
    office: User,
    filler: User,
    college: Institution,
    project: Project,
    rows: list[Any],
    office_department: Department,
) -> None:
    other = Project.objects.create(
        institution=college, code="G", name="专业群项目", level="group", start_year=2022, end_year=2025
    )
    limited = person("xianyu", "限于", Role.FILLER, college, office_department)
    Membership.objects.filter(user=limited).update(project=other)
    TaskPoint.objects.update(assignee=filler)
    page = reverse("reports:handover", args=[filler.pk])
    given = {"to": limited.pk, "seen": version_of(holdings(filler, college, None)), "reason": "调离"}
    answer = browser(office).post(page, given)
    assert answer.status_code == 422
    assert "没有填报人或部门负责人的角色" in text(answer)
    assert can_fill(filler, TaskPoint.objects.get())


def test_what_left_the_task_book_or_is_done_is_nobodys_task(
    browser: Any,
    head: User,
    filler: User,
    rows: list[Any],
    project: Project,
    college: Institution,
    office_department: Department,
) -> None:
    for kind in KINDS:
        kind.model.objects.update(assignee=filler)
    TaskPoint.objects.update(removed_on=date(2023, 6, 1))
    FollowUp.objects.update(done_on=date(2023, 1, 20))
    page = text(browser(head).get(reverse("reports:duties", args=[project.pk])))
    # With the point goes its share.
    assert "党政办公室 4 项" in page
    # All that names the person goes along, but who did what stays as it was.
    assert people.rows_of(filler) == 6
    seen = version_of(holdings(filler, college, None))
    assert hand_over(filler, head, college, None, by=head, reason="调离", seen=seen) == 6
    assert FollowUp.objects.get().assignee == filler
    assert people.rows_of(filler) == 0


@pytest.mark.usefixtures("_header_known")
def test_450_rows_cost_few_queries(
    browser: Any,
    head: User,
    second: User,
    project: Project,
    task: Task,
    office_department: Department,
    django_assert_max_num_queries: Any,
) -> None:
    TaskPoint.objects.bulk_create(
        TaskPoint(
            task=task,
            year=2022 + n % 4,
            seq=str(n),
            text=f"任务点 {n}",
            planned=Decimal(1),
            due_on=date(2023, 12, 31),
            department=office_department,
        )
        for n in range(450)
    )
    client = browser(head)
    with django_assert_max_num_queries(25):
        assert client.get(reverse("reports:duties", args=[project.pk])).status_code == 200
    given = {"row": keys(project, office_department), "to": second.pk}
    with django_assert_max_num_queries(25):
        assert client.post(address(project, office_department), given).status_code == 302
    with django_assert_max_num_queries(30):
        page = client.get(reverse("reports:handover", args=[second.pk]))
    assert "名下 450 项" in text(page)
    seen = version_of(holdings(second, project.institution, None))
    with django_assert_max_num_queries(40):
        hand_over(second, head, project.institution, None, by=head, reason="调离", seen=seen)
    assert TaskPoint.objects.filter(assignee=head).count() == 450
