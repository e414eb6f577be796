"""Bind 500 PDFs of ten pages into a book and print what it took. Started by script/bench.

Half of them are scans, half are text. Memory is that of the worker and of the largest process that it
started: one sets the catalogue, another opens the files.
"""

from __future__ import annotations

import resource
import tempfile
import time
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.conf import settings  # noqa: E402
from pikepdf import Dictionary, Name, Pdf  # noqa: E402
from PIL import Image  # noqa: E402
from pypdf import PdfReader  # noqa: E402

from projects import evidence  # noqa: E402
from projects.models import Evidence, Institution, Project, StoredFile  # noqa: E402
from reports.binding.contents import Volume  # noqa: E402
from reports.binding.making import Book  # noqa: E402
from reports.binding.process import reader  # noqa: E402
from reports.binding.writing import Writer  # noqa: E402
from reports.library import Material  # noqa: E402

FILES, PAGES = 500, 10
A4 = (595, 842)


def scans() -> list[bytes]:
    """Pages that pack as badly as scans do, some 300 KB each."""
    made = []
    for grain in range(5):
        file = BytesIO()
        Image.effect_noise((900, 1270), 40 + grain).convert("RGB").save(file, "JPEG", quality=45)
        made.append(file.getvalue())
    return made


def pdf(number: int, pictures: list[bytes]) -> bytes:
    made, chance = Pdf.new(), Random(number)
    font = made.make_indirect(Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica))
    for at in range(PAGES):
        page = made.add_blank_page(page_size=A4)
        if number % 2:
            described = Dictionary(Type=Name.XObject, Subtype=Name.Image, Width=900, Height=1270)
            described.ColorSpace, described.BitsPerComponent = Name.DeviceRGB, 8
            described.Filter = Name.DCTDecode
            scan = made.make_stream(pictures[(number + at) % 5] + b"%d" % at, described)
            page.obj.Resources = Dictionary(XObject=Dictionary(Scan=scan))
            page.obj.Contents = made.make_stream(b"q 595 0 0 842 0 0 cm /Scan Do Q")
        else:
            lines = [
                b"BT /F 10 Tf 50 %d Td (%d %f) Tj ET" % (780 - 12 * line, line, chance.random())
                for line in range(60)
            ]
            page.obj.Resources = Dictionary(Font=Dictionary(F=font))
            page.obj.Contents = made.make_stream(b"\n".join(lines))
    file = BytesIO()
    made.save(file, linearize=not number % 3)
    return file.getvalue()


def materials(college: Institution) -> tuple[Material, ...]:
    pictures, found = scans(), []
    for number in range(FILES):
        data = pdf(number, pictures)
        stored = StoredFile(
            institution=college,
            sha256=sha256(data).hexdigest(),
            size=len(data),
            content_type="application/pdf",
        )
        path = evidence.path_of(stored)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        record = Evidence(title=f"材料 {number}", file_name=f"{number}.pdf", file=stored)
        found.append(Material(record, f"1-1-{number + 1:03}"))
    return tuple(found)


def spent() -> float:
    """CPU seconds of this process and of those that it started and waited for."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in used)


def bind(folder: Path, volume: Volume, project: Project) -> tuple[float, float, int]:
    """Seconds, CPU seconds and pages."""
    facts: Any = SimpleNamespace(project=project, tasks=())
    began, before = time.monotonic(), spent()
    with reader() as asked, Path(folder, "book.pdf").open("w+b") as file:
        book = Book(facts, volume, Writer(file), asked, folder, folder / "converted", lambda *told: None)
        book.make()
    return time.monotonic() - began, spent() - before, book.page - 1


def memory() -> float:
    """MB that this process holds at most from now on; `ru_maxrss` would count who started it."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        settings.EVIDENCE_DIR = folder / "evidence"
        college = Institution(pk=1, name="测试职业学院")
        volume = Volume("1", "任务", materials(college))
        # What making the files took is not to be counted.
        Path("/proc/self/clear_refs").write_text("5")
        took, cpu, pages = bind(folder, volume, Project(name="测试项目", institution=college))
        own, made = memory(), folder / "book.pdf"
        assert pages == FILES * PAGES
        assert len(PdfReader(made).pages) > pages
        children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(
            f"book of {FILES} PDFs, {pages} pages, {made.stat().st_size / 1024**2:.0f} MB: {took:.1f} s,"
            f" {pages / took:.0f} pages/s, {pages / cpu:.0f} pages per CPU second;"
            f" peak {own:.0f} MB in the worker, {children:.0f} MB in the largest process it started"
        )


if __name__ == "__main__":
    main()
