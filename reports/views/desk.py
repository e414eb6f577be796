"""What the grid of 我的任务 sends and gets: rows as JSON."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_POST

from projects.permissions import Action, project_or_404
from projects.views.page import UNPROCESSABLE, signed_in
from reports.desk.filing import STEPS, Typed, file, log_refusals, status_of

MOST_ROWS = 500


class Unreadable(Exception):
    """What was sent is not what the desk takes; the message is a sentence."""


@login_required
@require_POST
def rows(request: HttpRequest, pk: int) -> JsonResponse:
    """Write the rows sent; each row is told by itself what became of it.

    403 when every row was refused for want of a right or a lock, 409 when all were overtaken or are in a
    state that forbids it, 422 when nothing could be taken; 200 otherwise.
    """
    user = signed_in(request)
    project = project_or_404(user, pk, Action.WRITE)
    try:
        typed, step = read(json.loads(request.body))
    except (ValueError, RecursionError):
        return JsonResponse({"refusal": "内容不是 JSON，请刷新页面后再试。"}, status=400)
    except Unreadable as fault:
        return JsonResponse({"refusal": str(fault)}, status=UNPROCESSABLE)
    filed = file(user, project, typed, today=timezone.localdate(), now=timezone.now(), step=step)
    log_refusals(user, filed)
    return JsonResponse({"rows": [one.as_json() for one in filed]}, status=status_of(filed))


def read(sent: Any) -> tuple[list[Typed], str]:
    """The rows and the step of a request; Unreadable for anything else."""
    if not isinstance(sent, dict) or not isinstance(sent.get("rows"), list):
        raise Unreadable("应为 {“rows”: […], “step”: “draft”}。")
    step = sent.get("step", "draft")
    if step not in STEPS:
        raise Unreadable(f"step 应为 {'、'.join(STEPS)} 之一。")
    if len(sent["rows"]) > MOST_ROWS:
        raise Unreadable(f"一次最多保存 {MOST_ROWS} 行，现在有 {len(sent['rows'])} 行，请分次保存。")
    typed = [read_row(each) for each in sent["rows"]]
    if len({each.key for each in typed}) < len(typed):
        raise Unreadable("同一行出现了两次。")
    return typed, step


def read_row(sent: Any) -> Typed:
    if not isinstance(sent, dict) or not isinstance(sent.get("key"), str):
        raise Unreadable("每一行应有 key，例如 point:12。")
    values, seen = sent.get("values", {}), sent.get("seen", "")
    if not isinstance(values, dict) or not all(isinstance(one, str) for one in values.values()):
        raise Unreadable(f"{sent['key'][:40]} 的 values 应为“列名: 文字”。")
    return Typed(sent["key"][:60], seen if isinstance(seen, str) else "", values)
