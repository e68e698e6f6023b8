"""Detects how a text file is written (encoding, delimiter, quotes) and cuts its text into records.

Bytes or text come in; an encoding, a dialect, and records as lists of cells go out. It imports `model` and the shapes
of values in `table`.
"""
