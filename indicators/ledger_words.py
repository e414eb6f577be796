"""A ledger row in words: what a reviewer reads, and what a correction changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from indicators.duplicates import is_reference
from indicators.landmarks import below_target
from indicators.models import Outcome
from projects.numbers import plain
from projects.templatetags.numbers import day

COUNTS, SUPPORTS = "计入", "仅引用"


def told(outcome: Outcome) -> dict[str, str]:
    """Label → text of everything that people enter, empty ones too; three queries."""
    target = outcome.target or outcome.supported_target
    return {
        "名称": outcome.name,
        "级别": outcome.level,
        "成果类别": outcome.kind,
        "等次": outcome.grade,
        "获批日期": day(outcome.awarded_on),
        "数量": plain(outcome.quantity),
        "颁发单位": outcome.issuer,
        "文号": outcome.document_no,
        "本校位次": outcome.rank,
        "完成部门": str(outcome.department or ""),
        "建设任务": str(outcome.task or ""),
        "成果目标": f"{target}（{COUNTS if outcome.target_id else SUPPORTS}）" if target else "",
        "关联任务点": linked(
            (str(each.point), each.counts)
            for each in outcome.point_links.select_related("point__task").order_by("point_id")
        ),
        "关联指标": linked(
            (f"{each.indicator.code} {each.indicator.name}", each.counts)
            for each in outcome.indicator_links.select_related("indicator").order_by("indicator_id")
        ),
        "首计项目": outcome.first_project_code,
        "重复登记理由": outcome.duplicate_reason,
    }


def too_low(outcome: Outcome) -> str:
    """That its level is below that of the target for which it counts; empty where it is not."""
    if outcome.target is None or is_reference(outcome):
        return ""
    return below_target(outcome.level, outcome.target.level)


def linked(names: Iterable[tuple[str, bool]]) -> str:
    return "；".join(f"{name}（{COUNTS if counts else SUPPORTS}）" for name, counts in names)


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> str:
    """One line for each thing that changed: `数量：1 → 2`; empty when nothing did."""
    return "\n".join(
        f"{label}：{before[label] or '（空）'} → {text or '（空）'}"
        for label, text in after.items()
        if before[label] != text
    )
