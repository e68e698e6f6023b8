"""Finds the field that each column of a file should fill.

In come headers with samples; out come a target, candidates, their confidence, and why. It imports `headers` and
`values`. `layouts/` has layouts of known systems, `rules/` the rules of single fields.
"""
