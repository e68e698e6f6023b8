"""The values that reading works with: rows, limits, choices of a person, what was found, the one error.

Nothing is read or written here. It imports `shared.contract` and no other room.
"""
