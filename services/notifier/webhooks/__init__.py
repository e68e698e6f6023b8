"""Posts events to the addresses that firms name.

In come deliveries from the store; out go signed HTTP requests, and what was answered back into the store. `signing` and
`posting` know neither store nor worker; `sending` brings them together in a thread of the worker.
"""
