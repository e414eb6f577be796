"""Addresses of the pages where work is entered and reviewed."""

from django.urls import path

from projects.views import (
    delegations,
    entries,
    evidence,
    jobs,
    levels,
    messages,
    people,
    points,
    rounds,
)

app_name = "projects"
urlpatterns = [
    path("projects/<int:pk>/review/substitutes/", delegations.delegations, name="delegations"),
    path(
        "projects/<int:pk>/review/substitutes/<int:delegation_pk>/end/",
        delegations.end,
        name="delegation_end",
    ),
    path("projects/<int:pk>/review/levels/", levels.levels, name="levels"),
    path("projects/<int:pk>/review/phrases/", levels.phrases, name="phrases"),
    path("projects/<int:pk>/rounds/", rounds.rounds, name="rounds"),
    path("projects/<int:pk>/rounds/new/", rounds.new, name="round_new"),
    path("projects/<int:pk>/rounds/<int:round_pk>/", rounds.edit, name="round"),
    path("messages/", messages.listed, name="messages"),
    path("messages/read/", messages.read, name="messages_read"),
    path("messages/settings/", messages.settings, name="message_settings"),
    path("messages/unsent/", messages.deliveries, name="message_deliveries"),
    path("messages/unsent/<int:pk>/again/", messages.again, name="message_again"),
    path("messages/<int:pk>/", messages.opened, name="message"),
    path("people/", people.listed, name="people"),
    path("people/new/", people.new, name="person_new"),
    path("people/<int:pk>/", people.person, name="person"),
    path("people/<int:pk>/roles/", people.join, name="person_join"),
    path("people/<int:pk>/roles/<int:membership_pk>/", people.role, name="person_role"),
    path("people/<int:pk>/roles/<int:membership_pk>/leave/", people.leave, name="person_leave"),
    path("people/<int:pk>/<slug:verb>/", people.act, name="person_act"),
    path("departments/<int:pk>/", people.department, name="department"),
    path("departments/<int:pk>/delete/", people.department_delete, name="department_delete"),
    path("departments/<int:pk>/merge/", people.department_merge, name="department_merge"),
    path("colleges/<int:college_pk>/departments/new/", people.department_new, name="department_new"),
    path("points/<int:pk>/", points.point, name="point"),
    path("points/<int:pk>/fill/", entries.fill, name="fill"),
    path("entries/<int:pk>/submit/", entries.submit, name="submit"),
    path("entries/<int:pk>/withdraw/", entries.withdraw, name="withdraw"),
    path("evidence/<int:pk>/", evidence.download, name="evidence"),
    path("jobs/<int:pk>/", jobs.job, name="job"),
    path("jobs/<int:pk>/file/", jobs.file, name="job_file"),
    path("jobs/<int:pk>/retry/", jobs.retry, name="job_retry"),
]
