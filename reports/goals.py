"""The lines a college is measured by.

The mid-term scoring table of the provincial programme (自评得分表) asks for 任务完成率 ≥ 95 %, 资金到位率
≥ 95 % and 资金支出率 ≥ 90 %; colleges hold their indicators against the first line as well.
"""

from __future__ import annotations

from fractions import Fraction

TASKS = INDICATORS = RECEIPTS = Fraction(95, 100)
SPENDING = Fraction(90, 100)
# Percentage points by which satisfaction may fall from one year to the next without being pointed at.
FALL = 5
