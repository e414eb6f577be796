"""The meanings that columns of a ledger may have."""

from __future__ import annotations

from collections.abc import Sequence

from reports.conversion.columns import Meanings, Target

TARGETS = (
    Target("date", "日期", "日期 记账日期 凭证日期 制单日期 业务日期 发生日期 入账日期 支出日期 报销日期"),
    Target("year", "年（没有日期列时）", "年 年度 会计年度 年份"),
    Target("month", "月", "月 月份"),
    Target("day", "日", "日"),
    Target("voucher", "凭证号", "凭证号 凭证编号 凭证字号 凭证 记账凭证号 凭证号码 单据号 单据编号"),
    Target("summary", "摘要", "摘要 业务摘要 用途 事由 业务内容 支出内容 内容"),
    Target("amount", "支出金额", "金额 支出金额 支出 发生额 发生金额 付款金额 本期支出 支付金额"),
    Target("debit", "借方", "借方 借方金额 借方发生额 借方发生 借"),
    Target("credit", "贷方（冲减支出）", "贷方 贷方金额 贷方发生额 贷方发生 贷"),
    Target(
        "project",
        "财务项目（对应任务和资金来源）",
        "项目 项目编号 项目代码 项目编码 经费项目 经费名称 经费卡号",
    ),
    Target("source", "资金来源", "资金来源 经费来源 资金性质 来源"),
    Target("task", "任务编号", "任务编号 建设任务编号"),
    Target("category", "支出类别", "科目 科目名称 会计科目 支出类别 经济科目 经济分类 费用类别 经济分类科目"),
)
GROUPS = (("明细账", TARGETS),)
MEANINGS = Meanings(TARGETS, {"项目名称": ("project",), "部门": ()})
OF_AMOUNTS = frozenset({"amount", "debit", "credit"})
OF_DATES = frozenset({"date", "year"})


def known(headings: Sequence[str]) -> int:
    """How many headings are understood; none where no column holds amounts."""
    found = set(MEANINGS.guess(headings)) - {""}
    return len(found) if found & OF_AMOUNTS else 0


def fault(columns: Sequence[str]) -> str:
    """Why a ledger cannot be read by these columns."""
    if not {"amount", "debit"} & set(columns):
        return "还没有指定哪一列是金额。"
    if {"amount", "debit"} <= set(columns):
        return "“支出金额”和“借方”只能用一种。"
    if not OF_DATES & set(columns):
        return "还没有指定哪一列是日期。"
    return ""
