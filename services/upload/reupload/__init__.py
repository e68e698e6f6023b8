"""Takes back a list of skipped rows that people repaired: which rows it means, and which cells changed.

In come rows of the file and the job that skipped them; out come changes by chunk and offset. `differences` is pure;
`changes` reads and writes rows and jobs through the stores.
"""
