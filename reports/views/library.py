"""佐证材料: the library of a project, what it covers, and its catalogue."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET

from reports import library
from reports.forms import LibraryFilter
from reports.views.imports import as_file
from reports.views.page import facts_or_404, page, signed_in
from reports.views.tabs import PER_PAGE, cleared, tab

STATES = {"": "全部", "bare": "缺文件", "loose": "未用于任何内容"}


@login_required
@require_GET
def materials(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    found = library.shown_to(signed_in(request), library.materials(facts), facts.project)
    form = LibraryFilter(request.GET, facts)
    form.is_valid()
    asked = {name: form.cleaned_data.get(name, "") for name in ("area", "text")}
    state = form.cleaned_data.get("state", "")
    shown = library.matching(found, **asked, state=state)
    years, covered = library.coverage(facts)
    counts = {name: len(library.matching(found, **asked, state=name)) for name in STATES}
    return page(
        request,
        "reports/library.html",
        facts,
        form=form,
        tabs=[
            tab(request, "state", name, label, counts[name], is_active=state == name)
            for name, label in STATES.items()
        ],
        page=Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        total=len(found),
        years=years,
        covered=covered,
        clear=cleared(request) if any(asked.values()) else "",
    )


@login_required
@require_GET
def catalogue(request: HttpRequest, pk: int) -> HttpResponse:
    facts = facts_or_404(request, pk)
    name = f"{facts.project.code}_佐证材料目录_{timezone.localdate()}.xlsx"
    return as_file(library.catalogue(facts, signed_in(request)), name.replace("/", "-"))
