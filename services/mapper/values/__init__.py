"""What the values of a column say about it.

In come samples; out come the types that they fit, and the type of a new field. It imports `headers`.
"""
