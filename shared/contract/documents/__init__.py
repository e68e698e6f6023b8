"""The types of all stored documents: job, chunk, task, reference data and records.

In come and out go documents of MongoDB; each module says what a part holds, what an index counts from, its units, and
which service writes it. This package imports only the standard library, msgspec, and its own modules: it knows no
store, no service and no rule.
"""
