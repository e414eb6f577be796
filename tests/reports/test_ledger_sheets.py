"""The ledger in the workbook, the index of evidence and the library: what does not count stays unseen."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from indicators.likeness import name_key, number_key
from indicators.models import Outcome, OutcomeEvidence, OutcomePoint, OutcomeTarget
from projects.models import Evidence, Project, State, TaskPoint, User
from reports.exchange import Destination, import_workbook
from reports.export import export_workbook
from reports.facts import gather
from reports.library import materials
from tests.workbooks import workbook

pytestmark = pytest.mark.django_db
HEADER = ("台账编号", "名称", "级别", "获批日期", "文号", "关联任务点", "成果编号")
DAY = date(2023, 5, 6)


@pytest.fixture
def rows(project: Project, point: TaskPoint) -> dict[str, Outcome]:
    """One of each state; the approved one counts for nothing but supports the point."""
    made = {
        state: Outcome.objects.create(
            project=project, code=f"A-{state}", name=f"成果{state}", awarded_on=DAY, state=state, level="省级"
        )
        for state in State.values
    }
    OutcomePoint.objects.create(outcome=made[State.APPROVED], point=point, counts=False)
    for row in made.values():
        material = Evidence.objects.create(project=project, file_name=f"{row.code}.pdf", title=row.name)
        OutcomeEvidence.objects.create(outcome=row, evidence=material)
    return made


def sheet(project: Project, title: str) -> list[tuple[Any, ...]]:
    return list(load_workbook(BytesIO(export_workbook(project)))[title].iter_rows(values_only=True))


def take(project: Project, now: datetime, *lines: tuple[Any, ...]) -> Any:
    file = workbook({"成果台账": [HEADER, *lines]})
    return import_workbook(file, now=now, to=Destination(project.institution, project))


def test_the_export_holds_what_counts(project: Project, rows: dict[str, Outcome]) -> None:
    ledger = sheet(project, "成果台账")
    assert [line[0] for line in ledger[1:]] == ["A-approved"]
    # Support is no count, and the workbook has no column for it.
    assert ledger[1][ledger[0].index("关联任务点")] is None
    index = sheet(project, "佐证材料")
    assert [line[index[0].index("台账编号")] for line in index[1:]].count("A-approved") == 1
    assert {line[index[0].index("台账编号")] for line in index[1:]} == {"A-approved", None}


def test_the_library_tells_only_what_is_in_the_ledger(project: Project, rows: dict[str, Outcome]) -> None:
    told = {each.record.title: [use.text for use in each.uses] for each in materials(gather(project))}
    assert told["成果approved"] == ["成果approved"]
    assert told["成果draft"] == told["成果returned"] == told["成果submitted"] == []


def test_a_workbook_cannot_rewrite_what_waits(
    project: Project, rows: dict[str, Outcome], now: datetime
) -> None:
    result = take(project, now, ("A-draft", "改写", "省级", "2023-05-06", None, None, None))
    assert not result.ok
    assert "还没有审核通过" in str(result.faults[0])
    rows["draft"].refresh_from_db()
    assert rows["draft"].name == "成果draft"


def test_support_outlives_an_import_until_the_workbook_counts_it(
    project: Project, rows: dict[str, Outcome], point: TaskPoint, now: datetime
) -> None:
    target = OutcomeTarget.objects.create(project=project, code="C1", name="奖", target=1)
    Outcome.objects.filter(pk=rows["approved"].pk).update(supported_target=target)
    line = ("A-approved", "成果改", "省级", "2023-05-06", "某教〔2023〕1号")
    assert take(project, now, (*line, None, None)).ok
    row = Outcome.objects.get(code="A-approved")
    assert (row.name, row.supported_target, row.point_links.get().counts) == ("成果改", target, False)
    assert (row.name_key, row.number_key) == (name_key("成果改"), number_key("某教〔2023〕1号"))
    assert take(project, now + timedelta(hours=1), (*line, "8-2/2023/3", "C1")).ok
    row.refresh_from_db()
    assert (row.target, row.supported_target, row.point_links.get().counts) == (target, None, True)


def test_without_a_column_for_it_the_number_keeps_its_key(project: Project, now: datetime) -> None:
    Outcome.objects.create(
        project=project, code="A", name="甲", awarded_on=DAY, document_no="某教〔2023〕1号"
    )
    file = workbook({"成果台账": [("台账编号", "名称", "获批日期"), ("A", "乙", "2023-05-06")]})
    assert import_workbook(file, now=now, to=Destination(project.institution, project)).ok
    row = Outcome.objects.get()
    assert (row.name_key, row.number_key) == (name_key("乙"), number_key("某教〔2023〕1号"))


def upload(name: str, sheets: dict[str, Any]) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, workbook(sheets).getvalue())


def test_a_list_may_come_as_a_workbook_of_one_sheet(client: Client, project: Project, filler: User) -> None:
    client.force_login(filler)
    address = f"/projects/{project.pk}/outcomes/paste/"
    one = {"获奖": [("获奖名称", "获奖时间"), ("甲赛项", date(2023, 5, 6)), ("乙赛项", "2023年6月")]}
    page = client.post(address, {"file": upload("获奖.xlsx", one), "step": "read"}).content.decode()
    assert "将登记" in page
    assert "2023-05-06" in page
    two = {**one, "另一张": [("名称",), ("丙",)]}
    for file, words in (
        (upload("两张.xlsx", two), "工作簿里有 2 张表"),
        (SimpleUploadedFile("坏.xlsx", b"PK nothing"), "没有读到清单"),
        (SimpleUploadedFile("图.xlsx", b"<svg><script>"), "不是 Excel 工作簿"),
    ):
        answer = client.post(address, {"file": file, "step": "read"})
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Outcome.objects.exists()
