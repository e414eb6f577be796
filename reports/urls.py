"""Addresses of the pages about figures, of the import, and of the report."""

from django.urls import path

from reports.views import (
    charts,
    funding,
    home,
    imports,
    indicators,
    outcomes,
    overview,
    proof,
    report,
    satisfaction,
    score,
    tasks,
)

app_name = "reports"
urlpatterns = [
    path("", home.home, name="home"),
    path("projects/<int:pk>/", overview.overview, name="overview"),
    path("projects/<int:pk>/tasks/", tasks.tasks, name="tasks"),
    path("projects/<int:pk>/tasks/<int:task_pk>/", tasks.task, name="task"),
    path("projects/<int:pk>/indicators/", indicators.indicators, name="indicators"),
    path("projects/<int:pk>/outcomes/", outcomes.outcomes, name="outcomes"),
    path("projects/<int:pk>/funding/", funding.funding, name="funding"),
    path("projects/<int:pk>/satisfaction/", satisfaction.satisfaction, name="satisfaction"),
    path("projects/<int:pk>/score/", score.score, name="score"),
    path("projects/<int:pk>/charts/<str:name>.svg", charts.chart, name="chart"),
    path("projects/<int:pk>/proof/", proof.proof, name="proof"),
    path("projects/<int:pk>/report/", report.report, name="report"),
    path("projects/<int:pk>/report/files/", report.files, name="report_files"),
    path("projects/<int:pk>/report/files/<int:job_pk>/", report.file, name="report_file"),
    path("projects/<int:pk>/report/files/<int:job_pk>/retry/", report.retry, name="report_retry"),
    path("projects/<int:pk>/report/<slug:kind>/", report.document, name="document"),
    path("projects/<int:pk>/report/<slug:kind>/<slug:format>/", report.render_report, name="render"),
    path("projects/<int:pk>/workbook/", imports.workbook, name="workbook"),
    path("projects/<int:pk>/workbook/<str:title>/", imports.workbook_list, name="workbook_list"),
    path("import/", imports.import_page, name="import"),
    path("import/template/", imports.template, name="template"),
    path("import/template/<str:title>/", imports.list_template, name="list_template"),
    path("import/<int:pk>/", imports.intake, name="intake"),
    path("import/<int:pk>/progress/", imports.progress, name="intake_progress"),
    path("import/<int:pk>/file/", imports.source, name="intake_file"),
    path("import/<int:pk>/marked/", imports.marked, name="intake_marked"),
    path("import/<int:pk>/<slug:verb>/", imports.act, name="intake_act"),
]
