"""Tests that the files of the containers agree with the code: services, routes, queues, rights, settings."""

from __future__ import annotations

import importlib
import importlib.util
import json
import re
from dataclasses import MISSING
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import yaml
from flask import Flask

from deploy import topology
from services.wizard.embedding import ROOT
from services.wizard.pages import UPLOADS
from shared.contract.events import EVENTS_EXCHANGE
from shared.contract.problems import KINDS
from shared.contract.routes import (
    ANSWERS_REQUESTS,
    EXCHANGE,
    LANES,
    PUBLISHES_EVENTS,
    REQUESTED,
    REQUESTS,
    SERVICES,
    bindings,
    parked_queue,
    queue_name,
)
from shared.plumbing.settings import Settings, by_name

REPOSITORY = Path(__file__).resolve().parents[2]
WEBS = {**{f"{service}-web": service for service in SERVICES}, "wizard": "wizard"}
WORKERS = {f"{service}-worker": service for service in SERVICES}
ONE_OFFS = {"broker-setup", "mongo-setup", "operate"}
#: Set by the compose file where they are needed, or for running without containers.
SET_BY_COMPOSE = {"BROKER_URL", "HEARTBEAT_FILE", "PROMETHEUS_MULTIPROC_DIR", "CARRYOVER_WORKERS_IN_WEB"}
OPENAPI = ("/api/v1/openapi.json", "/api/v1/docs")


def read(path: str) -> str:
    return (REPOSITORY / path).read_text(encoding="utf-8")


@cache
def compose() -> dict[str, Any]:
    return yaml.safe_load(read("docker-compose.yml"))


def services() -> dict[str, Any]:
    return compose()["services"]


@cache
def apps() -> dict[str, Flask]:
    settings = Settings(
        mongodb_url="mongodb://127.0.0.1:1/none?replicaSet=rs0",
        broker_url="amqp://127.0.0.1:1/",
        smtp_url="smtp://127.0.0.1:1",
        public_url="http://127.0.0.1",
        jwt_secret="0" * 32,
    )
    return {
        web: importlib.import_module(f"services.{service}.app").create_app(settings)
        for web, service in WEBS.items()
    }


def compose_names() -> set[str]:
    """What docker-compose.yml takes from .env."""
    return set(re.findall(r"\$\{([A-Z_]+)", read("docker-compose.yml")))


def of_one_process() -> set[str]:
    """The settings that one kind of process reads by itself: its own address, and those of what it sets up."""
    sources = (
        "services/wizard/settings.py",
        "deploy/gunicorn.py",
        "deploy/mongodb/setup.py",
        "deploy/rabbitmq/setup.py",
    )
    names = re.compile(r"""["']([A-Z]+(?:_[A-Z]+)+)["']""")
    return {name for path in sources for name in names.findall(read(path))}


# the proxy


@cache
def proxy_table() -> tuple[list[tuple[str, str]], str]:
    """The lines of the table in order, and what is taken when none fits."""
    lines, default = [], ""
    for line in read("deploy/proxy/routes.map").splitlines():
        words = line.rstrip(";").split()
        if words and words[0] == "default":
            default = words[1]
        elif words and words[0].startswith("~"):
            lines.append((words[0].removeprefix("~"), words[1].strip('"')))
    return lines, default


def reached(path: str) -> str:
    lines, default = proxy_table()
    return next((service for pattern, service in lines if re.search(pattern, path)), default)


def public_routes() -> list[tuple[str, str]]:
    """Every (web service, path) that is for the outside."""
    return [
        (web, re.sub(r"<(?:\w+:)?(\w+)>", r"some-\1", rule.rule))
        for web, app in apps().items()
        for rule in app.url_map.iter_rules()
        if not rule.rule.startswith(("/health/", "/metrics"))
    ]


def test_the_proxy_reaches_every_route_at_the_service_that_has_it() -> None:
    wrong = {path: (web, reached(path)) for web, path in public_routes() if reached(path) != web}

    assert wrong == {}
    assert {web for web, _ in public_routes()} == set(WEBS)


@pytest.mark.parametrize("path", OPENAPI)
def test_the_proxy_asks_the_upload_service_for_the_documentation(path: str) -> None:
    assert reached(path) == "upload-web"


@pytest.mark.parametrize("path", ["/metrics", "/metrics/"])
def test_the_proxy_shows_no_metrics_to_the_outside(path: str) -> None:
    assert reached(path) == ""


def test_each_line_of_the_proxy_table_is_of_use() -> None:
    lines, default = proxy_table()
    paths = [path for _, path in public_routes()]
    own_ports = {service for _, service in lines} | {default}

    unused = [
        pattern for pattern, service in lines if service and not any(re.search(pattern, p) for p in paths)
    ]

    assert unused == []
    assert own_ports - {""} <= set(WEBS)


FILE_TYPES = {"multipart/form-data", "application/offset+octet-stream"}


def paths_with_files() -> set[str]:
    """The paths of calls and forms that take a file of any size; forms also below where pages are embedded."""
    document = json.loads(read("shared/contract/openapi.json"))
    calls = {
        re.sub(r"{(\w+)}", r"some-\1", path)
        for path, item in document["paths"].items()
        for operation in item.values()
        if isinstance(operation, dict)
        and FILE_TYPES & set(operation.get("requestBody", {}).get("content", {}))
    }
    rules = apps()["wizard"].url_map.iter_rules()
    forms = {re.sub(r"<(\w+)>", r"some-\1", rule.rule) for rule in rules if rule.endpoint in UPLOADS}
    return {*calls, *forms, *(f"{ROOT}{form}" for form in forms)}


def test_the_proxy_passes_on_files_as_they_come_and_takes_in_all_other_bodies() -> None:
    (location,) = re.findall(r"location ~ (\S+) {\s+client_max_body_size 0;", read("deploy/proxy/nginx.conf"))
    files = paths_with_files()
    assert len(files) >= 7
    assert {path for path in files if not re.search(location, path)} == set()
    others = {path for _, path in public_routes()} - files
    assert {path for path in others if re.search(location, path)} == set()


def test_the_problems_of_the_proxy_are_those_of_the_catalogue() -> None:
    bodies = [
        json.loads(body) for body in re.findall(r"return \d+ '(\{.*\})';", read("deploy/proxy/nginx.conf"))
    ]

    assert {body["code"] for body in bodies} == {"not_found", "too_large", "unavailable"}
    for body in bodies:
        assert body["type"] == f"urn:carryover:problem:{body['code']}"
        assert body["status"] == KINDS[body["code"]].status


# the services


@pytest.mark.parametrize(("name", "service"), WEBS.items())
def test_each_service_has_a_web_container(name: str, service: str) -> None:
    command = services()[name]["command"]

    assert command == ["gunicorn", "-c", "deploy/gunicorn.py", f"services.{service}.app:create_app()"]


@pytest.mark.parametrize(("name", "service"), WORKERS.items())
def test_each_service_has_a_worker_container(name: str, service: str) -> None:
    module = f"services.{service}.worker"

    assert services()[name]["command"] == ["python", "-m", module]
    assert importlib.util.find_spec(module) is not None


def test_there_is_no_container_of_an_unknown_service() -> None:
    servers = {"proxy", "rabbitmq", "mongo", "mail"}

    assert set(services()) == set(WEBS) | set(WORKERS) | ONE_OFFS | servers


@pytest.mark.parametrize("name", sorted({*WEBS, *WORKERS}))
def test_each_container_gets_every_setting(name: str) -> None:
    given = set(services()[name]["environment"])

    assert set(by_name()) - SET_BY_COMPOSE <= given
    assert given & {"HEARTBEAT_FILE", "PROMETHEUS_MULTIPROC_DIR"} == {
        "HEARTBEAT_FILE" if name in WORKERS else "PROMETHEUS_MULTIPROC_DIR"
    }


@pytest.mark.parametrize(
    ("name", "service"), [*WORKERS.items(), *((web, s) for web, s in WEBS.items() if s in SERVICES)]
)
def test_each_service_has_a_user_of_its_own_at_the_broker(name: str, service: str) -> None:
    variable = f"{service.upper()}_BROKER_PASSWORD"

    assert services()[name]["environment"]["BROKER_URL"].startswith(f"amqp://{service}:${{{variable}}}@")
    assert variable in services()["broker-setup"]["environment"]


def test_whatever_keeps_running_is_watched_bounded_and_stopped_gently() -> None:
    for name, service in services().items():
        assert service["mem_limit"], name
        if name in ONE_OFFS:
            assert service["restart"] == "no", name
            continue
        assert service["restart"] == "unless-stopped", name
        assert service["healthcheck"]["test"], name
        assert int(service["stop_grace_period"].removesuffix("s")) >= 30, name
    for name in WORKERS:
        assert int(services()[name]["stop_grace_period"].removesuffix("s")) > Settings.drain_seconds


def test_only_the_proxy_is_reached_from_outside_and_it_reaches_no_server() -> None:
    assert [name for name, service in services().items() if "ports" in service] == ["proxy"]
    assert services()["proxy"]["networks"] == ["front"]
    assert [name for name, s in services().items() if "front" in s["networks"]] == ["proxy", *WEBS]


# the broker


def test_the_definitions_of_the_broker_are_those_of_the_routes() -> None:
    kept = json.loads(read("deploy/rabbitmq/definitions.json"))

    assert kept == topology.definitions(), "python -m deploy.topology > deploy/rabbitmq/definitions.json"


def test_every_work_queue_parks_what_cannot_be_delivered() -> None:
    policies = topology.definitions()["policies"]
    for service in SERVICES:
        for lane in LANES:
            fitting = [
                p["definition"] for p in policies if re.search(p["pattern"], queue_name(service, lane))
            ]
            assert len(fitting) == 1
            assert fitting[0]["overflow"] == "reject-publish"
            assert fitting[0]["dead-letter-strategy"] == "at-least-once"
            assert (parked_queue(service), fitting[0]["dead-letter-routing-key"]) in bindings()


def test_parked_queues_have_no_delivery_limit() -> None:
    for service in SERVICES:
        name = parked_queue(service)
        assert re.search(topology.parked_policy()["pattern"], name)
        assert not any(re.search(p["pattern"], name) for p in topology.definitions()["policies"])


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_may_read_its_own_queues_and_no_others(service: str) -> None:
    may = topology.permissions(service)
    names = {name for name, _ in bindings()}

    readable = {name for name in names if re.search(may["read"], name)}

    requests = {REQUESTS} if service == ANSWERS_REQUESTS else set()
    assert readable == {queue_name(service, lane) for lane in LANES} | requests
    assert not any(re.search(may["configure"], name) for name in names)
    assert not any(re.search(may["write"], name) for name in names)


def test_requests_that_cannot_be_delivered_are_parked() -> None:
    (policy,) = [p for p in topology.definitions()["policies"] if re.search(p["pattern"], REQUESTS)]
    assert policy["definition"]["dead-letter-routing-key"] == f"parked.{ANSWERS_REQUESTS}"


def test_who_asks_for_imports_may_do_nothing_else() -> None:
    rights, of_topic = topology.requester_permissions()
    names = [name for name, _ in bindings()]
    assert not any(re.search(right, name) for right in rights.values() for name in names)
    assert not re.search(rights["write"], EVENTS_EXCHANGE)
    assert [key for _, key in bindings() if re.search(of_topic["write"], key)] == [REQUESTED]


def test_an_operator_reads_parked_queues_and_sends_work_and_may_do_nothing_else() -> None:
    rights, of_topic = topology.operator_permissions()
    names = {name for name, _ in bindings()}
    assert {name for name in names if re.search(rights["read"], name)} == set(map(parked_queue, SERVICES))
    assert not any(re.search(rights[what], name) for what in ("configure", "write") for name in names)
    assert not re.search(rights["write"], EVENTS_EXCHANGE)
    may = {key for _, key in bindings() if re.search(of_topic["write"], key)}
    assert may == {key for name, key in bindings() if name not in {*map(parked_queue, SERVICES), REQUESTS}}


def test_operators_have_a_container_that_is_not_started_by_itself() -> None:
    operate = services()["operate"]
    assert operate["profiles"] == ["operate"]
    assert set(by_name()) - SET_BY_COMPOSE <= set(operate["environment"])
    assert operate["environment"]["BROKER_URL"].startswith("amqp://operator:")
    assert "-m deploy.operating" in read("deploy/Dockerfile")


def test_only_the_service_of_the_relay_may_publish_events() -> None:
    may = {
        service for service in SERVICES if re.search(topology.permissions(service)["write"], EVENTS_EXCHANGE)
    }

    assert may == {PUBLISHES_EVENTS}
    assert all(re.search(topology.permissions(service)["write"], EXCHANGE) for service in SERVICES)


# the settings


def test_the_example_explains_every_setting_and_knows_no_other() -> None:
    lines = read("deploy/example.env").splitlines()
    explained = set()
    for before, line in pairwise(lines):
        setting = re.match(r"#?([A-Z_]+)=", line)
        if setting and (before.startswith("# ") or re.match(r"#?[A-Z_]+=", before)):
            explained.add(setting[1])

    assert explained == set(by_name()) | compose_names() | of_one_process()


def test_the_example_shows_the_defaults_of_the_code() -> None:
    shown = dict(re.findall(r"^#([A-Z_]+)=(.*)$", read("deploy/example.env"), re.MULTILINE))
    defaults = {
        name: setting.default
        for name, setting in by_name().items()
        if setting.default is not MISSING and setting.default is not None
    }

    assert {name: _same_kind(shown[name], value) for name, value in defaults.items()} == defaults


def _same_kind(text: str, value: Any) -> Any:
    return text == "true" if isinstance(value, bool) else type(value)(text)


def test_the_example_holds_no_secret() -> None:
    secrets = re.findall(r"^(\w*PASSWORD|JWT_SECRET)=(.*)$", read("deploy/example.env"), re.MULTILINE)

    assert len(secrets) == len([*SERVICES, "requester", "operator", "administrator", "tokens"])
    assert all(value == "" for _, value in secrets)
