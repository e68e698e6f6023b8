"""Commands to run the whole system on one machine, without containers.

``python -m deploy.local.system up|down|status|run|demo|token``
The environment's PORT (8080) says which system is meant; several run side by side on different ports.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import psutil

from deploy.local.children import end, family, living, spawn
from deploy.local.first_import import Asker, broker_of, lines
from deploy.local.packages import PackageError
from deploy.local.ports import is_free
from deploy.local.servers import ServerError
from deploy.local.state import REPOSITORY, AlreadyUp, State
from deploy.local.supervisor import Supervisor, is_ready, prepare
from shared.plumbing.auth import FIRM

START_LIMIT = 90.0  # seconds until the system must take work
STOP_LIMIT = 90.0
TOKEN_LIFE = 12 * 3600  # seconds
DEFAULT_PORT = 8080


def say(text: str) -> None:
    """Write to the person; standard output is kept for what a program may read."""
    print(text, file=sys.stderr, flush=True)


def up(state: State) -> int:
    """Start the system in the background and return when it takes work; 1 when it does not in time."""
    if state.runner():
        say(f"Already up: {state.url} (state in {_shown(state.folder)})")
        print(f"\n{first_import(state)}", flush=True)
        return 0
    if not is_free(state.port):
        say(f"Port {state.port} is taken; choose another one: make up PORT=…")
        return 1
    prepare()
    say(f"Starting on {state.url} …")
    command = [sys.executable, "-m", "deploy.local.system", "run"]
    with state.log.open("ab") as log:
        runner = subprocess.Popen(
            command,
            cwd=REPOSITORY,
            env={**os.environ, "PORT": str(state.port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    limit = time.monotonic() + START_LIMIT
    while not is_ready(state):
        if runner.poll() or time.monotonic() > limit:
            say(f"It did not come up. The end of {_shown(state.log)}:\n{_tail(state.log)}")
            down(state)
            return 1
        time.sleep(0.25)
    say(f"Up: {state.url} (state in {_shown(state.folder)}; stop it with: make down{_port_argument(state)})")
    print(f"\n{first_import(state)}", flush=True)
    return 0


def down(state: State) -> int:
    """Stop the system and wait until none of its processes is left."""
    runner = state.runner()
    if runner is None:
        say(f"Not up: nothing runs for {_shown(state.folder)}")
        return 0
    processes = family(runner.pid)
    runner.terminate()
    psutil.wait_procs(processes, timeout=STOP_LIMIT)
    for process in living(processes):
        say(f"killing process {process.pid}, which does not end")
        process.kill()
    say("Down.")
    return 0


def status(state: State) -> int:
    """Print what runs; exit code 3 when nothing does, 1 when the system is not ready for work."""
    runner = state.runner()
    if runner is None:
        say(f"Not up: {state.url}")
        return 3
    ready = is_ready(state)
    print(f"{state.url}: {'ready' if ready else 'not ready'}, process {runner.pid}, {_shown(state.folder)}")
    for name, value in state.read_env().items():
        if name.endswith("_URL"):
            print(f"  {name}={value}")
    return 0 if ready else 1


def run(state: State) -> int:
    """Run the system in the foreground until a signal; 1 when its processes end by themselves."""
    prepare()
    supervisor = Supervisor(state)
    try:
        with supervisor.up():
            supervisor.watch(until=lambda: False)
    except AlreadyUp:
        say(f"Already up: {state.url}")
        return 0
    say(f"The processes have ended. The end of {_shown(state.log)}:\n{_tail(state.log)}")
    return 1


def demo(once: bool) -> int:
    """Run the system in the foreground and carry a sample list through it; with ``once`` end after that."""
    prepare()
    for port in _demo_ports():
        try:
            return _demo_on(State.of_demo(port), once)
        except AlreadyUp:
            continue
    say("No free port for the demo.")
    return 1


def _demo_ports() -> Iterator[int]:
    wanted = int(os.environ.get("PORT") or DEFAULT_PORT)
    if is_free(wanted):
        yield wanted
    say(f"Port {wanted} is taken; the demo takes another one.")
    yield from (port for port in range(DEFAULT_PORT + 1, DEFAULT_PORT + 100) if is_free(port))


def _demo_on(state: State, once: bool) -> int:
    started = time.monotonic()
    say(f"Starting RabbitMQ, MongoDB, a mail catcher and the services on {state.url} …")
    supervisor = Supervisor(state)
    with supervisor.up():
        limit = started + START_LIMIT
        supervisor.watch(until=lambda: is_ready(state) or time.monotonic() > limit)
        if not is_ready(state):
            say(f"It did not come up. The end of {_shown(state.log)}:\n{_tail(state.log)}")
            return 1
        say(f"Up after {time.monotonic() - started:.1f} s.\n")
        code = _carry_sample(supervisor)
        if once:
            _show_for_later(state.port)
            return code
        print(f"\n{first_import(state)}", flush=True)
        say(f"\nThe system keeps running on {state.url}; Ctrl-C ends it.")
        with contextlib.suppress(SystemExit):  # a signal is the way to end it
            supervisor.watch(until=lambda: False)
            return 1
        return code


def _show_for_later(port: int) -> None:
    """The lines for the system that `make up` starts: it has another folder, and so other addresses and secrets."""
    state = State.of_port(port)
    command = f"make up{_port_argument(state)}"
    print(f"\n# This system ends now. The lines below need one that runs: {command}\n", flush=True)
    print(first_import(state), flush=True)


def first_import(state: State, firm: str = "demo") -> str:
    """The lines by which a service asks this system for its first import, with a fresh token."""
    asker = Asker(state.url, broker_of(state), firm, token(state, firm, "service", "en"))
    return lines(asker)


def _carry_sample(supervisor: Supervisor) -> int:
    state = supervisor.state
    command = [sys.executable, "-m", "deploy.local.demo", "--url", state.url, "--folder", str(state.folder)]
    if "SMTP_URL" in supervisor.servers:
        command += ["--mails", str(state.folder / "mail" / "mails")]
    env = {**os.environ, "TOKEN": token(state, "demo", "owner", "en")}
    visit = spawn(command, folder=REPOSITORY, log=None, env=env)
    if not supervisor.watch(until=lambda: visit.poll() is not None):
        end(visit, limit=1)
        say(f"\nThe processes have ended. The end of {_shown(state.log)}:\n{_tail(state.log)}")
        return 1
    return visit.returncode


def token(state: State, firm: str, role: str, locale: str, permissions: str = "") -> str:
    """A token for the API, good for twelve hours; `permissions` are rights by name, with commas in between."""
    now = int(time.time())
    claims = {
        "sub": f"{role}@{firm}",
        "firm": firm,
        "role": role,
        "permissions": [name.strip() for name in permissions.split(",") if name.strip()],
        "email": f"{role}@{firm}.example.org",
        "locale": locale,
        "iat": now,
        "exp": now + TOKEN_LIFE,
    }
    if role == "service":
        claims["firms"] = [firm]
    return jwt.encode(claims, state.secret(), algorithm="HS256")


def firm_id(text: str) -> str:
    """The id of a firm. Raises ArgumentTypeError for one whose tokens every service would refuse."""
    if not FIRM.fullmatch(text):
        raise argparse.ArgumentTypeError("a firm's id has 1 to 64 letters, digits, '_', '.' and '-'")
    return text


def give_token(state: State, options: argparse.Namespace) -> int:
    """Print a token, and for a person the lines that a service of that firm begins with."""
    print(token(state, options.firm, options.role, options.locale, options.permissions), flush=True)
    if not options.quiet:
        needs = (
            ""
            if state.runner()
            else f"# These lines need a system that runs: make up{_port_argument(state)}\n"
        )
        say(f"\n{needs}{first_import(state, options.firm)}")
    return 0


def _that_runs(state: State) -> State:
    """The demo where it runs on the port of a system that does not: it has a folder and a secret of its own."""
    demo = State.of_demo(state.port)
    return demo if demo.runner() and not state.runner() else state


def _shown(path: Path) -> str:
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else str(path)


def _port_argument(state: State) -> str:
    return "" if state.port == DEFAULT_PORT else f" PORT={state.port}"


def _tail(log: Path, lines: int = 40) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:]) if log.exists() else "(empty)"


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser(description="Carryover on one machine, without containers.")
    commands = parser.add_subparsers(dest="command", required=True)
    for name, does in (("up", up), ("down", down), ("status", status), ("run", run)):
        commands.add_parser(name, help=(does.__doc__ or "").partition(";")[0])
    show = commands.add_parser("demo", help="run the system and carry a sample list through it")
    show.add_argument("--once", action="store_true", help="end when the sample is through")
    give = commands.add_parser("token", help="print a token for the API")
    give.add_argument("--firm", default="demo", type=firm_id)
    give.add_argument("--role", default="owner", choices=["owner", "admin", "employee", "service"])
    give.add_argument("--locale", default="en")
    give.add_argument("--permissions", default="")
    give.add_argument("--quiet", action="store_true", help="print nothing but the token")
    options = parser.parse_args()
    state = State.of_port(int(os.environ.get("PORT") or DEFAULT_PORT))
    try:
        if options.command == "demo":
            return demo(options.once)
        if options.command == "token":
            return give_token(_that_runs(state), options)
        if options.command == "status":
            return status(_that_runs(state))
        return {"up": up, "down": down, "run": run}[options.command](state)
    except (PackageError, ServerError) as error:
        say(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
