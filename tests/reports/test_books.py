"""佐证材料合订本: what is read back from the made PDF, what stays outside, and who may have it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pypdfium2
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from docx import Document
from PIL import Image
from pypdf import PdfReader
from pypdf.generic import Destination

from projects import evidence, jobs, tasks
from projects.filetypes import DOCX
from projects.models import Evidence, Job, PointEvidence, Project, TaskPoint, User
from reports.binding import contents, making, office, process
from reports.facts import gather
from tests.reports.bookfiles import acting, beyond, damaged, locked, picture, text_pdf, turned

Browser = Callable[[User], Client]
Filed = Callable[..., Evidence]


@pytest.fixture(autouse=True)
def _folders(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.JOBS_DIR = tmp_path / "jobs"
    settings.EVIDENCE_DIR = tmp_path / "evidence"
    monkeypatch.setattr(tasks.run_job, "delay", lambda pk: None)


@pytest.fixture
def filed(point: TaskPoint, filler: User) -> Filed:
    """A material that proves the point."""

    def file(name: str, data: bytes, **values: Any) -> Evidence:
        with evidence.filing() as files:
            made = files.attach(point, SimpleUploadedFile(name, data), by=filler).evidence
        PointEvidence.objects.filter(evidence=made).update(**values)
        return made

    return file


@pytest.fixture
def made(project: Project, office: User) -> Callable[[], Job]:
    """The book of area 8."""

    def make() -> Job:
        facts = gather(project)
        volume = contents.volume(facts, "8")
        assert volume
        job = making.order(facts, volume, by=office)
        jobs.execute(job.pk)
        job.refresh_from_db()
        assert job.state == Job.State.DONE, job.error
        return job

    return make


def book(job: Job) -> PdfReader:
    reader = PdfReader(job.folder / job.result["file"], strict=True)
    assert len(reader.pages) == len(reader.page_labels)
    return reader


def flat(text: str) -> str:
    return re.sub(r"\s+", " ", text.replace("　", " "))


def stamps(reader: PdfReader) -> list[str]:
    """What is stamped on each page after the catalogue."""
    found = [
        re.search(r"(\S+) 第 (\d+) 页 总第 (\d+) 页", flat(page.extract_text())) for page in reader.pages
    ]
    return [" ".join(match.groups()) for match in found if match]


def marks(reader: PdfReader, items: Any = None, level: int = 0) -> Iterator[tuple[int, str, str]]:
    """Level, title and page label of each bookmark."""
    for item in reader.outline if items is None else items:
        if isinstance(item, Destination):
            at = reader.get_destination_page_number(item)
            assert at is not None
            yield level, str(item.title), reader.page_labels[at]
        else:
            yield from marks(reader, item, level + 1)


def seen(path: Path, at: int) -> Image.Image:
    """A page as it is shown, a dot for each point."""
    with pypdfium2.PdfDocument(path) as pdf:
        return pdf[at].render(scale=1).to_pil().convert("RGB")


def inked(picture: Image.Image, box: tuple[int, int, int, int]) -> bool:
    extremes: Any = picture.crop(box).getextrema()
    return any(low < 128 for low, _ in extremes)


def test_every_page_is_numbered_and_the_catalogue_is_right(filed: Filed, made: Callable[[], Job]) -> None:
    filed("通知.pdf", text_pdf("one", "two"), pages="2")
    filed("照片.jpg", picture("JPEG"))
    filed("汇编.pdf", text_pdf("three", "four", "five"))
    job = made()
    reader = book(job)
    assert stamps(reader) == [
        *("8-2-01 1 1", "8-2-01 2 2"),
        "8-2-02 1 3",
        *("8-2-03 1 4", "8-2-03 2 5", "8-2-03 3 6"),
    ]
    assert list(marks(reader)) == [
        (0, "封面与目录", "i"),
        (0, "8-2 建立科学规范的制度体系", "1"),
        (1, "8-2-01 通知", "1"),
        (1, "8-2-02 照片", "3"),
        (1, "8-2-03 汇编", "4"),
    ]
    catalogue = flat(reader.pages[1].extract_text())
    for line in (r"8-2-01 通知 .*1—2 ", r"8-2-02 照片 .* 3 ", r"8-2-03 汇编 .*4—6 "):
        assert re.search(line, catalogue), catalogue
    assert "任务点8-2-2023-03编印学校《规章制度汇编》第二版（见第2页）" in catalogue.replace(" ", "")
    assert "共 3 份材料，6 页" in flat(reader.pages[0].extract_text())
    assert job.result | {"file": "", "size": 0, "digest": ""} == {
        **{"file": "", "size": 0, "digest": ""},
        **{"materials": 3, "pages": 6, "apart": []},
    }
    assert job.result["size"] == (job.folder / job.result["file"]).stat().st_size
    assert [path.name for path in job.folder.iterdir()] == [job.result["file"]]


def test_lines_of_the_catalogue_lead_to_their_pages(filed: Filed, made: Callable[[], Job]) -> None:
    filed("通知.pdf", text_pdf("one", "two"))
    filed("汇编.pdf", text_pdf("three"))
    reader = book(made())
    notes: Any = reader.pages[1]["/Annots"]
    targets = [note.get_object()["/Dest"][0].get_object() for note in notes]
    places = [reader.page_labels[reader.get_page_number(target) or 0] for target in targets]
    assert places == ["1", "3"]


def test_a_stamp_stands_at_the_top_right_of_turned_pages_too_and_covers_nothing(
    filed: Filed, made: Callable[[], Job]
) -> None:
    originals = [turned(degrees) for degrees in (0, 90, 180, 270)]
    for original in originals:
        filed("通知.pdf", original)
    job = made()
    path, strip = job.folder / job.result["file"], 18
    for at, original in enumerate(originals):
        after = seen(path, 2 + at)
        with pypdfium2.PdfDocument(original) as pdf:
            before = pdf[0].render(scale=1).to_pil().convert("RGB")
        assert after.size == (before.width, before.height + strip)
        assert after.crop((0, strip, *after.size)).tobytes() == before.tobytes()
        assert inked(after, (after.width // 2, 2, after.width - 20, strip - 2))
        assert not inked(after, (0, 0, after.width // 2, strip))
        # Upright: as on the page that is not turned.
        text = (-150, 0, 0, strip)
        parts = [crop_from_right(each, text) for each in (after, seen(path, 2))]
        assert similar(*parts)


def crop_from_right(page: Image.Image, box: tuple[int, int, int, int]) -> Image.Image:
    return page.crop((page.width + box[0], box[1], page.width + box[2], box[3]))


def dot(page: Image.Image, x: int, y: int) -> tuple[int, ...]:
    found: Any = page.getpixel((x, y))
    return tuple(found)


def similar(one: Image.Image, other: Image.Image) -> bool:
    """Whether their ink lies in the same columns, but for the numbers that differ and the turn of a dot."""
    columns = [
        [any(dot(part, x, y)[0] < 160 for y in range(part.height)) for x in range(part.width)]
        for part in (one, other)
    ]
    differing = sum(a != b for a, b in zip(*columns, strict=True))
    return differing < one.width // 5


def test_what_is_painted_beyond_a_page_stays_off_the_strip(filed: Filed, made: Callable[[], Job]) -> None:
    filed("海报.pdf", beyond())
    job = made()
    page = seen(job.folder / job.result["file"], 2)
    # 300 by 400 was seen; a strip in proportion is added.
    assert page.width == 300
    assert page.height in (408, 409)
    assert page.getpixel((5, 3)) == (255, 255, 255)
    assert inked(page, (150, 0, 290, 8))
    assert page.getpixel((5, 15)) == (0, 0, 0)


def test_a_picture_is_held_as_its_camera_was(filed: Filed, made: Callable[[], Job]) -> None:
    for orientation in range(1, 9):
        filed("照片.jpg", picture("JPEG", turned=orientation))
    job = made()
    for at, corner in enumerate(("lt", "rt", "rb", "lb", "lt", "rt", "rb", "lb")):
        page = seen(job.folder / job.result["file"], 2 + at)
        size = (300, 200) if at < 4 else (200, 300)
        assert (page.width > page.height) == (at < 4)
        # The margin is 36 points and the strip 18.
        fit = min((page.width - 72) / size[0], (page.height - 18 - 72) / size[1])
        width, height = size[0] * fit, size[1] * fit
        left, top = (page.width - width) / 2, 18 + (page.height - 18 - height) / 2
        x = left + 10 if corner[0] == "l" else left + width - 10
        y = top + 10 if corner[1] == "t" else top + height - 10
        assert is_red(page.getpixel((int(x), int(y)))), corner


def is_red(dot: Any) -> bool:
    red, green, blue = dot
    return bool(red > 180 and green < 90 and blue < 90)


PICTURES = (
    *(("PNG", "图.png", "RGBA"), ("PNG", "图.png", "P"), ("PNG", "图.png", "1"), ("GIF", "图.gif", "P")),
    *(("WEBP", "图.webp", "RGB"), ("JPEG", "图.jpg", "L"), ("JPEG", "图.jpg", "CMYK")),
)


def test_pictures_of_every_kind(filed: Filed, made: Callable[[], Job]) -> None:
    for form, name, mode in PICTURES:
        filed(name, picture(form, mode=mode))
    job = made()
    assert job.result["apart"] == []
    for at, (form, _, mode) in enumerate(PICTURES):
        page = seen(job.folder / job.result["file"], 2 + at)
        corner = page.getpixel((60, 18 + 60))
        assert is_red(corner) or mode in ("1", "L"), (form, mode)
        assert corner != (255, 255, 255), (form, mode)
        assert min(dot(page, page.width // 2, page.height // 2)) > 250, (form, mode)


def test_what_cannot_be_bound_in_has_a_sheet_and_stops_nothing(
    filed: Filed, made: Callable[[], Job], project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "program", lambda: None)
    filed("锁.pdf", locked("secret", "password"))
    filed("断.pdf", b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF")
    filed("好.pdf", text_pdf("good"))
    filed("坏.jpg", picture("JPEG")[:200])
    filed("包.zip", zipped())
    filed("片.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(100))
    filed("文.docx", document())
    filed("页.pdf", text_pdf())
    (lost := filed("失.pdf", text_pdf("lost"))).refresh_from_db()
    assert lost.file
    evidence.path_of(lost.file).unlink()
    filed("末.pdf", text_pdf("last"))
    job = made()
    reader = book(job)
    assert stamps(reader) == [f"8-2-{at:02} 1 {at}" for at in range(1, 11)]
    texts = [flat(page.extract_text()) for page in reader.pages[2:]]
    assert "good" in texts[2]
    assert "last" in texts[9]
    assert "须另行查看" in texts[0]
    assert "锁.pdf" in texts[0]
    assert [(each["number"], each["reason"]) for each in job.result["apart"]] == [
        ("8-2-01", "文件设有打开密码"),
        ("8-2-02", "PDF 文件已损坏，无法读取"),
        ("8-2-04", "文件已损坏，无法读取"),
        ("8-2-05", "ZIP 压缩包不能装订成页"),
        ("8-2-06", "MP4 视频不能装订成页"),
        ("8-2-07", "服务器未安装 LibreOffice，不能转换 Office 文件"),
        ("8-2-08", "文件里没有页面"),
        ("8-2-09", "服务器上找不到这个文件，请联系管理员"),
    ]
    titles = [title for _, title, _ in marks(reader)]
    assert "8-2-01 锁（另附）" in titles
    assert "其中 8 份另附" in flat(reader.pages[0].extract_text())


def zipped() -> bytes:
    from zipfile import ZipFile

    file = BytesIO()
    with ZipFile(file, "w") as archive:
        archive.writestr("a.txt", "a")
    return file.getvalue()


def document() -> bytes:
    file, made = BytesIO(), Document()
    made.add_paragraph("会议纪要")
    made.save(file)
    return file.getvalue()


def test_what_was_written_on_a_page_is_kept_and_what_acts_is_not(
    filed: Filed, made: Callable[[], Job]
) -> None:
    filed("签章.pdf", acting())
    filed("锁.pdf", locked("open to read", ""))
    filed("修.pdf", damaged())
    job = made()
    assert job.result["apart"] == []
    reader = book(job)
    texts = [flat(page.extract_text()) for page in reader.pages[2:]]
    assert "stamped by hand" in texts[0]
    assert "open to read" in texts[1]
    assert "mended" in texts[2]
    data = (job.folder / job.result["file"]).read_bytes()
    for word in (b"JavaScript", b"app.alert", b"/AA", b"OpenAction"):
        assert word not in data


def test_a_material_without_a_file_stands_in_the_catalogue(
    filed: Filed, made: Callable[[], Job], point: TaskPoint, project: Project
) -> None:
    bare = Evidence.objects.create(project=project, file_name="批复.pdf", title="立项批复")
    PointEvidence.objects.create(evidence=bare, point=point)
    filed("通知.pdf", text_pdf("one"))
    job = made()
    reader = book(job)
    assert stamps(reader) == ["8-2-02 1 1"]
    assert re.search(r"8-2-01 立项批复 缺文件 .*— ?", flat(reader.pages[1].extract_text()))
    assert job.result["apart"] == [{"number": "8-2-01", "title": "立项批复", "reason": "缺文件"}]


def test_a_file_that_ends_the_reader_or_takes_too_long_costs_only_itself(
    filed: Filed, made: Callable[[], Job], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    filed("一.pdf", text_pdf("one"))
    filed("二.pdf", text_pdf("two"))
    filed("三.pdf", text_pdf("three"))
    filed("四.pdf", text_pdf("four"))
    original = process.Reader._said_to

    def said_to(running: Any, question: str) -> str:
        if '"8-2-02"' in question and '"material"' in question:
            running.kill()
        if '"8-2-03"' in question and '"material"' in question:
            question = question.replace('"material"', '"nothing')  # no line of JSON: it ends
        return original(running, question)

    monkeypatch.setattr(process.Reader, "_said_to", staticmethod(said_to))
    job = made()
    assert [each["number"] for each in job.result["apart"]] == ["8-2-02", "8-2-03"]
    assert stamps(book(job)) == [f"8-2-0{at} 1 {at}" for at in range(1, 5)]


def test_a_reader_that_does_not_answer_is_ended() -> None:
    with process.reader(time_limit=0.0) as asked, pytest.raises(process.Refused, match="时间过长"):
        asked.ask(do="material")


def test_a_full_disk_fails_the_job_with_a_sentence(
    filed: Filed, project: Project, office: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    filed("一.pdf", text_pdf("one"))
    facts = gather(project)
    job = making.order(facts, contents.volumes(facts)[0], by=office)

    def full(*args: Any, **options: Any) -> Any:
        raise OSError(28, "no space")

    monkeypatch.setattr(process.Reader, "ask", full)
    jobs.execute(job.pk)
    job.refresh_from_db()
    assert job.state == Job.State.FAILED
    assert "磁盘空间不足" in job.error
    assert list(job.folder.iterdir()) == []


def test_office_documents_become_pages_where_libreoffice_is(filed: Filed, made: Callable[[], Job]) -> None:
    filed("文.docx", document())
    job = made()
    page = flat(book(job).pages[2].extract_text())
    if office.program():
        assert job.result["apart"] == []
        assert "会议纪要" in page
    else:
        assert "未安装 LibreOffice" in page


def fake_office(folder: Path, script: str) -> str:
    path = folder / "soffice"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o700)
    return str(path)


def test_office_documents_are_converted_apart(
    filed: Filed, made: Callable[[], Job], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """With a stand-in: its own profile, its own folder; what it makes is bound in."""
    ready = tmp_path / "ready.pdf"
    ready.write_bytes(text_pdf("converted"))
    said = tmp_path / "said"
    program = fake_office(tmp_path, f'echo "$@" > {said}; cp {ready} "$PWD/document.pdf"')
    monkeypatch.setattr(office, "program", lambda: program)
    filed("文.docx", document())
    job = made()
    assert "converted" in book(job).pages[2].extract_text()
    assert re.search(r"-env:UserInstallation=file:///\S+/\.work-\S+/profile ", said.read_text())


def test_an_office_that_hangs_is_ended_with_all_it_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    program = fake_office(tmp_path, "sleep 600 & sleep 600")
    monkeypatch.setattr(office, "program", lambda: program)
    path = tmp_path / "文.docx"
    path.write_bytes(document())
    with pytest.raises(office.NotConverted, match="时间过长"):
        office.convert(path, office.KINDS[DOCX.content_type], tmp_path, time_limit=0.2)


def test_the_same_book_is_asked_for_once_and_a_change_asks_anew(
    filed: Filed, project: Project, office: User
) -> None:
    first = filed("一.pdf", text_pdf("one"))

    def order() -> Job:
        facts = gather(project)
        return making.order(facts, contents.volumes(facts)[0], by=office)

    job = order()
    assert order() == job
    Evidence.objects.filter(pk=first.pk).update(title="改名")
    assert order() != job


@pytest.fixture
def address(project: Project) -> str:
    return f"/projects/{project.pk}/evidence/books/"


def content(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.content.decode())


def test_the_page_offers_makes_and_gives_out(
    filed: Filed, browser: Browser, office: User, filler: User, principal: User, address: str
) -> None:
    filed("一.pdf", text_pdf("one"))
    client = browser(office)
    page = content(client.get(address))
    assert "8 提升学校治理水平" in page
    assert "下载" not in page.partition('id="books"')[2]
    # Others are told whom to ask: binding is long work.
    assert f"{address}make/" in page
    for reader in (filler, principal):
        told = content(browser(reader).get(address))
        assert 'name="area"' not in told
        assert "还没有生成，请联系项目办" in told
        refused = browser(reader).post(f"{address}make/", {"area": "8"})
        assert refused.status_code == 403
        assert "合订本由项目办生成" in refused.content.decode()
    assert not Job.objects.filter(kind=making.JOB).exists()
    asked = client.post(f"{address}make/", {"area": "8"})
    assert (asked.status_code, asked["Location"]) == (302, address)
    job = Job.objects.get(kind=making.JOB)
    waiting = content(client.get(address, headers={"HX-Request": "true"}))
    assert waiting.startswith("<section")
    assert "排队中" in waiting
    assert 'hx-trigger="every 1s"' in waiting
    jobs.execute(job.pk)
    # Whoever reads the project may have it, not only who asked.
    done = content(browser(principal).get(address))
    assert "1 页" in done
    assert "重新生成" not in done
    assert 'hx-trigger="every 1s"' not in done
    answer: Any = browser(principal).get(f"{address}{job.pk}/")
    name = unquote(answer["Content-Disposition"].partition("''")[2])
    assert name == "样例职业技术学院_佐证材料合订本_8 提升学校治理水平.pdf"
    assert b"".join(answer.streaming_content).startswith(b"%PDF-1.7")
    filed("二.pdf", text_pdf("two"))
    changed = content(client.get(address))
    assert "生成后材料有变化" in changed
    assert "重新生成" in changed


def test_all_that_is_missing_is_asked_for_at_once(
    filed: Filed, browser: Browser, office: User, address: str, project: Project
) -> None:
    filed("一.pdf", text_pdf("one"))
    loose = filed("二.pdf", text_pdf("two"))
    PointEvidence.objects.filter(evidence=loose).delete()
    client = browser(office)
    assert "生成 2 册" in content(client.get(address))
    client.post(f"{address}make/", {"area": "*"})
    assert sorted(job.payload["area"] for job in Job.objects.filter(kind=making.JOB)) == ["", "8"]
    assert client.post(f"{address}make/", {"area": "9"}).status_code == 404


def test_outsiders_find_nothing_and_a_report_is_no_book(
    filed: Filed, made: Callable[[], Job], browser: Browser, outsider: User, office: User, address: str
) -> None:
    filed("一.pdf", text_pdf("one"))
    job = made()
    refused = browser(outsider)
    answers = (refused.get(address), refused.get(f"{address}{job.pk}/"), refused.post(f"{address}make/"))
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Client().get(f"{address}{job.pk}/").status_code == 302
    Job.objects.filter(pk=job.pk).update(kind="report")
    assert browser(office).get(f"{address}{job.pk}/").status_code == 404
