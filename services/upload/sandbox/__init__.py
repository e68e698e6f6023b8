"""Runs the reading of one file in a child process with limits on time, memory and size, so that none can harm a
worker.

In comes the path of a file with the limits of the firm; out come what was found and batches of rows. It imports the
reader (`ingest`) and plain values (`model`).
"""
