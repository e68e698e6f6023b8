"""Makes empty lists that people fill in: the columns of each template, as a workbook or as CSV.

The name of a template and a language come in; bytes go out. It imports the target fields of `shared.contract`.
"""
