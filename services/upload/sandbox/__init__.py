"""Reads each file in a child process with limits of time and memory, so that no file harms a worker.

The path of a file with the limits of the firm comes in; what was found and batches of rows go out. It imports `ingest`
and `model`.
"""
