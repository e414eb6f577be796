"""分工 and 交接: the rows of a department given to its people, and everything of one person to another."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from projects.asking import key_in
from projects.models import Department, Institution, Membership, Project, User
from projects.permissions import (
    Action,
    departments_to_assign,
    departments_to_hand_over,
    first_of,
    project_or_404,
    readable_projects,
    require,
    roles_of,
)
from projects.querysets import READING_ROLES
from projects.views.page import CONFLICT, UNPROCESSABLE, page, signed_in
from reports.duties import (
    CHANGED,
    Done,
    Duty,
    Refusal,
    assign,
    counts,
    duties_of,
    hand_over,
    holdings,
    move,
    people_of,
    version_of,
)
from reports.duty_forms import DutyFilter, GiveForm, HandOverForm, MoveForm

PER_PAGE = 100
NO_DEPARTMENT = "none"
NAMED = 5


@login_required
@require_http_methods(["GET", "POST"])
def duties(request: HttpRequest, pk: int) -> HttpResponse:
    """The departments with their rows counted, or the rows of one; a form gives the ticked ones away."""
    user = signed_in(request)
    project = project_or_404(user, pk, Action.FILL)
    allowed = departments_to_assign(user, project)
    require(allowed is None or bool(allowed), "只有部门负责人和项目办可以分工，请联系本部门负责人。")
    asked = request.GET.get("department", "")
    if not asked and allowed is not None and len(allowed) == 1:
        asked = str(min(allowed))
    if not asked:
        return departments_page(request, project, allowed)
    department = department_or_404(project, asked, allowed)
    if request.method == "POST":
        return give(request, project, department, allowed)
    return rows_page(request, project, department, allowed)


def department_or_404(project: Project, asked: str, allowed: set[int] | None) -> Department | None:
    """The department of the address; None: the rows of no department, for the office alone."""
    if asked == NO_DEPARTMENT:
        require(allowed is None, "没有责任部门的内容由项目办分工。")
        return None
    found: Department = get_object_or_404(project.institution.departments, pk=key_in(asked))
    require(allowed is None or found.pk in allowed, f"{found}的分工由{found}负责人和项目办安排。")
    return found


def departments_page(request: HttpRequest, project: Project, allowed: set[int] | None) -> HttpResponse:
    counted = counts(project)
    rows = [
        {"name": str(each), "key": each.pk, "count": counted.get(each.pk, Counter())}
        for each in project.institution.departments.all()
        if (allowed is None and each.pk in counted) or (allowed is not None and each.pk in allowed)
    ]
    if allowed is None and None in counted:
        rows.insert(0, {"name": "未落实责任部门", "key": NO_DEPARTMENT, "count": counted[None]})
    return page(request, "reports/departments.html", project, rows=rows)


def rows_page(
    request: HttpRequest,
    project: Project,
    department: Department | None,
    allowed: set[int] | None,
    *,
    status: int = 200,
    **given: Any,
) -> HttpResponse:
    found = duties_of(project, department.pk if department else None)
    areas, area_of = areas_of(project)
    form = DutyFilter(request.GET, found, areas)
    shown = form.matching(found, area_of)
    people = people_of(project.institution, [department.pk] if department else None, project)
    held = Counter((each.assignee_id, each.assignee) for each in found)
    free = held.pop((None, ""), 0)
    return page(
        request,
        "reports/duties.html",
        project,
        status=status,
        department=department,
        form=form,
        page=Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        total=len(found),
        free=free,
        holders=[(pk, name, count) for (pk, name), count in held.most_common()],
        clear=f"?department={request.GET.get('department', '')}" if form.is_asked() else "",
        people=people,
        others=allowed is None or len(allowed) > 1,
        **{
            "give_form": GiveForm(people=people),
            "move_form": MoveForm(institution_id=project.institution_id) if allowed is None else None,
            "ticked": (),
            **given,
        },
    )


def areas_of(project: Project) -> tuple[list[tuple[str, str]], dict[int, str]]:
    """Choices of the root tasks, and by task the code of the one above it."""
    tasks = {task.pk: task for task in project.tasks.order_by("position", "id")}
    area_of = {}
    for task in tasks.values():
        root = task
        while root.parent_id is not None:
            root = tasks[root.parent_id]
        area_of[task.pk] = root.code
    roots = [task for task in tasks.values() if task.parent_id is None]
    return [(task.code, str(task)[:24]) for task in roots], area_of


def give(
    request: HttpRequest, project: Project, department: Department | None, allowed: set[int] | None
) -> HttpResponse:
    """Give the ticked rows to a person, or (the office) to another department."""
    user, keys = signed_in(request), request.POST.getlist("row")
    people = people_of(project.institution, [department.pk] if department else None, project)
    moving = allowed is None and request.POST.get("step") == "move"
    form: Any = (
        MoveForm(request.POST, institution_id=project.institution_id)
        if moving
        else GiveForm(request.POST, people=people)
    )
    name = "move_form" if moving else "give_form"
    if not keys:
        form.add_error(None, "请先勾选要分配的行。")
    if not form.is_valid():
        return rows_page(
            request, project, department, allowed, status=UNPROCESSABLE, ticked=keys, **{name: form}
        )
    told = form.cleaned_data
    try:
        if moving:
            done = move(project, keys, into=told["into"], reason=told["reason"], by=user)
            words = f"已把 {done.changed} 项改由{told['into']}负责。"
        else:
            done = assign(project, keys, to=told["to"], departments=allowed, by=user)
            words = (
                f"已把 {done.changed} 项分配给{told['to']}。"
                if told["to"]
                else f"已取消 {done.changed} 项的指定。"
            )
    except PermissionError as refusal:
        raise PermissionDenied(str(refusal)) from refusal
    except Refusal as refusal:
        form.add_error(None, str(refusal))
        return rows_page(
            request, project, department, allowed, status=UNPROCESSABLE, ticked=keys, **{name: form}
        )
    tell(request, done, words)
    return redirect(f"{reverse('reports:duties', args=[project.pk])}?{request.GET.urlencode()}")


def tell(request: HttpRequest, done: Done, words: str) -> None:
    if done.changed or not done.skipped:
        messages.success(request, words)
    if done.skipped:
        some = "、".join(named(duty) for duty in done.skipped[:NAMED])
        more = "等" if len(done.skipped) > NAMED else ""
        messages.warning(
            request, f"{len(done.skipped)} 项在您打开页面之后已被他人改派，没有改动：{some}{more}。"
        )


def named(duty: Duty) -> str:
    return f"{duty.code or duty.text}（现为{duty.assignee or '未指定'}）"


# 交接


@login_required
@require_http_methods(["GET", "POST"])
def handover(request: HttpRequest, pk: int) -> HttpResponse:
    """What a person has, and the form that gives all of it to another."""
    user = signed_in(request)
    person, college, allowed = leaver_or_404(user, pk)
    held = holdings(person, college, allowed)
    people = [each for each in people_of(college, allowed, None) if each.pk != person.pk]
    form = HandOverForm(request.POST or None, people=people)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            moved = hand_over(
                person,
                form.cleaned_data["to"],
                college,
                allowed,
                by=user,
                reason=form.cleaned_data["reason"],
                seen=request.POST.get("seen", ""),
            )
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            status = CONFLICT if str(refusal) == CHANGED else UNPROCESSABLE
            held = holdings(person, college, allowed)
        else:
            messages.success(
                request, f"已把{person}的 {moved} 项移交给{form.cleaned_data['to']}，草稿由接手人继续填写。"
            )
            return redirect("reports:handover", pk)
    elif form.is_bound:
        status = UNPROCESSABLE
    return page(
        request,
        "reports/handover.html",
        project=held[0].project if held else first_of(readable_projects(user)),
        status=status,
        person=person,
        held=held,
        total=sum(len(holding.duties) for holding in held),
        drafts=sum(holding.drafts for holding in held),
        form=form,
        seen=version_of(held),
        section="reports:duties",
    )


def leaver_or_404(user: User, pk: int) -> tuple[User, Institution, set[int] | None]:
    """The person, the college in which the user may give away what they have, and of which departments."""
    memberships = Membership.objects.filter(user=pk).select_related("institution", "user")
    colleges = {m.institution_id: m.institution for m in memberships}
    own = {m.institution_id for m in roles_of(user) if m.role in READING_ROLES} | (
        colleges.keys() if user.is_superuser else set()
    )
    college = next((college for key, college in colleges.items() if key in own), None)
    if college is None:
        raise Http404
    allowed = departments_to_hand_over(user, college)
    require(allowed is None or bool(allowed), "只有部门负责人和项目办可以办理交接，请联系本部门负责人。")
    return memberships[0].user, college, allowed
