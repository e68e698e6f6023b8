"""Loads the plan of a chunk into the directory, row by row whole or not at all.

In come a plan, a directory to write to and the session of a transaction; out come the outcome of each row and all
that undo needs. It imports the contract alone; the directory is a protocol.
"""
