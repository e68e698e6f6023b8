"""Answers the HTTP requests of the upload service, one module a resource.

Requests come in; jobs, sources, templates and the description of the API go out. `service` has what the resources
share. It may import `shared.plumbing` and every room of the service, but not the handlers.
"""
