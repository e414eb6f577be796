"""我的任务: every row a person fills, of whatever kind, and the one way in which it is written.

The form, the grid, the workbook and the programming interface all call `filing.file`.
"""
