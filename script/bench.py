"""What our code costs beside the barest thing that does the same. Started by script/bench.

CPU seconds of the process that does the work, the best of several rounds after one to warm up. What a
PostgreSQL server spends on its side is not in them; SQLite works inside our process.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.decorators import login_required  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.http import HttpRequest, HttpResponse  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import path, reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from openpyxl import load_workbook  # noqa: E402
from xlsxwriter import Workbook  # noqa: E402

from hvcollege import urls  # noqa: E402
from projects.models import (  # noqa: E402
    Department,
    Project,
    Task,
    TaskPoint,
)
from reports.exchange import compare_workbook, import_workbook  # noqa: E402
from reports.export import export_workbook  # noqa: E402
from reports.facts import gather  # noqa: E402
from reports.figures import as_json, figures  # noqa: E402
from reports.preview import items  # noqa: E402
from reports.sheets import SHEETS  # noqa: E402
from script.bench_everyday import EVERYDAY  # noqa: E402
from script.measuring import EXAMPLE_CODE, best, cpu, example, office_of, report  # noqa: E402
from tests.workbooks import Rows, small, workbook  # noqa: E402

KIND = "school-midterm"
ROWS = 10_000
POINT_COLUMNS = ("任务编号", "年度", "序号", "任务点", "计划数量", "单位", "责任部门")


@contextmanager
def own_database() -> Iterator[None]:
    """A new database on the server that DATABASE_URL names; that one itself is left alone."""
    named = connection.settings_dict["NAME"]
    own = "hvcollege_bench" if connection.vendor == "postgresql" else settings.DATA_DIR / "bench.sqlite3"
    connection.settings_dict["TEST"]["NAME"] = own
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        yield
    finally:
        connection.creation.destroy_test_db(named, verbosity=0)


def bench_figures() -> None:
    """Against the same rows through the bare driver.

    The statements are our own; written by hand, without sorting, they were not a tenth cheaper.
    """
    project = example()

    def ours() -> None:
        as_json(figures(gather(project)))

    with CaptureQueriesContext(connection) as captured:
        ours()
    statements = [query["sql"] for query in captured.captured_queries]

    def bare() -> None:
        # Of the driver, not of Django: no wrapper, no conversion.
        cursor = connection.connection.cursor()
        for statement in statements:
            cursor.execute(statement)
            cursor.fetchall()

    report("figures of a project ÷ bare SQL", *best(ours, bare), "5")


def bench_overview() -> None:
    """Against a view that does nothing but ask for a log-in."""
    urls.urlpatterns.append(path("empty/", login_required(empty)))
    project = example()
    client = Client()
    client.force_login(office_of(project, "bench"))
    address = reverse("reports:overview", args=[project.pk])

    def get(address: str) -> None:
        answer = client.get(address)
        assert answer.status_code == 200, answer.status_code

    get(address)
    with CaptureQueriesContext(connection) as captured:
        get(address)
    queries = len(captured)  # now: the next request empties the log
    both = best(lambda: get(address), lambda: get("/empty/"))
    report("overview page ÷ empty logged-in view", *both, "20", f"{queries} queries (aim ≤ 12)")


def empty(request: HttpRequest) -> HttpResponse:
    return HttpResponse()


def bench_import() -> None:
    """10,000 task points with all checks against django-import-export, the same rows into an empty plan."""
    file, alone = plan_of_points()
    ours = min(into_nothing(lambda: we_import(file)) for _ in range(3))
    theirs = min(into_nothing(lambda: they_import(alone)) for _ in range(2))
    report(f"import of {ROWS:,} rows ÷ django-import-export", ours, theirs, "0.15")


def bench_preview() -> None:
    """The same with a preview first: theirs shows its difference row by row in a dry run."""
    file, alone = plan_of_points()
    path = settings.DATA_DIR / "plan.xlsx"
    path.write_bytes(file)

    def we() -> None:
        seen = compare_workbook(path)
        assert len([item.as_json() for item in items(SHEETS, seen.changes)]) == ROWS
        we_import(file)

    def they() -> None:
        they_import(alone, dry_run=True)
        they_import(alone)

    both = min(into_nothing(we) for _ in range(3)), into_nothing(they)
    report(f"{ROWS:,} rows, preview and import ÷ theirs", *both, "0.15")


def bench_export() -> None:
    """The project with 10,000 task points against XlsxWriter with the same cells."""
    into_nothing(lambda: we_import(plan_of_points()[0]))
    project = Project.objects.get(code="T-1")
    sheets = load_workbook(BytesIO(export_workbook(project)), read_only=True)
    cells = {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in sheets}

    def bare() -> None:
        with Workbook(BytesIO(), {"constant_memory": True}) as book:
            for title, rows in cells.items():
                sheet = book.add_worksheet(title)
                for number, row in enumerate(rows):
                    sheet.write_row(number, 0, row)

    both = [min(cpu(work) for _ in range(3)) for work in (lambda: export_workbook(project), bare)]
    report(f"export of {ROWS:,} rows ÷ bare XlsxWriter", both[0], both[1], "2")


def plan_of_points() -> tuple[bytes, bytes]:
    """A workbook with 10,000 task points, and their sheet alone; the rest of it stands in the records."""
    rows = [
        ("A.1", 2022 + n % 4, n, f"建设第 {n} 门课程", n % 7 + 1, "门", f"第 {n % 30} 学院")
        for n in range(ROWS)
    ]
    sheets = small(完成情况=None, 部门=[("部门名称",), *((f"第 {n} 学院",) for n in range(30))])
    import_workbook(workbook(sheets | {"任务点": [POINT_COLUMNS]}), now=timezone.now())
    assert Department.objects.count() >= 30
    points: dict[str, Rows] = {"任务点": [POINT_COLUMNS, *rows]}
    return workbook(sheets | points).getvalue(), workbook(points).getvalue()


def into_nothing(work: Callable[[], object]) -> float:
    TaskPoint.objects.filter(task__project__code="T-1").delete()
    spent = cpu(work)
    assert TaskPoint.objects.filter(task__project__code="T-1").count() == ROWS
    return spent


def we_import(file: bytes) -> None:
    outcome = import_workbook(BytesIO(file), now=timezone.now())
    assert outcome.ok, outcome.faults


def they_import(file: bytes, *, dry_run: bool = False) -> None:
    from import_export import fields, resources, widgets
    from import_export.formats.base_formats import XLSX

    class PointResource(resources.ModelResource):
        task = fields.Field("task", "任务编号", widgets.ForeignKeyWidget(Task, "code"))
        year = fields.Field("year", "年度", widgets.IntegerWidget())
        seq = fields.Field("seq", "序号")
        text = fields.Field("text", "任务点")
        planned = fields.Field("planned", "计划数量", widgets.DecimalWidget())
        unit = fields.Field("unit", "单位")
        department = fields.Field("department", "责任部门", widgets.ForeignKeyWidget(Department, "name"))

        class Meta:
            model = TaskPoint
            import_id_fields = ("task", "year", "seq")
            skip_unchanged = True
            use_transactions = True

        def before_save_instance(self, instance: TaskPoint, row: Any, **options: Any) -> None:
            instance.due_on = date(instance.year, 12, 31)

    result = PointResource().import_data(XLSX().create_dataset(file), raise_errors=True, dry_run=dry_run)
    assert result.totals["new"] == ROWS, result.totals


def bench_pdf() -> None:
    """Against WeasyPrint alone with the HTML that we give it, each time in a process of its own."""
    from reports.build import build
    from reports.kinds import kind
    from reports.renderers.html import page

    html = settings.DATA_DIR / "report.html"
    html.write_text(page(build(gather(example()), kind(KIND)), paper=True), encoding="utf-8")
    runs = [(print_once("ours", EXAMPLE_CODE, KIND), print_once("bare", html)) for _ in range(2)]
    ours, bare = (min(run[side]["cpu"] for run in runs) for side in (0, 1))
    peaks = (max(run[side]["peak"] for run in runs) for side in (0, 1))
    pages = {each["pages"] for run in runs for each in run}
    memory = "peak {:.0f} MB (aim ≤ 350), bare {:.0f} MB".format(*peaks)
    report("PDF of the school report ÷ bare WeasyPrint", ours, bare, "1.0", memory, f"{pages.pop()} pages")
    assert not pages, "the two do not print the same"


def print_once(*arguments: object) -> dict[str, float]:
    """What script/bench_pdf.py says of itself, run on our database."""
    done = subprocess.run(
        [sys.executable, Path(__file__).with_name("bench_pdf.py"), *map(str, arguments)],
        env=os.environ | {"DATABASE_URL": f"sqlite:///{connection.settings_dict['NAME']}"},
        stdout=subprocess.PIPE,
        check=True,
    )
    said: dict[str, float] = json.loads(done.stdout)
    return said


BENCHES = {
    "figures": bench_figures,
    "overview": bench_overview,
    "import": bench_import,
    "preview": bench_preview,
    "export": bench_export,
    "pdf": bench_pdf,
    **EVERYDAY,
}

if __name__ == "__main__":
    # Pages name their static files as in production.
    settings.STATIC_ROOT = settings.DATA_DIR / "static"
    call_command("collectstatic", interactive=False, verbosity=0)
    with own_database():
        for name in sys.argv[1:]:
            BENCHES[name]()
