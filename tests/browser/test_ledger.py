"""One fact once: a list of prizes is pasted once, and every page tells the same number."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from playwright.sync_api import Page, expect

from indicators.models import Indicator, Outcome, OutcomeTarget
from projects.models import Project, State, TaskPoint, User
from reports.facts import gather
from tests.browser.chromium import Watch, log_in
from tests.browser.conftest import PASSWORD

NATIONAL, PROVINCIAL = 13, 130
HEADER = "序号\t获奖名称\t获奖级别\t奖项\t获奖时间\t颁奖单位\t文号"


def prizes() -> str:
    """A table as a spreadsheet copies it: made-up contests of one year, many in one document."""
    rows = [
        f"{n}\t2023年样例省职业院校技能大赛第{n}赛项\t{'国家级' if n <= NATIONAL else '省级'}\t"
        f"{'一二三'[n % 3]}等奖\t2023-{n % 12 + 1:02}-1{n % 10}\t样例省教育厅\t样教职函〔2023〕{n % 5}号"
        for n in range(1, NATIONAL + PROVINCIAL + 1)
    ]
    return "\r\n".join([HEADER, *rows])


def choose(page: Page, words: str, option: str) -> None:
    """Find something in the link editor with the keyboard alone."""
    page.get_by_role("combobox", name="查找任务点、指标").fill(words)
    expect(page.get_by_role("option", name=option)).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")


def test_143_prizes_pasted_once_are_the_same_number_everywhere(
    watch: Watch, project: Project, point: TaskPoint, filler: User, office: User
) -> None:
    page = watch.page
    TaskPoint.objects.filter(pk=point.pk).update(planned=Decimal(150), unit="项", text="学生技能大赛获奖")
    task: dict[str, Any] = {"project": project, "task": point.task, "unit": "项"}
    kind: dict[str, Any] = {
        "level1": "产出指标",
        "level2": "数量指标",
        "final_target": 150,
        "midterm_target": 150,
    }
    Indicator.objects.create(code="1.1", name="技能大赛奖项数", **kind, **task)
    OutcomeTarget.objects.create(code="C1", name="技能大赛奖项", level="省级以上", target=150, **task)

    log_in(page, filler, PASSWORD)
    page.goto(f"/projects/{project.pk}/outcomes/")
    page.get_by_role("link", name="粘贴清单").click()
    page.get_by_label("表格内容").fill(prizes())
    page.get_by_role("button", name="预览清单").click()
    expect(page.get_by_text("将登记 143 项，数量合计 143")).to_be_visible()
    page.get_by_label("成果目标", exact=True).select_option(label="C1 技能大赛奖项（省级以上）")
    choose(page, "学生技能", "任务点 8-2-2023-03")
    choose(page, "奖项数", "指标 1.1")
    page.get_by_role("button", name="登记并提交 143 项").click()
    expect(page.get_by_text("已把 143 项成果登记并提交审核")).to_be_visible()
    assert Outcome.objects.filter(state=State.SUBMITTED).count() == 143
    # Nothing counts before somebody has approved it.
    assert not gather(project).outcomes

    page.context.clear_cookies()
    log_in(page, office, PASSWORD)
    page.goto(f"/projects/{project.pk}/outcomes/?view=mine")
    page.get_by_role("checkbox", name="全选").check()
    page.get_by_role("button", name="通过所选成果").click()
    expect(page.get_by_text("已通过 143 项成果")).to_be_visible()

    page.goto(f"/points/{point.pk}/")
    done = page.locator(".promise > div", has=page.get_by_text("完成数量", exact=True))
    expect(done.locator("dd")).to_have_text("143 项")
    expect(page.locator("#outcomes .sub")).to_have_text("143 条，合计 143 项")
    page.get_by_role("link", name="查看或关联").click()
    expect(page.get_by_role("heading", name="关联成果 143 条")).to_be_visible()
    page.goto(f"/projects/{project.pk}/indicators/")
    indicator = page.get_by_role("row", name="技能大赛奖项数")
    expect(indicator.locator("td[data-l=完成值]")).to_have_text("143")
    page.goto(f"/projects/{project.pk}/outcomes/")
    target = page.locator("table.targets tr", has=page.get_by_text("C1", exact=True))
    expect(target.locator("td[data-l='完成 / 目标']")).to_have_text("143 / 150 项")
    achieved = page.locator("section.card", has=page.get_by_role("heading", name="已获成果"))
    levels = [f"国家级{NATIONAL} 项", f"省级{PROVINCIAL} 项"]
    expect(achieved.get_by_role("row")).to_have_text(levels)

    # In the report each stands in the cell of its own, wherever it is told.
    page.goto(f"/projects/{project.pk}/report/school-midterm/")
    for key in (
        "points.8-2-2023-03.quantity",
        "indicators.by_code[1.1].window.value",
        "outcomes.by_target.C1.done",
        "outcomes.targets.省级以上.项.done",
    ):
        figures = page.locator(f'td [data-key="{key}"]')
        expect(figures.first).to_be_visible()
        assert set(figures.all_inner_texts()) == {"143"}, key
    row = page.get_by_role("row").filter(has=page.locator('[data-key="outcomes.by_target.C1.done"]'))
    expect(row).to_contain_text("技能大赛奖项")
    expect(row.locator("td.n")).to_have_text(["150", "143", "95.33%"])
