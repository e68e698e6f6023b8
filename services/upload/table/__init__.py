"""Finds the table among rows of cells: its header, its columns, rows that are no data, samples of its values.

Rows of text come in; names of columns, rows of the table and samples go out. It imports `model` and `shared.contract`.
"""
