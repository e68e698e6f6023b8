"""Checks rows: cells in; out come normalised values by field, problems, fixes, rules that apply, and matching keys.

`checking.py` takes a chunk through all steps; `columns.py` checks one column. The room imports `values` and the
contract; what it needs to know of the firm arrives as `CheckContext`.
"""
