"""The embedded broker."""

import json
from pathlib import Path
from typing import Any

import pytest
from kombu import Connection, Queue

from hvcollege import broker


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "queue").mkdir()
    return tmp_path


@pytest.fixture
def connection(folder: Path) -> Connection:
    queue = str(folder / "queue")
    options = {"data_folder_in": queue, "data_folder_out": queue, "control_folder": str(folder / "control")}
    return Connection(f"{broker.SCHEME}://", transport_options=options)


def test_messages_arrive_in_order(connection: Connection) -> None:
    with connection, connection.SimpleQueue("jobs") as queue:
        for number in range(3):
            queue.put({"number": number})
        received = [queue.get(block=False) for _ in range(3)]
        for message in received:
            message.ack()
    assert [message.payload["number"] for message in received] == [0, 1, 2]


def test_a_message_has_no_name_before_it_is_whole(
    connection: Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def names() -> list[str]:
        return [path.name for path in (folder / "queue").glob("*.jobs.msg") if path.name[0] != "."]

    def watched(message: Any) -> str:
        assert names() == []
        return json.dumps(message)

    monkeypatch.setattr(f"{broker.__name__}.dumps", watched)
    with connection, connection.Producer() as producer:
        producer.publish({}, routing_key="jobs", declare=[Queue("jobs", routing_key="jobs")])
    assert len(names()) == 1
