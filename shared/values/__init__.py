"""Judges of values, a module for each kind of value, and of what two records share; for imports and for people alike.

In comes the text of one cell, or of one field that a person fills in. Out goes `Judged`: the normalised value, a
problem, and the code of a fix where the value changed. `columns.py` judges whole columns with all that is done before
a judge: marks, placeholders, meanings. `evidence.py` says from the keys of two records whether they are the same.
Modules import one another, the contract and libraries of their field, and nothing else.
"""
