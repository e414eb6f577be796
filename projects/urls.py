"""Addresses of the pages where work is entered and reviewed."""

from django.urls import path

from projects.views import entries, evidence, jobs, mine, points, review, rounds

app_name = "projects"
urlpatterns = [
    path("projects/<int:pk>/mine/", mine.mine, name="mine"),
    path("projects/<int:pk>/review/", review.queue, name="review"),
    path("projects/<int:pk>/rounds/", rounds.rounds, name="rounds"),
    path("projects/<int:pk>/rounds/new/", rounds.new, name="round_new"),
    path("projects/<int:pk>/rounds/<int:round_pk>/", rounds.edit, name="round"),
    path("points/<int:pk>/", points.point, name="point"),
    path("points/<int:pk>/fill/", entries.fill, name="fill"),
    path("points/<int:pk>/evidence/", evidence.add, name="evidence_add"),
    path("points/<int:pk>/evidence/<int:evidence_pk>/remove/", evidence.remove, name="evidence_remove"),
    path("entries/<int:pk>/submit/", entries.submit, name="submit"),
    path("entries/<int:pk>/withdraw/", entries.withdraw, name="withdraw"),
    path("entries/<int:pk>/approve/", review.approve, name="approve"),
    path("entries/<int:pk>/return/", review.return_for_revision, name="return"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/file/", jobs.file, name="job_file"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job_retry"),
]
