"""Families: indicators that repeat over colleges, groups or kinds, one row of `families.csv` each.

A family has the target of each year (cumulative ones: what is added in the year), its objects, and in 完成
what each object had reached at the cut-off: a number, a share of the target (92%), `=1` for a given ratio,
`?` for nothing reported, `=台账` where linked rows of the ledger are the value; empty means as planned or
better.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

Row = dict[str, str]

LEVELS = {
    "数量指标": ("产出指标", "1.1"),
    "质量指标": ("产出指标", "1.2"),
    "时效指标": ("产出指标", "1.3"),
    "社会效益指标": ("效益指标", "2.1"),
    "可持续影响指标": ("效益指标", "2.2"),
    "服务对象满意度指标": ("满意度指标", "3.1"),
    "资金管理指标": ("管理与执行指标", "4.1"),
    "项目管理指标": ("管理与执行指标", "4.2"),
}
DEFINITIONS = {
    "累计": "自建设期起累计，获批时间以公布文件为准",
    "当年": "只计统计日期所在年度",
    "最新": "取统计日期前最近一次数据",
}
# Larger and smaller colleges have larger and smaller targets, and reach them more or less easily.
SIZES = tuple(map(Decimal, ("1", "1.2", "0.8", "1.1", "0.9", "1", "1.3")))
OFFSETS = tuple(map(Decimal, ("0", "1", "-1", "0.5", "-0.5", "1.5", "0")))
REACHED = tuple(map(Decimal, ("1", "1.04", "1", "1.1", "1", "1.02", "1", "1.25", "1", "1.07")))
# What cannot pass 100.
BOUNDED = ("%", "分")
POINTS_ABOVE = tuple(map(Decimal, ("0", "0.4", "1.2", "0.6", "0", "2.1")))


@dataclass(frozen=True, slots=True)
class Member:
    """One indicator of a family. `yearly` is its target by year, empty where it has none."""

    family: Mapping[str, str]
    number: int
    code: str
    about: str
    department: str
    person: str
    yearly: Mapping[int, Decimal]
    reported: str

    @property
    def accumulation(self) -> str:
        return self.family["累计方式"] or "累计"

    def target(self, year: int) -> Decimal:
        """What is to be reached by the end of a year."""
        if self.accumulation == "累计":
            return sum((value for own, value in self.yearly.items() if own <= year), Decimal(0))
        return self.yearly[year]

    def row(self) -> Row:
        years = sorted(self.yearly)
        final, middle = (self.target(years[-1]), self.target(years[1])) if years else ("", "")
        unplanned = "" if years or self.reported.startswith("=") else "不设目标值，以主管部门公布结果为准"
        return {
            "指标编号": self.code,
            "一级指标": LEVELS[self.family["二级指标"]][0],
            "二级指标": self.family["二级指标"],
            "任务编号": self.family["任务编号"].partition("-")[0],
            "指标名称": self.family["指标名称"].format(x=self.about),
            "单位": self.family["单位"],
            "性质": "定性" if self.reported.startswith("=") and not years else "定量",
            "方向": self.family["方向"],
            "累计方式": self.accumulation,
            "期满目标": str(final),
            "中期目标": str(middle),
            **{f"{year}年目标": str(self.yearly.get(year, "")) for year in years_of(self.family)},
            "目标表述": unplanned,
            "责任部门": self.department,
            "责任人": self.person,
            "口径说明": DEFINITIONS[self.accumulation],
            "数据来源": self.family["数据来源"],
        }

    def reached(self, year: int) -> Decimal:
        """What is reached by the end of a year when all goes as planned."""
        target = self.target(year)
        if self.family["方向"]:
            return target
        if self.family["单位"] in BOUNDED:
            return min(target + POINTS_ABOVE[self.number % len(POINTS_ABOVE)], Decimal(100))
        return rounded(target * REACHED[self.number % len(REACHED)], target)

    def value(self, year: int, last: int) -> Decimal:
        """The value to report for a year; 完成 speaks about the last one."""
        if not self.reported or (year < last and self.accumulation != "累计"):
            return self.reached(year)
        if self.reported.endswith("%"):
            share = Decimal(self.reported.rstrip("%")) / 100
            return rounded(self.target(year) * share, self.target(year))
        known = Decimal(self.reported)
        # Of a cumulative one the earlier years had their part.
        return known if year == last else rounded(known * self.target(year) / self.target(last), known)


def years_of(family: Mapping[str, str]) -> list[int]:
    return [int(name) for name in family if name.isdecimal()]


def rounded(value: Decimal, like: Decimal) -> Decimal:
    """Half-up to as many decimals as `like` has."""
    places = Decimal(1) if like == like.to_integral_value() else Decimal("0.1")
    return value.quantize(places, ROUND_HALF_UP)


def expanded(families: Iterable[Row], objects: Sequence[Row], persons: Mapping[str, str]) -> Iterator[Member]:
    """Every indicator of every family, numbered within its 二级指标 and area."""
    numbers: Counter[str] = Counter()
    for family in families:
        reported = family["完成"].split("；")
        for place, (about, department) in enumerate(members(family, objects)):
            area = family["任务编号"].partition("-")[0]
            series = LEVELS[family["二级指标"]][1] + (f".{area}" if area else "")
            numbers[series] += 1
            yield Member(
                family=family,
                number=numbers.total(),
                code=f"{series}-{numbers[series]:02}",
                about=about,
                department=department,
                person=persons.get(department, ""),
                yearly={
                    year: target_of(family, year, place) for year in years_of(family) if family[str(year)]
                },
                reported=reported[place] if place < len(reported) else "",
            )


def members(family: Row, objects: Sequence[Row]) -> list[tuple[str, str]]:
    """(object, department that answers for it): a named set such as @学院, or the objects as they stand."""
    if family["对象"].startswith("@"):
        named = [row for row in objects if row["组"] == family["对象"][1:]]
        return [(row["对象"], row["责任部门"]) for row in named]
    return [(about, family["责任部门"]) for about in family["对象"].split("；")]


def target_of(family: Row, year: int, place: int) -> Decimal:
    target = Decimal(family[str(year)])
    if not family["累计方式"]:
        return max(rounded(target * SIZES[place % len(SIZES)], target), Decimal(0))
    is_varied = family["对象"].startswith("@") and family["单位"] == "%"
    return target + OFFSETS[place % len(OFFSETS)] if is_varied else target


def measured(indicators: Iterable[Member], cutoff: date) -> Iterator[Row]:
    """What the indicators had reached at the end of each year up to the cut-off."""
    for indicator in indicators:
        if indicator.reported in ("?", "=台账"):
            continue
        if indicator.reported.startswith("="):
            yield reading(indicator.code, cutoff.year, ratio=indicator.reported[1:])
            continue
        years = [year for year in years_of(indicator.family) if year <= cutoff.year]
        if not indicator.yearly:
            yield reading(indicator.code, cutoff.year, value=indicator.reported)
            continue
        for year in years:
            yield reading(indicator.code, year, value=str(indicator.value(year, cutoff.year)))


def reading(code: str, year: int, value: str = "", ratio: str = "") -> Row:
    return {"指标编号": code, "统计日期": f"{year}-12-31", "完成值": value, "完成比例": ratio}
