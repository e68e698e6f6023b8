"""Detects the format of a file from its bytes, and unwraps it from a zip or from Excel's own password.

A path comes in; the name of a format, or an unwrapped file, goes out. All unpacked bytes are counted. It imports
`model` alone.
"""
