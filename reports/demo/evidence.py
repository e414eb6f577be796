"""The index of evidence: a material for each point that was done, and for each prize, project or title."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from reports.demo.lines import Promise

Row = dict[str, str]

HEAD = ("文件名", "材料名称", "发文单位", "文号", "成文日期", "起止页码")
PROVED = ("任务编号", "年度", "序号", "台账编号")
# What others issue; the college issues the rest itself.
ISSUERS = {"立项通知": "省教育厅", "批复文件": "市级主管部门", "认定文件": "省教育厅", "表彰文件": "市教育局"}
CERTIFIED = ("获奖", "立项", "认定")
# Of every so many points one lacks its evidence, as in life.
BARE = 80


def index(kept: Iterable[Promise], ledger: Iterable[Row], college: str) -> Iterator[Row]:
    awarded = [row for row in ledger if row["成果类别"] in CERTIFIED and not row["首计项目"]]
    for place, promise in enumerate(promise for promise in kept if promise.done_on):
        if place % BARE != BARE - 1:
            yield of_point(promise, college)
    for row in awarded:
        yield from of_outcome(row)


def row_of(head: Iterable[str], proved: Iterable[str], note: str) -> Row:
    return dict(zip(HEAD, head, strict=True)) | dict(zip(PROVED, proved, strict=True)) | {"支撑说明": note}


def of_point(promise: Promise, college: str) -> Row:
    issuer = ISSUERS.get(promise.document, college)
    number = ""
    if promise.document in ("印发文件", "印发通知"):
        number = f"滨职院〔{promise.year}〕{10 + promise.number % 89}号"
    head = (
        f"{promise.code} {promise.document}.pdf",
        f"{promise.document}：{promise.text}",
        *(issuer, number, str(promise.done_on), ""),
    )
    return row_of(head, (*promise.key, ""), "证明任务点已按计划完成")


def of_outcome(row: Row) -> Iterator[Row]:
    """One certificate proves the ledger row and each point it counts for."""
    name = f"{row['名称']}{row['等次']}"
    head = (
        f"{row['台账编号']} {row['成果类别']}证明.{'png' if row['成果类别'] == '获奖' else 'pdf'}",
        f"{row['成果类别']}证明：{name}",
        *(row["颁发单位"], row["文号"], row["获批日期"], ""),
    )
    yield row_of(head, ("", "", "", row["台账编号"]), "")
    for point in filter(None, row["关联任务点"].split("；")):
        yield row_of(head, (*point.split("/"), ""), "同一成果计入该任务点")
