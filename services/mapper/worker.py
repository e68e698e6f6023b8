"""The mapper worker, `python -m services.mapper.worker`; its guide is `services/mapper/README.md`."""

import sys

from services.mapper.handlers import HANDLERS
from shared.plumbing.worker import main

if __name__ == "__main__":
    sys.exit(main("mapper", HANDLERS))
