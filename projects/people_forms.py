"""Forms of an administrator: a person, a role, a department."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from projects.asking import key_in
from projects.forms import WordsField
from projects.message_forms import FIELDS, AccountsForm
from projects.models import Department, Institution, Membership, Project, Role, Task, User
from projects.people import NEEDS_DEPARTMENT, NOT_OURS
from projects.permissions import LEADING_ROLES
from projects.seen import SeenForm

ROLES = [(role.value, role.label) for role in Role if role not in NOT_OURS]


class RoleForm(forms.Form):
    college = forms.ModelChoiceField(Institution.objects.none(), label="院校")
    role = forms.ChoiceField(label="角色", choices=ROLES)
    department = forms.ModelChoiceField(
        Department.objects.none(), label="部门", required=False, empty_label="（不限部门）"
    )
    project = forms.ModelChoiceField(
        Project.objects.none(), label="限于项目", required=False, empty_label="（全部项目）"
    )

    def __init__(self, *args: Any, colleges: Collection[Institution], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["college"].queryset = Institution.objects.filter(pk__in=[each.pk for each in colleges])
        if len(colleges) == 1:
            fields["college"].initial = next(iter(colleges))
            fields["college"].widget = forms.HiddenInput()
        fields["department"].queryset = Department.objects.filter(institution__in=colleges)
        fields["project"].queryset = Project.objects.filter(institution__in=colleges)

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        college = told.get("college")
        for name, words in (("department", "部门"), ("project", "项目")):
            chosen = told.get(name)
            if chosen and college and chosen.institution_id != college.pk:
                self.add_error(name, f"“{chosen}”不是{college}的{words}。")
        role = told.get("role")
        if role in NEEDS_DEPARTMENT and not told.get("department") and "department" not in self.errors:
            self.add_error("department", f"{Role(role).label}要选择所在的部门。")
        return told


class TasksField(forms.ModelMultipleChoiceField):
    """Tasks of a college's projects, as a tree under the name of each project."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Task.objects.none(), **kwargs)

    def clean(self, value: Any) -> Any:
        if strays := [each for each in value or () if key_in(str(each)) is None]:
            raise ValidationError(self.error_messages["invalid_pk_value"], params={"pk": strays[0][:20]})
        return super().clean(value)

    def label_from_instance(self, task: Task) -> str:
        return label_of(task)


def label_of(task: Task) -> str:
    return f"{task.code} {task.name}"[:60]


class ScopeForm(forms.Form):
    """Where a role holds: its department, one project, some tasks."""

    department = forms.ModelChoiceField(
        Department.objects.none(), label="部门", required=False, empty_label="（不限部门）"
    )
    project = forms.ModelChoiceField(
        Project.objects.none(), label="限于项目", required=False, empty_label="（全部项目）"
    )
    tasks = TasksField(label="限于任务", required=False)

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.membership = membership
        college = membership.institution
        fields: Any = self.fields
        fields["department"].queryset = Department.objects.filter(institution=college)
        fields["project"].queryset = Project.objects.filter(institution=college)
        offer_tasks(self, membership.role, [college])

    def clean(self) -> dict[str, Any]:
        told = super().clean() or {}
        role, project = self.membership.role, told.get("project")
        if role in NEEDS_DEPARTMENT and not told.get("department") and "department" not in self.errors:
            self.add_error("department", f"{Role(role).label}要选择所在的部门。")
        refuse_boundless(self, role, project)
        return told


def offer_tasks(form: forms.Form, role: Any, colleges: Collection[Institution]) -> None:
    """A role that leads may be limited to tasks: of the project, once one is chosen."""
    field: Any = form.fields["tasks"]
    if role not in LEADING_ROLES:
        del form.fields["tasks"]
        return
    tasks = Task.objects.filter(project__institution__in=colleges).select_related("project")
    field.queryset = tasks.order_by("-project__level", "project__code", "position", "id")
    project = key_in(str(form["project"].value() or ""))
    field.choices = grouped(field.queryset if project is None else field.queryset.filter(project=project))


def refuse_boundless(form: forms.Form, role: str, project: Project | None) -> None:
    """A role that leads has a project or tasks, and these of one project where it has one."""
    if "tasks" not in form.fields or "tasks" in form.errors:
        return
    tasks = form.cleaned_data["tasks"]
    strays = [task for task in tasks if project and task.project_id != project.pk]
    if strays:
        form.add_error("tasks", f"“{strays[0]}”不是“{project}”的任务。")
    elif not project and not tasks:
        form.add_error("tasks", f"{Role(role).label}要限于一个项目或几项任务，否则没有可以审核的内容。")


def grouped(tasks: Iterable[Task]) -> list[tuple[str, list[tuple[Any, str]]]]:
    """The choices under the names of their projects, deeper tasks indented."""
    found: dict[str, list[tuple[Any, str]]] = {}
    depth: dict[int | None, int] = {None: -1}
    for task in tasks:
        depth[task.pk] = depth.get(task.parent_id, -1) + 1
        label = "\u3000" * depth[task.pk] + label_of(task)
        found.setdefault(str(task.project), []).append((task.pk, label))
    return list(found.items())


class MergeForm(forms.Form):
    """Into which department a mistyped one goes."""

    into = forms.ModelChoiceField(Department.objects.none(), label="并入部门", empty_label="（选择部门）")

    def __init__(self, *args: Any, department: Department, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        into: Any = self.fields["into"]
        others = Department.objects.filter(institution=department.institution_id)
        into.queryset = others.exclude(pk=department.pk)


class PersonForm(RoleForm):
    """A new account with its first role."""

    username = forms.CharField(
        label="用户名", max_length=150, help_text="登录用，例如工号或姓名拼音；以后不能修改"
    )
    name = WordsField(label="姓名", max_length=100)
    tasks = TasksField(label="限于任务", required=False)

    field_order = ("username", "name", "college", "role", "department", "project", "tasks")

    def __init__(self, *args: Any, colleges: Collection[Institution], **kwargs: Any) -> None:
        super().__init__(*args, colleges=colleges, **kwargs)
        offer_tasks(self, self["role"].value(), colleges)

    def clean(self) -> dict[str, Any]:
        told = super().clean()
        college, tasks = told.get("college"), told.get("tasks") or ()
        refuse_boundless(self, told.get("role", ""), told.get("project"))
        if any(task.project.institution_id != college.pk for task in tasks if college):
            self.add_error("tasks", f"这些任务不都是{college}的。")
        return told

    def clean_username(self) -> str:
        username = User.normalize_username(self.cleaned_data["username"])
        User._meta.get_field("username").run_validators(username)
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(f"用户名“{username}”已被使用，请换一个。")
        return str(username)


class NameForm(AccountsForm):
    name = WordsField(label="姓名", max_length=100)

    field_order = ("name", *FIELDS)

    class Meta(AccountsForm.Meta):
        fields = ("name", *FIELDS)

    def save(self, commit: bool = True) -> User:
        self.instance.save(update_fields=("name", *FIELDS))
        person: User = self.instance
        return person


class DepartmentForm(SeenForm):
    name = WordsField(label="部门名称", max_length=200)
    kind = WordsField(label="类型", max_length=100, required=False, help_text="例如：职能部门、教学单位")
    head = WordsField(label="负责人", max_length=100, required=False)

    class Meta:
        model = Department
        fields = ("name", "kind", "head")

    def __init__(self, *args: Any, college: Institution, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.institution = college

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        others = Department.objects.filter(institution=self.instance.institution, name=name)
        if others.exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"已有名称为“{name}”的部门。")
        return name
