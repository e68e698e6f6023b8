"""Undoes what loading wrote for a chunk, and says beforehand what undo would do.

In come the outcomes of a chunk and a directory; out come what became of each row, and numbers. It imports `load` and
the contract; the directory is a protocol.
"""
