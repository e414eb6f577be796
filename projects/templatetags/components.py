"""Tags for what is drawn in every row of a page: icon, state, bar, form control (docs/ui.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import PurePath

from django import forms, template
from django.forms.boundfield import BoundField
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from projects.numbers import Exact, plain, round_half_up
from projects.templatetags.numbers import Number, known, percent

register = template.Library()


@register.simple_tag
def icon(name: str, size: str = "") -> SafeString:
    """A drawing of static/icons.svg; it says nothing to screen readers, so put a word beside it.

    `size`: "" 18 px, "sm" 16 px, "xs" 14 px.
    """
    css = f"icon icon-{size}" if size else "icon"
    return format_html('<svg class="{}" aria-hidden="true"><use href="{}#{}"/></svg>', css, sprite(), name)


@cache
def sprite() -> str:
    """Its address, which stays the same while the process runs and is asked for in every row."""
    return static("icons.svg")


@dataclass(frozen=True, slots=True)
class Badge:
    """How a state looks: never colour alone, always icon and word."""

    label: str
    icon: str
    tone: str


BADGES = {
    "not_due": Badge("未到期", "clock", "idle"),
    "missing": Badge("未填报", "circle-dashed", "miss"),
    "draft": Badge("草稿", "pencil", "draft"),
    "returned": Badge("已退回", "arrow-back-up", "ret"),
    "submitted": Badge("已提交", "send", "sent"),
    "dept_approved": Badge("部门已审", "user-check", "sent"),
    "team_approved": Badge("建设组已审", "user-check", "sent"),
    "office_approved": Badge("项目办已审", "user-check", "sent"),
    "school_approved": Badge("学校已审", "user-check", "sent"),
    "approved": Badge("已通过", "circle-check", "ok"),
    "partial": Badge("部分完成", "hourglass", "part"),
    "zero": Badge("填报为零", "circle-number-0", "zero"),
    "unrated": Badge("未填报比例", "circle-dashed", "part"),
    "overdue": Badge("逾期", "clock-exclamation", "late"),
    "early": Badge("提前完成", "player-track-next", "plus"),
    "over": Badge("超额完成", "trending-up", "plus"),
    "error": Badge("错误", "alert-octagon", "late"),
    "hint": Badge("提示", "alert-triangle", "miss"),
}


@register.simple_tag
def state(key: str, detail: object = "", of: str = "") -> SafeString:
    """The badge of a state; `detail` follows its word, e.g. `{% state "overdue" "12 天" %}`, `of` says whose
    it is where two stand side by side: `填报：已提交`, `统计：未填报`."""
    badge = BADGES[key]
    label = f"{of}：{badge.label}" if of else badge.label
    label = f"{label} {detail}" if detail else label
    return format_html('<span class="st {}">{}{}</span>', badge.tone, icon(badge.icon, "xs"), label)


@register.simple_tag
def state_label(key: str) -> str:
    return BADGES[key].label


@register.simple_tag
def state_icon(key: str) -> SafeString:
    """The bare icon in the colour of the state, for timelines and lists."""
    badge = BADGES[key]
    return format_html('<span class="dot st-{}">{}</span>', badge.tone, icon(badge.icon, "xs"))


@register.simple_tag
def bar(
    value: Number, target: Number = None, pending: Number = None, label: str = "", size: str = ""
) -> SafeString:
    """A ratio (1 = 100 %) as a bar, with a tick at `target` and a hatched stretch up to `pending`.

    `pending` is the ratio with the submitted work counted as well (含待审). An unknown value leaves
    an empty dashed track. `size="sm"` fits a table row.
    """
    figures = (known(value), known(target), known(pending))
    return format_html(
        '<svg class="bul{}" role="img" aria-label="{}">{}</svg>',
        f" {size}" if size else "",
        bar_sentence(label, *figures),
        SafeString("".join(bar_parts(*figures, box=SMALL if size == "sm" else LARGE))),
    )


@dataclass(frozen=True, slots=True)
class Box:
    """Height of the bar and the room above it, into which the tick reaches; SVG pixels."""

    height: int
    room: int

    @property
    def bottom(self) -> int:
        return self.height + 2 * self.room


LARGE, SMALL = Box(8, 3), Box(6, 2)


def bar_parts(
    value: Exact | None, target: Exact | None, pending: Exact | None, box: Box
) -> Iterator[SafeString]:
    rect = partial(format_html, '<rect class="{}" width="{}" y="{}" height="{}" rx="2"/>')
    yield rect("track unknown" if value is None else "track", "100%", box.room, box.height)
    if value is not None:
        yield rect("fill", share(value), box.room, box.height)
        if pending is not None and pending > value:
            yield format_html(
                '<line class="more" x1="{}" x2="{}" y1="{}" y2="{}" stroke-width="{}"/>',
                share(value),
                share(pending),
                box.bottom // 2,
                box.bottom // 2,
                box.height,
            )
    if target is not None:
        yield format_html('<line class="tick" x1="{0}" x2="{0}" y1="0" y2="{1}"/>', share(target), box.bottom)


def bar_sentence(label: str, value: Exact | None, target: Exact | None, pending: Exact | None) -> str:
    said = [f"{label} {'未知' if value is None else percent(value)}".strip()]
    if pending is not None:
        said.append(f"含待审 {percent(pending)}")
    if target is not None:
        said.append(f"目标 {percent(target)}")
    return "，".join(said)


def share(ratio: Exact) -> str:
    """Where a ratio lies on the bar, as an SVG length; what is beyond the ends stays at the end."""
    return plain(round_half_up(100 * min(max(ratio, 0), 1), 2)) + "%"


@register.filter
def control(field: BoundField) -> SafeString:
    """The input of a form field in Tabler's look."""
    widget = field.field.widget
    if isinstance(widget, forms.CheckboxInput):
        css = "form-check-input"
    elif isinstance(widget, forms.RadioSelect) or widget.needs_multipart_form:
        return field.as_widget()
    else:
        css = "form-select" if isinstance(widget, forms.Select) else "form-control"
    return field.as_widget(attrs={"class": f"{css} {widget.attrs.get('class', '')}".strip()})


FILE_ICONS = {
    ".pdf": "file-type-pdf",
    ".doc": "file-type-doc",
    ".docx": "file-type-doc",
    ".xls": "file-spreadsheet",
    ".xlsx": "file-spreadsheet",
    ".ods": "file-spreadsheet",
    ".ppt": "file-type-ppt",
    ".pptx": "file-type-ppt",
    ".zip": "file-type-zip",
    ".rar": "file-type-zip",
    ".7z": "file-type-zip",
    ".jpg": "photo",
    ".jpeg": "photo",
    ".png": "photo",
    ".mp4": "video",
}


@register.simple_tag
def file_icon(name: str) -> SafeString:
    return icon(FILE_ICONS.get(PurePath(name).suffix.lower(), "file"))
