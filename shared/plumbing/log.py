"""Configures logging: one JSON object a line, with the ids of the present task; no row contents, no addresses."""

from __future__ import annotations

import logging
import sys
import traceback
from collections.abc import MutableMapping
from typing import Any

import structlog


def set_up_logging(service: str, level: str, form: str) -> None:
    """Configure structlog for this process; `form` is json or text."""
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    renderer: Any = structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="ts"),
            _with_trace,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)


def named(error: BaseException) -> str:
    """An error by its kind and code: its message may contain the very values of a row."""
    code = getattr(error, "code", None)
    return type(error).__name__ if code is None else f"{type(error).__name__} ({str(code)[:80]})"


def _with_trace(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Put where an error came from in the place of the error; the kinds of it and of its causes, not their texts."""
    given = event.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given
    kinds: list[str] = []
    while isinstance(error, BaseException):
        frames = traceback.format_list(traceback.extract_tb(error.__traceback__))
        kinds.append(f"{''.join(frames)}{named(error)}")
        error = error.__cause__ or error.__context__
    if kinds:
        event["exception"] = "\n\ncaused by\n".join(kinds)
    return event


log: Any = structlog.get_logger()
