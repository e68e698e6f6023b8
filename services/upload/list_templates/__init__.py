"""Lists to fill in: which columns each template has, and the workbook or CSV that is made of it.

In come the name of a template and a language; out come bytes. It imports the target fields.
"""
