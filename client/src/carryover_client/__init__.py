"""Client lists into Carryover, from a program: over HTTP (`Client`, `AsyncClient`) and over RabbitMQ (`Requester`).

`listen` gives the events of imports. The command line is `carryover`. Errors begin with `CarryoverError`.
"""

from carryover_client.answers import ENDS, Job, KeptFile, Moment, Record, Report, Result
from carryover_client.cursor import Cursor, Event
from carryover_client.errors import (
    CarryoverError,
    CarryoverProblem,
    IdempotencyConflict,
    InvalidContent,
    JobStopped,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    NotTaken,
    Purged,
    ServerFault,
    TimedOut,
    TooLarge,
    TooMany,
    Unreachable,
    UnsupportedFormat,
    WrongState,
)
from carryover_client.http import AsyncClient, Client
from carryover_client.listening import alisten, listen, remove_queue
from carryover_client.requester import AsyncRequester, Requester

__all__ = [
    "ENDS",
    "AsyncClient",
    "AsyncRequester",
    "CarryoverError",
    "CarryoverProblem",
    "Client",
    "Cursor",
    "Event",
    "IdempotencyConflict",
    "InvalidContent",
    "Job",
    "JobStopped",
    "KeptFile",
    "Moment",
    "NotAllowed",
    "NotAuthenticated",
    "NotFound",
    "NotTaken",
    "Purged",
    "Record",
    "Report",
    "Requester",
    "Result",
    "ServerFault",
    "TimedOut",
    "TooLarge",
    "TooMany",
    "Unreachable",
    "UnsupportedFormat",
    "WrongState",
    "alisten",
    "listen",
    "remove_queue",
]
