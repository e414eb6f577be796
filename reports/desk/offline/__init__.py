"""用 Excel 填报: the rows of a desk as a workbook that is filled in elsewhere and comes back.

`sheets` writes it, `reading` reads it back, `trial` tells what it would do, `taking` are the background jobs.
Whatever it brings goes through `filing.file_one`, as everything else does.
"""
