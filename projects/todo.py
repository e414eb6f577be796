"""待办: how much a person has to do now in a project. Read on every page, so it is counts, not records."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.contrib.contenttypes.models import ContentType
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from projects.models import Entry, Message, Project, Role, Round, State, Task, TaskPoint, User
from projects.permissions import DEPARTMENT_ROLES, memberships_of, points_to_fill
from projects.reviewing import panel_of, waiting_count
from projects.rounds import running


@dataclass(frozen=True, slots=True)
class Todo:
    """`returned` and `unfilled` (in the round that is running) are filled, `reviews` decided about."""

    returned: int = 0
    unfilled: int = 0
    reviews: int = 0

    @property
    def total(self) -> int:
        return self.returned + self.unfilled + self.reviews


def todo_of(user: User, project: Project) -> Todo:
    """What the user has to do in the project today, counted once per request."""
    kept: dict[int, Todo] = user.__dict__.setdefault("_todo", {})
    if project.pk not in kept:
        kept[project.pk] = counted(user, project, timezone.localdate())
    return kept[project.pk]


def counted(user: User, project: Project, today: date) -> Todo:
    roles = {member.role for member in memberships_of(user, project)}
    reviews = waiting_count(panel_of(user, project), user)
    # Who runs the project may fill everything, which is not the same as having to.
    if not roles & set(DEPARTMENT_ROLES) or roles & {Role.OFFICE, Role.ADMIN} or user.is_superuser:
        return Todo(reviews=reviews)
    points = points_to_fill(user, project)
    returned = Entry.objects.filter(state=State.RETURNED, point__in=points).not_superseded().count()
    asked = running(project, today)
    return Todo(returned, to_fill(points, asked).count() if asked else 0, reviews)


def to_fill(points: QuerySet[TaskPoint], asked: Round) -> QuerySet[TaskPoint]:
    """Of what is unfilled, that which is neither in review nor came back, which is counted by itself."""
    about = Entry.objects.filter(point=OuterRef("pk"), state__in=(State.SUBMITTED, State.RETURNED))
    return unfilled(points, asked).filter(~Exists(about.not_superseded()))


def unfilled(points: QuerySet[TaskPoint], asked: Round) -> QuerySet[TaskPoint]:
    """Those of the points that the round asks for and nobody filled in it: `rounds.standing` as a query."""
    first, last = asked.first_year or 0, asked.last_year or 9999
    found = points.filter(year__gte=first, year__lte=last)
    if named := {task.pk for task in asked.tasks.all()}:
        found = found.filter(task__in=below(asked.project_id, named))
    about = Entry.objects.filter(point=OuterRef("pk"))
    filled = about.filter(submitted_at__date__gte=asked.opens_on, submitted_at__date__lte=asked.closes_on)
    done = about.filter(state=State.APPROVED).filter(Q(ratio__gte=1) | Q(quantity__gte=F("point__planned")))
    kind = ContentType.objects.get_for_model(TaskPoint)
    zero = asked.zero_reports.filter(content_type=kind).values("object_id")
    return found.exclude(pk__in=zero).filter(
        ~Exists(filled.exclude(state__in=(State.DRAFT, State.RETURNED))), ~Exists(done)
    )


def below(project: int, named: Iterable[int]) -> set[int]:
    """Some tasks of a project with all below them."""
    parents = dict(Task.objects.filter(project=project).order_by().values_list("pk", "parent_id"))
    found = set(named)
    while more := {pk for pk, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def unread(user: User) -> int:
    """How many messages the user has not read."""
    return Message.objects.of(user).unread().count()
