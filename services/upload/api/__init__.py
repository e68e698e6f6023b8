"""The HTTP of the upload service, a module a resource; `service.py` has the routes that they share.

In come requests; out come jobs, what was found, templates, the description of the API. It may import everything of
the
service but the handlers.
"""
