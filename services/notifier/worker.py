"""The notifier worker, `python -m services.notifier.worker`; its guide is `services/notifier/README.md`."""

import sys

from services.notifier.handlers import HANDLERS
from services.notifier.invitations.sending import send_letters
from services.notifier.webhooks.sending import send_webhooks
from shared.plumbing.worker import main

if __name__ == "__main__":
    sys.exit(main("notifier", HANDLERS, send_webhooks, send_letters))
