"""Evidence in a store outside: what is put there, brought back, and what happens when it is away."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.storage import storages
from django.urls import reverse

from hvcollege import env
from projects import evidence
from projects.models import StoredFile, TaskPoint, User
from tests.projects.conftest import PDF, pdf
from tests.store import Store, serving


@pytest.fixture
def store(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    with serving() as found:
        monkeypatch.setenv("STORE", f"s3://college/evidence/?endpoint={found.address}&region=cn-north-1")
        settings.STORAGES = settings.STORAGES | {"evidence": env.evidence_store("STORE")}
        yield found


def attach(point: TaskPoint, by: User) -> StoredFile:
    with evidence.filing() as files:
        stored = files.attach(point, pdf(), by=by).evidence.file
    assert stored
    return stored


def key(stored: StoredFile) -> str:
    return f"/college/evidence/{stored.institution_id}/{stored.sha256[:2]}/{stored.sha256}"


def test_without_a_setting_the_disk_is_all(point: TaskPoint, filler: User) -> None:
    assert "evidence" not in storages.backends
    assert evidence.path_of(attach(point, filler)).read_bytes() == PDF


def test_a_file_goes_to_the_store_and_comes_back(
    store: Store, browser: Any, point: TaskPoint, filler: User
) -> None:
    stored = attach(point, filler)
    assert store.objects == {key(stored): PDF}
    evidence.path_of(stored).unlink()
    answer = browser(filler).get(reverse("projects:evidence", args=[stored.uses.get().pk]))
    assert b"".join(answer.streaming_content) == PDF
    assert evidence.path_of(stored).read_bytes() == PDF


def test_a_failed_transaction_leaves_nothing_in_the_store(
    store: Store, point: TaskPoint, filler: User, evidence_dir: Path
) -> None:
    def attach_and_fail() -> None:
        with evidence.filing() as files:
            files.attach(point, pdf(), by=filler)
            assert store.objects
            raise RuntimeError

    with pytest.raises(RuntimeError):
        attach_and_fail()
    assert store.objects == {}
    assert not [path for path in evidence_dir.rglob("*") if path.is_file()]


def test_a_store_that_is_away_is_said_and_nothing_is_kept(
    store: Store, browser: Any, point: TaskPoint, filler: User, evidence_dir: Path
) -> None:
    store.is_down = True
    with pytest.raises(evidence.NotStored, match="服务器保存“印发通知.pdf”时出错"):
        attach(point, filler)
    assert not StoredFile.objects.exists()
    assert not [path for path in evidence_dir.rglob("*") if path.is_file()]
    store.is_down = False
    stored = attach(point, filler)
    store.is_down = True
    evidence.path_of(stored).unlink()
    found = browser(filler).get(reverse("projects:evidence", args=[stored.uses.get().pk]))
    assert found.status_code == 404


def test_the_address_of_a_store(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.evidence_store("UNSET") is None
    monkeypatch.setenv("STORE", "s3://bucket/a/b")
    found = env.evidence_store("STORE")
    assert found
    assert (found["OPTIONS"]["bucket_name"], found["OPTIONS"]["location"]) == ("bucket", "a/b")
    for wrong in ("bucket", "s3:///a", "http://bucket", "s3://b?endpoint=ftp://h", "s3://b?acl=public"):
        monkeypatch.setenv("STORE", wrong)
        with pytest.raises(env.Nonsense, match=r"hvcollege\.E021"):
            env.evidence_store("STORE")
