"""A finalised version stays as it is, whoever tries to change it and how."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction

from projects.models import Project, User
from reports.models import Frozen, Report, Snapshot

DOCUMENT = {"format": 1, "title": "中期自评报告"}


@pytest.fixture
def report(project: Project, office: User) -> Report:
    return Report.objects.create(
        project=project,
        kind="school-midterm",
        title="中期自评报告",
        window=project.windows.get(),
        as_of=date(2023, 12, 31),
        created_by=office,
    )


@pytest.fixture
def values(report: Report, principal: User, now: datetime) -> dict[str, Any]:
    return {
        "report": report,
        "as_of": report.as_of,
        "known_at": now,
        "document": DOCUMENT,
        "sha256": "a" * 64,
        "finalised_at": now,
        "finalised_by": principal,
    }


@pytest.fixture
def snapshot(values: dict[str, Any]) -> Snapshot:
    return Snapshot.objects.create(number=1, **values)


def save_again(snapshot: Snapshot) -> None:
    snapshot.sha256 = "b" * 64
    snapshot.save()


def save_one_field(snapshot: Snapshot) -> None:
    snapshot.sha256 = "b" * 64
    snapshot.save(update_fields=["sha256"])


def bulk_update(snapshot: Snapshot) -> None:
    snapshot.sha256 = "b" * 64
    Snapshot.objects.bulk_update([snapshot], ["sha256"])


def upsert(snapshot: Snapshot) -> None:
    Snapshot.objects.bulk_create(
        [snapshot], update_conflicts=True, unique_fields=["id"], update_fields=["sha256"]
    )


ATTEMPTS: list[Callable[[Snapshot], Any]] = [
    save_again,
    save_one_field,
    bulk_update,
    upsert,
    lambda snapshot: snapshot.delete(),
    lambda snapshot: Snapshot.objects.update(sha256="b" * 64),
    lambda snapshot: Snapshot.objects.update_or_create(pk=snapshot.pk, defaults={"sha256": "b" * 64}),
    lambda snapshot: Snapshot.objects.filter(pk=snapshot.pk).delete(),
    lambda snapshot: Snapshot._base_manager.all().delete(),
    lambda snapshot: snapshot.report.snapshots.all().delete(),
    lambda snapshot: snapshot.report.snapshots.update(sha256="b" * 64),
]


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_it_is_never_changed_or_deleted(snapshot: Snapshot, attempt: Callable[[Snapshot], Any]) -> None:
    with pytest.raises(Frozen, match="定稿版本不能修改或删除"), transaction.atomic():
        attempt(snapshot)
    stored = Snapshot.objects.get()
    assert (stored.pk, stored.sha256, stored.document) == (snapshot.pk, "a" * 64, DOCUMENT)


def test_it_is_not_overwritten_by_another_of_the_same_key(snapshot: Snapshot, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError):
        Snapshot(pk=snapshot.pk, number=1, **{**values, "sha256": "b" * 64}).save()


@pytest.mark.parametrize(
    "owner",
    [
        lambda snapshot: snapshot.report,
        lambda snapshot: snapshot.report.project,
        lambda snapshot: snapshot.report.window,
        lambda snapshot: snapshot.finalised_by,
    ],
    ids=["report", "project", "window", "person"],
)
@pytest.mark.parametrize("at_once", [True, False])
def test_no_cascade_takes_it_away(
    snapshot: Snapshot, owner: Callable[[Snapshot], models.Model], at_once: bool
) -> None:
    record = owner(snapshot)
    with pytest.raises(models.ProtectedError):
        record._meta.model._default_manager.filter(pk=record.pk).delete() if at_once else record.delete()
    assert Snapshot.objects.filter(pk=snapshot.pk).exists()


def test_a_correction_names_the_version_it_supersedes(snapshot: Snapshot, values: dict[str, Any]) -> None:
    second = Snapshot(number=2, supersedes=snapshot, **values)
    second.full_clean()
    second.save()
    assert snapshot.superseded_by == second
    assert [each.number for each in values["report"].snapshots.all()] == [2, 1]


@pytest.mark.parametrize(("number", "names"), [(0, False), (2, False), (1, True), (0, True)])
def test_first_versions_supersede_nothing_later_ones_always_do(
    snapshot: Snapshot, values: dict[str, Any], number: int, names: bool
) -> None:
    other = Report.objects.create(
        project=snapshot.report.project,
        kind="school-midterm",
        title="另一份",
        as_of=snapshot.as_of,
        created_by=snapshot.finalised_by,
    )
    values = {**values, "report": other, "supersedes": snapshot if names else None}
    with pytest.raises(IntegrityError, match="snapshot_correction_names_superseded"):
        Snapshot.objects.create(number=number, **values)


def test_a_version_number_is_given_once(snapshot: Snapshot, values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        Snapshot.objects.create(number=1, **values)


def test_a_version_is_superseded_once(snapshot: Snapshot, values: dict[str, Any]) -> None:
    Snapshot.objects.create(number=2, supersedes=snapshot, **values)
    with pytest.raises(IntegrityError, match=r"(?i)unique"):
        Snapshot.objects.create(number=3, supersedes=snapshot, **values)


def test_it_supersedes_a_version_of_the_same_report(snapshot: Snapshot, values: dict[str, Any]) -> None:
    other = Report.objects.create(
        project=snapshot.report.project,
        kind="school-midterm",
        title="另一份",
        as_of=snapshot.as_of,
        created_by=snapshot.finalised_by,
    )
    with pytest.raises(ValidationError, match="不属于这份报告"):
        Snapshot(number=2, supersedes=snapshot, **{**values, "report": other}).full_clean()


def test_it_carries_its_digest(values: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match="snapshot_has_digest"):
        Snapshot.objects.create(number=1, **{**values, "sha256": ""})
