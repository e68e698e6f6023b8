"""Finds rows of a checked job and shows them as a person sees them.

In come the conditions of a request; out come pages of rows with their cells, problems, fixes, plan and outcome.
`searching.py` and `view.py` are pure; `grid.py` and `row_numbers.py` fetch. The room imports the contract and the
stores, and no other room.
"""
