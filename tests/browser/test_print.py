"""On paper stands what is to be read, not what is to be clicked."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from projects.models import Evidence, PointEvidence, TaskPoint, User
from tests.browser.chromium import log_in
from tests.browser.conftest import PASSWORD

CONTROLS = ":is(button, summary, nav, input, textarea, .btn, .tool):visible"


@pytest.mark.parametrize("path", ["", "tasks/?view=points", "indicators/", "funding/", "mine/", "report/"])
def test_pages_are_printed_without_controls(page: Page, office: User, point: TaskPoint, path: str) -> None:
    log_in(page, office, PASSWORD)
    page.emulate_media(media="print")
    page.goto(f"/projects/{point.task.project_id}/{path}")
    assert page.locator(CONTROLS).all_inner_texts() == []


def test_a_point_is_printed_with_its_evidence(page: Page, office: User, point: TaskPoint) -> None:
    material = Evidence.objects.create(project=point.task.project, title="印发通知")
    PointEvidence.objects.create(point=point, evidence=material)
    log_in(page, office, PASSWORD)
    page.emulate_media(media="print")
    page.goto(f"/points/{point.pk}/")
    assert page.get_by_role("link", name="印发通知").is_visible()
    assert not page.get_by_text("添加佐证材料").is_visible()
    assert page.locator(CONTROLS).all_inner_texts() == []
