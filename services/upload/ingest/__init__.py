"""Opens a file whatever it is called, cuts its rows into chunks, and makes prints to know rows again.

In comes a path with limits; out come what was found and batches that fit into a chunk. It imports the other rooms of
reading.
"""
