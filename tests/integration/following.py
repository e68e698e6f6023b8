"""Viewers of jobs by the hundred, in one thread: raw connections to the server, each read as it comes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from typing import Any

from tests.system import token
from tests.unit.plumbing.following.making import read_events


@dataclass
class Viewer:
    """One who follows a job; `statuses` are those that came, in order."""

    port: int
    firm: str
    job_id: str
    person: str = "an"
    last_id: str = ""
    status: int = 0
    statuses: list[str] = field(default_factory=list)
    bytes_read: int = 0

    async def connect(self, path: str = "/events") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Send the request."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        last = f"Last-Event-ID: {self.last_id}\r\n" if self.last_id else ""
        bearer = token(self.firm, sub=self.person)
        writer.write(
            f"GET /api/v1/jobs/{self.job_id}{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
            f"Authorization: Bearer {bearer}\r\n{last}\r\n".encode()
        )
        return reader, writer

    async def follow(self, most: int | None = None) -> bool:
        """Follow until the server ends the stream, or until so many bytes have come; true where it was the server."""
        reader, writer = await self.connect()
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            self.status = int(head.split()[1])
            rest, size = b"", 0
            while most is None or size < most:
                part = await reader.read(65536 if most is None else most - size)
                if not part:
                    return True
                size += len(part)
                whole, blank, rest = (rest + part).rpartition(b"\n\n")
                self._take(whole + blank)
            return False
        finally:
            writer.close()

    def _take(self, text: bytes) -> None:
        for identity, name, content in read_events(text):
            self.last_id = identity
            if name == "status" or not self.statuses:
                self.statuses.append(content["status"])

    async def answer(self, query: str) -> dict[str, Any]:
        """The job, after a call that waits."""
        reader, writer = await self.connect(f"?{query}")
        try:
            text = await reader.read()
        finally:
            writer.close()
        head, _, body = text.partition(b"\r\n\r\n")
        self.status = int(head.split()[1])
        answer: dict[str, Any] = json.loads(body)
        return answer
