"""Evidence pages: what scripts are told, known files, missing files, describing, linking, previews."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from indicators.models import Indicator, Outcome
from projects import evidence
from projects.filetypes import ENTRY
from projects.materials import version_of, version_of_use
from projects.models import (
    Department,
    Entry,
    Evidence,
    Institution,
    PointEvidence,
    Project,
    ReportingWindow,
    State,
    StoredFile,
    Task,
    TaskPoint,
    User,
)
from tests import hostile
from tests.conftest import NOW
from tests.projects.conftest import PDF, pdf
from tests.projects.test_evidence import zipped

JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def evidence_dir(settings: LazySettings, tmp_path: Path) -> Path:
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    return tmp_path / "evidence"


@pytest.fixture
def second(task: Task, office_department: Department) -> TaskPoint:
    return TaskPoint.objects.create(
        task=task,
        year=2022,
        seq="1",
        text="制定章程",
        due_on=date(2022, 12, 31),
        department=office_department,
    )


@pytest.fixture
def indicator(project: Project, office_department: Department) -> Indicator:
    return Indicator.objects.create(
        project=project, code="1.1", level1="产出", level2="数量", name="制度数", department=office_department
    )


@pytest.fixture
def outcome(project: Project, office_department: Department) -> Outcome:
    return Outcome.objects.create(
        project=project,
        code="C1",
        name="一等奖",
        awarded_on=date(2023, 1, 1),
        department=office_department,
        state=State.DRAFT,
    )


@pytest.fixture
def bare(project: Project, point: TaskPoint) -> Evidence:
    found = Evidence.objects.create(project=project, file_name="批复.pdf", title="立项批复")
    PointEvidence.objects.create(evidence=found, point=point)
    return found


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def add(user: User, target: Any, *uploads: Any, headers: Any = JSON, kind: str = "", **data: str) -> Any:
    kind = kind or {TaskPoint: "point", Indicator: "indicator", Outcome: "outcome"}[type(target)]
    address = reverse("reports:proof_add", args=[kind, target.pk])
    if not headers:
        return browser(user).post(address, {"materials": list(uploads)}, follow=True)
    files = {"materials": list(uploads)} if uploads else {}
    return browser(user).post(address, files | data, headers=headers)


def attach(target: Any, upload: Any, by: User) -> Evidence:
    with evidence.filing() as files:
        return files.attach(target, upload, by=by).evidence


def digest_of(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


# The answer to scripts


def test_a_script_is_told_what_became_of_a_file(filler: User, point: TaskPoint) -> None:
    answer = add(filler, point, pdf()).json()
    found = point.evidence.get()
    address = reverse("reports:material", args=[point.project.pk, found.pk])
    assert answer["ok"]
    assert (answer["errors"], answer["known"], answer["count"]) == ([], "", 1)
    assert answer["materials"] == [{"id": found.pk, "title": "印发通知", "number": "8-2-01", "href": address}]
    assert address in answer["files"]
    assert LogEntry.objects.get(object_id=str(found.pk)).change_message == "用于任务点“8-2-2023-03”"


@pytest.mark.parametrize("kind", ["indicator", "outcome"])
def test_indicators_and_ledger_rows_take_evidence(
    kind: str, filler: User, other_filler: User, outsider: User, request: pytest.FixtureRequest
) -> None:
    target = request.getfixturevalue(kind)
    assert add(filler, target, pdf()).json()["ok"]
    assert target.evidence_uses.get().evidence.title == "印发通知"
    refused = 404 if kind == "outcome" else 403  # a draft is not there for others
    assert add(other_filler, target, pdf()).status_code == refused
    assert add(outsider, target, pdf()).status_code == 404
    page = browser(filler).get(reverse("reports:proofs", args=[kind, target.pk]))
    assert "印发通知" in page.content.decode()


def test_without_scripts_several_files_go_in_at_once(filler: User, indicator: Indicator) -> None:
    answer = add(filler, indicator, pdf(), pdf("目录.pdf", b"2"), headers={})
    assert answer.redirect_chain == [(reverse("reports:proofs", args=["indicator", indicator.pk]), 302)]
    assert "已添加 2 份佐证材料。" in answer.content.decode()


def test_without_scripts_a_refusal_is_the_page_with_its_sentence(filler: User, point: TaskPoint) -> None:
    answer = add(filler, point, SimpleUploadedFile("页.html", b"<html>"), headers={})
    assert answer.status_code == 422
    assert answer.redirect_chain == []
    assert "“页.html”的内容不是可以上传的类型" in answer.content.decode()
    assert reverse("reports:proof_add", args=["point", point.pk]) in answer.content.decode()


def bomb() -> bytes:
    return hostile.packed({"a": bytes(3_000_000)})


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (
            "图.svg",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "不是可以上传",
        ),
        (
            "图.png",
            b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
            "不是可以上传",
        ),
        ("页.html", b"<html><script>alert(1)</script>", "不是可以上传"),
        ("页.pdf", b"<html><script>alert(1)</script>", "不是可以上传"),
        ("图.jpg", PDF, "扩展名应为 .pdf"),
        ("空.pdf", b"", "是空文件"),
        ("炸弹.zip", bomb(), "疑似压缩炸弹"),
        ("套装.zip", hostile.packed({"各部门/甲.ZIP": bomb()}), "疑似压缩炸弹"),
        ("套装.zip", hostile.packed({"甲.zip": zipped("../../x")}), "带有上级路径"),
        ("过多.zip", ENTRY * 100_001 + zipped("x"), "有超过 10000 个文件"),
        ("套装.zip", hostile.packed({"甲.zip": ENTRY * 100_001}), "有超过 10000 个文件"),
        ("三层.zip", hostile.packed({"甲.zip": hostile.packed({"乙.zip": zipped("x")})}), "还套着压缩包"),
        ("出逃.zip", zipped("../../etc/cron.d/x"), "带有上级路径"),
        ("出逃.zip", zipped("C:\\Windows\\x.exe"), "带有上级路径"),
    ],
)
def test_bad_files_are_refused_logged_and_not_stored(
    name: str,
    content: bytes,
    said: str,
    filler: User,
    point: TaskPoint,
    evidence_dir: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = add(filler, point, SimpleUploadedFile(name, content))
    assert answer.status_code == 422
    assert answer.json()["ok"] is False
    assert said in answer.json()["errors"][0]
    assert name in caplog.text
    assert not StoredFile.objects.exists()
    assert not evidence_dir.exists()


@pytest.mark.parametrize("headers", [JSON, {}])
@pytest.mark.parametrize("name", ["../../通知.pdf", "C:\\\\桌面\\\\通知.pdf", "&#46;&#46;/通知.pdf"])
def test_a_name_with_a_path_is_refused(
    name: str, headers: Any, filler: User, point: TaskPoint, caplog: pytest.LogCaptureFixture
) -> None:
    body = (
        f'--B\r\nContent-Disposition: form-data; name="materials"; filename="{name}"\r\n'
        "Content-Type: application/pdf\r\n\r\n"
    ).encode() + PDF
    answer = browser(filler).post(
        reverse("reports:proof_add", args=["point", point.pk]),
        body + b"\r\n--B--\r\n",
        content_type="multipart/form-data; boundary=B",
        headers=headers,
    )
    assert answer.status_code == 422
    told = answer.json()["errors"][0] if headers else answer.content.decode()
    assert "带有路径，没有接收" in told
    assert "refused for its name" in caplog.text
    assert not StoredFile.objects.exists()


def test_too_large_is_413_before_it_is_read(
    filler: User, point: TaskPoint, settings: LazySettings, caplog: pytest.LogCaptureFixture
) -> None:
    settings.EVIDENCE_MAX_BYTES, settings.EVIDENCE_MORE_BYTES = 1024, 100_000
    large = pdf(extra=bytes(90_000))
    answer = add(filler, point, large)
    assert answer.status_code == 413
    assert "超过上限 1.0" in answer.json()["errors"][0]
    assert add(filler, point, pdf(extra=bytes(200_000)), headers={}).status_code == 413
    assert "refused as too large" in caplog.text
    assert not StoredFile.objects.exists()


def test_the_limit_is_two_hundred_megabytes(settings: LazySettings) -> None:
    assert settings.EVIDENCE_MAX_BYTES == 200 * 1024 * 1024


def test_a_forged_kind_or_id_is_not_found(filler: User, point: TaskPoint) -> None:
    for kind, pk in (("project", point.pk), ("point", 10**9), ("outcome", point.pk)):
        address = reverse("reports:proof_add", args=[kind, pk])
        assert browser(filler).post(address, {"materials": [pdf()]}).status_code == 404


# Known files


def test_a_known_file_is_linked_by_its_digest_alone(
    filler: User, point: TaskPoint, second: TaskPoint
) -> None:
    attach(point, pdf(), filler)
    answer = add(filler, second, sha256=digest_of(PDF), name="改名.pdf").json()
    assert answer["known"] == "该文件已佐证 1 个任务点，已直接关联"
    assert answer["uses"] == [
        {
            "text": "8-2-2023-03 编印学校《规章制度汇编》第二版",
            "href": reverse("projects:point", args=[point.pk]),
        }
    ]
    assert second.evidence.get() == point.evidence.get()
    assert StoredFile.objects.count() == 1


def test_uploaded_again_it_is_linked_and_told(
    filler: User, point: TaskPoint, second: TaskPoint, indicator: Indicator, evidence_dir: Path
) -> None:
    attach(point, pdf(), filler)
    attach(indicator, pdf(), filler)
    page = add(filler, second, pdf("改名.pdf"), headers={}).content.decode()
    assert "该文件已佐证 1 个任务点、1 个绩效指标（8-2-2023-03 编印" in page
    assert len([path for path in evidence_dir.rglob("*") if path.is_file()]) == 1


def test_sent_for_the_same_thing_again_it_is_there(
    filler: User, point: TaskPoint, indicator: Indicator
) -> None:
    attach(point, pdf(), filler)
    attach(indicator, pdf(), filler)
    answer = add(filler, point, pdf("改名.pdf")).json()
    assert (answer["known"], answer["count"]) == ("该文件已在这里，没有重复添加", 1)
    page = add(filler, point, pdf("改名.pdf"), headers={}).content.decode()
    assert "“印发通知”：该文件已在这里，没有重复添加。" in page


def test_an_unknown_digest_has_to_travel(
    filler: User, point: TaskPoint, second: TaskPoint, other_college: Institution
) -> None:
    with evidence.filing() as files:
        files.store(pdf(), other_college, by=None)
    assert add(filler, point, sha256=digest_of(PDF), name="通知.pdf").json()["unknown"] is True
    mine = attach(point, pdf("目录.pdf", b"2"), filler).file
    assert mine
    evidence.path_of(mine).unlink()
    assert add(filler, second, sha256=mine.sha256, name="目录.pdf").json()["unknown"] is True
    assert not second.evidence.exists()


def test_a_digest_opens_no_file_of_a_project_one_may_not_see(
    filler: User, point: TaskPoint, college: Institution, project: Project
) -> None:
    other = Project.objects.create(
        institution=college, code="OTHER", name="另一个", level="group", start_year=2022, end_year=2025
    )
    area = Task.objects.create(project=other, code="1", name="一", position=1)
    there = TaskPoint.objects.create(task=area, year=2023, seq="1", text="一", due_on=date(2023, 12, 31))
    attach(there, pdf(), filler)
    filler.memberships.update(project=project)
    assert add(filler, point, sha256=digest_of(PDF), name="通知.pdf").json()["unknown"] is True
    told = add(filler, point, pdf()).json()
    assert (told["ok"], told["known"]) == (True, "")


@pytest.mark.parametrize(
    ("digest", "name"), [("x" * 64, "通知.pdf"), (digest_of(PDF), "a/通知.pdf"), (digest_of(PDF), "通知.exe")]
)
def test_a_forged_digest_or_name_is_refused(digest: str, name: str, filler: User, point: TaskPoint) -> None:
    attach(point, pdf(), filler)
    assert add(filler, point, sha256=digest, name=name).status_code == 422


# A material without a file


def complete(user: User, material: Evidence, upload: Any) -> Any:
    address = reverse("reports:material_file", args=[material.project_id, material.pk])
    return browser(user).post(address, {"materials": [upload]}, headers=JSON)


def test_a_missing_file_is_added_in_place(filler: User, bare: Evidence) -> None:
    assert complete(filler, bare, pdf("扫描件.pdf")).json()["ok"]
    bare.refresh_from_db()
    assert bare.file
    assert (bare.file_name, bare.title) == ("批复.pdf", "立项批复")
    assert complete(filler, bare, pdf("又一份.pdf", b"2")).status_code == 409
    assert StoredFile.objects.count() == 1


def test_a_file_of_another_kind_than_the_index_says_is_refused(filler: User, bare: Evidence) -> None:
    answer = complete(filler, bare, SimpleUploadedFile("图.png", b"\x89PNG\r\n\x1a\n" + bytes(20)))
    assert answer.status_code == 422
    assert "登记的文件是“批复.pdf”" in answer.json()["errors"][0]
    assert not StoredFile.objects.exists()


def test_only_who_fills_a_use_or_the_office_completes(
    other_filler: User, principal: User, outsider: User, office: User, bare: Evidence
) -> None:
    assert [complete(user, bare, pdf()).status_code for user in (other_filler, principal, outsider)] == [
        *(403, 403, 404)
    ]
    assert complete(office, bare, pdf()).json()["ok"]


# Describing


def described(material: Evidence, **values: str) -> dict[str, str]:
    told = {"title": material.title, "issuer": "", "document_no": "", "issued_on": ""}
    return told | {"seen": version_of(material)} | values


def edit(user: User, material: Evidence, data: dict[str, str]) -> Any:
    return browser(user).post(reverse("reports:material_edit", args=[material.project_id, material.pk]), data)


def test_what_is_said_of_a_material_is_changed_and_kept_in_its_trail(filler: User, bare: Evidence) -> None:
    assert edit(filler, bare, described(bare, issuer="省教育厅", issued_on="2023-05-01")).status_code == 302
    bare.refresh_from_db()
    assert (bare.issuer, bare.issued_on) == ("省教育厅", date(2023, 5, 1))
    said = LogEntry.objects.get(object_id=str(bare.pk))
    assert said.user == filler
    assert said.change_message == "发文单位“”改为“省教育厅”；成文日期“”改为“2023-05-01”"


def test_the_second_writer_sees_both_versions_and_chooses(filler: User, office: User, bare: Evidence) -> None:
    before = described(bare)
    edit(office, bare, before | {"issuer": "省教育厅"})
    answer = edit(filler, bare, before | {"issuer": "市教育局"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "<td>省教育厅</td><td>市教育局</td>" in page
    assert 'value="市教育局"' in page
    bare.refresh_from_db()
    assert bare.issuer == "省教育厅"
    seen = answer.context["form"].seen
    assert edit(filler, bare, before | {"issuer": "市教育局", "seen": seen}).status_code == 302
    bare.refresh_from_db()
    assert bare.issuer == "市教育局"


def test_bad_descriptions_are_refused_with_the_place(filler: User, bare: Evidence) -> None:
    Evidence.objects.create(project=bare.project, file_name="批复.pdf", title="另一份")
    for values, said in (
        ({"title": ""}, "请填写材料名称"),
        ({"issued_on": "2023-13-40"}, "不是日期"),
        ({"title": "另一份"}, "已有文件名和名称都相同的材料"),
    ):
        answer = edit(filler, bare, described(bare, **values))
        assert answer.status_code == 422
        assert said in answer.content.decode()
    bare.refresh_from_db()
    assert bare.title == "立项批复"


def test_pages_and_note_of_one_use_are_changed(filler: User, other_filler: User, bare: Evidence) -> None:
    use = PointEvidence.objects.get()
    address = reverse("reports:proof_edit", args=["point", use.point_id, bare.pk])
    data = {"pages": "3—5", "note": "第二条", "seen": version_of_use(use)}
    assert browser(other_filler).post(address, data).status_code == 403
    assert browser(filler).post(address, data).status_code == 302
    use.refresh_from_db()
    assert (use.pages, use.note) == ("3—5", "第二条")
    late = browser(filler).post(address, data | {"pages": "7"})
    assert late.status_code == 409
    assert "<td>3—5</td><td>7</td>" in late.content.decode()


# Linking


def test_materials_of_the_library_are_found_and_linked(
    filler: User, point: TaskPoint, second: TaskPoint, bare: Evidence, office: User
) -> None:
    attach(point, pdf(), filler)
    page = browser(filler).get(reverse("reports:proofs", args=["point", second.pk]), {"text": "通知"})
    assert "印发通知" in page.content.decode()
    assert "立项批复" not in page.content.decode()
    address = reverse("reports:proof_link", args=["point", second.pk])
    pks = [each.pk for each in Evidence.objects.all()]
    browser(filler).post(address, {"material": [*pks, "x", str(10**30)]})
    assert second.evidence.count() == 2
    browser(filler).post(address, {"material": pks})
    assert second.evidence.count() == 2


def test_a_material_is_used_elsewhere_by_code(
    filler: User, other_filler: User, principal: User, bare: Evidence, indicator: Indicator, outcome: Outcome
) -> None:
    address = reverse("reports:material_use", args=[bare.project_id, bare.pk])
    assert browser(principal).post(address, {"kind": "indicator", "code": "1.1"}).status_code == 403
    refused = browser(other_filler).post(address, {"kind": "indicator", "code": "1.1"})
    assert refused.status_code == 422
    assert "绩效指标“1.1”由党政办公室填报" in refused.content.decode()
    # A draft of others is not there for them.
    hidden = browser(other_filler).post(address, {"kind": "outcome", "code": "C1"})
    assert "没有编号为“C1”的成果" in hidden.content.decode()
    for kind, code in (("indicator", "1.1"), ("outcome", "C1"), ("point", "8-2-2023-03")):
        assert browser(filler).post(address, {"kind": kind, "code": code}).status_code == 302
    assert [each.evidence_uses.get().evidence for each in (indicator, outcome)] == [bare, bare]
    assert PointEvidence.objects.count() == 1


def test_materials_of_another_project_are_not_linked(filler: User, point: TaskPoint, outsider: User) -> None:
    home = Project.objects.create(
        institution=outsider.memberships.get().institution,
        code="FAR",
        name="远",
        level="school",
        start_year=2022,
        end_year=2025,
    )
    far = Evidence.objects.create(project=home, file_name="远.pdf", title="远")
    browser(filler).post(reverse("reports:proof_link", args=["point", point.pk]), {"material": far.pk})
    assert not point.evidence.exists()


def test_evidence_of_a_locked_window_stays(
    office: User, filler: User, point: TaskPoint, project: Project
) -> None:
    found = attach(point, pdf(), filler)
    Entry.objects.create(
        point=point, effective_on=date(2023, 6, 1), ratio=1, state=State.APPROVED, decided_at=NOW
    )
    ReportingWindow.objects.update(locked_at=timezone.now())
    address = reverse("reports:proof_remove", args=["point", point.pk, found.pk])
    answer = browser(office).post(address)
    assert answer.status_code == 403
    assert "已锁定" in answer.content.decode()
    assert point.evidence.exists()


# The page of a material, and the file in it


def test_the_page_tells_what_a_material_proves(
    principal: User, filler: User, outsider: User, point: TaskPoint, outcome: Outcome
) -> None:
    found = attach(point, pdf(), filler)
    attach(outcome, pdf(), filler)
    PointEvidence.objects.update(pages="4—6")
    address = reverse("reports:material", args=[found.project_id, found.pk])
    page = browser(filler).get(address).content.decode()
    assert "8-2-01" in page
    assert "一等奖" in page
    assert f"{reverse('projects:evidence', args=[found.pk])}?view#page=4" in page
    seen = browser(principal).get(address).content.decode()
    assert "保存材料信息" not in seen
    assert "一等奖" not in seen  # a draft of others
    assert browser(outsider).get(address).status_code == 404


def test_a_file_may_be_framed_by_our_pages_alone_and_runs_nothing(filler: User, point: TaskPoint) -> None:
    found = attach(point, pdf(), filler)
    answer = browser(filler).get(reverse("projects:evidence", args=[found.pk]) + "?view")
    policy = answer["Content-Security-Policy"]
    assert answer["X-Frame-Options"] == "SAMEORIGIN"
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert "script-src" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"
    page = browser(filler).get(reverse("reports:material", args=[found.project_id, found.pk]))
    assert page["X-Frame-Options"] == "DENY"


@pytest.mark.usefixtures("_header_known")
def test_queries_do_not_grow_with_the_materials(
    filler: User, point: TaskPoint, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    for number in range(12):
        attach(point, pdf(f"{number}.pdf", bytes([number])), filler)
    client = browser(filler)
    with django_assert_max_num_queries(45):
        client.get(reverse("reports:proofs", args=["point", point.pk]))
    found = Evidence.objects.first()
    assert found
    with django_assert_max_num_queries(45):
        client.get(reverse("reports:material", args=[found.project_id, found.pk]))


# Several at once


@pytest.mark.django_db(transaction=True)
def test_four_who_send_the_same_file_at_once_store_it_once(
    filler: User, point: TaskPoint, second: TaskPoint, indicator: Indicator, evidence_dir: Path
) -> None:
    targets = [point, second, indicator, point]
    clients = [browser(filler) for _ in targets]
    answers: list[Any] = []
    start = threading.Barrier(len(targets))

    def send(client: Client, target: Any) -> None:
        kind = "indicator" if isinstance(target, Indicator) else "point"
        address = reverse("reports:proof_add", args=[kind, target.pk])
        start.wait()
        try:
            answers.append(client.post(address, {"materials": [pdf(), pdf(extra=b"2")]}, headers=JSON))
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=pair) for pair in zip(clients, targets, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [answer.status_code for answer in answers] == [200] * 4
    assert (StoredFile.objects.count(), Evidence.objects.count(), PointEvidence.objects.count()) == (2, 2, 4)
    assert len([path for path in evidence_dir.rglob("*") if path.is_file()]) == 2
