"""Taking in an exchange workbook: read, compare, then write all of it or nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, BinaryIO

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from funding.sheets import FUNDING
from indicators.evidence_sheet import EVIDENCE, told, wanted
from projects.evidence import filing
from projects.models import Department, Institution, Project, User
from projects.people_sheet import PEOPLE
from projects.permissions import Action, may_import
from projects.sheets import PROJECT
from projects.workbook.attached import Files, Looking, files_of, unseen
from projects.workbook.book import Book, Writing
from projects.workbook.bundle import bundle_of
from projects.workbook.columns import Table
from projects.workbook.faults import Fault, Notice, Refused
from projects.workbook.references import position
from projects.workbook.sheet import Changes, Sheet
from reports.adjusted_book import Adjusted
from reports.locking import lock_faults
from reports.parsing import BY_TITLE, parse
from reports.trace import State, state_of

NO_PROJECT = Fault("", "", "", "缺少工作表“项目”", "写有项目编号的工作表“项目”，或先选择要导入到的项目")
NOT_MONEY = "财务只能导入经费，这张表由项目办导入"
ELSEWHERE = ("您的角色不能导入到这里", "您负责的项目；其他项目和新项目由本校项目办导入")
NO_INDEX = Fault("", "", "", "有佐证文件，但没有工作表“佐证材料”", "写明每个文件名的工作表“佐证材料”")
NOTHING = Fault("", "", "", "没有可以导入的工作表", f"有内容的工作表，名称是{'、'.join(BY_TITLE)}之一")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a file may go: the only college it may speak about (None: any), and the project that was chosen
    for it (None: the one that the file names)."""

    institution: Institution | None = None
    project: Project | None = None
    # Who brings it there; None: whoever has the shell.
    by: User | None = None
    # The day on which it is brought; None: exceptions from locks do not hold.
    today: date | None = None

    @property
    def college(self) -> Institution | None:
        return self.project.institution if self.project else self.institution


ANYWHERE = Destination()


@dataclass(frozen=True, slots=True)
class Attachments:
    """What comes with a workbook: files, what is wrong with them as a whole, and hashed passwords that no
    longer stand in it."""

    files: Files | None = None
    faults: tuple[Fault, ...] = ()
    passwords: Mapping[str, str] = field(default_factory=dict)


NOTHING_ATTACHED = Attachments()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import did, or would do: counts by sheet, and either faults or notices."""

    project: Project | None
    changes: dict[str, Changes] = field(default_factory=dict)
    faults: tuple[Fault, ...] = ()
    notices: tuple[Notice, ...] = ()
    files: dict[str, list[Any]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        return {title: changes.counts() for title, changes in self.changes.items()}

    @property
    def changes_nothing(self) -> bool:
        return all(changes.is_nothing for changes in self.changes.values())

    def as_json(self) -> dict[str, Any]:
        return {
            "ok": self.ok,
            "counts": self.counts,
            "faults": [fault.as_json() for fault in self.faults],
            "notices": [str(notice) for notice in self.notices],
        } | ({"files": self.files} if self.files else {})


def import_workbook(
    source: Path | BinaryIO,
    *,
    now: datetime,
    by: User | None = None,
    approve: bool = False,
    dry_run: bool = False,
    to: Destination = ANYWHERE,
    files: Path | None = None,
) -> Outcome:
    """Take a workbook in, all or nothing, with the files of 佐证材料 in a zip or a folder.

    `approve` takes entries in as approved at `now`. With faults, or with `dry_run`, nothing is written.
    """
    try:
        tables, notices = parse(source)
    except Refused as refused:
        return Outcome(None, faults=refused.faults)
    attached = attachments(tables, files)
    with filing() as filed:
        outcome = take_in(Writing(open_book(tables, to, attached), by, now, approve, filed), to)
        if not outcome.ok or dry_run:
            transaction.set_rollback(True)
            filed.remove()
    return replace(outcome, notices=(*notices, *outcome.notices))


def attachments(
    tables: Mapping[str, Table], source: Path | None, name: str = "", looking: Looking = unseen
) -> Attachments:
    """The files that came with the workbook, looked at, and what is wrong with them as a whole."""
    if source is None:
        return NOTHING_ATTACHED
    try:
        if EVIDENCE.title not in tables:
            raise Refused([NO_INDEX])
        return Attachments(files_of(wanted(tables[EVIDENCE.title]), bundle_of(source, name), looking))
    except Refused as refused:
        return Attachments(faults=refused.faults)


def open_book(tables: dict[str, Table], to: Destination, attached: Attachments = NOTHING_ATTACHED) -> Book:
    """The file beside the records of the project it names, which stays locked until the end.

    Nothing is read of another college's project: what stands there must not show in the faults.
    """
    book = Book(
        tables,
        BY_TITLE,
        is_told=False,
        files=attached.files,
        faults=attached.faults,
        by=to.by,
        passwords=attached.passwords,
    )
    if PROJECT.title not in tables:
        choose(book, to)
    elif not any(destination_faults(book, to)):
        for row in tables[PROJECT.title].telling("code", "institution"):
            book.is_told = True
            book.project = locked_project(row.values["code"])
            book.institution = Institution.objects.filter(name=row.values["institution"]).first()
    return book


def locked_project(code: str) -> Project | None:
    """The project with this code. Where there is none yet, whoever is about to make one is waited for."""
    rows = Project.objects.select_for_update().filter(code=code)
    if found := rows.first():
        return found
    kind = ContentType.objects.get_for_model(Project)
    ContentType.objects.select_for_update(no_key=True).get(pk=kind.pk)
    return rows.first()


def choose(book: Book, to: Destination) -> None:
    """A file that names no project is about the chosen one; lists of a college need none."""
    if to.project:
        book.project = Project.objects.select_for_update().filter(pk=to.project.pk).first()
    is_of_college = all(BY_TITLE[title].scope == "institution" for title in book.tables)
    if to.college and (book.project or (book.tables and is_of_college)):
        book.is_told = True
        book.institution = Institution.objects.select_for_update().get(pk=to.college.pk)


def is_taken(code: str | None, institution: str) -> bool:
    """Whether a project of another college has this code."""
    return Project.objects.filter(code=code).exclude(institution__name=institution).exists()


@dataclass(frozen=True, slots=True)
class Seen(Outcome):
    """What an import would do: also of a file with faults, as far as its rows are sound.

    `records` is what stood when it was compared (reports.trace). `titles` are the names that the file has
    for its sheets, with those that they should have.
    """

    records: State = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)


def compare_workbook(
    source: Path,
    to: Destination = ANYWHERE,
    attach: Callable[[Mapping[str, Table]], Attachments] = lambda tables: NOTHING_ATTACHED,
) -> Seen:
    """Compare a workbook, and what `attach` finds for it, with the records. Nothing is written."""
    try:
        tables, notices = parse(source)
    except Refused as refused:
        return Seen(None, faults=refused.faults)
    attached = attach(tables)
    with transaction.atomic():
        book = open_book(tables, to, attached)
        records = records_of(book)
        faults = examined(book, to)
        changes: dict[str, Changes] = {}
        adjusted = Adjusted(book)
        for title, table in tables.items() if book.is_told else ():
            sheet, good = BY_TITLE[title], sound(table, faults)
            found = sheet.compare(good, book)
            told = {sheet.key_of(row.values) for row in table.telling(*sheet.key)}
            told |= adjusted.gone(title)
            changes[title] = replace(found, missing=tuple(key for key in found.missing if key not in told))
            notices += sheet.notices(good, changes[title], book)
            notices += adjusted.notices(sheet, good, changes[title])
        notices += department_notices(missing_departments(book)) if book.is_told else []
        titles = {table.title: title for title, table in tables.items()}
        files = told_files(book)
        return Seen(book.project, changes, faults, tuple(notices), files, records, titles)


def sound(table: Table, faults: Iterable[Fault]) -> Table:
    """The table without the rows that have faults."""
    own = [fault for fault in faults if fault.sheet == table.title]
    if table.title == PROJECT.title or not all(fault.cell for fault in own):
        return replace(table, rows=[] if own else table.rows)
    numbers = {position(fault.cell)[0] + 1 for fault in own}
    return replace(table, rows=[row for row in table.rows if row.number not in numbers])


def examined(book: Book, to: Destination) -> tuple[Fault, ...]:
    """Every fault of the file, in the order of its sheets and cells."""
    for title, table in book.tables.items():
        BY_TITLE[title].prepare(table)
    faults = list(all_faults(book, to))
    faults += lock_faults(book, lambda table: sound(table, faults), to.today)
    return tuple(sorted(faults, key=where([table.title for table in book.tables.values()])))


def take_in(writing: Writing, to: Destination) -> Outcome:
    """Write what the file says, or nothing where it has faults."""
    book, tables = writing.book, writing.book.tables
    faults = examined(book, to)
    if faults:
        return Outcome(book.project, faults=faults)
    missing = missing_departments(book)
    notices = department_notices(missing)
    changes: dict[str, Changes] = {}
    adjusted = Adjusted(book)
    for title, sheet in BY_TITLE.items():
        if title in tables:
            found, gone = sheet.compare(tables[title], book), adjusted.gone(title)
            changes[title] = replace(found, missing=tuple(key for key in found.missing if key not in gone))
            notices += sheet.notices(tables[title], changes[title], book)
            notices += adjusted.notices(sheet, tables[title], changes[title])
            sheet.write(tables[title], changes[title], writing)
        if sheet is PROJECT:
            create_departments(missing, book)
    return Outcome(book.project, changes, notices=tuple(notices), files=told_files(book))


def records_of(book: Book) -> State:
    """Every row that taking the file in could write."""
    return state_of(book.institution, book.project, with_people=PEOPLE.title in book.tables)


def told_files(book: Book) -> dict[str, list[Any]]:
    """What became of the files that came with the workbook, if any did."""
    if not book.files:
        return {}
    return told(book.files, book.tables[EVIDENCE.title], EVIDENCE.digests(book).keys())


def all_faults(book: Book, to: Destination) -> Iterator[Fault]:
    for table in book.tables.values():
        yield from table.faults
    yield from book.faults
    yield from destination_faults(book, to)
    for title, table in book.tables.items():
        yield from BY_TITLE[title].faults(table, book)


def where(titles: list[str]) -> Callable[[Fault], tuple[int, tuple[int, int]]]:
    """For sorting faults as a reader goes through the file; what has no cell comes first."""
    places = {title: place for place, title in enumerate(titles)}
    return lambda fault: (
        places.get(fault.sheet, -1),
        position(fault.cell) if fault.cell else (-1, -1),
    )


def destination_faults(book: Book, to: Destination) -> Iterator[Fault]:
    """The file must speak of the user's own college and of the chosen project, and never move a project
    between colleges; who keeps the money brings that alone."""
    yield from right_faults(book, to)
    if PROJECT.title not in book.tables:
        yield from () if book.is_told and book.tables else [NOTHING if book.is_told else NO_PROJECT]
        return
    table = book.tables[PROJECT.title]
    for row in table.telling("institution"):
        name = row.values["institution"]
        if to.college and name != to.college.name:
            yield table.fault(row, "institution", "学校名称与您所在的学校不一致", to.college.name)
        elif is_taken(row.values.get("code"), name):
            # Whose project it is stays unsaid: other colleges do not exist for the user.
            yield table.fault(row, "code", "项目编号已被使用", "全系统唯一的项目编号")
    for row in table.telling("code"):
        if to.project and row.values["code"] != to.project.code:
            yield table.fault(row, "code", "项目编号与选择的项目不一致", to.project.code)


def right_faults(book: Book, to: Destination) -> Iterator[Fault]:
    """Who brings the file must have the right to, in the project that was chosen or that the file names."""
    told = book.tables.get(PROJECT.title)
    named = [(told, row) for row in told.telling("code")] if told else []
    project = to.project
    for _, row in () if project else named:
        project = Project.objects.filter(institution=to.college, code=row.values["code"]).first()
    if to.by is None or may_import(to.by, Action.IMPORT, to.college, project):
        return
    if may_import(to.by, Action.MONEY, to.college, project):
        others = [table for title, table in book.tables.items() if title != FUNDING.title]
        yield from (
            Fault(table.title, "", "", NOT_MONEY, f"只有“{FUNDING.title}”的工作簿") for table in others
        )
    elif named:
        yield from (table.fault(row, "code", *ELSEWHERE) for table, row in named)
    else:
        yield Fault("", "", "", *ELSEWHERE)


def missing_departments(book: Book) -> dict[str, str]:
    """Departments named anywhere but not registered yet, with the sheet that names each first."""
    known = {key[0] for key in book.known("部门")}
    missing: dict[str, str] = {}
    for title, table in book.tables.items():
        for name in department_names(BY_TITLE[title], table):
            if name not in known:
                missing.setdefault(name, table.title)
    return missing


def department_notices(missing: Mapping[str, str]) -> list[Notice]:
    return [Notice(title, f"新建部门“{name}”") for name, title in missing.items()]


def department_names(sheet: Sheet, table: Table) -> Iterator[str]:
    single = [name for name, link in sheet.links.items() if link.sheet == "部门"]
    several = [name for name, many in sheet.many.items() if many.sheet == "部门"]
    for row in table.rows:
        yield from (value for name in single if (value := row.values.get(name)))
        yield from (value for name in several for value in row.values.get(name) or ())


def create_departments(names: dict[str, str], book: Book) -> None:
    Department.objects.bulk_create(Department(institution=book.institution, name=name) for name in names)
