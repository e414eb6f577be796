"""Books made in the background: what the job is asked for, and the file it leaves."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.utils import timezone

from projects import evidence
from projects.filetypes import GIF, JPEG, KINDS, PDF, PNG, WEBP
from projects.jobs import JobError, Progress, Result, enqueue
from projects.models import Job, Project, StoredFile, User
from reports.binding import contents, front, office
from reports.binding.contents import Volume
from reports.binding.front import Line
from reports.binding.process import Reader, Refused, reader
from reports.binding.writing import Bookmark, Part, Writer
from reports.facts import Facts, gather
from reports.library import Material
from reports.rendering import TITLE_BYTES, UNSAFE, shortened

log = logging.getLogger(__name__)

JOB = "book"
PICTURES = frozenset(kind.content_type for kind in (JPEG, PNG, GIF, WEBP))
NAMES = {kind.content_type: kind.name for kind in KINDS}
NOT_ON_PAPER = "{}不能装订成页"
MISSING = "缺文件"
LOST = "服务器上找不到这个文件，请联系管理员"
# What is left of converted documents, should a worker be killed before the book is done.
CONVERTED = ".converted"


def order(facts: Facts, volume: Volume, *, by: User) -> Job:
    """The job that makes this book; the same one as long as one for the same content is still open."""
    payload = {"area": volume.code, "title": f"佐证材料合订本 {volume.title}", "digest": volume.digest}
    key = f"{JOB}:{facts.project.pk}:{volume.code}:{volume.digest}"[:200]
    return enqueue(JOB, payload, by=by, project=facts.project, key=key)


def make(payload: Mapping[str, Any], progress: Progress) -> Result:
    """The handler of the job. It may run again at any time: its file gets its name in one step at the end."""
    job = progress.job
    assert job.project is not None
    clear_drafts(job)
    facts = gather(job.project)
    volume = contents.volume(facts, payload["area"])
    if volume is None:
        raise JobError("这一章已经没有佐证材料，不需要装订。")
    name = file_name(job.project, volume)
    with (
        progress.file(name) as draft,
        TemporaryDirectory(dir=job.folder, prefix=".work-") as folder,
        reader() as asked,
        draft.open("w+b") as file,
    ):
        book = Book(facts, volume, Writer(file), asked, Path(folder), job.folder / CONVERTED, progress)
        book.make()
        size = file.tell()
    shutil.rmtree(job.folder / CONVERTED, ignore_errors=True)
    return {
        "file": name,
        "size": size,
        "digest": volume.digest,
        "materials": len(volume.materials),
        "pages": book.page - 1,
        "apart": [
            {"number": line.material.number, "title": line.material.record.title, "reason": line.reason}
            for line in book.lines
            if line.reason
        ],
    }


@dataclass(slots=True)
class Book:
    """A book in the making."""

    facts: Facts
    volume: Volume
    writer: Writer
    asked: Reader
    folder: Path
    converted: Path
    progress: Progress
    # The next page to be numbered.
    page: int = 1
    lines: list[Line] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    # The sheets of files that stay outside, made at the end: node, number of the material, page.
    sheets: list[dict[str, Any]] = field(default_factory=list)
    starts: dict[str, Part] = field(default_factory=dict)
    face: dict[str, Any] = field(default_factory=dict)

    def make(self) -> None:
        self.face = self._typeface()
        total = len(self.volume.materials) + 1
        for done, material in enumerate(self.volume.materials):
            self.progress(done, total, f"正在装订 {material.number}（第 {done + 1} 份，共 {total - 1} 份）")
            self.lines.append(self._bound(material))
        self.progress(total - 1, total, "正在编排目录")
        ahead = self._front()
        self.writer.close(
            [ahead, *self.parts],
            len(ahead.pages),
            [Bookmark("封面与目录", ahead.pages[0]), *self._bookmarks()],
            f"{self.facts.project.name}佐证材料合订本 {self.volume.title}",
            timezone.localtime(),
        )

    def _bound(self, material: Material) -> Line:
        """Bind a material in, or leave a sheet in its place."""
        stored = material.record.file
        if stored is None:
            return Line(material, reason=MISSING)
        part = Part(self.writer.reserve())
        self.parts.append(part)
        self.starts[material.number] = part
        first, reason = self.page, ""
        try:
            part.pages = self._pages(material.number, stored, part)
        except Refused as fault:
            reason = str(fault)
            part.pages = [0]  # known at the end
            self.sheets.append({"parent": part.node, "number": material.number, "page": first})
        self.page += len(part.pages)
        return Line(material, first, self.page - 1, reason)

    def _pages(self, number: str, stored: StoredFile, part: Part) -> list[int]:
        path = evidence.fetched(stored)
        if not path.is_file():
            raise Refused(LOST)
        kind = stored.content_type
        is_picture = kind in PICTURES
        if kind in office.KINDS:
            path = self._converted(stored, path)
        elif kind != PDF.content_type and not is_picture:
            raise Refused(NOT_ON_PAPER.format(NAMES.get(kind, "这类文件")))
        told = self._taken_over(
            do="material",
            source=str(path),
            is_picture=is_picture,
            number=number,
            parent=part.node,
            page=self.page,
        )
        return list(told["pages"])

    def _converted(self, stored: StoredFile, path: Path) -> Path:
        """An office document as a PDF; what an earlier attempt made of it is used again."""
        made = self.converted / f"{stored.sha256}.pdf"
        if not made.is_file():
            self.converted.mkdir(mode=0o700, exist_ok=True)
            try:
                fresh = office.convert(path, office.KINDS[stored.content_type], self.folder)
            except office.NotConverted as fault:
                raise Refused(str(fault)) from fault
            fresh.replace(made)
        return made

    def _taken_over(self, **question: Any) -> dict[str, Any]:
        target = self.folder / "run"
        told = self.asked.ask(target=str(target), first=self.writer.next, face=self.face, **question)
        self.writer.append(target, told["offsets"])
        return told

    def _typeface(self) -> dict[str, Any]:
        source = self.folder / "letters.pdf"
        source.write_bytes(front.letters(each.number for each in self.volume.materials))
        told = self._taken_over(do="typeface", source=str(source))
        return {"fonts": told["fonts"], "glyphs": told["glyphs"]}

    def _front(self) -> Part:
        """Typeset cover, catalogue and sheets; the sheets go to their places."""
        source, ahead = self.folder / "front.pdf", Part(self.writer.reserve())
        source.write_bytes(
            front.front(self.facts.project, self.volume, self.lines, self.page - 1, timezone.localdate())
        )
        sheets = {sheet["parent"]: sheet for sheet in self.sheets}
        links = {number: part.pages[0] for number, part in self.starts.items() if part.pages[0]}
        told = self._taken_over(
            do="ours", source=str(source), parent=ahead.node, sheets=self.sheets, links=links
        )
        pages = told["pages"]
        apart = len(pages) - len(self.sheets)
        ahead.pages = pages[:apart]
        for (node, _), page in zip(sheets.items(), pages[apart:], strict=True):
            next(part for part in self.parts if part.node == node).pages = [page]
        return ahead

    def _bookmarks(self) -> list[Bookmark]:
        reasons = {line.material.number: line.reason for line in self.lines}
        found: list[Bookmark] = []
        for task, some in contents.by_task(self.volume, self.facts.tasks):
            marks = [
                Bookmark(
                    f"{each.number} {each.record.title}{'（另附）' if reasons[each.number] else ''}",
                    self.starts[each.number].pages[0],
                )
                for each in some
                if each.number in self.starts
            ]
            found += [Bookmark(task, marks[0].page, marks)] if task and marks else marks
        return found


def file_name(project: Project, volume: Volume) -> str:
    """`学校名称_佐证材料合订本_2 任务名称.pdf`, without what some system cannot have in a name."""
    title = f"{project.institution.name}_佐证材料合订本_{volume.title}"
    return f"{shortened(UNSAFE.sub('', title), TITLE_BYTES + 60)}.pdf"


def clear_drafts(job: Job) -> None:
    """What a killed worker left half written; converted documents are kept."""
    for draft in job.folder.glob(".*"):
        if draft.is_dir() and draft.name != CONVERTED:
            shutil.rmtree(draft)
        elif draft.is_file():
            draft.unlink()
