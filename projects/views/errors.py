"""What a browser is told when a request cannot be answered (templates/400.html and its kin)."""

from __future__ import annotations

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The sentence our own code gives with BadRequest; what Django finds suspicious is not repeated."""
    sentence = str(exception) if isinstance(exception, BadRequest) else ""
    return render(request, "400.html", {"sentence": sentence}, status=400)


def conflict(request: HttpRequest, sentence: str, back: str, typed: str = "") -> HttpResponse:
    """Somebody else was faster, and no form is shown again: where to look, and what the user had typed."""
    return render(request, "409.html", {"sentence": sentence, "back": back, "typed": typed}, status=409)
