"""The settings of every service, read from the environment once, into frozen objects."""

from __future__ import annotations

import os
import socket
from dataclasses import MISSING, Field, dataclass, field, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Any
from urllib.parse import urlsplit

from environs import Env, EnvError, EnvValidationError
from marshmallow import validate

from shared.contract.sendings import INVITATION

Network = IPv4Network | IPv6Network
Networks = tuple[Network, ...]
#: a job that waits for a person must not be cancelled at once
AT_LEAST_ONE = validate.Range(min=1)


class SettingsError(Exception):
    """Settings are missing or wrong; the message names all of them at once."""


@dataclass(frozen=True)
class Settings:
    """Settings shared by all services. Durations are in seconds, sizes in bytes.

    Of a server, `here` is its address where the environment names none: on this machine.
    """

    mongodb_url: str = field(metadata={"here": "mongodb://127.0.0.1:27017/carryover?replicaSet=rs0"})
    broker_url: str = field(metadata={"here": "amqp://carryover:carryover@127.0.0.1:5672/"})
    smtp_url: str = field(metadata={"here": "smtp://127.0.0.1:1025"})
    public_url: str = field(metadata={"here": "http://127.0.0.1:8080"})
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
    #: how many workers may die at a task before it is parked
    deaths: int = 20
    #: how long a server may be away before a task is parked
    patience_seconds: float = 72 * 3600
    #: how long a job may owe work without any progress before it fails
    deadline_seconds: float = 24 * 3600
    drain_seconds: float = 20.0
    #: viewers that follow jobs at once: of one web process, and of one person there
    followers: int = field(default=5000, metadata={"validate": AT_LEAST_ONE})
    followers_per_person: int = field(default=50, metadata={"validate": AT_LEAST_ONE})
    max_upload_bytes: int = 1 << 30
    #: how many days an import can be undone; a firm may have its own number
    undo_days: int = 30
    #: how many days the file and the rows of a job are kept after its end; a firm may have its own number
    keep_days: int = field(default=60, metadata={"validate": AT_LEAST_ONE})
    #: seconds between two looks of a worker for jobs to purge
    purge_seconds: float = 3600.0
    #: the page of the platform that an invitation links to, with `{token}` in it or the token added to its query;
    #: without an address nobody is invited
    invitation_url: str | None = None
    #: the same for questionnaires
    questionnaire_url: str | None = None
    #: what signs the links of these mails; the platform checks them with it, and nothing else is signed by it
    invitation_secret: str = field(default="", repr=False)
    #: mails to clients that a firm may send in a minute
    invitations_per_minute: int = field(default=60, metadata={"validate": AT_LEAST_ONE})
    #: days for which the link of such a mail counts
    invitation_days: int = field(default=30, metadata={"validate": AT_LEAST_ONE})
    #: networks, as in `10.1.0.0/16, fd12::/48`, whose addresses webhooks may call, and by plain HTTP
    webhook_networks: Networks = ()
    workers_in_web: bool = field(default=False, metadata={"env": "CARRYOVER_WORKERS_IN_WEB"})
    heartbeat_file: str | None = None
    #: the folder in which the processes of one web server sum their metrics
    metrics_dir: str | None = field(default=None, metadata={"env": "PROMETHEUS_MULTIPROC_DIR"})
    process: str = field(default_factory=lambda: f"{socket.gethostname()}:{os.getpid()}")

    def letters_to(self, kind: str) -> str | None:
        """The page that letters of a kind link to; None where there are no such letters."""
        return self.invitation_url if kind == INVITATION else self.questionnaire_url


def load_settings() -> Settings:
    """Read the environment; raises `SettingsError` that names everything missing or wrong.

    Each setting has its own name in capitals there, or the name that its declaration gives.
    """
    env = Env(eager=False)
    env.add_parser("Networks", _networks)
    values: dict[str, Any] = {each.name: _read(env, name, each) for name, each in by_name().items()}
    try:
        env.seal()
    except EnvValidationError as error:
        raise SettingsError(f"settings missing or wrong: {error.error_messages}") from error
    settings = Settings(**values)
    if len(settings.jwt_secret) < 32:
        raise SettingsError("JWT_SECRET must be at least 32 characters long")
    _check_letters(settings)
    return settings


def _check_letters(settings: Settings) -> None:
    """Refuse addresses and secrets of mails to clients that cannot be used, or that would open the API."""
    for name in ("invitation_url", "questionnaire_url"):
        url = getattr(settings, name)
        if not url:
            continue
        if not url.startswith(("https://", "http://")) or not urlsplit(url).hostname:
            raise SettingsError(f"{name.upper()} must be an address like https://portal.example/welcome")
        if len(settings.invitation_secret) < 32:
            raise SettingsError(f"{name.upper()} needs INVITATION_SECRET of at least 32 characters")
        if settings.invitation_secret == settings.jwt_secret:
            raise SettingsError("INVITATION_SECRET must differ from JWT_SECRET: the platform's pages get it")


def _networks(text: str | Networks) -> Networks:
    if isinstance(text, tuple):
        return text
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise EnvError(str(error)) from error


def by_name() -> dict[str, Field[Any]]:
    """The declarations of the settings, by their names in the environment."""
    return {
        each.metadata.get("env", each.name.upper()): each
        for each in fields(Settings)
        if each.name != "process"
    }


def _read(env: Env, name: str, declared: Field[Any]) -> object:
    """The value of one setting, by the type of its declaration."""
    parse, about = getattr(env, str(declared.type).partition(" ")[0]), declared.metadata
    default = about.get("here", declared.default)
    options = {"validate": about["validate"]} if "validate" in about else {}
    return parse(name, **options) if default is MISSING else parse(name, default, **options)
