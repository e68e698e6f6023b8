"""Rules that score the fields that a header may mean, a module for each kind of field.

In come the columns of a file, a place and one way to read its header; out come targets with scores. A module's `RULES`
go by the name of a meaning. It imports `headers`, `values`, `table` and `scored`.
"""
