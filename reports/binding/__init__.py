"""佐证材料合订本: the materials of a chapter bound into one PDF, numbered page by page.

`contents` says what goes into a book, `making` is the background job. Files of others are opened only by a
process of its own (`python -m reports.binding`, `process`), one after the other: `leaves` turns each into
pages that are stamped and hold nothing that runs. The book is written from its first byte to its last
(`writing`), so that memory depends on the largest file and not on their sum.
"""
