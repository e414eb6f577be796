"""用户与部门: what a college's administrator keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from projects import departments, logins, people
from projects.models import Delivery, Department, Institution, Membership, User
from projects.notes import note, notes_about
from projects.people_forms import DepartmentForm, MergeForm, NameForm, PersonForm, RoleForm, ScopeForm
from projects.permissions import LEADING_ROLES, administered, require
from projects.views.page import CONFLICT, UNPROCESSABLE, signed_in

ROWS = 50
SECTION = "projects:people"


def colleges_of(request: HttpRequest) -> list[Institution]:
    """The colleges whose people the user keeps."""
    found = administered(signed_in(request))
    require(bool(found), "您没有管理用户和部门的权限，请联系本校管理员。")
    return found


def person_or_404(request: HttpRequest, pk: int) -> tuple[User, list[Institution]]:
    colleges = colleges_of(request)
    return get_object_or_404(people.people_of(colleges), pk=pk), colleges


@login_required
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    colleges = colleges_of(request)
    text = request.GET.get("text", "").strip()
    found = people.people_of(colleges)
    if text:
        found = found.filter(
            Q(name__icontains=text)
            | Q(username__icontains=text)
            | Q(memberships__department__name__icontains=text, memberships__institution__in=colleges)
        )
    return show(
        request,
        "projects/people.html",
        page=Paginator(people.sorted_people(found), ROWS).get_page(request.GET.get("page")),
        text=text,
        departments=departments_of(colleges),
        colleges=colleges,
    )


def departments_of(colleges: list[Institution]) -> Any:
    members = Count("memberships__user", filter=Q(memberships__user__is_active=True), distinct=True)
    found = Department.objects.filter(institution__in=colleges).select_related("institution")
    return found.annotate(members=members)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    colleges = colleges_of(request)
    form = PersonForm(request.POST or None, initial=chosen(request), colleges=colleges)
    if form.is_bound and form.is_valid():
        made, password = people.create(**form.cleaned_data, by=signed_in(request))
        return password_page(request, made, password)
    return show(request, "projects/person_new.html", form=form)


def chosen(request: HttpRequest) -> dict[str, Any]:
    """What decides which tasks can be ticked: asked for again whenever it is chosen anew on the page."""
    return {name: request.GET[name] for name in ("college", "role", "project") if name in request.GET} | (
        {"tasks": request.GET.getlist("tasks")} if "project" in request.GET else {}
    )


@login_required
@require_http_methods(["GET", "POST"])
def person(request: HttpRequest, pk: int) -> HttpResponse:
    found, colleges = person_or_404(request, pk)
    with transaction.atomic():
        found = User.objects.select_for_update().get(pk=pk) if request.method == "POST" else found
        form = NameForm(request.POST or None, instance=found)
        if form.is_bound and form.is_valid():
            try:
                people.refuse_others(found, colleges)
            except people.Refusal as refusal:
                form.add_error(None, str(refusal))
            else:
                form.save()
                note(found, signed_in(request), "修改姓名、邮箱或消息账号")
                messages.success(request, "已保存。")
                return redirect("projects:person", pk)
    return person_page(request, found, colleges, form=form)


def person_page(request: HttpRequest, found: User, colleges: list[Institution], **forms: Any) -> HttpResponse:
    given = {"form": NameForm(instance=found), "role_form": RoleForm(colleges=colleges)} | forms
    notes = notes_about(found)[:20]
    given["rows"] = people.rows_of(found)
    given["log_ins"], given["locked_until"] = logins.log_ins_of(found), logins.locked_until(found.username)
    given["unsent"] = Delivery.objects.filter(message__user=found, state=Delivery.State.FAILED).count()
    return show(request, "projects/person.html", person=found, notes=notes, **given)


@login_required
@require_POST
def join(request: HttpRequest, pk: int) -> HttpResponse:
    found, colleges = person_or_404(request, pk)
    form = RoleForm(request.POST, colleges=colleges)
    if not form.is_valid():
        return person_page(request, found, colleges, role_form=form)
    try:
        made = people.join(found, **form.cleaned_data, by=signed_in(request))
    except people.Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        if made.role in LEADING_ROLES and made.project_id is None:
            messages.info(request, f"请选择{made.get_role_display()}负责的任务。")
            return redirect("projects:person_role", pk, made.pk)
    return redirect("projects:person", pk)


@login_required
@require_http_methods(["GET", "POST"])
def role(request: HttpRequest, pk: int, membership_pk: int) -> HttpResponse:
    """Where one role of a person holds: department, project, tasks."""
    found, colleges = person_or_404(request, pk)
    rows = Membership.objects.filter(user=found, institution__in=colleges)
    membership = get_object_or_404(rows.select_related("institution", "user"), pk=membership_pk)
    initial = {
        "department": membership.department_id,
        "project": membership.project_id,
        "tasks": list(membership.tasks.values_list("pk", flat=True)),
    } | chosen(request)
    form = ScopeForm(request.POST or None, initial=initial, membership=membership)
    status = UNPROCESSABLE if form.is_bound else 200
    if form.is_bound and form.is_valid():
        told = {"tasks": ()} | form.cleaned_data
        try:
            people.change(membership, **told, by=signed_in(request), seen=request.POST.get("seen", ""))
        except people.Refusal as refusal:
            form.add_error(None, str(refusal))
            status = CONFLICT
        else:
            messages.success(request, f"已保存{found}的角色。")
            return redirect("projects:person", pk)
    moves = membership.role in people.NEEDS_DEPARTMENT
    return show(
        request,
        "projects/person_role.html",
        status=status,
        person=found,
        membership=membership,
        standing=people.described(membership),
        form=form,
        seen=people.version_of(membership),
        rows=people.rows_of(found) if moves else 0,
    )


@login_required
@require_POST
def leave(request: HttpRequest, pk: int, membership_pk: int) -> HttpResponse:
    found, colleges = person_or_404(request, pk)
    rows = Membership.objects.filter(user=found, institution__in=colleges)
    try:
        people.leave(get_object_or_404(rows, pk=membership_pk), by=signed_in(request))
    except people.Refusal as refusal:
        messages.error(request, str(refusal))
    still = people.people_of(colleges).filter(pk=pk).exists()
    return redirect("projects:person", pk) if still else redirect("projects:people")


VERBS: Mapping[str, Callable[..., None]] = {
    "activate": people.activate,
    "deactivate": people.deactivate,
    "unlock": people.unlock,
}


@login_required
@never_cache
@require_POST
def act(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    found, colleges = person_or_404(request, pk)
    try:
        if verb == "reset":
            return password_page(
                request, found, people.reset_password(found, colleges, by=signed_in(request))
            )
        if verb not in VERBS:
            raise Http404
        given = {"anyway": True} if verb == "deactivate" and request.POST.get("anyway") else {}
        VERBS[verb](found, colleges, by=signed_in(request), **given)
    except people.Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("projects:person", pk)


def password_page(request: HttpRequest, person: User, password: str) -> HttpResponse:
    """The only time that the password is seen."""
    return show(request, "projects/person_password.html", person=person, password=password)


@login_required
@require_http_methods(["GET", "POST"])
def department(request: HttpRequest, pk: int) -> HttpResponse:
    found = department_or_404(request, pk)
    return department_page(request, found.institution, instance=found)


def department_or_404(request: HttpRequest, pk: int) -> Department:
    found: Department = get_object_or_404(departments_of(colleges_of(request)), pk=pk)
    return found


@login_required
@require_POST
def department_delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = department_or_404(request, pk)
    try:
        departments.delete(found, by=signed_in(request))
    except people.Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("projects:department", pk)
    messages.success(request, f"已删除部门“{found.name}”。")
    return redirect("projects:people")


@login_required
@require_POST
def department_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge one department into another, as the preview on its page showed it."""
    found = department_or_404(request, pk)
    form = MergeForm(request.POST, department=found)
    if not form.is_valid():
        return department_page(request, found.institution, instance=found, merging=form)
    into, name = form.cleaned_data["into"], found.name
    try:
        moved = departments.merge(found, into, by=signed_in(request), seen=request.POST.get("seen", ""))
    except people.Refusal as refusal:
        form.add_error(None, str(refusal))
        return department_page(request, found.institution, instance=found, merging=form, status=CONFLICT)
    messages.success(request, f"已把“{name}”的 {moved} 项并入“{into}”，“{name}”已删除。")
    return redirect("projects:department", into.pk)


@login_required
@require_http_methods(["GET", "POST"])
def department_new(request: HttpRequest, college_pk: int) -> HttpResponse:
    college = next((each for each in colleges_of(request) if each.pk == college_pk), None)
    if college is None:
        raise Http404
    return department_page(request, college)


def department_page(
    request: HttpRequest,
    college: Institution,
    instance: Department | None = None,
    merging: MergeForm | None = None,
    status: int | None = None,
) -> HttpResponse:
    """The form of a department, below it what refers to it: nothing, and it can go; else where it can go."""
    data = None if merging else request.POST or None
    with transaction.atomic():
        if instance and data:
            instance = Department.objects.select_for_update().get(pk=instance.pk)
        form = DepartmentForm(data, college=college, instance=instance)
        if form.is_bound and form.is_valid():
            messages.success(request, f"已保存部门“{form.save()}”。")
            return redirect("projects:people")
    about: dict[str, Any] = {}
    if instance:
        about = {
            "references": departments.references(instance),
            "merge_form": merging or MergeForm(department=instance),
            "seen": departments.version_of(instance),
        }
    refused = CONFLICT if form.is_overtaken else UNPROCESSABLE if merging or form.is_bound else 200
    return show(
        request, "projects/department.html", status=status or refused, form=form, college=college, **about
    )


def show(request: HttpRequest, template: str, *, status: int = 0, **context: Any) -> HttpResponse:
    """A page of this section; a form that was refused says so with its status, unless one is given."""
    forms = (context.get("form"), context.get("role_form"))
    refused = any(form is not None and form.is_bound for form in forms)
    found = UNPROCESSABLE if refused else 200
    if any(getattr(form, "is_overtaken", False) for form in forms):
        found = CONFLICT
    return render(request, template, {"section": SECTION} | context, status=status or found)
