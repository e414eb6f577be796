"""Where the bytes of evidence are kept: on our disk and, where it is set so, in a store that speaks S3.

With a store the files on the disk are copies, which may be removed at any time: whoever reads one that is
not there gets it from the store.
Nothing outside this file knows of it.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from shutil import copyfileobj

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import Storage, storages

log = logging.getLogger(__name__)

NAME = "evidence"


class Unreachable(OSError):
    """The store does not answer, or not as it should."""


def store() -> Storage | None:
    """The store beside the disk; None where the disk is all there is."""
    return storages[NAME] if NAME in settings.STORAGES else None


def key_of(path: Path) -> str:
    """What a file on the disk is called in the store."""
    return path.relative_to(settings.EVIDENCE_DIR).as_posix()


def has(path: Path) -> bool:
    """Whether the file is kept: on the disk, and in the store where there is one."""
    outside = store()
    if outside is None:
        return path.is_file()
    try:
        return outside.exists(key_of(path))
    except Exception as fault:  # whatever the library or the network trips over
        raise Unreachable(str(fault)) from fault


def put(path: Path) -> None:
    """A file that is on the disk goes to the store as well."""
    if outside := store():
        try:
            with path.open("rb") as file:
                outside.save(key_of(path), File(file))
        except Exception as fault:  # as above
            raise Unreachable(str(fault)) from fault


def fetched(path: Path) -> Path:
    """The file on the disk, brought from the store if need be; where neither has it, it is not there."""
    outside = store()
    if outside is None or path.is_file():
        return path
    try:
        with outside.open(key_of(path)) as file:
            bring(file, path)
    except FileNotFoundError:
        pass
    except Exception:  # as above
        log.exception("evidence could not be read from its store")
    return path


def bring(file: File[bytes], path: Path) -> None:
    """Under its name only when it is whole."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=".incoming-", delete=False) as draft:
        try:
            copyfileobj(file, draft)
        except BaseException:
            os.unlink(draft.name)
            raise
    Path(draft.name).replace(path)


def remove(path: Path) -> None:
    """From the disk and from the store."""
    path.unlink(missing_ok=True)
    if outside := store():
        try:
            outside.delete(key_of(path))
        except Exception:  # a file too many harms nobody
            log.exception("evidence could not be removed from its store")
