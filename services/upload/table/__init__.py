"""Finds the table in rows of cells: its header, its columns, what is no row of it, samples of its values.

In come rows of text; out come names of columns, rows of the table, samples. It imports `model` alone.
"""
