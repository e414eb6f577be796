"""`render_report`: a file that is whole, or one Chinese sentence and an exit code."""

from __future__ import annotations

import errno
import json
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from projects.models import Project
from reports.build import build
from reports.document import Document
from reports.facts import gather
from reports.kinds import kind
from reports.renderers.json import JsonRenderer

Shell = Callable[..., tuple[int, str, str]]


@pytest.fixture
def shell(shell: Shell) -> Shell:
    return partial(shell, "render_report")


def options(output: Path, form: str = "json", chosen: str = "school-midterm") -> list[str]:
    return ["--kind", chosen, "--format", form, "--output", str(output)]


def refused(result: tuple[int, str, str], sentence: str) -> None:
    """Exit 1, nothing on standard output, one line on standard error."""
    code, out, err = result
    assert (code, out) == (1, "")
    assert err.strip() == sentence


def test_json_is_the_document(shell: Shell, project: Project, tmp_path: Path) -> None:
    code, out, err = shell(project.code, *options(tmp_path / "r.json"))
    assert (code, err) == (0, "")
    assert "r.json" in out
    written = Document.from_json(json.loads((tmp_path / "r.json").read_text()))
    assert written == build(gather(project), kind("school-midterm"))


def test_html_is_complete_in_itself(shell: Shell, project: Project, tmp_path: Path) -> None:
    assert shell(project.code, *options(tmp_path / "r.html", "html"))[0] == 0
    page = (tmp_path / "r.html").read_text()
    assert page.startswith("<!doctype html>")
    assert "样例建设项目" in page
    assert "<style" in page
    assert not re.search(r"<script|<link|<iframe|@import", page)
    outside = [a for a in re.findall(r"""(?:src|srcset|href)="([^"]*)""", page) if a[:1] != "#"]
    assert [address for address in outside if not address.startswith("data:")] == []
    assert re.findall(r"url\((?!\s*[\"']?(?:data:|#))[^)]*\)", page) == []


def test_pdf_begins_as_pdf(shell: Shell, project: Project, tmp_path: Path) -> None:
    assert shell(project.code, *options(tmp_path / "r.pdf", "pdf"))[0] == 0
    assert (tmp_path / "r.pdf").read_bytes().startswith(b"%PDF-")


def test_dates_are_those_asked_for(shell: Shell, project: Project, tmp_path: Path) -> None:
    asked = ["--as-of", "2022-06-30", "--known-at", "2024-03-01T18:00"]
    assert shell(project.code, *options(tmp_path / "r.json"), *asked)[0] == 0
    text = (tmp_path / "r.json").read_text()
    assert '"as_of": "2022-06-30"' in text
    assert "2024年3月1日18:00前" in text


def test_another_kind_than_the_one_meant_for_it(shell: Shell, project: Project, tmp_path: Path) -> None:
    assert shell(project.code, *options(tmp_path / "r.json", chosen="group-construction"))[0] == 0
    assert json.loads((tmp_path / "r.json").read_text())["kind"] == "group-construction"


@pytest.mark.parametrize("wrong", [["--kind", "annual-review"], ["--format", "odt"]])
def test_an_unknown_kind_or_format_is_usage(
    wrong: list[str], shell: Shell, project: Project, tmp_path: Path
) -> None:
    code, out, err = shell(project.code, *options(tmp_path / "r"), *wrong)
    assert (code, out) == (2, "")
    assert err.startswith(f"参数 {wrong[0]} 的值“{wrong[1]}”不对，应为 ")
    assert "school-midterm" in err or "pdf" in err
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_project(shell: Shell, db: None, tmp_path: Path) -> None:
    refused(shell("NO-1", *options(tmp_path / "r")), "项目“NO-1”不存在，请核对项目编号。")


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--as-of", "2023-02-30", "截至日期“2023-02-30”不是日期，应写成 2026-05-20。"),
        ("--as-of", "1989-12-31", "截至日期“1989-12-31”不在 1990 年至 2100 年之间。"),
        ("--as-of", "", "截至日期“”不是日期，应写成 2026-05-20。"),
        ("--known-at", "0001-01-01", "审核时间“0001-01-01”不在 1990 年至 2100 年之间。"),
        ("--known-at", "昨天", "审核时间“昨天”不是时间，应写成 2024-03-01 或 2024-03-01T18:00。"),
    ],
)
def test_a_date_that_is_none(
    option: str, value: str, sentence: str, shell: Shell, project: Project, tmp_path: Path
) -> None:
    refused(shell(project.code, *options(tmp_path / "r"), option, value), sentence)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_missing(shell: Shell, project: Project, tmp_path: Path) -> None:
    missing = tmp_path / "missing"
    refused(shell(project.code, *options(missing / "r")), f"文件夹“{missing}”不存在，请先建立。")
    assert not missing.exists()


def test_what_is_no_file_is_never_replaced(shell: Shell, project: Project, tmp_path: Path) -> None:
    refused(shell(project.code, *options(tmp_path)), f"“{tmp_path}”不是普通文件，请给出一个文件名。")
    refused(shell(project.code, *options(Path("/dev/null"))), "“/dev/null”不是普通文件，请给出一个文件名。")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(("code", "reason"), [(errno.ENOSPC, "磁盘空间不足"), (errno.EACCES, "没有写入权限")])
def test_a_disk_that_refuses_leaves_the_old_file(
    code: int,
    reason: str,
    shell: Shell,
    project: Project,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    output = tmp_path / "r.json"
    output.write_text("the report of last week")

    def full(path: Path, content: bytes) -> int:
        path.open("wb").close()
        raise OSError(code, "refused")

    monkeypatch.setattr(Path, "write_bytes", full)
    refused(shell(project.code, *options(output)), f"无法写入“{output}”：{reason}。")
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert output.read_text() == "the report of last week"


def test_an_old_file_is_replaced_in_one_step(
    shell: Shell, project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output, link = tmp_path / "r.json", tmp_path / "latest.json"
    output.write_text("the report of last week")
    link.symlink_to(output)
    seen: list[str] = []
    write = Path.write_bytes

    def watched(path: Path, content: bytes) -> int:
        written = write(path, content)
        seen.append(output.read_text())
        return written

    monkeypatch.setattr(Path, "write_bytes", watched)
    assert shell(project.code, *options(link))[0] == 0
    assert seen == ["the report of last week"]
    assert link.is_symlink()
    assert output.read_bytes() == JsonRenderer().render(build(gather(project), kind("school-midterm")))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["latest.json", "r.json"]
