"""Completes the OpenAPI document that the routes give: words about parameters and headers, and examples.

In comes the document as flask-smorest makes it; out comes the one that is kept. `words` has the sentences,
`refusals` makes the examples of problems, and `examples.json` has those of bodies, which `make examples` records.
"""
