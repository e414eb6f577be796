"""A chart as a picture of its own, so that pages do not wait for its drawing."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from reports.series import CHARTS
from reports.views.page import facts_or_404

# A number approved a minute ago must not differ between a page and its charts.
FRESH = {"Cache-Control": "private, no-cache"}


@login_required
@require_GET
def chart(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """`?width=narrow` draws for a telephone. 404 for unknown names and where there is nothing to draw."""
    from reports.drawing import svg

    if name not in CHARTS:
        raise Http404
    data = CHARTS[name](facts_or_404(request, pk))
    if data is None:
        raise Http404
    picture = svg(data, "narrow" if request.GET.get("width") == "narrow" else "wide")
    return HttpResponse(picture, content_type="image/svg+xml", headers=FRESH)
