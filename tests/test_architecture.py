"""The shape of the code: what may import what, how large things may grow, what pages may contain."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "projects": set(),
    "indicators": {"projects"},
    "funding": {"projects"},
    "reports": {"projects", "indicators", "funding"},
    "hvcollege": {"projects", "indicators", "funding", "reports"},
}
# Not of the code: nothing that runs may lean on them.
OUTSIDE = {"tests", "script"}
LONGEST_FUNCTION = 50
LONGEST_FILE = 400
DRAWERS = {"utils", "util", "helpers", "helper", "services", "managers", "misc", "common"}
INLINE = {
    "an inline script": r"<script(?![^>]*\bsrc=)[^>]*>",
    "an inline style sheet": r"<style\b",
    "a style attribute": r"<[^>]*\sstyle\s*=",
    "an event attribute": r"<[^>]*\son[a-z]+\s*=",
    "an hx-on attribute": r"\shx-on[:-]",
    "a javascript: address": r"javascript:",
    "another host": r"""(?:src|href|action|srcset|hx-[a-z]+)\s*=\s*["'](?:https?:)?//""",
}
# Read by WeasyPrint, never by a browser.
ON_PAPER = {"templates/reports/document.html", "templates/reports/book.html"}

SOURCES = sorted(
    path for app in MAY_IMPORT for path in (ROOT / app).rglob("*.py") if "migrations" not in path.parts
)
TEMPLATES = sorted(path for path in (ROOT / "templates").rglob("*") if path.is_file())
STYLES = sorted(path for path in (ROOT / "static").rglob("*.css") if "vendor" not in path.parts)


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def imported_packages(path: Path) -> Iterator[str]:
    """Names of the top-level packages a file imports, inside functions too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield path.relative_to(ROOT).parts[0] if node.level else (node.module or "").split(".")[0]


def lengths(path: Path) -> Iterator[tuple[str, int]]:
    """Lines of each function, its decorators left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield (
                f"{name_of(path)}:{node.lineno} {node.name}",
                (node.end_lineno or node.lineno) - node.lineno + 1,
            )


def test_there_is_something_to_look_at() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in SOURCES} == set(MAY_IMPORT)
    assert TEMPLATES
    assert STYLES


@pytest.mark.parametrize("app", MAY_IMPORT)
def test_imports_run_one_way(app: str) -> None:
    forbidden = ({*MAY_IMPORT} | OUTSIDE) - MAY_IMPORT[app] - {app}
    files = [path for path in SOURCES if path.relative_to(ROOT).parts[0] == app]
    strays = {name_of(path): sorted(set(imported_packages(path)) & forbidden) for path in files}
    assert {file: found for file, found in strays.items() if found} == {}


def test_no_function_is_too_long_to_read() -> None:
    too_long = [(name, size) for path in SOURCES for name, size in lengths(path) if size > LONGEST_FUNCTION]
    assert too_long == []


def test_no_file_is_too_long_to_read() -> None:
    sizes = {name_of(path): len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES}
    assert {name: size for name, size in sizes.items() if size > LONGEST_FILE} == {}


def test_modules_are_named_for_what_they_hold() -> None:
    assert [name_of(path) for path in SOURCES if {path.stem, path.parent.name} & DRAWERS] == []


@pytest.mark.parametrize("what", INLINE)
def test_pages_hold_nothing_the_browser_would_refuse(what: str) -> None:
    """The Content-Security-Policy allows no inline code, no inline style and no other host."""
    pattern = re.compile(INLINE[what], re.IGNORECASE)
    pages = {name_of(path): path.read_text(encoding="utf-8") for path in TEMPLATES}
    found = {name: pattern.findall(text) for name, text in pages.items() if name not in ON_PAPER}
    assert {name: hits for name, hits in found.items() if hits} == {}


def test_locks_say_what_but_not_from_where() -> None:
    """They must serve on any machine, whichever mirror of the registries it uses."""
    for lock in sorted(ROOT.glob("requirements*.txt")):
        lines = lock.read_text(encoding="utf-8").splitlines()
        assert [line for line in lines if line.startswith("-") or "://" in line] == []
    assert '"resolved"' not in (ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_styles_ask_no_other_host() -> None:
    pattern = re.compile(r"""(?:url\(\s*["']?|@import\s+["'])(?:https?:)?//""", re.IGNORECASE)
    assert [name_of(path) for path in STYLES if pattern.search(path.read_text(encoding="utf-8"))] == []


@pytest.mark.parametrize(
    ("what", "page"),
    [
        ("an inline script", "<script>go()</script>"),
        ("an inline style sheet", "<style>p {}</style>"),
        ("a style attribute", '<p class="x" style="width: 3%">'),
        ("an event attribute", '<a href="#" onclick="go()">'),
        ("an hx-on attribute", '<a hx-on:click="go()">'),
        ("a javascript: address", '<a href="javascript:go()">'),
        ("another host", '<img src="//elsewhere.example/x.png">'),
    ],
)
def test_the_patterns_see_what_they_are_for(what: str, page: str) -> None:
    assert re.search(INLINE[what], page, re.IGNORECASE)
    assert not re.search(INLINE[what], '<script src="/static/x.js"></script><a href="/x/" data-on="1">')
