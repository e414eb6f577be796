"""The pages of the ledger: one row from its draft to its correction, and a list pasted in one go."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from indicators import ledger
from indicators.ledger import Fresh, Links
from indicators.models import Indicator, Outcome, OutcomeTarget
from projects import review
from projects.models import Department, Message, Project, ReviewLog, State, TaskPoint, User
from reports.facts import gather

pytestmark = pytest.mark.django_db
DAY = date(2023, 5, 6)


@pytest.fixture
def target(project: Project) -> OutcomeTarget:
    return OutcomeTarget.objects.create(
        project=project, code="C1", name="技能大赛奖项", target=2, level="省级"
    )


@pytest.fixture
def group(project: Project) -> Project:
    """The project of a professional group of the same college."""
    return Project.objects.create(
        institution=project.institution,
        code="GROUP-1",
        name="样例专业群项目",
        level="group",
        start_year=2022,
        end_year=2025,
        parent_code=project.code,
    )


def typed(department: Department, **more: Any) -> dict[str, Any]:
    return {
        "name": "全国技能大赛一等奖",
        "level": "省级",
        "kind": "获奖",
        "awarded_on": "2023-05-06",
        "quantity": "1",
        "department": str(department.pk),
        "target_counts": "1",
        "step": "draft",
        **more,
    }


def at(project: Project, *rest: Any) -> str:
    return f"/projects/{project.pk}/outcomes/" + "".join(f"{each}/" for each in rest)


def test_a_row_goes_from_draft_to_the_figures(
    client: Client,
    project: Project,
    point: TaskPoint,
    target: OutcomeTarget,
    filler: User,
    office: User,
    office_department: Department,
) -> None:
    client.force_login(filler)
    data = typed(office_department, target=str(target.pk), link=f"point:{point.pk}:1")
    answer = client.post(at(project, "new"), data)
    row = Outcome.objects.get()
    assert answer.status_code == 302
    assert (row.state, row.code, row.author, row.target) == (State.DRAFT, "CG-0001", filler, target)
    assert not gather(project).outcomes
    client.post(at(project, row.pk, "submit"))
    assert "等待" in client.get(at(project, row.pk)).content.decode()
    client.force_login(office)
    seen = review.version_of(Outcome.objects.get())
    client.post(at(project, row.pk, "approve"), {"seen": seen})
    facts = gather(project)
    assert facts.outcome_figures.progress[0].done == 1
    assert facts.points[0].quantity == 1


def test_drafts_are_nothing_to_other_departments(
    client: Client, project: Project, filler: User, other_filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    client.post(at(project, "new"), typed(office_department))
    row = Outcome.objects.get()
    client.force_login(other_filler)
    assert client.get(at(project, row.pk)).status_code == 404
    assert client.post(at(project, row.pk, "submit")).status_code == 404
    assert row.name not in client.get(at(project) + "?view=mine").content.decode()


def test_in_the_name_of_another_department_nothing_is_entered(
    client: Client, project: Project, filler: User, industry_department: Department
) -> None:
    client.force_login(filler)
    answer = client.post(at(project, "new"), typed(industry_department))
    assert answer.status_code == 422
    assert not Outcome.objects.exists()


def test_a_locked_window_refuses_form_and_list(
    client: Client, project: Project, filler: User, office_department: Department
) -> None:
    project.windows.update(locked_at=timezone.now())
    client.force_login(filler)
    one = client.post(at(project, "new"), typed(office_department))
    assert one.status_code == 403
    assert "已锁定" in one.content.decode()
    # The preview marks the row, before anybody tries to save it.
    rows = [["甲", "2023-05-06"], ["乙", "2024-01-10"]]
    preview = client.post(at(project, "paste"), preview_of(rows, office_department, "check"))
    assert preview.content.decode().count("已锁定，2023-05-06 的内容不能再改") == 1
    many = client.post(at(project, "paste"), preview_of(rows, office_department, "save"))
    assert many.status_code == 422
    assert not Outcome.objects.exists()
    but = preview_of(rows, office_department, "save") | {"do0": "skip"}
    assert client.post(at(project, "paste"), but).status_code == 302
    assert Outcome.objects.get().name == "乙"


def test_the_second_writer_sees_both(
    client: Client, project: Project, filler: User, head: User, office_department: Department
) -> None:
    client.force_login(filler)
    client.post(at(project, "new"), typed(office_department))
    row = Outcome.objects.get()
    seen = review.version_of(row)
    first = client.post(at(project, row.pk, "edit"), typed(office_department, name="甲方案", seen=seen))
    assert first.status_code == 302
    client.force_login(head)
    second = client.post(at(project, row.pk, "edit"), typed(office_department, name="乙方案", seen=seen))
    page = second.content.decode()
    assert second.status_code == 409
    assert "甲方案" in page
    assert "乙方案" in page
    again = re.search(r'name="seen" value="([^"]+)"', page)
    assert again
    data = typed(office_department, name="乙方案", seen=again[1])
    assert client.post(at(project, row.pk, "edit"), data).status_code == 302
    assert Outcome.objects.get().name == "乙方案"


def test_what_counts_is_corrected_by_the_office_with_a_reason(
    client: Client, project: Project, filler: User, office: User, office_department: Department
) -> None:
    row = Outcome.objects.create(
        project=project, code="A1", name="一等奖", awarded_on=DAY, department=office_department, level="省级"
    )
    client.force_login(filler)
    assert client.get(at(project, row.pk, "edit")).status_code == 403
    client.post(at(project, row.pk, "ask"), {"comment": "数量应为 2"})
    client.force_login(office)
    assert "数量应为 2" in client.get(at(project, row.pk)).content.decode()
    data = typed(office_department, name="一等奖", quantity="2", kind="", seen=review.version_of(row))
    assert client.post(at(project, row.pk, "edit"), data).status_code == 422
    assert client.post(at(project, row.pk, "edit"), data | {"reason": "按证书更正"}).status_code == 302
    row.refresh_from_db()
    assert (row.quantity, row.state) == (2, State.APPROVED)
    log = ReviewLog.objects.get(verb="correct")
    assert log.comment == "按证书更正\n数量：1 → 2"
    assert "数量：1 → 2" in client.get(at(project, row.pk)).content.decode()


def test_a_form_begins_with_the_links_that_the_row_has(
    client: Client, project: Project, point: TaskPoint, filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    asked = f"point:{point.pk}:0"
    fresh = client.get(at(project, "new"), {"link": asked}).context
    assert [(link["id"], link["counts"]) for link in fresh["links"]] == [(point.pk, False)]
    client.post(at(project, "new"), typed(office_department, link=[asked]))
    row = Outcome.objects.get()
    page = client.get(at(project, row.pk, "edit"))
    kept = [f"{each['kind']}:{each['id']}:{int(each['counts'])}" for each in page.context["links"]]
    assert kept == [asked]
    data = typed(office_department, grade="一等奖", link=kept, seen=page.context["seen"])
    assert client.post(at(project, row.pk, "edit"), data).status_code == 302
    assert ledger.links_of(row) == Links({point.pk: False}, {})


def test_what_is_returned_is_mended_and_says_how(
    client: Client, project: Project, filler: User, office: User, office_department: Department
) -> None:
    client.force_login(filler)
    client.post(at(project, "new"), typed(office_department, step="submit"))
    row = Outcome.objects.get()
    client.force_login(office)
    client.post(at(project, row.pk, "return"), {"comment": "请补文号", "seen": review.version_of(row)})
    assert Message.objects.get(user=filler).url == at(project, row.pk)
    client.force_login(filler)
    assert "请补文号" in client.get(at(project, row.pk, "edit")).content.decode()
    row.refresh_from_db()
    data = typed(office_department, document_no="某教〔2023〕1号", step="submit", seen=review.version_of(row))
    client.post(at(project, row.pk, "edit"), data)
    row.refresh_from_db()
    assert row.state == State.SUBMITTED
    assert ReviewLog.objects.get(verb="edit").comment == "文号：（空） → 某教〔2023〕1号"


def test_numbers_are_never_given_twice(
    client: Client, project: Project, filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    client.post(at(project, "new"), typed(office_department))
    row = Outcome.objects.get()
    client.post(at(project, row.pk, "discard"), {"seen": review.version_of(row)})
    assert not Outcome.objects.exists()
    Outcome.objects.create(project=project, code="CG-0002", name="工作簿里的", awarded_on=DAY)
    client.post(at(project, "new"), typed(office_department))
    assert Outcome.objects.latest("pk").code == "CG-0003"


def test_a_near_duplicate_asks_what_to_do(
    client: Client, project: Project, group: Project, filler: User, office_department: Department
) -> None:
    Outcome.objects.create(
        project=group,
        code="G1",
        name="2023年“全国技能大赛”一等奖",
        awarded_on=DAY,
        document_no="某教〔2023〕1号",
    )
    client.force_login(filler)
    asked = client.post(at(project, "new"), typed(office_department))
    page = asked.content.decode()
    assert asked.status_code == 422
    assert "可能已经登记过" in page
    assert "样例专业群项目" in page
    assert not project.outcomes.exists()
    client.post(at(project, "new"), typed(office_department, twin="keep"))
    assert not project.outcomes.exists()
    client.post(at(project, "new"), typed(office_department, twin=f"ref:{group.code}", step="submit"))
    row = project.outcomes.get()
    assert (row.first_project_code, row.state) == (group.code, State.SUBMITTED)
    other = typed(office_department, name="另一个", document_no="某教（2023）1 号")
    assert client.post(at(project, "new"), other).status_code == 422
    client.post(at(project, "new"), other | {"twin": "keep", "duplicate_reason": "同一文件里的另一项"})
    assert project.outcomes.latest("pk").duplicate_reason == "同一文件里的另一项"


@pytest.mark.parametrize("answer", [{"first_project_code": "G"}, {"duplicate_reason": "同一赛项的另一队"}])
@pytest.mark.parametrize("step", ["draft", "submit"])
def test_the_same_form_twice_is_one_row(
    client: Client,
    project: Project,
    group: Project,
    filler: User,
    office: User,
    office_department: Department,
    answer: dict[str, str],
    step: str,
) -> None:
    Outcome.objects.create(project=group, code="G1", name="全国技能大赛一等奖", awarded_on=DAY)
    reference = (
        {"twin": f"ref:{group.code}"} if "first_project_code" in answer else {"twin": "keep", **answer}
    )
    data = typed(office_department, step=step, **reference)
    client.force_login(filler)
    assert client.post(at(project, "new"), data).status_code == 302
    again = client.post(at(project, "new"), data)
    assert again.status_code == 409
    assert f"您已登记完全相同的一项（{Outcome.objects.get(project=project).code}）" in again.content.decode()
    # Another value is another row, and so is what another person enters or the same one much later.
    assert client.post(at(project, "new"), data | {"grade": "二队"}).status_code == 302
    Outcome.objects.filter(project=project).update(created_at=timezone.now() - timedelta(minutes=11))
    assert client.post(at(project, "new"), data).status_code == 302
    client.force_login(office)
    assert client.post(at(project, "new"), data).status_code == 302
    assert project.outcomes.count() == 4


def test_a_reference_is_shown_and_never_added(
    client: Client, project: Project, group: Project, point: TaskPoint, office: User
) -> None:
    Outcome.objects.create(project=group, code="G1", name="一等奖", awarded_on=DAY)
    row = Outcome.objects.create(
        project=project, code="A1", name="一等奖", awarded_on=DAY, first_project_code=group.code
    )
    row.point_links.create(point=point)
    facts = gather(project)
    assert facts.outcomes[0].is_reference
    assert not facts.outcome_figures.achieved
    assert facts.points[0].quantity is None
    client.force_login(office)
    assert "样例专业群项目" in client.get(at(project) + "?view=ledger").content.decode()
    assert "首计在" in client.get(at(project, row.pk)).content.decode()


def test_a_level_below_that_of_the_target_is_told_and_taken(
    client: Client,
    project: Project,
    target: OutcomeTarget,
    filler: User,
    office: User,
    office_department: Department,
) -> None:
    OutcomeTarget.objects.update(level="国家级")
    said = "成果级别“省级”低于成果目标的级别“国家级”"
    client.force_login(filler)
    data = typed(office_department, target=str(target.pk))
    assert said in client.post(at(project, "new"), data, follow=True).content.decode()
    row = Outcome.objects.get()
    edit = at(project, row.pk, "edit")
    # It stands at the fields as well, and goes away when it only supports the target.
    assert f"<span>{said}</span>" in client.get(edit).content.decode()
    seen = review.version_of(row)
    supports = data | {"target_counts": "0", "seen": seen}
    assert said not in client.post(edit, supports, follow=True).content.decode()
    client.post(edit, data | {"step": "submit", "seen": review.version_of(Outcome.objects.get())})
    client.force_login(office)
    assert said in client.get(at(project, row.pk)).content.decode()
    shown = client.get(f"/projects/{project.pk}/review/").context["item"]
    assert [check.sentence for check in shown.faults] == [said]


def test_a_list_says_at_each_row_whose_level_is_too_low(
    client: Client,
    project: Project,
    target: OutcomeTarget,
    filler: User,
    office_department: Department,
) -> None:
    OutcomeTarget.objects.update(level="国家级")
    client.force_login(filler)
    rows = [["甲", "2023-05-06", "省级"], ["乙", "2023-05-06", "国家级"]]
    data = preview_of(rows, office_department, "check", c2="level", level="", target=str(target.pk))
    page = client.post(at(project, "paste"), data).content.decode()
    assert page.count("成果级别“省级”低于成果目标的级别“国家级”") == 1
    assert "1 行级别低于成果目标" in page
    supports = client.post(at(project, "paste"), data | {"target_counts": "0"}).content.decode()
    assert "低于成果目标" not in supports
    answer = client.post(at(project, "paste"), data | {"step": "save"}, follow=True)
    assert "1 项的级别低于所计入成果目标的级别，请核对。" in answer.content.decode()
    assert Outcome.objects.count() == 2


# A list


def preview_of(rows: list[list[str]], department: Department, step: str, **more: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "width": str(len(rows[0])),
        "count": str(len(rows)),
        "c0": "name",
        "c1": "awarded_on",
        "department": str(department.pk),
        "level": "省级",
        "target_counts": "1",
        "step": step,
    }
    data |= {f"r{n}c{at}": text for n, row in enumerate(rows) for at, text in enumerate(row)}
    return data | more


def prizes(count: int) -> list[list[str]]:
    return [[f"技能大赛第{number}赛项", "2023-05-06"] for number in range(1, count + 1)]


def test_a_list_is_read_shown_and_nothing_is_saved(
    client: Client, project: Project, filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    head, first, second = "获奖名称\t获奖时间\t获奖级别", "甲赛项\t2023-05-06\t省级", "乙赛项\t五月\t国家级"
    text = "\n".join((head, first, second, first))
    page = client.post(at(project, "paste"), {"text": text, "step": "read"}).content.decode()
    assert "将登记 " in page
    assert "不是日期" in page
    assert "与本清单第 1 行名称相同" in page
    assert not Outcome.objects.exists()


def test_a_date_without_its_day_tells_how_it_is_read(
    client: Client, project: Project, filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    text = "获奖名称\t获奖时间\n甲赛项\t2023年8月\n乙赛项\t2023年8月6日"
    page = client.post(at(project, "paste"), {"text": text, "step": "read"}).content.decode()
    assert re.findall(r"按 (\S+) 登记", page) == ["2023-08-31"]


def test_one_bad_row_saves_nothing_and_loses_nothing(
    client: Client, project: Project, filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    rows = [*prizes(3), ["", "昨天"]]
    answer = client.post(at(project, "paste"), preview_of(rows, office_department, "submit"))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "还没有登记" in page
    assert all(row[0] in page for row in rows)
    assert not Outcome.objects.exists()
    back = client.post(at(project, "paste"), preview_of(rows, office_department, "back")).content.decode()
    assert "技能大赛第3赛项\t2023-05-06" in back


def test_a_list_again_is_asked_about_and_not_saved_twice(
    client: Client, project: Project, filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    data = preview_of(prizes(3), office_department, "submit")
    assert client.post(at(project, "paste"), data).status_code == 302
    assert client.post(at(project, "paste"), data).status_code == 422
    assert Outcome.objects.count() == 3
    some = {"do0": "skip", "do1": "keep", "why1": "另一年的", "do2": "keep"}
    assert client.post(at(project, "paste"), data | some).status_code == 422
    kept = client.post(at(project, "paste"), data | some | {"duplicate_reason": "另一届"})
    assert kept.status_code == 302
    assert list(Outcome.objects.order_by("pk").values_list("duplicate_reason", flat=True)[3:]) == [
        "另一年的",
        "另一届",
    ]


def test_143_prizes_are_one_save_of_few_queries(
    client: Client,
    project: Project,
    point: TaskPoint,
    target: OutcomeTarget,
    filler: User,
    office_department: Department,
    django_assert_max_num_queries: Any,
) -> None:
    client.force_login(filler)
    link = f"point:{point.pk}:1"
    data = preview_of(prizes(143), office_department, "submit", target=str(target.pk), link=link)
    with django_assert_max_num_queries(45):
        assert client.post(at(project, "paste"), data).status_code == 302
    rows = Outcome.objects.all()
    assert rows.count() == 143
    assert {row.state for row in rows} == {State.SUBMITTED}
    assert rows.values("code").distinct().count() == 143
    assert ReviewLog.objects.filter(verb="submit").count() == 143
    facts = gather(project, pending=True)
    assert facts.points[0].quantity == 143
    assert facts.outcome_figures.progress[0].done == 143


def test_statements_do_not_grow_with_the_list(
    project: Project, filler: User, office_department: Department, django_assert_max_num_queries: Any
) -> None:
    rows = [
        Fresh({"name": f"成果{n}", "awarded_on": DAY, "department_id": office_department.pk})
        for n in range(50)
    ]
    with django_assert_max_num_queries(20):
        ledger.register(project, rows, by=filler, now=timezone.now(), submitting=False)
    more = [Fresh({**row.values, "name": f"又{row.values['name']}"}, Links()) for row in rows * 4]
    with django_assert_max_num_queries(20):
        ledger.register(project, more, by=filler, now=timezone.now(), submitting=False)


# Links


def test_the_search_knows_points_and_indicators_of_the_project_alone(
    client: Client, project: Project, point: TaskPoint, filler: User, outsider: User
) -> None:
    Indicator.objects.create(
        project=project, code="1.1", level1="产出指标", level2="数量指标", name="汇编数量"
    )
    client.force_login(filler)
    found = client.get(at(project, "links") + "?q=汇编").json()["items"]
    assert [(item["kind"], item["code"]) for item in found] == [
        ("point", "8-2-2023-03"),
        ("indicator", "1.1"),
    ]
    assert (
        client.get(at(project, "links") + f"?task={point.task.parent_id}").json()["items"][0]["id"]
        == point.pk
    )
    assert client.get(at(project, "links")).json()["items"] == []
    client.force_login(outsider)
    assert client.get(at(project, "links") + "?q=汇编").status_code == 404


def test_from_a_point_the_office_counts_what_a_filler_may_only_cite(
    client: Client, project: Project, point: TaskPoint, filler: User, office: User
) -> None:
    row = Outcome.objects.create(project=project, code="A1", name="一等奖", awarded_on=DAY, quantity=3)
    address = f"/linked/point/{point.pk}/outcomes/"
    client.force_login(filler)

    def chosen(counts: str) -> dict[str, str]:
        row.refresh_from_db()
        return {"outcome": f"{row.pk}:{review.version_of(row)}", "counts": counts}

    refused = client.post(address + "add/", chosen("1"), follow=True)
    assert "由项目办关联" in refused.content.decode()
    assert not row.point_links.exists()
    assert chosen("0")["outcome"] in client.get(address).content.decode()
    client.post(address + "add/", chosen("0"))
    assert not row.point_links.get().counts
    assert "仅引用，不计数量" in client.get(address).content.decode()
    client.force_login(office)
    client.post(address + "add/", chosen("1"))
    assert gather(project).points[0].quantity == 3
    page = client.get(address).content.decode()
    assert "关联成果 1 条" in page
    assert "合计 3 部" in page
    assert ReviewLog.objects.filter(verb="correct").count() == 2
    early = client.get(address + f"?as_of={DAY - timedelta(days=1)}").content.decode()
    assert "合计 0 部" in early


def test_a_link_that_another_made_meanwhile_is_not_overwritten(
    client: Client, project: Project, point: TaskPoint, office: User
) -> None:
    row = Outcome.objects.create(project=project, code="A1", name="一等奖", awarded_on=DAY, quantity=3)
    address = f"/linked/point/{point.pk}/outcomes/add/"
    client.force_login(office)
    seen = f"{row.pk}:{review.version_of(row)}"
    assert client.post(address, {"outcome": seen, "counts": "1"}).status_code == 302
    for stale in (seen, str(row.pk)):
        answer = client.post(address, {"outcome": stale, "counts": "0"})
        assert answer.status_code == 409
        assert "成果 A1 有了变化" in answer.content.decode()
        assert row.point_links.get().counts


def test_an_approval_that_changed_meanwhile_is_not_revoked(
    client: Client, project: Project, office: User
) -> None:
    row = Outcome.objects.create(project=project, code="A1", name="一等奖", awarded_on=DAY, quantity=3)
    seen = review.version_of(row)
    Outcome.objects.filter(pk=row.pk).update(name="二等奖", revision=9)
    client.force_login(office)
    for sent in ({"seen": seen}, {}):
        answer = client.post(at(project, row.pk, "revoke"), {"comment": "证书有误", **sent})
        assert answer.status_code == 409
        assert "二等奖" in answer.content.decode()
        assert "证书有误" in answer.content.decode()
    row.refresh_from_db()
    assert row.state == State.APPROVED
    client.post(at(project, row.pk, "revoke"), {"comment": "证书有误", "seen": review.version_of(row)})
    row.refresh_from_db()
    assert row.state == State.RETURNED


def test_what_is_locked_is_neither_revoked_nor_corrected_nor_linked(
    client: Client, project: Project, point: TaskPoint, office: User, office_department: Department
) -> None:
    row = Outcome.objects.create(
        project=project, code="A1", name="一等奖", awarded_on=DAY, quantity=3, department=office_department
    )
    project.windows.update(locked_at=timezone.now(), cutoff=DAY)
    client.force_login(office)
    seen = review.version_of(row)
    for address, sent in (
        (at(project, row.pk, "revoke"), {"comment": "证书有误", "seen": seen}),
        (
            at(project, row.pk, "edit"),
            typed(office_department, name="二等奖", reason="证书有误", seen=seen),
        ),
        (f"/linked/point/{point.pk}/outcomes/add/", {"outcome": f"{row.pk}:{seen}", "counts": "1"}),
    ):
        answer = client.post(address, sent)
        assert answer.status_code == 403
        assert "已锁定" in answer.content.decode()
    row.refresh_from_db()
    assert (row.state, row.name) == (State.APPROVED, "一等奖")


def test_links_to_another_project_are_not_taken(
    client: Client, project: Project, group: Project, filler: User, office_department: Department
) -> None:
    task = group.tasks.create(code="1", name="任务")
    alien = TaskPoint.objects.create(task=task, year=2023, seq="1", text="别的", due_on=DAY)
    client.force_login(filler)
    links = [f"point:{alien.pk}:1", "point:99999999999999999999:1", "x:1:1", ""]
    client.post(at(project, "new"), typed(office_department, link=links))
    assert not Outcome.objects.get().point_links.exists()


# Several at once


@pytest.mark.usefixtures("_header_known")
def test_drafts_are_handed_in_and_approved_together(
    client: Client,
    project: Project,
    filler: User,
    office: User,
    office_department: Department,
    django_assert_max_num_queries: Any,
) -> None:
    client.force_login(filler)
    client.post(at(project, "paste"), preview_of(prizes(60), office_department, "save"))
    Outcome.objects.create(
        project=project, code="A1", name="技能大赛第1赛项", awarded_on=DAY, state=State.APPROVED
    )
    page = client.get(at(project) + "?view=mine").content.decode()
    chosen = re.findall(r'name="row" value="([^"]+)"', page)
    assert len(chosen) == 60
    # Nothing is handed in that changed since the page was opened.
    stale = [f"{row.partition(':')[0]}:{version}" for row, version in zip(chosen[:2], ("0", ""), strict=True)]
    answer = client.post(at(project, "many"), {"row": stale, "step": "submit"}, follow=True)
    assert answer.content.decode().count("有了变化") == 2
    assert not Outcome.objects.filter(state=State.SUBMITTED).exists()
    with django_assert_max_num_queries(45):
        answer = client.post(at(project, "many"), {"row": chosen, "step": "submit"}, follow=True)
    assert "已提交 59 项成果" in answer.content.decode()
    assert "可能重复" in answer.content.decode()
    client.force_login(office)
    shown = client.get(at(project) + "?view=mine").content.decode()
    chosen = re.findall(r'name="row" value="([^"]+)" data-can="approve"', shown)
    assert len(chosen) == 59
    stale = [chosen[0].partition(":")[0] + ":0", *chosen[1:]]
    answer = client.post(at(project, "many"), {"row": stale, "step": "approve"}, follow=True)
    assert Outcome.objects.filter(state=State.APPROVED).count() == 59
    assert "有了变化" in answer.content.decode()


def test_what_has_a_failed_check_is_not_approved_with_the_others(
    client: Client, project: Project, filler: User, office: User, office_department: Department
) -> None:
    client.force_login(filler)
    client.post(at(project, "paste"), preview_of(prizes(3), office_department, "submit"))
    bad = Outcome.objects.order_by("pk")[1]
    Outcome.objects.filter(pk=bad.pk).update(awarded_on="2019-05-06")
    rows = [f"{row.pk}:{review.version_of(row)}" for row in Outcome.objects.order_by("pk")]
    client.force_login(office)
    answer = client.post(at(project, "many"), {"row": rows, "step": "approve"}, follow=True)
    page = answer.content.decode()
    assert "已通过 2 项成果" in page
    assert f"{bad.code} {bad.name[:30]}：日期 2019-05-06 早于统计时段开始日" in page
    assert list(Outcome.objects.filter(state=State.SUBMITTED)) == [bad]


def test_nobody_approves_without_a_seat(
    client: Client, project: Project, filler: User, office_department: Department
) -> None:
    client.force_login(filler)
    client.post(at(project, "paste"), preview_of(prizes(2), office_department, "submit"))
    rows = [f"{row.pk}:{review.version_of(row)}" for row in Outcome.objects.all()]
    client.post(at(project, "many"), {"row": rows, "step": "approve"})
    assert not Outcome.objects.filter(state=State.APPROVED).exists()
