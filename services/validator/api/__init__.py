"""The HTTP of the validator, a module a resource; `service.py` has what they share.

In come requests; out come the report, rows, and what repairs changed. It may import the rooms and the plumbing.
"""
