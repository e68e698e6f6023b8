"""Makes jobs: checks what a request asks for, and keeps its file and its job; HTTP and messages come in here.

In come options, rows and the caller; out comes the job, with its first step announced. The room imports the contract,
the plumbing and `ingest`; it knows no web.
"""
