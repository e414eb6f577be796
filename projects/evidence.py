"""Evidence files: checked by content, stored once per institution under their digest, linked to uses.

`filing()` is one transaction for rows and files. Inside it a file gets its final name before its row commits,
so a row never points at nothing; when the block fails, the files it wrote are taken away again.
"""

from __future__ import annotations

import hashlib
import logging
import os
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction
from django.db.models import Q
from django.template.defaultfilters import filesizeformat

from projects import materials, vault
from projects.door import TOO_LARGE
from projects.filetypes import KINDS, Kind, Unfit, kind_of, refuse_unfit
from projects.models import ChangeRequest, Evidence, Institution, StoredFile, User
from projects.proving import Provable

log = logging.getLogger(__name__)

EXTENSIONS = tuple(extension for kind in KINDS for extension in kind.extensions)
ACCEPTED = (
    "PDF、OFD、图片（JPG、PNG、GIF、WebP）、Word、Excel、PowerPoint、WPS 文档、"
    "ODS 表格、MP4 视频和 ZIP 压缩包"
)
NAME_LENGTH = 255


class NotStored(Exception):
    """The disk did not take a file; the message is a sentence for the user."""


@dataclass(frozen=True, slots=True)
class Filed:
    """A file that is now linked to what it proves; `is_known` when the college had it already."""

    evidence: Evidence
    is_known: bool


def clean_name(name: str) -> str:
    """The bare file name: no folders, no control or invisible characters, at most 255 characters."""
    bare = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in bare if unicodedata.category(char)[0] != "C").strip(" .")
    extension = PurePosixPath(shown).suffix[:20]
    stem = shown.removesuffix(extension) or "未命名"
    return stem[: NAME_LENGTH - len(extension)] + extension


def check(upload: File[bytes]) -> Kind:
    """The kind of an upload that may be taken in; ValidationError with a sentence for any other."""
    name = clean_name(upload.name or "")
    if not upload.size:
        raise ValidationError(f"“{name}”是空文件，请检查后重新选择。")
    if upload.size > settings.EVIDENCE_MAX_BYTES:
        limit, size = filesizeformat(settings.EVIDENCE_MAX_BYTES), filesizeformat(upload.size)
        raise ValidationError(
            f"“{name}”有 {size}，超过每个文件 {limit} 的上限，请压缩或拆分后上传。", TOO_LARGE
        )
    bare: Any = upload  # Django's File reads and seeks as any file does
    kind = kind_of(bare)
    if kind is None:
        raise ValidationError(f"“{name}”的内容不是可以上传的类型。可以上传：{ACCEPTED}。")
    try:
        refuse_unfit(bare)
    except Unfit as why:
        raise ValidationError(f"“{name}”不能上传：{why}") from None
    check_name(name, kind)
    return kind


def check_name(name: str, kind: Kind) -> None:
    """ValidationError when the name has the ending of another kind."""
    if PurePosixPath(name).suffix.lower() not in kind.extensions:
        expected = "或 ".join(kind.extensions)
        raise ValidationError(f"“{name}”的内容是 {kind.name}，扩展名应为 {expected}，请改名后重新上传。")


def folder(institution: Institution) -> Path:
    return Path(settings.EVIDENCE_DIR) / str(institution.pk)


def path_of(stored: StoredFile) -> Path:
    """Where the bytes of a stored file are."""
    return Path(settings.EVIDENCE_DIR) / str(stored.institution_id) / stored.sha256[:2] / stored.sha256


def fetched(stored: StoredFile) -> Path:
    """The same, with the bytes brought from the store outside, where there is one."""
    return vault.fetched(path_of(stored))


def name_of(material: Evidence) -> str:
    """What a material's file is called when it is given out: an index may leave the ending out."""
    assert material.file
    kinds = [kind for kind in KINDS if kind.content_type == material.file.content_type]
    name = material.file_name
    return name if not kinds or name.lower().endswith(kinds[0].extensions) else name + kinds[0].extensions[0]


def discard(pks: Iterable[int]) -> list[Path]:
    """Forget those of the stored files that nothing uses; where their bytes are, to be removed as the last
    step of the transaction.

    The rows are locked: before it ends nobody else can come to use one, or store its bytes anew.
    """
    locked = StoredFile.objects.select_for_update().filter(pk__in=pks)
    kept = of_changes(locked)
    unused = [stored for stored in locked if stored.pk not in kept and not stored.uses.exists()]
    paths = [path_of(stored) for stored in unused]
    StoredFile.objects.filter(pk__in=[stored.pk for stored in unused]).delete()
    return paths


def of_changes(files: Iterable[StoredFile]) -> set[int | None]:
    """Those that belong to a change of the task book, as its request or its approval."""
    asked = ChangeRequest.objects.filter(Q(file__in=files) | Q(approval_file__in=files))
    return {pk for pair in asked.values_list("file", "approval_file") for pk in pair}


@contextmanager
def filing() -> Iterator[Filing]:
    """A transaction in which files are stored; NotStored when the disk refuses one."""
    files = Filing()
    with transaction.atomic():
        try:
            yield files
        except BaseException:
            # Still inside the transaction: nobody else can have got the same row, and with it the file.
            files.remove()
            raise


class Filing:
    def __init__(self) -> None:
        self._written: list[Path] = []
        self.new: list[StoredFile] = []

    def remove(self) -> None:
        for path in self._written:
            vault.remove(path)

    def store(
        self, upload: File[bytes], institution: Institution, *, by: User | None
    ) -> tuple[StoredFile, bool]:
        """The stored file, and whether it is new; ValidationError or NotStored otherwise."""
        kind = check(upload)
        try:
            draft, digest = write_draft(upload, folder(institution))
            try:
                stored, is_new = StoredFile.objects.get_or_create(
                    institution=institution,
                    sha256=digest,
                    defaults={"size": upload.size, "content_type": kind.content_type, "uploaded_by": by},
                )
                self._keep(draft, path_of(stored))
                self.new += [stored] * is_new
            finally:
                draft.unlink(missing_ok=True)
        except OSError as fault:
            log.exception("evidence could not be written")
            name = clean_name(upload.name or "")
            raise NotStored(
                f"服务器保存“{name}”时出错，本次内容都没有保存。请稍后重试，或联系管理员检查磁盘空间。"
            ) from fault
        return stored, is_new

    def attach(self, target: Provable, upload: File[bytes], *, by: User | None) -> Filed:
        """Store an upload and link it to what it proves. Known bytes are linked, not stored again."""
        stored, is_new = self.store(upload, target.project.institution, by=by)
        name = clean_name(upload.name or "")
        return Filed(materials.link_file(target, stored, name, by=by), is_known=not is_new)

    def complete(self, awaiting: Evidence, upload: File[bytes], *, by: User) -> Filed:
        """Give the file to a material of which only the index is known; ValidationError for another kind."""
        kind = check(upload)
        ending = PurePosixPath(awaiting.file_name).suffix.lower()
        if ending in EXTENSIONS and ending not in kind.extensions:
            told = clean_name(upload.name or "")
            raise ValidationError(
                f"“{told}”的内容是 {kind.name}，而目录中登记的文件是“{awaiting.file_name}”。"
                "请选择与目录相符的文件。"
            )
        stored, is_new = self.store(upload, awaiting.project.institution, by=by)
        current = Evidence.objects.select_for_update().get(pk=awaiting.pk)
        if current.file_id not in (None, stored.pk):
            raise ValidationError("他人刚刚已补传了这份材料的文件，请刷新页面查看。")
        awaiting.file = stored
        awaiting.save(update_fields=["file"])
        materials.note(awaiting, by, f"补传文件“{clean_name(upload.name or '')}”")
        return Filed(awaiting, is_known=not is_new)

    def _keep(self, draft: Path, path: Path) -> None:
        """Give the bytes their name, unless they have it."""
        if vault.has(path):
            return
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._written.append(path)
        draft.replace(path)
        vault.put(path)


def write_draft(upload: File[bytes], target: Path) -> tuple[Path, str]:
    """Copy an upload to a temporary file beside its target; the path and the SHA-256 of what was written."""
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=target, prefix=".incoming-", delete=False) as draft:
        try:
            for chunk in upload.chunks():
                digest.update(chunk)
                draft.write(chunk)
            draft.flush()
            os.fsync(draft.fileno())
        except BaseException:
            os.unlink(draft.name)
            raise
    return Path(draft.name), digest.hexdigest()
