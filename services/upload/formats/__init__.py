"""Reads CSV, XLSX, XLS, XLSB, ODS, HTML and SpreadsheetML as rows of text, one module a format.

A path with limits comes in; a workbook with sheets, or a source with its rows, goes out. It imports `containers`,
`dialect`, `table` and `model`.
"""
