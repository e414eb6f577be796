"""The demo: an invented college with its people, plans and files (`manage.py demo`).

`data/` holds what it is made of, one folder per project and one CSV file per sheet of the exchange workbook,
with that sheet's own headers. Two sheets would be long and dull to write out, so they are kept short:
`lines.csv` has one row for the points that repeat over the years (lines.py), `families.csv` one row for the
indicators that repeat over colleges or groups (families.py). From these a workbook is made (book.py) and
imported like that of any college; then people get accounts (accounts.py), the pictures of documents are drawn
(scans.py) and the work of the first half of 2026 is done over again with the app's own verbs (work.py).
"""
