"""Answers requests for imports that other services send over RabbitMQ (`job.requested`).

In come messages with a token; out go jobs or problems, to the queue that the request names.
"""
