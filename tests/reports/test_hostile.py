"""Whatever arrives as a workbook ends in a sentence with its place, or in a correct import; at both doors."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from projects import jobs
from projects.models import Institution, Job, Membership, Project, Role, TaskPoint, User
from reports.models import Intake
from tests import hostile
from tests.hostile import EXTERNAL, LAUGHS, MEGABYTE, POINTS_PART, book, in_cell, packed, points, replaced
from tests.reports.conftest import Shell
from tests.workbooks import ENTRIES, POINTS, TASKS

Browser = Callable[[User], Client]
Made = Callable[[], bytes]

REFUSED: dict[str, tuple[Made, str]] = {
    # Packages
    "bomb": (lambda: hostile.zeros(1100 * MEGABYTE), "文件: 文件解压后超过 1,024 MB"),
    "bomb that lies": (
        lambda: hostile.lying(4),
        "文件: 文件已损坏：其中的 xl/media/a.bin 与目录所说的大小不符",
    ),
    "bomb in nested archives": (hostile.nested, "文件: 文件已损坏，或不是 Excel 工作簿"),
    "many parts": (hostile.many_entries, "文件: 文件由超过 10000 个部分组成"),
    "a part twice": (
        lambda: packed([*hostile.parts_of().items(), (POINTS_PART, b"<worksheet/>")]),
        "文件: 文件已损坏：其中的 xl/worksheets/sheet3.xml 出现了两次",
    ),
    "an encrypted part": (hostile.encrypted_entry, "文件: 文件有打开密码"),
    "a password": (hostile.protected, "文件: 文件有打开密码"),
    "half": (lambda: book()[:3000], "文件: 文件已损坏"),
    "something after the end": (lambda: book() + bytes(100), "文件: 文件已损坏：末尾不完整"),
    # XML
    "billion laughs": (
        lambda: replaced(POINTS_PART, "<worksheet", f"{LAUGHS}<worksheet"),
        "其中的 xl/worksheets/sheet3.xml 带有文档类型声明",
    ),
    "an external entity": (
        lambda: replaced("xl/workbook.xml", "<workbook", f"{EXTERNAL}<workbook"),
        "其中的 xl/workbook.xml 带有文档类型声明",
    ),
    "a document type where nobody looks": (
        lambda: hostile.with_parts(docProps__custom_dot_xml=f"{EXTERNAL}<a>&a;</a>".encode("utf-16")),
        "其中的 docprops/custom.xml 带有文档类型声明",
    ),
    "a long tag": (
        lambda: replaced(POINTS_PART, "<sheetData>", f'<sheetData a="{"x" * 9 * MEGABYTE}">'),
        "其中的 xl/worksheets/sheet3.xml 有超长的内容",
    ),
    "a long comment before everything": (
        lambda: replaced("xl/theme/theme1.xml", "<a:theme", f"<!--{'<x>' * 9 * MEGABYTE}--><a:theme"),
        "其中的 xl/theme/theme1.xml 有超长的内容",
    ),
    "a long section": (
        lambda: replaced(
            POINTS_PART, "</worksheet>", f"<extLst><![CDATA[{'<' * 9 * MEGABYTE}]]></extLst></worksheet>"
        ),
        "其中的 xl/worksheets/sheet3.xml 有超长的内容",
    ),
    "XML that ends too soon": (
        lambda: replaced(POINTS_PART, "</worksheet>", ""),
        "其中的 xl/worksheets/sheet3.xml 不是完整的 XML",
    ),
    # Much of everything
    "a sheet without end": (
        lambda: hostile.many_rows('<c r="A{r}" s="1"/>' * 12, 1_000_000),
        "任务点: 内容太多：解压后有",
    ),
    "a cell far away": (
        lambda: replaced(
            POINTS_PART, "</sheetData>", '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
        ),
        "任务点: 工作表太大：内容一直到第 1048576 行、XFD 列",
    ),
    "a cell far away, in disguise": (
        lambda: replaced(
            POINTS_PART,
            "</sheetData>",
            '<row r="1048576"><c r="XFD1048576"><extLst/><v>1</v></c></row></sheetData>',
        ),
        "任务点: 工作表太大：内容一直到第 1048576 行、XFD 列",
    ),
    "too many cells": (
        lambda: hostile.many_rows("<c><v>1</v></c>" * 10, 100_001),
        "任务点: 内容太多：到这张表为止，有内容的单元格超过 1,000,000 个",
    ),
    "one long text in every cell": (
        lambda: hostile.same_text_everywhere(30_000, 10_000),
        "任务点: 文字太多：到这张表为止超过 30,000,000 字",
    ),
    "merges over each other": (
        lambda: replaced(
            POINTS_PART,
            "</sheetData>",
            '<row r="100000"><c r="A100000"><v>1</v></c></row></sheetData>'
            + hostile.merges(f"A{row}:A100000" for row in range(2, 100)),
        ),
        "任务点: 合并单元格互相重叠",
    ),
    "merges without end": (
        lambda: replaced(
            POINTS_PART,
            "</sheetData>",
            "</sheetData>" + hostile.merges(["A9:A10"] * 50_001),
        ),
        "任务点: 合并单元格太多：有 50,001 处",
    ),
    # Cells
    "a long text": (
        lambda: in_cell("长" * 100_000, kind="str", at="D2"),
        "任务点!D2: 文字太长（100000 字）",
    ),
    "not a number, as XML": (lambda: in_cell("NaN"), "任务点!E2: 不是有效的数字（无穷大或非数）：“NaN”"),
    "infinity, as XML": (lambda: in_cell("-INF"), "任务点!E2: 不是有效的数字（无穷大或非数）"),
    "1e400": (lambda: in_cell("1e400"), "任务点!E2: 不是有效的数字（无穷大或非数）"),
    "1e300": (lambda: in_cell("1e300"), "任务点!E2: 数字太大"),
    "no number at all": (lambda: in_cell("四"), "任务点!E2: 单元格已损坏，读不出来：“四”"),
    "not a number": (lambda: book(任务点=points(("A.1", 2022, 1, "课", "NaN", "门"))), "任务点!E2: 不是数字"),
    "infinity": (lambda: book(任务点=points(("A.1", 2022, 1, "课", "∞", "门"))), "任务点!E2: 不是数字"),
    "1e400, as text": (
        lambda: book(任务点=points(("A.1", 2022, 1, "课", "1e400", "门"))),
        "任务点!E2: 不是数字：“1e400”",
    ),
    "a negative quantity": (
        lambda: book(任务点=points(("A.1", 2022, 1, "课", -4, "门"))),
        "任务点!E2: 不能为负数：“-4”",
    ),
    "a text that is not there": (lambda: in_cell("4000000", kind="s"), "任务点!E2: 单元格已损坏"),
    "a date before dates": (
        lambda: book(完成情况=(ENTRIES[0], ("A.1", 2022, 1, "1900-02-29", 3, ""))),
        "完成情况!D2: 没有这一天：“1900-02-29”",
    ),
    "a date of 9999": (
        lambda: book(完成情况=(ENTRIES[0], ("A.1", 2022, 1, "9999-12-31", 3, ""))),
        "完成情况!D2: 日期超出范围：“9999-12-31”",
    ),
    "the day that Excel invented": (lambda: hostile.dated(60), "完成情况!D2: 日期超出范围：“1900-02-28”"),
    "a day after the last": (lambda: hostile.dated(2_958_466), "完成情况!D2: "),
    "a day before the first": (lambda: hostile.dated(-1), "完成情况!D2: "),
    "no day": (lambda: hostile.dated(1e300), "完成情况!D2: "),
    # Records
    "a cycle": (
        lambda: book(建设任务=(*TASKS, ("B", "C", "二"), ("C", "B", "三"))),
        "建设任务!B4: 上级编号循环：B → C → B",
    ),
    "a key with two values": (
        lambda: book(任务点=(*POINTS, ("A.1", 2022, 1, "建设课程", 5, "门"))),
        "任务点!A4: 与第 2 行重复",
    ),
}

TAKEN: dict[str, tuple[Made, str]] = {
    "macros": (hostile.macros, "文件: 文件带有宏：没有读取，也不会保留"),
    "an external link": (hostile.external_link, "文件: 文件引用了 1 个其他文件：没有打开它们"),
    "a million empty rows": (lambda: hostile.many_rows("", 1_000_000), ""),
    "half a million empty cells": (lambda: hostile.many_rows('<c r="A{r}" s="1"/>', 500_000), ""),
}


@cache
def made(name: str) -> tuple[bytes, str]:
    """Some take seconds to be made, and are needed at both doors."""
    make, sentence = (REFUSED | TAKEN)[name]
    return make(), sentence


@pytest.fixture
def clerk(db: None) -> User:
    """The project office of the college the small workbook speaks of."""
    college = Institution.objects.create(name="测试职业学院")
    user = User.objects.create_user("clerk", password="口令-for-tests", name="办事员")
    Membership.objects.create(user=user, institution=college, role=Role.OFFICE)
    return user


@pytest.fixture
def hand_in(browser: Browser, clerk: User, settings: LazySettings, tmp_path: Path) -> Callable[[bytes], str]:
    """The web door: the page after the workbook was checked and, where possible, confirmed."""
    settings.IMPORTS_DIR = tmp_path / "imports"
    client = browser(clerk)

    def work() -> None:
        for job in Job.objects.open():
            jobs.execute(job.pk)
        assert not Job.objects.exclude(state=Job.State.DONE).exists()

    def posted(content: bytes) -> str:
        answer: Any = client.post("/import/", {"file": SimpleUploadedFile("任务书.xlsx", content)})
        assert answer.status_code == 302
        work()
        if Intake.objects.get().state == Intake.State.READY:
            client.post(f"{answer['Location']}confirm/")
            work()
        return client.get(answer["Location"]).content.decode()

    return posted


def outline(sentence: str) -> list[str]:
    """The words of a sentence that the page shows in different places of a table."""
    place, _, message = sentence.partition(": ")
    return [*place.split("!"), message]


@pytest.mark.parametrize("name", REFUSED)
def test_refused_on_the_page(name: str, hand_in: Callable[[bytes], str]) -> None:
    content, sentence = made(name)
    page = hand_in(content)
    assert "没有写入任何数据。" in page
    for words in outline(sentence):
        assert words.partition("：“")[0] in page
    assert not Project.objects.exists()


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_the_shell(name: str, shell: Shell, db: None, tmp_path: Path) -> None:
    content, sentence = made(name)
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    code, out, err = shell("import_workbook", str(path))
    assert (code, out) == (1, "")
    assert sentence in err
    assert "Traceback" not in err
    assert not Institution.objects.exists()


@pytest.mark.parametrize("name", TAKEN)
def test_taken_in_from_the_page(name: str, hand_in: Callable[[bytes], str]) -> None:
    content, sentence = made(name)
    page = hand_in(content)
    assert "已导入。" in page
    assert sentence in page
    assert list(TaskPoint.objects.values_list("year", "planned")) == [(2022, 4), (2023, 2)]


@pytest.mark.parametrize("name", TAKEN)
def test_taken_in_by_the_shell(name: str, shell: Shell, db: None, tmp_path: Path) -> None:
    content, sentence = made(name)
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    code, out, err = shell("import_workbook", str(path))
    assert (code, err) == (0, "")
    assert sentence in out
    assert list(TaskPoint.objects.values_list("year", "planned")) == [(2022, 4), (2023, 2)]
