"""What an import changed in the records of a project: to be told of, and to be taken back as one step."""

from __future__ import annotations

import json
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models, transaction

from funding.models import BudgetLine, Expenditure, FundingSource, Receipt
from indicators.models import (
    Comparison,
    GradeBand,
    Indicator,
    IndicatorEvidence,
    IndicatorTarget,
    IndicatorValue,
    Outcome,
    OutcomeEvidence,
    OutcomeIndicator,
    OutcomePoint,
    OutcomeTarget,
    SatisfactionResult,
    ScoringItem,
    Veto,
    Vision,
)
from projects import vault
from projects.evidence import discard
from projects.models import (
    Department,
    Entry,
    Evidence,
    ExtraAchievement,
    Institution,
    Job,
    Membership,
    PointEvidence,
    ProfessionalGroup,
    Project,
    ReportingWindow,
    ReviewLog,
    StoredFile,
    Task,
    TaskPoint,
    User,
)
from reports.models import Intake, PrintedFigure

Model = type[models.Model]
# Every model that an import writes, with the path to its college or project; parents before their children.
OF_COLLEGE: dict[Model, str] = {
    Institution: "pk",
    Department: "institution",
    ProfessionalGroup: "institution",
}
OF_PROJECT: dict[Model, str] = {
    Project: "pk",
    ReportingWindow: "project",
    Task: "project",
    TaskPoint: "task__project",
    TaskPoint.co_departments.through: "taskpoint__task__project",
    Entry: "point__task__project",
    ExtraAchievement: "task__project",
    Indicator: "project",
    IndicatorTarget: "indicator__project",
    IndicatorValue: "indicator__project",
    OutcomeTarget: "project",
    Outcome: "project",
    OutcomePoint: "outcome__project",
    OutcomeIndicator: "outcome__project",
    SatisfactionResult: "project",
    GradeBand: "project",
    ScoringItem: "project",
    Veto: "project",
    Comparison: "project",
    Vision: "project",
    FundingSource: "project",
    BudgetLine: "project",
    Receipt: "project",
    Expenditure: "project",
    Evidence: "project",
    PointEvidence: "evidence__project",
    IndicatorEvidence: "evidence__project",
    OutcomeEvidence: "evidence__project",
    PrintedFigure: "project",
}
# Accounts are looked at only where a file speaks of them. What they log in with is never written down.
OF_PEOPLE: dict[Model, str] = {
    User: "memberships__institution",
    Membership: "institution",
    Membership.tasks.through: "membership__institution",
}
UNTOLD: dict[Model, tuple[str, ...]] = {User: ("password", "last_login")}
LABELS = {model._meta.label: model for model in (*OF_COLLEGE, *OF_PROJECT, *OF_PEOPLE)}
# So many changed records are told by name.
NAMED = 3
LOGGED = (Entry, IndicatorValue)
# What is about the import itself does not count as built on it.
OWN = (Job, Intake)

ENCODER = DjangoJSONEncoder(ensure_ascii=False)

# What departments enter day by day, by the sheet that holds it: another's work does not make a preview stale
# that does not speak of it.
EVERYDAY: Mapping[str, tuple[Model, ...]] = {
    "完成情况": (Entry,),
    "指标完成": (IndicatorValue,),
    "成果台账": (Outcome, OutcomePoint, OutcomeIndicator),
    "佐证材料": (Evidence, PointEvidence, IndicatorEvidence, OutcomeEvidence),
}

# Model label → primary key → the values of its columns, as JSON holds them.
State = dict[str, dict[str, list[Any]]]


class BuiltOn(Exception):
    """Something was changed or added since; the message says what, in Chinese."""


@dataclass(frozen=True, slots=True)
class Trace:
    """The rows that were made and those that were changed or deleted, before and after, by model."""

    made: State
    before: State
    after: State
    # The files that were stored. Others store some, too, while an import is previewed or written: these are
    # not told by comparing.
    stored: Sequence[int] = ()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def columns(model: Model) -> list[models.Field[Any, Any]]:
    untold = UNTOLD.get(model, ())
    return [field for field in model._meta.concrete_fields if field.name not in untold]


def state_of(institution: Institution | None, project: Project | None, *, with_people: bool = False) -> State:
    """Every row that an import into the project (None: a new one) of the college could write."""
    with_them = rows_of(OF_PEOPLE, institution) if with_people else {}
    return rows_of(OF_COLLEGE, institution) | rows_of(OF_PROJECT, project) | with_them


def rows_of(paths: Mapping[Model, str], owner: models.Model | None) -> dict[str, dict[str, list[Any]]]:
    if owner is None:
        return {}
    return {
        model._meta.label: {
            str(pk): as_kept(values)
            for pk, *values in model._default_manager.filter(**{path: owner.pk})
            .order_by("pk")
            .values_list("pk", *(field.attname for field in columns(model)))
            .iterator()
        }
        for model, path in paths.items()
    }


def as_kept(values: list[Any]) -> list[Any]:
    """A row as it will come back from where it is kept. All rows as one text would be large."""
    row: list[Any] = json.loads(ENCODER.encode(values))
    return row


def trace(before: State, after: State) -> Trace:
    made: State = {}
    old: State = {}
    new: State = {}
    for label in LABELS:
        was, now = before.get(label, {}), after.get(label, {})
        made[label] = {pk: row for pk, row in now.items() if pk not in was}
        old[label] = {pk: row for pk, row in was.items() if now.get(pk) != row}
        new[label] = {pk: now[pk] for pk in old[label] if pk in now}
    return Trace(made, old, new)


def changes_between(before: State, after: State, titles: Container[str] = EVERYDAY) -> list[str]:
    """What became different, one phrase per kind of record: `任务点：新增 1，变更 2`.

    Of what people enter every day only what the sheets of these `titles` hold; of all else every change.
    """
    found = trace(before, after)
    phrases = []
    passed_over = {model for title, models in EVERYDAY.items() if title not in titles for model in models}
    for label, model in LABELS.items():
        if model in passed_over:
            continue
        changed = len(found.after[label])
        numbers = {
            "新增": len(found.made[label]),
            "变更": changed,
            "删除": len(found.before[label]) - changed,
        }
        told = "，".join(f"{word} {number}" for word, number in numbers.items() if number)
        if told:
            named = names_of(model, [*found.made[label], *found.after[label]])
            phrases.append(f"{model._meta.verbose_name}：{told}{named}")
    return phrases


def names_of(model: Model, pks: list[str]) -> str:
    """The first of some records by name: `（8-2-2023-03 印发章程等）`; nothing of those that are gone."""
    if model.__str__ is models.Model.__str__:
        return ""
    found = [str(record) for record in model._default_manager.filter(pk__in=pks[:NAMED])]
    more = "等" if len(pks) > len(found) else ""
    return f"（{'、'.join(found)}{more}）" if found else ""


def take_back(done: Trace, institution: Institution, project: Project | None) -> None:
    """Put the records back as they were. BuiltOn, and nothing changed, where something was built on them."""
    with transaction.atomic():
        refuse_if_built_on(done, institution, project)
        # First what was changed, which may still refer to what was made.
        for label, model in LABELS.items():
            change_back(model, done.before[label], done.after[label])
        for model in reversed([*OF_PROJECT, *OF_PEOPLE]):
            delete(model, list(done.made[model._meta.label]))
        for label, model in LABELS.items():
            bring_back(model, done.before[label], done.after[label])
        unused = discard(done.stored)
        for model in reversed(OF_COLLEGE):
            delete(model, list(done.made[model._meta.label]))
        for path in unused:
            vault.remove(path)


def refuse_if_built_on(done: Trace, institution: Institution, project: Project | None) -> None:
    now = state_of(institution, project, with_people=any(touches(done, model) for model in OF_PEOPLE))
    for label, model in LABELS.items():
        written = done.made[label] | done.after[label]
        if any(now.get(label, {}).get(pk) != row for pk, row in written.items()):
            raise BuiltOn(f"导入的“{model._meta.verbose_name}”后来又有改动")
        for other in users_of(model, list(done.made[label]), done):
            raise BuiltOn(f"导入的“{model._meta.verbose_name}”后来又用于“{other._meta.verbose_name}”")


def touches(done: Trace, model: Model) -> bool:
    label = model._meta.label
    return bool(done.made[label] or done.before[label])


def users_of(model: Model, made: list[str], done: Trace) -> Iterator[Model]:
    """Models with rows that refer to the made ones and were neither made nor changed by the import itself."""
    for relation in model._meta.get_fields(include_hidden=True):
        if made and isinstance(relation, models.ManyToOneRel) and relation.related_model not in OWN:
            other: Model = relation.related_model
            users = other._default_manager.filter(**{f"{relation.field.name}__in": made})
            label = other._meta.label
            own = [*done.made.get(label, {}), *done.after.get(label, {})]
            if users.exclude(pk__in=done.stored if other is StoredFile else own).exists():
                yield other


def delete(model: Model, pks: list[str]) -> None:
    if not pks:
        return
    rows = model._default_manager.filter(pk__in=pks)
    for field in columns(model):
        # A tree: no row may stand in the way of its parent.
        if field.remote_field and field.remote_field.model is model:
            rows.update(**{field.name: None})
    if model in LOGGED:
        kind = ContentType.objects.get_for_model(model)
        ReviewLog.objects.filter(content_type=kind, object_id__in=pks).delete()
    rows.delete()


def change_back(model: Model, before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
    """Give changed rows their old values."""
    changed = [instance(model, values) for pk, values in before.items() if pk in after]
    names = [field.name for field in columns(model) if not field.primary_key]
    if changed and names:
        model._default_manager.bulk_update(changed, names, batch_size=200)


def bring_back(model: Model, before: dict[str, list[Any]], after: dict[str, list[Any]]) -> None:
    """Make deleted rows again, under their old keys."""
    model._default_manager.bulk_create(
        instance(model, values) for pk, values in before.items() if pk not in after
    )


def instance(model: Model, values: list[Any]) -> models.Model:
    told = zip(columns(model), values, strict=True)
    return model(**{field.attname: field.to_python(value) for field, value in told})
