"""Opens a file of any format, cuts its rows into chunks, and describes them in the job's source.

A path with limits comes in; what was found and batches of rows go out, and, for the job, chunks of cells, the part
`source` and fingerprints of rows. It imports `formats` and the rooms below, and `shared.contract`.
"""
