"""The importer worker, `python -m services.importer.worker`; its guide is `services/importer/README.md`."""

import sys

from services.importer.handlers import HANDLERS
from shared.plumbing.worker import main

if __name__ == "__main__":
    sys.exit(main("importer", HANDLERS))
