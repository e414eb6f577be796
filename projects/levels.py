"""审核层级: how many levels a project has and who reviews at each, as the office sets them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localdate

from projects.forms import WordsField
from projects.models import (
    Institution,
    Project,
    Reviewed,
    ReviewLevel,
    ReviewLog,
    ReviewPhrase,
    Role,
    State,
    User,
)
from projects.reviewing import CHAINS, DESKS, Level, Panel, chain, kinds

NUMBERS = tuple(CHAINS)
PLACES = ("第一级", "第二级", "第三级", "第四级")
LONGEST_PHRASE = 200


class Overtaken(Exception):
    """Somebody else changed the levels meanwhile; `chain` is what stands now."""

    def __init__(self, standing: tuple[Level, ...]) -> None:
        super().__init__(f"您打开页面之后，审核层级已改为：{said(standing)}。请核对后再保存。")


class LevelsForm(forms.Form):
    number = forms.TypedChoiceField(
        label="审核层级数", coerce=int, choices=[(number, f"{number} 级") for number in NUMBERS]
    )

    def __init__(self, *args: Any, project: Project, **kwargs: Any) -> None:
        standing = chain(project)
        roles_now = {f"role_{level.number}": level.role.value for level in standing}
        kwargs["initial"] = {"number": len(standing)} | roles_now
        super().__init__(*args, **kwargs)
        roles = [("", "—"), *((role.value, named(role)) for role in DESKS)]
        for number, place in zip(NUMBERS, PLACES, strict=True):
            self.fields[f"role_{number}"] = forms.ChoiceField(
                label=f"{place}由谁审核", required=False, choices=roles
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        used: dict[str, int] = {}
        for number in range(1, cleaned.get("number", 0) + 1):
            role = cleaned.get(f"role_{number}")
            if not role:
                self.add_error(
                    f"role_{number}", f"共 {cleaned['number']} 级，{PLACES[number - 1]}还没有选审核人。"
                )
            elif role in used:
                self.add_error(
                    f"role_{number}", f"{DESKS[Role(role)]}已在{PLACES[used[role] - 1]}审核，不能再审一次。"
                )
            else:
                used[role] = number
        return cleaned

    def roles(self) -> list[str]:
        return [self.cleaned_data[f"role_{n}"] for n in range(1, self.cleaned_data["number"] + 1)]


class PhrasesForm(forms.Form):
    phrases = WordsField(
        label="常用审核意见",
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="每行一条，审核时点一下即填入意见。全部删去则恢复系统自带的几条。",
    )

    def clean_phrases(self) -> list[str]:
        lines = [line.strip() for line in self.cleaned_data["phrases"].splitlines()]
        for number, line in enumerate(lines, 1):
            if len(line) > LONGEST_PHRASE:
                raise ValidationError(
                    f"第 {number} 行有 {len(line)} 个字，最多 {LONGEST_PHRASE} 个，请精简。"
                )
        return list(dict.fromkeys(filter(None, lines)))


def named(role: Role) -> str:
    """`部门（部门负责人）`."""
    return DESKS[role] if DESKS[role] == role.label else f"{DESKS[role]}（{role.label}）"


def said(levels: Iterable[Level]) -> str:
    """`部门 → 项目办`."""
    return " → ".join(level.desk for level in levels)


@transaction.atomic
def change(project: Project, roles: list[str], *, by: User, now: datetime, seen: str) -> int:
    """Set the levels; how many records that wait have passed as many and now wait for the last one alone.

    What waits keeps the levels it has passed, and those at which nobody could review it are skipped.
    `seen` is the version that the user changed.
    """
    current = Project.objects.select_for_update().get(pk=project.pk)
    before = chain(current)
    if version_of(before) != seen:
        raise Overtaken(before)
    if [level.role for level in before] == roles:
        return beyond(current)
    current.review_levels = len(roles)
    current.save(update_fields=["review_levels"])
    current.levels.all().delete()
    ReviewLevel.objects.bulk_create(
        ReviewLevel(project=current, level=number, role=role)
        for number, role in enumerate(roles, 1)
        if CHAINS[len(roles)][number - 1] != role
    )
    LogEntry.objects.create(
        user=by,
        content_type=ContentType.objects.get_for_model(Project),
        object_id=str(project.pk),
        object_repr=str(project)[:200],
        action_flag=CHANGE,
        change_message=f"审核层级由 {said(before)} 改为 {said(chain(current))}",
    )
    skip_vacant(current, by=by, today=localdate(now))
    return beyond(current)


@transaction.atomic
def skip_vacant(project: Project, *, by: User | None, today: date) -> None:
    """What waits at a level at which nobody can review it goes on to the next one; the last one waits.

    `by` is None where the level became vacant by itself: people leave, departments are merged.
    """
    panel = Panel(project, today)
    for model in kinds():
        stuck = model._base_manager.select_for_update(of=("self",)).filter(panel.stuck(model))
        for record in stuck.order_by("pk"):
            skip_for(record, panel, by)


def skip_for(record: Reviewed, panel: Panel, by: User | None) -> None:
    for each in panel.while_waiting(record):
        ReviewLog.objects.create(
            target=record,
            by=by,
            verb=each.verb,
            level=each.level.number,
            from_state=State.SUBMITTED,
            to_state=State.SUBMITTED,
            comment=each.why,
        )
        record.passed = each.level.number
    record.save(update_fields=["passed"])


def beyond(project: Project) -> int:
    """Records that wait though they have passed as many levels as there are now."""
    return sum(
        model._base_manager.filter(
            state=State.SUBMITTED, passed__gte=project.review_levels, **{model.PROJECT: project.pk}
        ).count()
        for model in kinds()
    )


def version_of(levels: Iterable[Level]) -> str:
    return "-".join(level.role.value for level in levels)


class PhrasesOvertaken(Exception):
    """Somebody else changed the usual words meanwhile; `standing` are those now."""

    def __init__(self, standing: list[str]) -> None:
        super().__init__(
            "您打开页面之后，他人修改了常用审核意见。您填写的还在；确认以您的为准，请再保存一次。"
        )
        self.standing = standing


def phrases_of(institution: Institution) -> list[str]:
    """The own words of a college; none where it uses ours."""
    return list(ReviewPhrase.objects.filter(institution=institution).values_list("text", flat=True))


def phrases_version(texts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(texts).encode()).hexdigest()[:16]


@transaction.atomic
def change_phrases(institution: Institution, texts: list[str], *, seen: str) -> None:
    """`seen` is the `phrases_version` that the user changed."""
    Institution.objects.select_for_update().get(pk=institution.pk)
    standing = phrases_of(institution)
    if phrases_version(standing) != seen:
        raise PhrasesOvertaken(standing)
    ReviewPhrase.objects.filter(institution=institution).delete()
    ReviewPhrase.objects.bulk_create(
        ReviewPhrase(institution=institution, text=text, position=place) for place, text in enumerate(texts)
    )
