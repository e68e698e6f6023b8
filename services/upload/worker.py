"""The upload worker: `python -m services.upload.worker`."""

import sys

from services.upload.handlers import HANDLERS
from shared.plumbing.worker import main

if __name__ == "__main__":
    sys.exit(main("upload", HANDLERS))
