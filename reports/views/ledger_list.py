"""粘贴清单: a table copied from Excel, WPS or Word becomes rows of the ledger in one go, all or none."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from indicators import ledger
from indicators.duplicates import Keys, Twin, earlier, keys_of, twins
from indicators.landmarks import below_target
from indicators.ledger import Fresh, Links
from indicators.pasted import (
    COLUMNS,
    KINDS,
    MOST_COLUMNS,
    MOST_ROWS,
    Grid,
    NoList,
    Read,
    cells_of,
    cells_of_sheet,
    grid_of,
    read,
)
from projects import review
from projects.door import status_of, takes_at_most
from projects.guard import Guard, NotWritable
from projects.models import Project, User
from projects.permissions import Action, project_or_404
from projects.views.page import UNPROCESSABLE, page, refused_with, signed_in
from projects.workbook.faults import Refused
from projects.workbook.reading import read_sheets
from reports.ledger_forms import KEEP, REFERENCE, ListForm, Places
from reports.views.ledger import SECTION

SKIP = "skip"


@dataclass(slots=True)
class Line:
    """A row of the preview: its cells, what is wrong with them, what it repeats, and what is to be done."""

    number: int
    cells: list[dict[str, str]]
    read: Read
    choice: str = ""
    why: str = ""
    twins: Sequence[Twin] = ()
    earlier: int | None = None
    warning: str = ""
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def is_skipped(self) -> bool:
        return self.choice == SKIP

    @property
    def is_doubtful(self) -> bool:
        return bool(self.twins) or self.earlier is not None

    @property
    def is_reference(self) -> bool:
        return bool(self.read.values.get("first_project_code"))

    @property
    def others(self) -> list[Twin]:
        """The twins, one for each of the other projects, that this one may be a reference to."""
        return list({twin.project_id: twin for twin in self.twins}.values())


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@takes_at_most("WORKBOOK_MAX_BYTES")
def paste(request: HttpRequest, pk: int) -> HttpResponse:
    user = signed_in(request)
    project = project_or_404(user, pk, Action.FILL)
    places = Places(project, user)
    if request.method != "POST":
        return start_page(request, project, ListForm(places=places))
    form = ListForm(request.POST, request.FILES, places=places)
    step = request.POST.get("step", "read")
    is_valid = form.is_valid()
    if step == "back":
        text = text_of(posted_grid(request.POST))
        return start_page(request, project, ListForm(initial={"text": text}, places=places))
    if step == "read":
        return (
            read_page(request, project, form)
            if is_valid
            else start_page(request, project, form, status=status_of(request, form))
        )
    grid = posted_grid(request.POST)
    if not grid.rows:
        form.add_error("text", "没有读到内容，请重新粘贴。")
        return start_page(request, project, form, status=UNPROCESSABLE)
    lines = lines_of(grid, form, user, request.POST)
    wrong = not is_valid or any(line.faults and not line.is_skipped for line in lines)
    if step not in ("save", "submit") or wrong:
        status = UNPROCESSABLE if step in ("save", "submit") else 200
        return preview(request, project, form, grid, lines, status=status)
    fresh = [fresh_of(line, form) for line in lines if not line.is_skipped]
    if not fresh:
        form.add_error(None, "全部行都选了“不登记”，没有可以登记的成果。")
        return preview(request, project, form, grid, lines, status=UNPROCESSABLE)
    try:
        made = ledger.register(project, fresh, by=user, now=timezone.now(), submitting=step == "submit")
    except (review.NotAllowed, NotWritable) as refusal:
        return preview(request, project, form, grid, lines, status=refused_with(refusal), refusal=refusal)
    tell_low(request, lines)
    done = "登记并提交审核" if step == "submit" else "存为草稿"
    messages.success(
        request, f"已把 {len(made)} 项成果{done}（{made[0].code} 至 {made[-1].code}），通过后计入。"
    )
    return HttpResponseRedirect(f"{reverse('reports:outcomes', args=[project.pk])}?view=mine")


def tell_low(request: HttpRequest, lines: Sequence[Line]) -> None:
    if low := sum(bool(line.warning) for line in lines if not line.is_skipped):
        messages.warning(request, f"{low} 项的级别低于所计入成果目标的级别，请核对。")


def read_page(request: HttpRequest, project: Project, form: ListForm) -> HttpResponse:
    """The preview of what was pasted or uploaded; what is no list is said at the field."""
    file = form.cleaned_data["file"]
    try:
        found = cells_in(file) if file else cells_of(form.cleaned_data["text"])
        grid = grid_of(found)
    except NoList as refused:
        form.add_error("file" if file else "text", str(refused))
        return start_page(request, project, form, status=status_of(request, form))
    places = form.places
    fresh = ListForm(begin(places), places=places)
    fresh.is_valid()
    lines = lines_of(grid, fresh, places.user, QueryDict())
    return preview(request, project, fresh, grid, lines, is_first=True)


def begin(places: Places) -> QueryDict:
    """What the defaults say before anybody has chosen: the own department, where there is just one."""
    data = QueryDict(mutable=True)
    if len(places.departments) == 1:
        data["department"] = str(places.departments[0].pk)
    data["target_counts"] = "1"
    return data


def cells_in(file: Any) -> list[list[str]]:
    """Of an uploaded workbook the one sheet that holds something, or the ledger's own."""
    try:
        sheets = read_sheets(file)
    except Refused as refused:
        told = "".join(f"{fault.message}，应为{fault.expected}。" for fault in refused.faults)
        raise NoList(told) from None
    for sheet in sheets.values():
        if sheet.faults:
            raise NoList(f"工作表“{sheet.title}”读不出来：{sheet.faults[0].message}。")
    full = [sheet for sheet in sheets.values() if not sheet.is_blank]
    own = [sheet for sheet in full if sheet.title.strip() in ("成果台账", "标志性成果")]
    chosen = own[:1] or full
    if len(chosen) > 1:
        names = "、".join(sheet.title for sheet in chosen[:5])
        raise NoList(f"工作簿里有 {len(chosen)} 张表（{names}），请只留一张清单，或把清单复制过来粘贴。")
    return cells_of_sheet(chosen[0]) if chosen else []


def posted_grid(data: QueryDict) -> Grid:
    """The cells of the preview as they were sent back."""
    width = min(whole(data.get("width")), MOST_COLUMNS)
    count = min(whole(data.get("count")), MOST_ROWS)
    columns = tuple(name if (name := data.get(f"c{at}", "")) in COLUMNS else "" for at in range(width))
    # Of two columns that mean the same only the first is read.
    columns = tuple(name if name not in columns[:at] else "" for at, name in enumerate(columns))
    rows = tuple(tuple(data.get(f"r{n}c{at}", "").strip() for at in range(width)) for n in range(count))
    return Grid(columns, rows)


def whole(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 5 else 0


def text_of(grid: Grid) -> str:
    """The list as it would be pasted."""
    header = [COLUMNS[name].header if name else "" for name in grid.columns]
    rows = ("\t".join(f'"{c}"' if "\n" in c else c for c in row) for row in grid.rows)
    return "\n".join(("\t".join(header), *rows)) if any(header) else "\n".join(rows)


def lines_of(grid: Grid, form: ListForm, user: User, data: Mapping[str, str]) -> list[Line]:
    """Every row with its faults and what it may repeat: a handful of queries for the whole list."""
    places = form.places
    defaults = form.defaults() if not form.errors else {}
    found = read(grid, defaults, places.known())
    lines = [
        Line(
            number=n + 1,
            cells=[
                {
                    "name": f"r{n}c{at}",
                    "value": value,
                    "field": name,
                    "fault": row.faults.get(name, ""),
                    "read_as": day_of(value, row.values.get(name)) if name == "awarded_on" else "",
                }
                for at, (name, value) in enumerate(zip(grid.columns, grid.rows[n], strict=True))
            ],
            read=row,
            choice=data.get(f"do{n}", ""),
            why=data.get(f"why{n}", "").strip(),
            faults=dict(row.faults),
        )
        for n, row in enumerate(found)
    ]
    mark_doubles(lines, places.project, user)
    reason = form.cleaned_data.get("duplicate_reason", "") if hasattr(form, "cleaned_data") else ""
    today = timezone.localdate()
    guard = Guard(user, places.project, today)
    levels: dict[int | None, str] = {target.pk: target.level for target in places.targets}
    for line in lines:
        judge(line, reason, guard)
        if not line.is_reference and not only_supports(line, form):
            values = line.read.values
            line.warning = below_target(values.get("level") or "", levels.get(values["target_id"], ""))
    return lines


def day_of(text: str, read: date | None) -> str:
    """How a date is read that does not name year, month and day one by one: `2023年8月` is its last day."""
    return f"{read}" if read and len(re.findall(r"\d+", text)) < 3 else ""


def mark_doubles(lines: Sequence[Line], project: Project, user: User) -> None:
    keys = [
        keys_of(line.read.values.get("name") or "", line.read.values.get("document_no") or "")
        if not line.is_skipped
        else Keys("", "")
        for line in lines
    ]
    for at, first in earlier(keys).items():
        lines[at].earlier = first + 1
    for at, some in twins(keys, project, user).items():
        lines[at].twins = some


def judge(line: Line, reason: str, guard: Guard) -> None:
    """What is still wrong with a row: a day to come or locked, a repetition about which nothing was said."""
    day = line.read.values.get("awarded_on")
    if day and day > guard.today:
        line.faults["awarded_on"] = f"获批日期不能晚于今天（{guard.today}）"
    elif day and (refusal := guard.lock(None, day)):
        line.faults["awarded_on"] = str(refusal)
    codes = {twin.project_code for twin in line.twins}
    if line.choice.startswith(REFERENCE) and line.choice.removeprefix(REFERENCE) in codes:
        line.read.values["first_project_code"] = line.choice.removeprefix(REFERENCE)
    if not line.is_doubtful or line.is_skipped or line.is_reference:
        return
    line.why = line.why or (reason if line.choice == KEEP else "")
    if line.choice != KEEP:
        line.faults["double"] = "可能重复，请选择怎么办"
    elif not line.why:
        line.faults["double"] = "请写明仍要登记的理由"


def only_supports(line: Line, form: ListForm) -> bool:
    """Whether its target is that of all rows, and the row is to be a reference (仅引用)."""
    told = {cell["field"]: cell["value"] for cell in line.cells}
    return not told.get("target") and form["target_counts"].value() == "0"


def fresh_of(line: Line, form: ListForm) -> Fresh:
    values = dict(line.read.values)
    if only_supports(line, form):
        values["supported_target_id"], values["target_id"] = values["target_id"], None
    if line.is_doubtful and line.choice == KEEP:
        values["duplicate_reason"] = line.why
    links = form.links
    points = {**links.points, **dict.fromkeys(line.read.points, True)}
    return Fresh(values, Links(points, {**links.indicators, **dict.fromkeys(line.read.indicators, True)}))


def start_page(request: HttpRequest, project: Project, form: ListForm, *, status: int = 200) -> HttpResponse:
    shown = {"section": SECTION, "form": form, "most": MOST_ROWS}
    return page(request, "reports/ledger_paste.html", project, status=status, **shown)


def preview(
    request: HttpRequest,
    project: Project,
    form: ListForm,
    grid: Grid,
    lines: Sequence[Line],
    *,
    status: int = 200,
    refusal: Exception | None = None,
    is_first: bool = False,
) -> HttpResponse:
    kept = [line for line in lines if not line.is_skipped]
    for line in lines:
        for cell in line.cells:
            cell["fault"] = "" if line.is_skipped else line.faults.get(cell["field"], "")
    options = [("", "不读取"), *((name, column.header) for name, column in COLUMNS.items())]
    return page(
        request,
        "reports/ledger_preview.html",
        project,
        status=status,
        section=SECTION,
        form=form,
        grid=grid,
        lines=lines,
        heads=[
            {"name": f"c{at}", "value": name, "label": COLUMNS[name].header if name else ""}
            for at, name in enumerate(grid.columns)
        ],
        options=options,
        width=len(grid.columns),
        count=len(kept),
        total=sum((line.read.values.get("quantity") or Decimal(0) for line in kept), Decimal(0)),
        faulty=sum(bool(line.faults.keys() - {"double"}) for line in kept),
        doubtful=sum("double" in line.faults for line in kept),
        # Faults of what no column tells, such as a name where there is none: said once.
        unplaced=unplaced(kept, set(grid.columns)),
        low=sum(bool(line.warning) for line in kept),
        wrong=[line.number for line in kept if line.faults],
        refusal=refusal,
        is_first=is_first,
        links=form.places.link_choices(form.links),
        kinds=KINDS,
        others={other.code for other in form.places.others},
    )


def unplaced(lines: Sequence[Line], shown: set[str]) -> list[str]:
    """What is wrong with fields that no column tells: said once, above the table."""
    lacking = {(name, text) for line in lines for name, text in line.faults.items() if name not in shown}
    return sorted(f"{COLUMNS[name].header}：{text}" for name, text in lacking if name in COLUMNS)
