"""Tells what a file is by its bytes, and takes it out of what wraps it: a zip, or Excel's own password.

In come bytes or a path; out come the name of a format and a stream to read. It counts what it unpacks. It imports
plain values (`model`) alone.
"""
