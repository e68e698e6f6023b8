"""The HTTP of the importer, a module a resource; `service.py` has the routes that they share.

In come requests; out come jobs, results, what undo would do, reference data and records. It may import the rooms and
the plumbing.
"""
