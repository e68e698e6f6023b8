"""The validator worker, `python -m services.validator.worker`; its guide is `services/validator/README.md`."""

import sys

from services.validator.handlers import HANDLERS
from shared.plumbing.worker import main

if __name__ == "__main__":
    sys.exit(main("validator", HANDLERS))
