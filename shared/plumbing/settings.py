"""The settings of every service, read from the environment once, into frozen objects."""

from __future__ import annotations

import os
import socket
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any

from environs import Env, EnvValidationError
from marshmallow import validate

#: a job that waits for a person must not be given up at once
AT_LEAST_ONE = validate.Range(min=1)


class SettingsError(Exception):
    """Settings are missing or wrong; the message names all of them at once."""


@dataclass(frozen=True)
class Settings:
    """Settings shared by all services. Durations are in seconds, sizes in bytes."""

    jwt_secret: str = field(repr=False)
    mongodb_url: str = "mongodb://127.0.0.1:27017/carryover?replicaSet=rs0"
    broker_url: str = "amqp://carryover:carryover@127.0.0.1:5672/"
    smtp_url: str = "smtp://127.0.0.1:1025"
    public_url: str = "http://127.0.0.1:8080"
    mail_from: str = "Carryover <no-reply@carryover.invalid>"
    log_level: str = "INFO"
    log_format: str = "json"
    broker_declare: bool = True
    #: rows per chunk at most: some 0.2 s of the slowest step
    chunk_rows: int = 2000
    #: chunks of one firm that may be on a service's queue at once
    window: int = 4
    lease_seconds: float = 12.0
    sweep_seconds: float = 4.0
    #: seconds between two rounds of the relay that publishes events
    relay_seconds: float = 1.0
    #: how often a task may crash before it is parked
    attempts: int = 5
    #: how long the world may be unwell before a task is parked
    patience_seconds: float = 72 * 3600
    #: how long a job may owe work without any progress before it fails
    deadline_seconds: float = 24 * 3600
    drain_seconds: float = 20.0
    max_upload_bytes: int = 1 << 30
    #: how many days an import can be taken back; a firm may have its own number
    undo_days: int = 30
    #: how many days the file and the rows of a job are kept after its end; a firm may have its own number
    keep_days: int = field(default=60, metadata={"validate": AT_LEAST_ONE})
    #: how often each worker looks for jobs that were kept their time
    purge_seconds: float = 3600.0
    workers_in_web: bool = field(default=False, metadata={"env": "CARRYOVER_WORKERS_IN_WEB"})
    heartbeat_file: str | None = None
    #: where processes of one web server add up their metrics
    metrics_dir: str | None = field(default=None, metadata={"env": "PROMETHEUS_MULTIPROC_DIR"})
    process: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")


def load_settings() -> Settings:
    """Read the environment; raises `SettingsError` that names everything missing or wrong.

    Each setting has its own name in capitals there, or the name that its declaration gives.
    """
    env = Env(eager=False)
    values: dict[str, Any] = {
        each.name: _read(env, each) for each in fields(Settings) if each.name != "process"
    }
    try:
        env.seal()
    except EnvValidationError as error:
        raise SettingsError(f"settings missing or wrong: {error.error_messages}") from error
    settings = Settings(**values)
    if len(settings.jwt_secret) < 32:
        raise SettingsError("JWT_SECRET must be at least 32 characters long")
    return settings


def _read(env: Env, declared: Field[object]) -> object:
    """The value of one setting, by the type of its declaration."""
    parse = getattr(env, str(declared.type).partition(" ")[0])
    name = declared.metadata.get("env", declared.name.upper())
    options = {"validate": declared.metadata["validate"]} if "validate" in declared.metadata else {}
    return parse(name, **options) if declared.default is MISSING else parse(name, declared.default, **options)
