"""One module a format: reads CSV, XLSX, XLS, XLSB, ODS, HTML and SpreadsheetML as rows of text.

In comes a stream or a path; out come sheets, or a table with its rows as text. It imports `containers`,
`dialect`, `table` and `model`.
"""
