"""Lists of rows for people: those that were skipped, and those that undo left; as zipped CSV or as a workbook.

In come cells, problems and outcomes, chunk by chunk; out come bytes. It imports the contract and the texts of `mails`.
"""
