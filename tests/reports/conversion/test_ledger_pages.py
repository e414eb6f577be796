"""A finance export comes in by a workbook that keeps what was imported before and doubles no voucher."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook, load_workbook

from funding.models import BudgetLine, Expenditure, FundingSource
from projects.models import Project, Task, User
from reports.models import ColumnMapping, Conversion, Intake, LedgerMapping
from tests.reports.conversion.test_pages import text, work

Browser = Callable[[User], Client]
Row = Sequence[Any]
State = Conversion.State
HEADER = ("日期", "凭证号", "摘要", "金额", "项目")
FIRST = ("2024-03-05", "记-1", "购置设备", 120000, "SG-01")
SECOND = ("2024-03-06", "记-2", "教师培训", 3500.5, "SG-02")
ELSEWHERE = ("2024-03-07", "记-3", "水电费", 800, "RC-09")
LATER = ("2024-05-01", "记-1", "购书", 1000, "SG-01")
SAID = {
    "column0-0": "date",
    "column0-1": "voucher",
    "column0-2": "summary",
    "column0-3": "amount",
    "column0-4": "project",
    "unit0": "元",
}


@pytest.fixture(autouse=True)
def own_folder(settings: LazySettings, tmp_path: Path) -> None:
    settings.IMPORTS_DIR = tmp_path / "imports"


def ledger(*rows: Row) -> bytes:
    book, file = Workbook(), BytesIO()
    assert book.active
    for row in (("支出明细账",), HEADER, *rows):
        book.active.append(row)
    book.save(file)
    return file.getvalue()


def send(client: Client, content: bytes, project: Project) -> Conversion:
    upload = SimpleUploadedFile("明细账.xlsx", content)
    answer = client.post("/import/from/ledger/", {"file": upload, "project": project.pk})
    assert answer.status_code == 302, text(answer)
    work()
    return Conversion.objects.latest("pk")


def say(client: Client, found: Conversion, matches: dict[str, dict[str, str]]) -> Any:
    """Answer about columns, and about each project of the ledger."""
    values = {
        f"{name}{number}": said
        for number, value in enumerate(found.values)
        for name, said in matches.get(value["text"], {}).items()
    }
    address = f"/import/conversion/{found.pk}/"
    answer = client.post(address, SAID | values)
    assert answer.status_code == 302, text(answer)
    work()
    found.refresh_from_db()
    return client.get(address)


def take_in(client: Client, found: Conversion) -> Intake:
    """Preview and confirm the workbook as it is."""
    address = client.post(f"/import/conversion/{found.pk}/preview/")["Location"]
    work()
    client.post(f"{address}confirm/")
    work()
    return Intake.objects.latest("pk")


MATCHES = {
    "SG-01": {"task": "8-2", "source": "学校自筹"},
    "SG-02": {"source": "财政专项"},
    "RC-09": {"elsewhere": "on"},
}


def spending(project: Project) -> set[tuple[Any, ...]]:
    rows = Expenditure.objects.filter(project=project)
    return set(rows.values_list("document_no", "amount", "task__code", "source__name", "first_year"))


@pytest.fixture
def client(browser: Browser, office: User, task: Task) -> Client:
    return browser(office)


def test_a_ledger_becomes_spending(client: Client, project: Project) -> None:
    found = send(client, ledger(FIRST, SECOND, ELSEWHERE), project)
    assert found.state == State.ASKING
    page = text(client.get(f"/import/conversion/{found.pk}/"))
    assert "财务项目对应" in page
    assert '<option value="8-2">8-2 建立科学规范的制度体系</option>' in page
    page = text(say(client, found, MATCHES))
    assert "账上 2 笔，合计 12.35005 万元" in page
    assert "1 行不属于本项目" in page
    assert take_in(client, found).state == Intake.State.DONE
    assert spending(project) == {
        ("记-1", Decimal(12), "8-2", "学校自筹", 2024),
        ("记-2", Decimal("0.35005"), None, "财政专项", 2024),
    }


def test_the_next_quarter_keeps_what_was_imported(client: Client, project: Project) -> None:
    source = FundingSource.objects.create(project=project, name="学校自筹")
    BudgetLine.objects.create(
        project=project,
        first_year=2024,
        last_year=2024,
        source=source,
        amount=50,
        is_imported=True,
        position=1,
    )
    first = send(client, ledger(FIRST, SECOND), project)
    say(client, first, MATCHES)
    take_in(client, first)
    second = send(client, ledger(SECOND, LATER, LATER), project)
    assert second.state == State.MADE
    assert "已在系统中 1 笔，0.35005 万元" in second.result["told"]
    intake = take_in(client, second)
    assert intake.result["counts"]["经费"] == {"new": 2, "changed": 0, "unchanged": 3, "missing": 0}
    assert BudgetLine.objects.get().amount == 50
    amounts = Expenditure.objects.order_by("amount").values_list("amount", flat=True)
    assert list(amounts) == [Decimal("0.1"), Decimal("0.1"), Decimal("0.35005"), Decimal(12)]


def test_the_same_ledger_again_adds_nothing(client: Client, project: Project) -> None:
    first = send(client, ledger(FIRST, SECOND), project)
    say(client, first, MATCHES)
    take_in(client, first)
    # Matched otherwise since: the voucher is known all the same.
    LedgerMapping.objects.filter(value="SG-01").update(task_code="8")
    again = send(client, ledger(FIRST, SECOND), project)
    assert "新增 0 笔，0 万元" in again.result["told"]
    address = client.post(f"/import/conversion/{again.pk}/preview/")["Location"]
    work()
    assert "已读完，没有变化。" in text(client.get(address))


def test_what_was_entered_in_the_app_is_known_too(client: Client, project: Project) -> None:
    Expenditure.objects.create(
        project=project,
        first_year=2024,
        last_year=2024,
        amount=12,
        dated_on="2024-03-05",
        document_no="记-1",
        summary="购置设备",
    )
    found = send(client, ledger(FIRST), project)
    say(client, found, MATCHES)
    assert "新增 0 笔，0 万元" in found.result["told"]
    take_in(client, found)
    assert Expenditure.objects.count() == 1


def test_another_amount_of_a_known_voucher_is_pointed_at(client: Client, project: Project) -> None:
    first = send(client, ledger(FIRST), project)
    say(client, first, MATCHES)
    take_in(client, first)
    again = send(client, ledger((*FIRST[:3], 110000, "SG-01")), project)
    (remark,) = again.result["remarks"]
    assert remark["notes"] == ["系统中同一凭证还有 12 万元，这份账里没有；如果是更正，请删去旧的一行"]


def test_a_project_never_seen_is_asked_about(client: Client, project: Project) -> None:
    first = send(client, ledger(FIRST), project)
    say(client, first, MATCHES)
    assert ColumnMapping.objects.get().unit == "元"
    second = send(client, ledger(LATER, SECOND), project)
    assert second.state == State.ASKING
    assert [(value["text"], value["is_said"]) for value in second.values] == [
        ("SG-02", False),
        ("SG-01", True),
    ]


def test_new_rows_are_coloured_in_the_workbook(client: Client, project: Project) -> None:
    found = send(client, ledger(FIRST), project)
    say(client, found, MATCHES)
    page = load_workbook(found.workbook)["经费"]
    heads = [cell.value for cell in page[1]]
    spent = page.cell(2, heads.index("支出（万元）") + 1)
    assert (spent.value, spent.fill.start_color.rgb) == (12, "FFFFF2CC")
    checked = list(load_workbook(found.workbook)["核对"].iter_rows(values_only=True))
    assert checked[-1][3:5] == ("已读入", "经费 第 2 行")


def test_the_page_says_that_the_sheet_is_replaced(client: Client) -> None:
    assert "整表替换以前导入的经费" in text(client.get("/import/from/ledger/"))
    assert "从财务明细账生成经费工作簿" in text(client.get("/import/"))


def test_a_project_that_is_gone_is_told(client: Client, project: Project) -> None:
    found = send(client, ledger(FIRST), project)
    Conversion.objects.update(project=None)
    say(client, found, {})
    assert found.state == State.REFUSED
    assert "建设项目已被删除" in found.note
