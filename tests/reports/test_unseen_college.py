"""A college nobody here has seen. Only its workbooks say what is different; the code is the same.

Other area codes and years, a cut-off in the middle of a year, a group that weighs 70 beside the school's
30, no known amount of money, a scoring tree five levels deep.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoDbBlocker

from projects.models import Project
from reports.build import build
from reports.document import Document
from reports.exchange import import_workbook
from reports.facts import Facts, gather
from reports.figures import as_json, figures
from reports.kinds import KINDS, kind
from reports.numbering import dangling
from reports.renderers import renderer
from tests.conftest import NOW
from tests.reports.pdf import Pdf, squeezed
from tests.workbooks import Rows, workbook

pytestmark = pytest.mark.django_db

POINTS = ("任务编号", "年度", "序号", "任务点", "计划数量", "单位", "截止日期")
ENTRIES = ("任务编号", "年度", "序号", "完成日期", "完成数量", "完成比例", "未完成原因", "预计完成日期")
SCORING = (
    *("评分编号", "上级编号", "评分项", "分值", "权重", "分制"),
    *("计分方式", "范围", "自评得分", "扣分原因"),
)
BANDS: Rows = (("等级", "下限"), ("A", 90), ("B", 75), ("C", 60), ("D", 0))
# Rows that exist, of amounts that nobody knows.
MONEY: Rows = (
    ("年度", "资金来源", "预算（万元）", "到位（万元）", "支出（万元）"),
    (2024, "省级奖补", "—", "—", "—"),
    (2025, "办学自筹", "XXX", None, "/"),
    ("2024-2025", "合作企业", None, None, None),
)


def project(**fields: Any) -> Rows:
    told = {
        "学校名称": "云岭工程职业学院",
        "计划类别": "云岭省优质校培育计划",
        "建设起始年": 2024,
        "建设结束年": 2028,
        "统计时段类型": "中期",
        "统计开始日期": "2024-01-01",
        "统计截止日期": "2026-06-30",
        **fields,
    }
    return (("字段", "值"), *told.items())


SCHOOL: dict[str, Rows] = {
    "项目": project(
        项目编号="YL-2024",
        项目名称="云岭省优质高职院校培育项目",
        建设层面="学校",
        综合权重="30%",
        立项文号="云教高〔2024〕7号",
        依据文件="《云岭省优质校管理办法》\n《关于开展中期检查的通知》（云教函〔2026〕31号）",
        报告标题="优质校培育中期总结报告",
        编制日期="2026年7月",
        一级任务统称="三大工程",
    ),
    "建设任务": (
        ("任务编号", "上级编号", "任务名称", "牵头部门"),
        ("甲", None, "强基工程", "教务与科研部"),
        ("甲-1", "甲", "专业", None),
        ("甲-1-1", "甲-1", "课程", None),
        ("甲-1-1-a", "甲-1-1", "在线课程", None),
        ("甲-2", "甲", "教材", None),
        ("乙", None, "融合工程", "产业学院"),
        ("P07", None, "国际工程", None),
        ("P07.1", "P07", "海外分校", None),
    ),
    "任务点": (
        POINTS,
        ("甲-1-1-a", 2024, 1, "建成在线课程", 4, "门", None),
        ("甲-1-1-a", 2025, 1, "出版配套教材", 2, "部", None),
        ("甲-2", 2024, 1, "修订教材管理办法", None, None, None),
        ("乙", 2025, 1, "共建产业学院", 10, "个", None),
        ("P07.1", 2025, 1, "派出教师", 3, "人", None),
        ("P07.1", 2026, 1, "招收留学生", 5, "人", "2026-03-31"),
        ("P07.1", 2027, 1, "开设海外课程", 1, "门", None),
        ("乙", 2028, 1, "通过验收", 1, "次", None),
    ),
    "完成情况": (
        ENTRIES,
        ("甲-1-1-a", 2024, 1, "2024-12-01", 4, None, None, None),
        ("甲-1-1-a", 2025, 1, "2025-12-01", 1, None, "出版社排期顺延", "2026-10-31"),
        ("甲-2", 2024, 1, "2024-11-01", None, "100%", None, None),
        ("乙", 2025, 1, "2025-12-20", 0, None, "合作企业迁址", "2027-03-31"),
        ("P07.1", 2026, 1, "2026-03-20", 6, None, None, None),
        ("P07.1", 2027, 1, "2026-05-05", 1, None, None, None),
    ),
    "绩效指标": (
        ("指标编号", "一级指标", "二级指标", "任务编号", "指标名称", "单位", "性质", "中期目标", "期满目标"),
        ("I-1", "产出指标", "数量指标", "甲-1", "省级在线课程", "门", "定量", 10, 20),
        ("I-2", "产出指标", "质量指标", "P07", "海外办学质量", None, "定性", None, None),
    ),
    "指标完成": (
        ("指标编号", "统计日期", "完成值", "完成比例"),
        ("I-1", "2026-06-01", 8, None),
        ("I-2", "2026-06-01", None, "100%"),
    ),
    "成果目标": (
        ("成果编号", "任务编号", "成果名称", "级别", "目标数量", "单位"),
        ("C-1", "甲", "教学成果奖", "国家", 2, "项"),
    ),
    "成果台账": (
        ("名称", "级别", "获批日期", "任务编号", "成果编号"),
        ("国家级教学成果二等奖", "国家级", "2025-08-01", "甲", "C-1"),
    ),
    "经费": MONEY,
    "满意度": (
        ("对象", "年度", "满意度（%）", "目标值（%）"),
        ("在校生", 2025, 88, 80),
        ("企业导师", 2025, 72, None),
    ),
    "评分表": (
        SCORING,
        ("S", None, "总评", None, None, None, "合计", None, None, None),
        ("S.A", "S", "产出与进展", None, None, None, "合计", None, None, None),
        ("S.A.1", "S.A", "任务", None, None, None, "合计", None, None, None),
        ("S.A.1.1", "S.A.1", "到期任务", None, None, None, "合计", None, None, None),
        ("S.A.1.1.1", "S.A.1.1", "全部到期任务", 30, None, None, "任务完成率", None, None, None),
        ("S.A.1.1.2", "S.A.1.1", "强基工程", 10, None, None, "任务完成率", "甲-1", None, None),
        ("S.A.2", "S.A", "数量", 20, None, None, "指标完成率", "数量指标", None, None),
        ("S.A.3", "S.A", "成果", 10, None, None, "成果完成率", None, None, None),
        ("S.B", "S", "保障", None, None, None, "合计", None, None, None),
        ("S.B.1", "S.B", "满意", 10, None, None, "满意度", None, None, None),
        ("S.B.2", "S.B", "支出", 10, None, None, "资金支出率", None, 6, "经费尚未决算"),
        ("S.B.3", "S.B", "管理", None, 1, 10, "人工", None, 7.5, None),
    ),
    "等级": BANDS,
}
GROUP: dict[str, Rows] = {
    "项目": project(
        项目编号="YL-2024-G1",
        项目名称="智能装备专业群建设项目",
        建设层面="专业群",
        专业群名称="智能装备专业群",
        上级项目编号="YL-2024",
        综合权重=70,
    ),
    "建设任务": (
        ("任务编号", "上级编号", "任务名称"),
        ("K1", None, "群内课程"),
        ("K2", None, "产教平台"),
        ("K2.1", "K2", "实训中心"),
    ),
    "任务点": (
        POINTS,
        ("K1", 2024, 1, "课程标准", 2, "套", None),
        ("K1", 2025, 1, "活页教材", 4, "部", None),
        ("K2.1", 2025, 1, "中心建设", None, None, None),
    ),
    "完成情况": (
        ENTRIES,
        ("K1", 2024, 1, "2024-12-01", 2, None, None, None),
        ("K1", 2025, 1, "2025-12-01", 3, None, "一部待审读", "2026-12-31"),
        ("K2.1", 2025, 1, "2025-12-01", None, "90%", "设备待验收", None),
    ),
    "经费": MONEY,
    "评分表": (
        SCORING,
        ("G1", None, "任务", 60, None, None, "任务完成率", None, None, None),
        ("G2", None, "特色", 40, None, None, "人工", None, 35, None),
    ),
    "等级": BANDS,
}


def taken_in(sheets: dict[str, Rows], now: datetime) -> Project:
    outcome = import_workbook(workbook(sheets), now=now, approve=True)
    assert outcome.ok, outcome.faults
    assert outcome.project
    return outcome.project


@pytest.fixture
def school(now: datetime) -> Project:
    """The school, whose group was taken in before it was known."""
    taken_in(GROUP, now)
    return taken_in(SCHOOL, now)


@pytest.fixture(scope="module")
def documents(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> dict[tuple[str, str], Document]:
    """Every kind of report of both projects."""
    with django_db_blocker.unblock(), transaction.atomic():
        projects = [taken_in(sheets, NOW) for sheets in (GROUP, SCHOOL)]
        made = {(p.code, k.identifier): build(gather(p), k) for p in projects for k in KINDS}
        transaction.set_rollback(True)
    return made


@pytest.fixture(scope="module")
def school_pdf(documents: dict[tuple[str, str], Document]) -> Pdf:
    return Pdf(renderer("pdf").render(documents["YL-2024", "school-midterm"]))


@pytest.fixture(scope="module")
def group_pdf(documents: dict[tuple[str, str], Document]) -> Pdf:
    return Pdf(renderer("pdf").render(documents["YL-2024-G1", "group-construction"]))


def figures_of(facts: Facts) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(json.dumps(as_json(figures(facts))))
    return told


def cells(html: str) -> Iterator[str]:
    for cell in re.findall(r"<td[^>]*>(.*?)</td>", html, re.DOTALL):
        yield unescape(re.sub(r"<[^>]+>", "", cell)).strip()


def test_it_is_taken_in_and_a_second_time_changes_nothing(school: Project, now: datetime) -> None:
    for sheets in (SCHOOL, GROUP):
        again = import_workbook(workbook(sheets), now=now, approve=True)
        assert again.ok
        assert again.changes_nothing


def test_its_task_points(school: Project) -> None:
    tasks = figures_of(gather(school))["tasks"]
    numbers = {key: tasks[key] for key in ("total", "due", "due_done", "done", "early", "over", "extra")}
    assert numbers == {
        "total": "8",
        "due": "6",
        "due_done": "3.5",
        "done": "4.5",
        "early": "1",
        "over": "1",
        "extra": "0",
    }
    assert (tasks["due_rate"], tasks["overall_rate"]) == ("58.33", "56.25")
    rates = {code: area["due_rate"] for code, area in tasks["by_area"].items()}
    assert rates == {"甲": "83.33", "乙": "0.00", "P07": "50.00"}
    assert list(tasks["by_year"]) == ["2024", "2025", "2026", "2027", "2028"]


def test_unknown_money_is_no_money_figure_at_all(school: Project) -> None:
    assert figures_of(gather(school))["funding"] == {}


def test_its_deep_scoring_tree_and_the_composite_of_30_and_70(school: Project) -> None:
    score = gather(school).score
    assert score is not None
    marks = {mark.item.code: mark.mark for mark in score.marks}
    assert max(mark.depth for mark in score.marks) == 4
    expected = {
        **{"S.A.1.1.1": "17.5", "S.A.1.1.2": "8.33", "S.A.1.1": "25.83", "S.A.1": "25.83"},
        **{"S.A.2": "16", "S.A.3": "5", "S.A": "46.83"},
        **{"S.B.1": "9", "S.B.2": "6", "S.B.3": "7.5", "S.B": "22.5", "S": "69.33"},
    }
    assert marks == {code: Decimal(mark) for code, mark in expected.items()}
    assert score.full == 100
    told = figures_of(gather(school))["score"]
    assert told == {
        "total": "69.33",
        "grade": "C",
        "weight": "30",
        "unmarked": "0",
        "vetoes": [],
        # 69.33 × 30 % = 20.80, 88 × 70 % = 61.60.
        "composite": "82.4",
        "composite_grade": "B",
    }


def test_its_group_scores_by_itself(school: Project) -> None:
    group = Project.objects.get(code="YL-2024-G1")
    told = figures_of(gather(group))["score"]
    assert (told["total"], told["grade"], told["weight"]) == ("88", "B", "70")
    assert "composite" not in told


def test_every_kind_of_report_is_made_of_both(documents: dict[tuple[str, str], Document]) -> None:
    assert len(documents) == 4
    for document in documents.values():
        assert dangling(document) == []
        assert Document.from_json(document.to_json()) == document
        html = renderer("html").render(document).decode()
        assert document.title in html
        assert not re.search(r"\bNone\b|\bnan\b|Fraction\(", html)


def test_the_cover_and_the_introduction_speak_of_this_college(
    documents: dict[tuple[str, str], Document],
) -> None:
    document = documents["YL-2024", "school-midterm"]
    assert (document.institution, document.title) == ("云岭工程职业学院", "优质校培育中期总结报告")
    assert document.cover_lines == ("立项文号：云教高〔2024〕7号", "编制日期：二〇二六年七月")
    assert documents["YL-2024-G1", "group-construction"].title == "专业群中期建设报告"
    html = renderer("html").render(document).decode()
    words = "根据《云岭省优质校管理办法》、《关于开展中期检查的通知》（云教函〔2026〕31号）要求"
    assert words in re.sub(r"<[^>]+>", "", html)


def test_the_report_has_its_areas_years_and_levels(school_pdf: Pdf) -> None:
    rates = school_pdf.tables["表1-1"]
    assert [name.replace(" ", "") for name in rates.texts("建设任务")] == [
        "甲强基工程",
        "乙融合工程",
        "P07国际工程",
        "合计",
    ]
    assert rates.has("2024—2028年")
    assert rates.has("2024—2026年")
    assert rates.number("合计", "中期任务", "任务数") == 6
    assert rates.number("合计", "中期任务", "完成数") == Decimal("3.5")
    assert rates.number("合计", "中期完成率") == Decimal("58.33")
    assert rates.number("乙", "中期完成率") == 0
    headings = [title for _, title, _ in school_pdf.bookmarks]
    assert "二、三大工程完成情况" in headings
    assert [title for title in headings if title in ("1. 强基工程", "2. 融合工程", "3. 国际工程")]
    assert "统计截止时间：2026年6月30日" in school_pdf.text
    assert "十大" not in school_pdf.text


def test_the_report_shows_the_tree_of_marks(school_pdf: Pdf) -> None:
    table = school_pdf.tables["表1-4"]
    marks = dict(zip((name.strip() for name in table.texts("检查指标")), table.numbers("得分"), strict=True))
    assert marks["S.A.1.1.2 强基工程"] == Decimal("8.33")
    # The only root of the tree sums up all; so does the last line, which stands for it.
    assert "S 总评" not in marks
    assert marks["综合评价（C）"] == Decimal("69.33")
    assert "经费尚未决算" in school_pdf.text
    assert "综合得分为82.4分" in school_pdf.text
    assert "综合等级为“B”" in school_pdf.text


def test_what_is_not_done_has_its_reason_and_date(school_pdf: Pdf) -> None:
    (table,) = (table for table in school_pdf.tables.values() if "未完成任务点" in table.title)
    reasons = dict(zip(table.texts("任务点"), table.texts("未完成原因"), strict=True))
    assert reasons["出版配套教材"] == "出版社排期顺延"
    assert reasons["共建产业学院"] == "合作企业迁址"
    dates = dict(zip(table.texts("任务点"), table.texts("预计完成"), strict=True))
    assert dates["共建产业学院"] == "2027-03-31"
    rates = dict(zip(table.texts("任务点"), table.numbers("完成率"), strict=True))
    # Reported as nothing, and not reported at all, are not the same.
    assert rates["共建产业学院"] == 0
    assert rates["派出教师"] is None


@pytest.mark.parametrize("fixture", ["school_pdf", "group_pdf"])
def test_unknown_amounts_print_a_dash_and_never_zero(fixture: str, request: pytest.FixtureRequest) -> None:
    pdf: Pdf = request.getfixturevalue(fixture)
    money = [table for table in pdf.tables.values() if "资金" in table.title]
    for table in money:
        said = {cell for row in table.rows for cell in row[1:] if cell}
        assert said <= {"—"}, table.title
    assert not re.search(r"\d万元", pdf.text)
    assert "省级奖补" in pdf.text or not money


def test_the_group_report_speaks_of_the_group(group_pdf: Pdf) -> None:
    table = group_pdf.tables["表2-1"]
    assert table.number("合计", "任务点") == 3
    assert table.number("合计", "完成数") == Decimal("2.65")
    assert table.number("合计", "中期完成率") == Decimal("88.33")
    assert "智能装备专业群" in group_pdf.text
    assert "K2产教平台" in group_pdf.text


def test_a_cell_of_html_and_of_pdf_say_the_same(
    documents: dict[tuple[str, str], Document], school_pdf: Pdf
) -> None:
    html = renderer("html").render(documents["YL-2024", kind("school-midterm").identifier]).decode()
    said = {
        squeezed(cell) for table in school_pdf.tables.values() for row in table.rows for cell in row if cell
    }
    assert [cell for cell in cells(html) if cell and squeezed(cell) not in said] == []
