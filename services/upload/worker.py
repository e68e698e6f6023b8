"""The upload worker, `python -m services.upload.worker`; its guide is `services/upload/README.md`."""

import sys

from services.upload.handlers import HANDLERS
from services.upload.requests.answering import answer_requests
from shared.plumbing.worker import main

if __name__ == "__main__":
    sys.exit(main("upload", HANDLERS, answer_requests))
