"""What a developer runs: read a file, propose a mapping, score, draw the flow. Services know nothing of it."""
