"""Decides which records rows mean: first among the firm's records, then among the rows of the whole file.

In come checked rows with their matching keys; out come ids, matches, groups of rows that share a record, and questions
to a person. The room imports `check`, `values` and the contract. The firm's directory comes in as a `Directory`.
"""
