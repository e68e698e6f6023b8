"""The settings of every service, read from the environment once, into frozen objects."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, field
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

    mongodb_url: str
    broker_url: str
    smtp_url: str
    public_url: str
    jwt_secret: str = field(repr=False)
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
    #: how many days an import can be undone; a firm may have its own number
    undo_days: int = 30
    #: how many days the file and the rows of a job are kept after its end; a firm may have its own number
    keep_days: int = 60
    #: how often each worker looks for jobs that were kept their time
    purge_seconds: float = 3600.0
    workers_in_web: bool = False
    heartbeat_file: str | None = None
    #: where processes of one web server add up their metrics
    metrics_dir: str | None = None
    process: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")


def load_settings() -> Settings:
    """Read the environment; raises `SettingsError` that names everything missing or wrong."""
    env = Env(eager=False)
    values: dict[str, Any] = {
        "mongodb_url": env.str("MONGODB_URL", "mongodb://127.0.0.1:27017/carryover?replicaSet=rs0"),
        "broker_url": env.str("BROKER_URL", "amqp://carryover:carryover@127.0.0.1:5672/"),
        "smtp_url": env.str("SMTP_URL", "smtp://127.0.0.1:1025"),
        "public_url": env.str("PUBLIC_URL", "http://127.0.0.1:8080"),
        "jwt_secret": env.str("JWT_SECRET"),
        "mail_from": env.str("MAIL_FROM", Settings.mail_from),
        "log_level": env.str("LOG_LEVEL", Settings.log_level),
        "log_format": env.str("LOG_FORMAT", Settings.log_format),
        "broker_declare": env.bool("BROKER_DECLARE", Settings.broker_declare),
        "chunk_rows": env.int("CHUNK_ROWS", Settings.chunk_rows),
        "window": env.int("WINDOW", Settings.window),
        "lease_seconds": env.float("LEASE_SECONDS", Settings.lease_seconds),
        "sweep_seconds": env.float("SWEEP_SECONDS", Settings.sweep_seconds),
        "relay_seconds": env.float("RELAY_SECONDS", Settings.relay_seconds),
        "attempts": env.int("ATTEMPTS", Settings.attempts),
        "patience_seconds": env.float("PATIENCE_SECONDS", Settings.patience_seconds),
        "deadline_seconds": env.float("DEADLINE_SECONDS", Settings.deadline_seconds),
        "drain_seconds": env.float("DRAIN_SECONDS", Settings.drain_seconds),
        "undo_days": env.int("UNDO_DAYS", Settings.undo_days),
        "keep_days": env.int("KEEP_DAYS", Settings.keep_days, validate=AT_LEAST_ONE),
        "purge_seconds": env.float("PURGE_SECONDS", Settings.purge_seconds),
        "max_upload_bytes": env.int("MAX_UPLOAD_BYTES", Settings.max_upload_bytes),
        "workers_in_web": env.bool("CARRYOVER_WORKERS_IN_WEB", Settings.workers_in_web),
        "heartbeat_file": env.str("HEARTBEAT_FILE", None),
        "metrics_dir": env.str("PROMETHEUS_MULTIPROC_DIR", None),
    }
    try:
        env.seal()
    except EnvValidationError as error:
        raise SettingsError(f"settings missing or wrong: {error.error_messages}") from error
    settings = Settings(**values)
    if len(settings.jwt_secret) < 32:
        raise SettingsError("JWT_SECRET must be at least 32 characters long")
    return settings
