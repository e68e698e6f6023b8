"""Following jobs without a thread or a query per viewer.

In come jobs that somebody follows, and the ids of jobs that MongoDB reports as changed; out go events and delayed
answers to all who follow them. `picture` renders a job once for all its followers, `followers` decides what each of
them gets, `hub` watches MongoDB and passes pictures on. A follower is the iterable of an ordinary response, so any
WSGI server can serve it with a thread; `worker` and `sender` serve it under gunicorn without one
(docs/adr/0024-following-without-threads.md).
"""
