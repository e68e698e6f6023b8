"""Reports what a check found: counts what each chunk found, sums the counts, and makes the report of the job.

In come checks, plans and counts; out come counts and the report. `counting.py` and `summary.py` are pure;
`job_report.py` fetches what the report needs of the directory and of the rows. The room imports `check`, `rows` and the
contract.
"""
