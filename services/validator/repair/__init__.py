"""Repairs rows of a checked job: checks, matches and plans again only what a repair touches.

In come the changes that a person asks for; out come new edits, amended checks and plans, counts and the report.
`changes.py`, `dependents.py`, `regrouping.py` and `amending.py` are pure; `requests.py`, `rechecking.py` and
`repairing.py` fetch and write. The room imports all rooms but `api`.
"""
