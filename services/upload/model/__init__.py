"""The plain values of reading: limits, choices of a person, what was found, batches of rows, the one error.

It imports no other room.
"""
