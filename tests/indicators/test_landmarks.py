"""Levels of outcomes: which of them satisfy a target. Pure."""

from __future__ import annotations

import pytest

from indicators.landmarks import below_target, falls_below


@pytest.mark.parametrize(
    ("level", "wanted", "below"),
    [
        ("省级", "国家级", True),
        ("省部级", "国家", True),
        ("市级", "省级以上", True),
        ("校级", "市厅级及以上", True),
        ("国家级", "国家级", False),
        ("省级", "省级以上", False),
        ("省级", "省部级及以上", False),
        ("国家级", "省级以上", False),
        # More than what was asked for is not less.
        ("国家级", "省级", False),
        # Nothing can be said of what has no level, or one outside of the row.
        ("未标级别", "国家级", False),
        ("", "国家级", False),
        ("校级", "未标级别", False),
        ("校级", "", False),
        ("国际组织", "国家级", False),
        ("校级", "行业级", False),
    ],
)
def test_which_level_is_less_than_a_target_asks_for(level: str, wanted: str, below: bool) -> None:
    assert falls_below(level, wanted) is below


def test_what_is_less_is_said_in_the_words_of_the_figures() -> None:
    assert below_target("省部级", "国家级以上") == "成果级别“省级”低于成果目标的级别“国家级以上”"
    assert below_target("省级", "省级") == ""
