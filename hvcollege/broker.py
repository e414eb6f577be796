"""The embedded broker: Celery's messages as files in a folder.

Kombu's own file transport creates a message under the name that readers look for and fills it afterwards;
a worker that reads in between finds no JSON and stops. Here a message gets its name when it is whole.
"""

from __future__ import annotations

import secrets
import time
from pathlib import Path
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.encoding import str_to_bytes
from kombu.utils.json import dumps

SCHEME = "folder"


class Channel(filesystem.Channel):
    # Kombu's stubs give the second argument one name here and another in the base class.
    def _put(self, queue: str, message: Any, **kwargs: Any) -> None:  # type: ignore[override]
        # Readers take names in their order and ask for what follows the first dot.
        name = f"{time.time_ns()}_{secrets.token_hex(8)}.{queue}.msg"
        folder = Path(self.data_folder_out)
        draft = folder / f".{name}"
        draft.write_bytes(str_to_bytes(dumps(message)))
        draft.replace(folder / name)


class Transport(filesystem.Transport):
    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
