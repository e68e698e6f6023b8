"""Makes a replica set of one node, if it is not one yet, and waits until it takes writes; may run again.

`python -m deploy.mongodb.setup`, with MONGODB_MEMBER, the host:port under which all services know the node.
"""

from __future__ import annotations

import os
import sys
import time
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

WAIT_SECONDS = 120.0
NAME = "rs0"
#: `replSetGetStatus` and `replSetInitiate` where there is no set yet, or already one.
NOT_YET_INITIALIZED = 94
ALREADY_INITIALIZED = 23

Client = MongoClient[dict[str, Any]]


def set_up(member: str, limit: float = WAIT_SECONDS) -> None:
    """Initiate the set and return when its node is primary; raises the last error after `limit` seconds."""
    deadline = time.monotonic() + limit
    client: Client = MongoClient(member, directConnection=True, serverSelectionTimeoutMS=2000)
    with client:
        while True:
            try:
                if _is_primary(client, member):
                    return
                problem = "no primary yet"
            except PyMongoError as error:
                problem = str(error).split(",")[0]
            if time.monotonic() > deadline:
                raise TimeoutError(problem)
            say(f"waiting for {member}: {problem}")
            time.sleep(1)


def _is_primary(client: Client, member: str) -> bool:
    try:
        client.admin.command("replSetGetStatus")
    except OperationFailure as error:
        if error.code != NOT_YET_INITIALIZED:
            raise
        _initiate(client, member)
    return bool(client.admin.command("hello")["isWritablePrimary"])


def _initiate(client: Client, member: str) -> None:
    try:
        client.admin.command("replSetInitiate", {"_id": NAME, "members": [{"_id": 0, "host": member}]})
    except OperationFailure as error:
        if error.code != ALREADY_INITIALIZED:
            raise


def say(text: str) -> None:
    """Write to the log."""
    sys.stderr.write(f"{text}\n")


def main() -> int:
    """Set the database up; exit code 1 with a sentence where that cannot be."""
    member = os.environ.get("MONGODB_MEMBER")
    if not member:
        say("not set: MONGODB_MEMBER")
        return 1
    try:
        set_up(member)
    except TimeoutError as error:
        say(f"{member} is not primary of a replica set: {error}")
        return 1
    say(f"{member} is primary of {NAME}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
