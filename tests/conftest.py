"""Fixtures for all tests: a small college, its project, and a fixed cast of users.

周敏 runs the project office, 高远 fills for 党政办公室 and 李静 heads it, 何文 fills for 校企合作处,
陈主任 is principal, 吴管理 administers; 外人 belongs to another college and must see nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.utils import timezone
from hypothesis import settings as hypothesis_settings

from projects.models import (
    Department,
    Institution,
    Membership,
    Project,
    ReportingWindow,
    Role,
    Task,
    TaskPoint,
    User,
)

# A busy machine is no fault of the code.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

DATA = Path(__file__).parent / "data"
NOW = timezone.make_aware(datetime(2024, 3, 1, 9, 0))


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    """What was kept for a while by an earlier test is about other people with the same numbers."""
    cache.clear()


def nothing_open(*args: Any) -> dict[str, int]:
    return {}


@pytest.fixture
def _header_known(settings: Any) -> None:
    """As on a page opened within a minute of another: the open rows of the header are not counted anew."""
    settings.OPEN_ROWS = "tests.conftest.nothing_open"


@pytest.fixture
def college(db: None) -> Institution:
    return Institution.objects.create(name="样例职业技术学院")


@pytest.fixture
def other_college(db: None) -> Institution:
    return Institution.objects.create(name="远方职业学院")


@pytest.fixture
def office_department(college: Institution) -> Department:
    return Department.objects.create(institution=college, name="党政办公室")


@pytest.fixture
def industry_department(college: Institution) -> Department:
    return Department.objects.create(institution=college, name="校企合作处")


def person(username: str, name: str, role: str, college: Institution, department: Department | None) -> User:
    user = User.objects.create_user(username, password="口令-for-tests", name=name)
    Membership.objects.create(user=user, institution=college, role=role, department=department)
    return user


@pytest.fixture
def filler(college: Institution, office_department: Department) -> User:
    return person("gaoyuan", "高远", Role.FILLER, college, office_department)


@pytest.fixture
def other_filler(college: Institution, industry_department: Department) -> User:
    return person("hewen", "何文", Role.FILLER, college, industry_department)


@pytest.fixture
def head(college: Institution, office_department: Department) -> User:
    return person("lijing", "李静", Role.HEAD, college, office_department)


@pytest.fixture
def office(college: Institution) -> User:
    return person("zhoumin", "周敏", Role.OFFICE, college, None)


@pytest.fixture
def principal(college: Institution) -> User:
    return person("chenzhuren", "陈主任", Role.PRINCIPAL, college, None)


@pytest.fixture
def admin_user(college: Institution) -> User:
    return person("wuguanli", "吴管理", Role.ADMIN, college, None)


@pytest.fixture
def outsider(other_college: Institution) -> User:
    return person("wairen", "外人", Role.OFFICE, other_college, None)


@pytest.fixture
def project(college: Institution) -> Project:
    """2022–2025, mid-term window of the first two years."""
    project = Project.objects.create(
        institution=college,
        code="SAMPLE-2022",
        name="样例建设项目",
        level="school",
        start_year=2022,
        end_year=2025,
    )
    ReportingWindow.objects.create(
        project=project,
        kind="midterm",
        start=date(2022, 1, 1),
        cutoff=date(2023, 12, 31),
        is_main=True,
    )
    return project


@pytest.fixture
def task(project: Project) -> Task:
    """Sub-task 8-2 under area 8."""
    area = Task.objects.create(project=project, code="8", name="提升学校治理水平", position=1)
    return Task.objects.create(
        project=project, parent=area, code="8-2", name="建立科学规范的制度体系", position=2
    )


@pytest.fixture
def point(task: Task, office_department: Department) -> TaskPoint:
    """8-2-2023-03 of 党政办公室: one 部 by the end of 2023."""
    return TaskPoint.objects.create(
        task=task,
        year=2023,
        seq="3",
        text="编印学校《规章制度汇编》第二版",
        planned=1,
        unit="部",
        due_on=date(2023, 12, 31),
        department=office_department,
        person="高远",
    )


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--only-with-services",
        action="store_true",
        help="leave out what touches neither database nor broker: it is the same on every one of them",
    )


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if config.getoption("--only-with-services"):
        pure = [item for item in items if is_pure(item)]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if item not in set(pure)]


def is_pure(item: pytest.Item) -> bool:
    """Whether a test calls an app's own functions and nothing else: no database, no process of its own."""
    asked = {"db", "transactional_db", "live_server", "django_db_setup"} & set(
        getattr(item, "fixturenames", ())
    )
    folders = {"projects", "indicators", "funding", "reports", "workbook", "conversion"}
    return (
        item.path.parent.name in folders
        and not asked
        and not item.get_closest_marker("django_db")
        and not hasattr(getattr(item, "module", None), "subprocess")
    )
