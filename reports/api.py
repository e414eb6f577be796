"""The programming interface about projects: the same facts, figures and rows to fill as the pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import BadRequest
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import ParseError
from rest_framework.request import Request
from rest_framework.response import Response

from projects.asking import asked
from projects.models import Project, User
from projects.numbers import amount_text
from projects.original import BASES
from projects.permissions import Action, project_or_404, readable_projects
from projects.progress import PointFact
from reports.desk.filing import STEPS, Typed, file, log_refusals, status_of
from reports.desk.rows import rows
from reports.facts import Facts, gather
from reports.figures import as_json
from reports.figures import figures as figure_tree
from reports.views.desk import MOST_ROWS

QUESTION = [
    OpenApiParameter("as_of", OpenApiTypes.DATE, description="截至日期；默认为统计截止日期"),
    OpenApiParameter("pending", OpenApiTypes.BOOL, description="1：含待审，非正式数字"),
    OpenApiParameter("basis", OpenApiTypes.STR, enum=BASES, description="original：按调整前的原任务书统计"),
]


class ProjectSerializer(serializers.ModelSerializer[Project]):
    institution = serializers.CharField(source="institution.name")

    class Meta:
        model = Project
        fields = ("id", "code", "name", "institution", "programme", "level", "start_year", "end_year")


class PointSerializer(serializers.Serializer[PointFact]):
    """A task point with what counts for it as of the date; numbers are decimal strings, unknown is null."""

    id = serializers.IntegerField()
    code = serializers.CharField()
    area = serializers.CharField()
    year = serializers.IntegerField()
    text = serializers.CharField()
    unit = serializers.CharField()
    planned = serializers.SerializerMethodField()
    quantity = serializers.SerializerMethodField()
    ratio = serializers.SerializerMethodField()
    due_on = serializers.DateField()
    is_due = serializers.SerializerMethodField()
    department = serializers.CharField()
    person = serializers.CharField()

    def get_planned(self, point: PointFact) -> str | None:
        return amount_text(point.planned)

    def get_quantity(self, point: PointFact) -> str | None:
        return amount_text(point.quantity)

    def get_ratio(self, point: PointFact) -> str | None:
        return amount_text(point.r)

    def get_is_due(self, point: PointFact) -> bool:
        facts: Facts = self.context["facts"]
        return facts.is_due(point)


class TypedSerializer(serializers.Serializer[Typed]):
    """What is typed into one row; `seen` is the version that GET gave for it."""

    key = serializers.CharField(max_length=60)
    seen = serializers.CharField(max_length=100, allow_blank=True, default="")
    values = serializers.DictField(child=serializers.CharField(allow_blank=True), default=dict)


class FilingSerializer(serializers.Serializer[Any]):
    rows = TypedSerializer(many=True, max_length=MOST_ROWS)  # type: ignore[call-arg]
    step = serializers.ChoiceField(STEPS, default="draft")


class ProjectViewSet(viewsets.ReadOnlyModelViewSet[Project]):
    """The projects the user may read; those of other colleges do not exist (404)."""

    serializer_class = ProjectSerializer
    queryset = Project.objects.none()
    lookup_value_regex = r"[0-9]+"

    def get_queryset(self) -> Any:
        user = self.request.user
        readable = readable_projects(user) if isinstance(user, User) else []
        return Project.objects.filter(pk__in=[each.pk for each in readable]).select_related("institution")

    def get_object(self) -> Project:
        assert isinstance(self.request.user, User)
        return project_or_404(self.request.user, int(self.kwargs["pk"]))

    @extend_schema(parameters=QUESTION, responses={200: OpenApiTypes.OBJECT})
    @action(detail=True)
    def figures(self, request: Request, pk: str) -> Response:
        """What `manage.py figures` prints."""
        return Response(as_json(figure_tree(facts_of(request, pk))))

    @extend_schema(parameters=QUESTION, responses=PointSerializer(many=True))
    @action(detail=True)
    def points(self, request: Request, pk: str) -> Response:
        facts = facts_of(request, pk)
        some: Any = self.paginate_queryset(facts.points)
        rows = PointSerializer(some, many=True, context={"facts": facts})
        return self.get_paginated_response(rows.data)

    @extend_schema(responses=OpenApiTypes.OBJECT, request=FilingSerializer)
    @action(detail=True, methods=["get", "post"])
    def rows(self, request: Request, pk: str) -> Response:
        """我的任务: the rows the user fills; POST writes some of them, each told by itself.

        403 when every row was refused for want of a right or a lock, 409 when all were overtaken or are in
        a state that forbids it, 422 when nothing could be taken; 200 otherwise.
        """
        assert isinstance(request.user, User)
        project = project_or_404(request.user, int(pk), Action.WRITE)
        today = timezone.localdate()
        if request.method == "GET":
            return Response({"rows": [row.as_json() for row in rows(request.user, project, today)]})
        sent = FilingSerializer(data=request.data)
        sent.is_valid(raise_exception=True)
        typed = [Typed(**each) for each in sent.validated_data["rows"]]
        step = sent.validated_data["step"]
        filed = file(request.user, project, typed, today=today, now=timezone.now(), step=step)
        log_refusals(request.user, filed)
        return Response({"rows": [one.as_json() for one in filed]}, status=status_of(filed))


def facts_of(request: Request, pk: str) -> Facts:
    try:
        question = asked(request.GET)
    except BadRequest as error:
        raise ParseError(str(error)) from None
    assert isinstance(request.user, User)
    project = project_or_404(request.user, int(pk))
    return gather(project, question.as_of, pending=question.pending, basis=question.basis)
