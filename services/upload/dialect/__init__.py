"""Finds how a text file is written: encoding, delimiter, quotes; and cuts its text into records.

In come bytes or text; out come an encoding, a dialect, and records as lists of cells. It imports `model` and
the shapes of values (`table`).
"""
