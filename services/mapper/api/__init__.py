"""The HTTP of the mapper, a module a resource; `service.py` has the routes and what the modules share.

In come requests; out come fields, mappings, settings, saved mappings and jobs. It may import the rooms and
the plumbing.
"""
