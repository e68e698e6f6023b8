"""An SMTP server that keeps each mail as a file and sends none on.

``python -m deploy.local.mail_catcher --port 2525 --folder mails``
"""

from __future__ import annotations

import argparse
import signal
import time
import uuid
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Keeper:
    """Writes each mail to ``<time in ns>-<id>.eml``; a file of that name is always whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Keep a mail with its envelope as two more headers, then answer."""
        content = envelope.original_content or b""
        recipients = ", ".join(envelope.rcpt_tos)
        seen = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n"
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}"
        part = self.folder / f"{name}.part"
        part.write_bytes(seen.encode() + content)
        part.rename(self.folder / f"{name}.eml")
        return "250 Kept"


def main() -> None:
    """Catch mails until SIGTERM or SIGINT."""
    parser = argparse.ArgumentParser(description="Keeps each mail it gets as a file.")
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    endings = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, endings)
    controller = Controller(Keeper(options.folder), hostname="127.0.0.1", port=options.port)
    controller.start()
    signal.sigwait(endings)
    controller.stop()


if __name__ == "__main__":
    main()
