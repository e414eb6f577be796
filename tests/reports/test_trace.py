"""Taking an import back: all records as before, or a sentence that says what was built on it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from io import BytesIO

import pytest

from projects.models import Entry, Institution, Project, ReviewLog, TaskPoint
from reports.exchange import import_workbook
from reports.trace import BuiltOn, State, changes_between, take_back, trace
from reports.trace import state_of as state_of_both
from tests.conftest import DATA
from tests.workbooks import ENTRIES, POINTS, PROJECT, TASKS, small, workbook

pytestmark = pytest.mark.django_db

EXAMPLE = DATA / "maoming-school.xlsx"


def state_of(project: Project) -> State:
    return state_of_both(project.institution, project)


def taken_in(file: BytesIO, now: datetime) -> Project:
    project = import_workbook(file, now=now, approve=True).project
    assert project
    return project


def test_taking_back_restores_every_record(now: datetime) -> None:
    project = taken_in(BytesIO((DATA / "rules.xlsx").read_bytes()), now)
    code, name = project.code, project.institution.name
    before, logs = state_of(project), ReviewLog.objects.count()
    sheets = small(
        项目=[
            ("字段", "值"),
            ("项目编号", code),
            ("项目名称", "新名"),
            ("学校名称", name),
            ("建设层面", "学校"),
        ]
        + [("建设起始年", 2022), ("建设结束年", 2025)]
        + [("统计开始日期", "2022-01-01"), ("统计截止日期", "2023-12-31")],
        经费=[("年度", "资金来源", "预算（万元）"), (2022, "新来源", 5)],
        任务点=[*POINTS, ("A.1", 2024, 1, "新增任务点", 1, "项")],
    )
    taken_in(workbook(sheets), now + timedelta(hours=1))
    after = state_of(project)
    told = changes_between(before, after)
    assert "建设项目：变更 1（新名）" in told
    assert "任务点：新增 3（A.1-2022-01、A.1-2023-01、A.1-2024-01）" in told
    take_back(trace(before, after), project.institution, project)
    assert state_of(project) == before
    assert ReviewLog.objects.count() == logs


def test_rows_that_moved_to_new_departments_and_tasks_move_back(now: datetime) -> None:
    project = taken_in(workbook(small()), now)
    before = state_of(project)
    sheets = small(
        建设任务=[*TASKS, ("A.2", "A", "新子任务"), ("B", None, "新任务")],
        任务点=[
            (*POINTS[0], "责任部门", "协同部门"),
            *((*row, "新部门", "另一个、新部门") for row in POINTS[1:]),
        ],
        绩效指标=[("指标编号", "一级指标", "指标名称", "任务编号"), ("1", "产出指标", "数量", "A")],
    )
    taken_in(workbook(sheets), now + timedelta(hours=1))
    middle = state_of(project)
    moved = small(
        绩效指标=[("指标编号", "一级指标", "指标名称", "任务编号"), ("1", "产出指标", "数量", "C")],
        建设任务=[*TASKS, ("A.2", "A", "新子任务"), ("B", "C", "新任务"), ("C", None, "更新的任务")],
    )
    taken_in(workbook(moved), now + timedelta(hours=2))
    after = state_of(project)
    take_back(trace(middle, after), project.institution, project)
    assert state_of(project) == middle
    take_back(trace(before, middle), project.institution, project)
    assert state_of(project) == before


def test_a_whole_new_project_can_be_taken_back(now: datetime) -> None:
    project = taken_in(BytesIO(EXAMPLE.read_bytes()), now)
    take_back(trace({}, state_of(project)), project.institution, project)
    assert not Project.objects.exists()
    assert not Institution.objects.exists()


def test_a_college_that_was_there_before_stays(now: datetime, college: Institution) -> None:
    before = state_of_both(college, None)
    sheets = small(项目=[*PROJECT[:3], ("学校名称", college.name), *PROJECT[4:]])
    project = taken_in(workbook(sheets), now)
    take_back(trace(before, state_of(project)), college, project)
    assert state_of_both(college, None) == before
    assert not Project.objects.exists()


@pytest.mark.parametrize("meddle", ["edit", "add"])
def test_what_was_built_on_stays(now: datetime, meddle: str) -> None:
    project = taken_in(workbook(small()), now)
    done = trace({}, state_of(project))
    point = TaskPoint.objects.of(project).latest("pk")
    if meddle == "edit":
        TaskPoint.objects.filter(pk=point.pk).update(text="改过")
    else:
        Entry.objects.create(point=point, effective_on=date(2023, 1, 1), quantity=1)
    stands = state_of(project)
    with pytest.raises(BuiltOn, match="任务点"):
        take_back(done, project.institution, project)
    assert state_of(project) == stands


def test_equal_states_have_no_changes(now: datetime) -> None:
    project = taken_in(workbook(small(完成情况=ENTRIES)), now)
    assert changes_between(state_of(project), state_of(project)) == []
