"""Judges of single values, a module for each kind of value.

In comes the text of one cell; out goes `Judged`: the normalised value, a problem, and the code of a fix where the value
changed. Modules import one another, the contract and libraries of their field, and no other room.
"""
