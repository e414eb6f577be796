"""Filling in: drafts, submission, withdrawal, correction, and two people on the same point."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from hypothesis import example, given
from hypothesis import strategies as st

from projects import review
from projects.forms import WordsField
from projects.models import Entry, ReviewLog, State, StoredFile, TaskPoint, User
from projects.workbook.cells import RawCell, text
from projects.workbook.faults import Problem
from tests.projects.conftest import COMPLETE, pdf

TYPED = {
    "quantity": "1",
    "percent": "",
    "effective_on": "2023-12-22",
    "description": "汇编（第二版）已印发。",
}


def fill(client: Client, point: TaskPoint, step: str = "draft", seen: str | None = None, **typed: Any) -> Any:
    """Send the form as a browser does that has just opened it."""
    version = review.version_of(review.latest(point)) if seen is None else seen
    address = reverse("projects:fill", args=[point.pk])
    return client.post(address, {**TYPED, "step": step, "seen": version, **typed})


def test_a_draft_is_saved_and_edited_in_place(browser: Any, point: TaskPoint, filler: User) -> None:
    client = browser(filler)
    answer = fill(client, point, quantity="0.5", reason="排版延期")
    assert answer["Location"] == reverse("projects:point", args=[point.pk]) + "?as_of=2024-03-01"
    entry = Entry.objects.get()
    assert (entry.state, entry.quantity, entry.author) == (State.DRAFT, Decimal("0.5"), filler)
    assert (entry.reason, entry.effective_on) == ("排版延期", date(2023, 12, 22))
    fill(client, point, quantity="0.75")
    entry.refresh_from_db()
    assert (Entry.objects.count(), entry.quantity) == (1, Decimal("0.75"))


def test_a_submission_is_logged_and_waits(browser: Any, point: TaskPoint, filler: User) -> None:
    assert fill(browser(filler), point, "submit", percent="100").status_code == 302
    entry = Entry.objects.get()
    assert (entry.state, entry.ratio) == (State.SUBMITTED, 1)
    assert entry.submitted_at is not None
    log = ReviewLog.objects.get()
    assert (log.verb, log.by, log.from_state, log.to_state) == ("submit", filler, "draft", "submitted")


def test_a_mark_for_unknown_does_not_say_what_was_done(browser: Any, point: TaskPoint, filler: User) -> None:
    answer = fill(browser(filler), point, "submit", description=" — ")
    assert answer.status_code == 422
    assert "提交前请写明做了什么、结果如何。" in answer.content.decode()
    assert not Entry.objects.exists()


@given(st.text())
@example("\ufeff建成\r\n两门课程\u2028。\x0b")
@example("（略）")
def test_what_is_typed_reads_the_same_from_a_cell(typed: str) -> None:
    kept = WordsField(required=False).clean(typed)
    with suppress(Problem):
        assert text(RawCell(kept)) == kept


def test_the_form_shows_plan_unit_and_limits(browser: Any, point: TaskPoint, filler: User) -> None:
    text = browser(filler).get(reverse("projects:fill", args=[point.pk])).content.decode()
    assert "计划 1 部，填到完成日期为止的累计数" in text
    assert 'max="2024-03-01"' in text
    assert f'data-max-bytes="{200 * 1024 * 1024}"' in text


def test_the_form_says_what_evidence_is_lacking(browser: Any, point: TaskPoint, filler: User) -> None:
    words = "缺佐证：要求 2 份，已有 0 份"
    assert words not in browser(filler).get(f"/points/{point.pk}/fill/").content.decode()
    TaskPoint.objects.update(evidence_required="印发通知、汇编目录")
    assert words in browser(filler).get(f"/points/{point.pk}/fill/").content.decode()


def test_what_is_refused_stays_on_the_page(browser: Any, point: TaskPoint, filler: User) -> None:
    answer = fill(browser(filler), point, "submit", quantity="二本", description="写了很多字的一段话")
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“二本”不是数字，应为数字，例如 2。" in text
    assert 'value="二本"' in text
    assert "写了很多字的一段话" in text
    assert not Entry.objects.exists()


def test_all_that_is_missing_is_told_at_once(browser: Any, point: TaskPoint, filler: User) -> None:
    answer = fill(browser(filler), point, "submit", quantity="", effective_on="", description="")
    assert set(answer.context["form"].errors) == {"quantity", "effective_on", "description"}
    answer = fill(browser(filler), point, "submit", quantity="0.5", effective_on="")
    assert set(answer.context["form"].errors) == {
        *("effective_on", "reason_kind", "reason", "expected_on", "next_step")
    }


def test_due_and_not_done_asks_for_reasons(browser: Any, point: TaskPoint, filler: User) -> None:
    answer = fill(browser(filler), point, "submit", quantity="0.5")
    assert answer.content.decode().count("任务点已到期而没有完成，提交前请填写这一项。") == 4
    reasons = {"reason": "排版延期", "reason_kind": "其他", "expected_on": "2024-06-30", "next_step": "催办"}
    assert fill(browser(filler), point, "submit", quantity="0.5", **reasons).status_code == 302
    assert Entry.objects.get().expected_on == date(2024, 6, 30)


def test_the_form_says_which_files_are_taken(browser: Any, point: TaskPoint, filler: User) -> None:
    text = browser(filler).get(reverse("projects:fill", args=[point.pk])).content.decode()
    assert "可以上传 PDF、OFD、图片" in text
    assert "ODS 表格" in text
    assert ".ods," in text


def test_files_come_with_the_form(browser: Any, point: TaskPoint, filler: User) -> None:
    assert fill(browser(filler), point, "submit", materials=[pdf(), pdf("目录.pdf", b"2")]).status_code == 302
    assert [material.title for material in point.evidence.all()] == ["印发通知", "目录"]


def test_a_refused_file_stops_the_whole_form(browser: Any, point: TaskPoint, filler: User) -> None:
    answer = fill(browser(filler), point, materials=[pdf(), SimpleUploadedFile("网页.html", b"<html>")])
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "“网页.html”的内容不是可以上传的类型" in text
    assert "请重新选择文件" in text
    assert not Entry.objects.exists()
    assert not StoredFile.objects.exists()


def test_a_full_disk_saves_nothing(
    browser: Any, point: TaskPoint, filler: User, monkeypatch: pytest.MonkeyPatch, evidence_dir: Path
) -> None:
    def full(*args: Any) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    answer = fill(browser(filler), point, "submit", materials=[pdf()])
    assert answer.status_code == 422
    assert "服务器保存“印发通知.pdf”时出错，本次内容都没有保存" in answer.content.decode()
    assert not Entry.objects.exists()
    assert [path for path in evidence_dir.rglob("*") if path.is_file()] == []


def test_after_a_return_a_new_entry_begins_with_the_old_words(
    browser: Any, point: TaskPoint, filler: User, returned: Callable[..., Entry]
) -> None:
    before = returned("请写明制度数量。", description="已经印发。")
    client = browser(filler)
    text = client.get(reverse("projects:fill", args=[point.pk])).content.decode()
    assert "请写明制度数量。" in text
    assert "已经印发。" in text
    assert fill(client, point, "submit", description="共 143 项制度。").status_code == 302
    before.refresh_from_db()
    assert (before.state, before.description) == (State.RETURNED, "已经印发。")
    latest = review.latest(point)
    assert latest is not None
    assert (latest.state, latest.description) == (State.SUBMITTED, "共 143 项制度。")


def test_a_correction_is_a_new_entry_beside_the_approved_one(
    browser: Any, point: TaskPoint, filler: User, approved: Callable[..., Entry]
) -> None:
    entry = approved()
    client = browser(filler)
    text = client.get(reverse("projects:fill", args=[point.pk])).content.decode()
    assert "更正填报" in text
    assert entry.description in text
    assert fill(client, point, "submit", quantity="2").status_code == 302
    entry.refresh_from_db()
    assert (entry.state, entry.quantity) == (State.APPROVED, Decimal(1))
    assert Entry.objects.count() == 2


def test_while_it_is_reviewed_nothing_can_be_filled(
    browser: Any, point: TaskPoint, filler: User, submitted: Callable[..., Entry]
) -> None:
    submitted()
    client = browser(filler)
    answer = client.get(reverse("projects:fill", args=[point.pk]), follow=True)
    assert "上一次填报还在审核中" in answer.content.decode()
    answer = fill(client, point, description="另一段话")
    assert answer.status_code == 409
    assert "上一次填报还在审核中" in answer.content.decode()
    assert "另一段话" in answer.content.decode()
    assert Entry.objects.count() == 1


def test_another_entry_made_meanwhile_is_told_and_nothing_is_lost(
    browser: Any, point: TaskPoint, filler: User, office: User
) -> None:
    seen = review.version_of(None)
    review.save_draft(point, COMPLETE | {"description": "周敏写的"}, by=office, seen=seen)
    answer = fill(browser(filler), point, seen=seen, description="高远写的")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "您打开页面之后，这一项的填报有了变化。" in text
    assert "周敏写的" in text
    assert "高远写的" in text
    assert Entry.objects.get().description == "周敏写的"
    # The page now shows what stands: saving again is a decision.
    version = review.version_of(review.latest(point))
    assert f'name="seen" value="{version}"' in text
    fill(browser(filler), point, seen=version, description="高远写的")
    assert Entry.objects.get().description == "高远写的"


def test_a_draft_changed_meanwhile_is_told(
    browser: Any, point: TaskPoint, filler: User, draft: Callable[..., Entry]
) -> None:
    seen = review.version_of(draft())
    draft(description="同事改过的")
    assert fill(browser(filler), point, seen=seen).status_code == 409
    assert Entry.objects.get().description == "同事改过的"


def test_a_saved_draft_is_submitted_as_it_is(
    browser: Any, point: TaskPoint, filler: User, draft: Callable[..., Entry]
) -> None:
    entry = draft()
    browser(filler).post(reverse("projects:submit", args=[entry.pk]))
    entry.refresh_from_db()
    assert entry.state == State.SUBMITTED


def test_an_incomplete_draft_is_sent_back_to_the_form(
    browser: Any, filler: User, draft: Callable[..., Entry]
) -> None:
    entry = draft(quantity=Decimal("0.5"), description="")
    answer = browser(filler).post(reverse("projects:submit", args=[entry.pk]), follow=True)
    text = answer.content.decode()
    assert answer.redirect_chain[0][0] == reverse("projects:fill", args=[entry.point_id])
    assert "还不能提交。实际完成情况：提交前请写明做了什么、结果如何。" in text
    assert "还不能提交。未完成原因：任务点已到期而没有完成" in text
    entry.refresh_from_db()
    assert entry.state == State.DRAFT


def test_its_author_withdraws_what_is_not_reviewed_yet(
    browser: Any, filler: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    browser(filler).post(reverse("projects:withdraw", args=[entry.pk]))
    entry.refresh_from_db()
    assert (entry.state, entry.submitted_at) == (State.DRAFT, None)


def test_what_was_submitted_stays_when_a_withdrawn_entry_is_changed(
    browser: Any, point: TaskPoint, filler: User, submitted: Callable[..., Entry]
) -> None:
    first, client = submitted(description="先交的话"), browser(filler)
    review.withdraw(first, by=filler)
    fill(client, point, description="改过的话")
    fill(client, point, description="又改的话")
    first.refresh_from_db()
    assert (first.state, first.description) == (State.DRAFT, "先交的话")
    assert Entry.objects.count() == 2
    events = client.get(reverse("projects:point", args=[point.pk])).context["events"]
    assert [(event.label or event.state, event.text) for event in events] == [
        ("draft", "又改的话"),
        ("已撤回", ""),
        ("submitted", "先交的话"),
    ]


def test_a_withdrawn_entry_is_not_submitted_beside_its_successor(
    browser: Any, point: TaskPoint, filler: User, submitted: Callable[..., Entry]
) -> None:
    first, client = submitted(), browser(filler)
    review.withdraw(first, by=filler)
    fill(client, point, description="改过的话")
    answer = client.post(reverse("projects:submit", args=[first.pk]), follow=True)
    assert "已有更新的填报，请提交最新的一份。" in answer.content.decode()
    assert not Entry.objects.filter(state=State.SUBMITTED).exists()


def test_a_returned_entry_is_not_submitted_again(
    browser: Any, filler: User, returned: Callable[..., Entry]
) -> None:
    entry = returned()
    answer = browser(filler).post(reverse("projects:submit", args=[entry.pk]), follow=True)
    assert "该填报现在是“已退回”，不能提交。" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.state == State.RETURNED


def test_what_is_decided_cannot_be_withdrawn(
    browser: Any, filler: User, approved: Callable[..., Entry]
) -> None:
    entry = approved()
    answer = browser(filler).post(reverse("projects:withdraw", args=[entry.pk]), follow=True)
    assert "该填报现在是“已通过”，不能撤回。" in answer.content.decode()
    entry.refresh_from_db()
    assert entry.state == State.APPROVED


def test_another_person_does_not_withdraw(
    browser: Any, head: User, other_filler: User, submitted: Callable[..., Entry]
) -> None:
    entry = submitted()
    for user in (head, other_filler):
        answer = browser(user).post(reverse("projects:withdraw", args=[entry.pk]))
        assert answer.status_code == 403
        assert "只有高远本人或现在承担的人可以撤回这次填报。" in answer.content.decode()


FILLERS = [
    ("filler", 200),
    ("head", 200),
    ("office", 200),
    ("admin_user", 200),
    ("other_filler", 403),
    ("principal", 403),
    ("outsider", 404),
]


@pytest.mark.parametrize(("name", "status"), FILLERS)
def test_who_may_fill(
    browser: Any, point: TaskPoint, name: str, status: int, request: pytest.FixtureRequest
) -> None:
    user = request.getfixturevalue(name)
    assert browser(user).get(reverse("projects:fill", args=[point.pk])).status_code == status
    assert fill(browser(user), point).status_code == (302 if status == 200 else status)
    assert Entry.objects.exists() == (status == 200)


def test_a_refusal_says_who_fills(browser: Any, point: TaskPoint, other_filler: User) -> None:
    answer = browser(other_filler).get(reverse("projects:fill", args=[point.pk]))
    assert "任务点 8-2-2023-03 由党政办公室填报，您不能填报。" in answer.content.decode()


def test_the_account_a_point_is_assigned_to_fills_it(
    browser: Any, point: TaskPoint, other_filler: User
) -> None:
    point.assignee = other_filler
    point.save()
    assert fill(browser(other_filler), point).status_code == 302


def test_an_assisting_department_fills_too(browser: Any, point: TaskPoint, other_filler: User) -> None:
    department = other_filler.memberships.get().department
    assert department is not None
    point.co_departments.add(department)
    assert fill(browser(other_filler), point).status_code == 302


@pytest.mark.parametrize(("name", "status"), [("other_filler", 404), ("principal", 404), ("outsider", 404)])
def test_a_draft_does_not_exist_for_others(
    browser: Any, draft: Callable[..., Entry], name: str, status: int, request: pytest.FixtureRequest
) -> None:
    entry = draft()
    user = request.getfixturevalue(name)
    assert browser(user).post(reverse("projects:submit", args=[entry.pk])).status_code == status


@pytest.mark.parametrize("name", ["submit", "withdraw"])
def test_steps_are_taken_by_post_only(
    browser: Any, office: User, draft: Callable[..., Entry], name: str
) -> None:
    address = reverse(f"projects:{name}", args=[draft().pk])
    assert browser(office).get(address).status_code == 405


def test_visitors_are_asked_to_log_in(client: Client, point: TaskPoint) -> None:
    address = reverse("projects:fill", args=[point.pk])
    assert client.get(address)["Location"] == f"/login/?next={address}"


def test_an_unchanged_resubmission_is_refused(
    browser: Any, point: TaskPoint, filler: User, returned: Callable[..., Entry]
) -> None:
    returned()
    client = browser(filler)
    answer = fill(client, point, "submit")
    assert answer.status_code == 409
    assert "内容与退回的填报完全相同，请按退回意见修改" in answer.content.decode()
    assert Entry.objects.count() == 1
    assert fill(client, point, "submit", materials=[pdf()]).status_code == 302


def test_withdrawing_does_not_make_an_unchanged_resubmission_a_new_one(
    browser: Any, point: TaskPoint, filler: User, returned: Callable[..., Entry]
) -> None:
    returned()
    client = browser(filler)
    fill(client, point, "submit", description="改过的话")
    latest = review.latest(point)
    assert latest is not None
    review.withdraw(latest, by=filler)
    assert fill(client, point, "submit").status_code == 409


def test_an_unchanged_draft_needs_evidence_added_since_the_return(
    browser: Any, point: TaskPoint, filler: User, returned: Callable[..., Entry], draft: Callable[..., Entry]
) -> None:
    returned()
    entry, client = draft(), browser(filler)
    client.post(reverse("projects:submit", args=[entry.pk]))
    entry.refresh_from_db()
    assert entry.state == State.DRAFT
    client.post(reverse("reports:proof_add", args=["point", point.pk]), {"materials": [pdf()]})
    client.post(reverse("projects:submit", args=[entry.pk]))
    entry.refresh_from_db()
    assert entry.state == State.SUBMITTED


@pytest.mark.parametrize(
    ("required", "materials", "is_warned"), [("文件", 0, True), ("文件", 1, False), ("", 0, False)]
)
def test_missing_evidence_is_told_on_submission(
    browser: Any, point: TaskPoint, filler: User, required: str, materials: int, is_warned: bool
) -> None:
    point.evidence_required = required
    point.save()
    client = browser(filler)
    answer = fill(client, point, "submit", materials=[pdf()] * materials)
    text = client.get(answer["Location"]).content.decode()
    assert ("已提交，但还没有佐证材料：任务书要求 文件" in text) is is_warned
    assert Entry.objects.get().state == State.SUBMITTED
