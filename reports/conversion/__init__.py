"""Files of other shapes into the exchange workbook: task books in Word, ledgers of the finance office.

What is made is checked by a person and comes in by the usual door.
"""
