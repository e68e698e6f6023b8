"""Docker and Compose as the test uses them: which images, one project, its containers, what happens to them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.ports import is_free

REPOSITORY = Path(__file__).resolve().parents[2]
HERE = Path(__file__).resolve().parent

#: Variable: the image of docker-compose.yml, and what may replace it where none can be pulled.
IMAGES = {
    "PYTHON_IMAGE": ("python:3.11-slim", "local/python:3.11"),
    "RABBITMQ_IMAGE": ("rabbitmq:4-management", "local/rabbitmq:3.10"),
    "MONGO_IMAGE": ("mongo:7", "local/mongo:6.0"),
    "PROXY_IMAGE": ("nginx:1.27-alpine", "local/nginx:latest"),
}
APP_IMAGE = "carryover:compose-test"
PULL_SECONDS = 600.0
FIRST_PORT = 18080
DOWN_AT_MOST = 5


class TestError(Exception):
    """The test failed; the message says where."""


def command(*words: str, env: dict[str, str] | None = None, limit: float = 900, check: bool = True) -> str:
    """Run a program and give what it wrote; raises `TestError` with the end of it where it fails."""
    done = subprocess.run(
        words,
        cwd=REPOSITORY,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=limit,
        check=False,
    )
    if check and done.returncode:
        raise TestError(f"{' '.join(words)}: exit code {done.returncode}\n{done.stdout[-3000:]}")
    return done.stdout


def _answers(*words: str) -> bool:
    try:
        return subprocess.run(words, capture_output=True, timeout=60, check=False).returncode == 0
    except OSError:
        return False


def find_docker() -> str:
    """The Docker client whose server answers."""
    on_path = [f"{folder}/docker" for folder in os.environ.get("PATH", "").split(":") if folder]
    candidates = [os.environ["DOCKER"]] if os.environ.get("DOCKER") else on_path
    for docker in candidates:
        if os.access(docker, os.X_OK) and _answers(docker, "version", "--format", "{{.Server.Version}}"):
            return docker
    raise TestError("No Docker answers: install it, start its service, or name a client with DOCKER.")


def find_compose(docker: str) -> list[str]:
    """Compose as a plug-in of Docker, or as the older program of its own."""
    if _answers(docker, "compose", "version"):
        return [docker, "compose"]
    if shutil.which("docker-compose"):
        return ["docker-compose"]
    raise TestError("There is no Compose: neither `docker compose` nor `docker-compose`.")


@dataclass(frozen=True)
class Images:
    """The images by their variables; `replacements` where some of them only replace the usual ones."""

    names: dict[str, str]
    replacements: bool


def choose_images(docker: str) -> Images:
    """Those given; else the usual ones, when they are here or can be pulled; else what replaces them."""
    chosen: dict[str, str] = {}
    reachable = True
    for variable, (usual, other) in IMAGES.items():
        given = os.environ.get(variable)
        if given:
            chosen[variable] = given
        elif _has(docker, usual) or (reachable and _pull(docker, usual)):
            chosen[variable] = usual
        else:
            reachable = False  # no need to ask for the others
            chosen[variable] = other
    if chosen["PROXY_IMAGE"] == IMAGES["PROXY_IMAGE"][1]:
        _build_proxy(docker, chosen)
    missing = [name for name in chosen.values() if not _has(docker, name) and not _pull(docker, name)]
    if missing:
        raise TestError(f"images that are neither here nor can be pulled: {', '.join(missing)}")
    return Images(chosen, any(name.startswith("local/") for name in chosen.values()))


def _has(docker: str, image: str) -> bool:
    return _answers(docker, "image", "inspect", image)


def _pull(docker: str, image: str) -> bool:
    try:
        command(docker, "pull", "--quiet", image, limit=PULL_SECONDS)
    except (TestError, subprocess.TimeoutExpired):
        return False
    return True


def _build_proxy(docker: str, chosen: dict[str, str]) -> None:
    base, name = chosen["PYTHON_IMAGE"], chosen["PROXY_IMAGE"]
    file = str(HERE / "nginx.Dockerfile")
    words = [docker, "build", "--quiet", "--network", "host", "--build-arg", f"PYTHON_IMAGE={base}"]
    command(*words, "--tag", name, "--file", file, str(HERE))


@dataclass(frozen=True)
class Project:
    """One project of Compose: its own containers, networks, volumes, secrets and port."""

    docker: str
    words: tuple[str, ...]
    name: str
    env: dict[str, str]
    port: int

    def compose(self, *words: str, check: bool = True) -> str:
        """Run Compose on this project."""
        return command(*self.words, *words, env=self.env, check=check)

    def containers(self, service: str) -> list[str]:
        """The ids of the running containers of a service."""
        return self._listed(
            "--filter", f"label=com.docker.compose.service={service}", "--quiet", "--no-trunc"
        )

    def kill(self, container: str) -> None:
        """End a container as a lost machine would; nothing brings it back."""
        command(self.docker, "kill", container)

    def crash(self, container: str) -> None:
        """Kill what runs inside a container, so that the restart policy has to bring it back."""
        command(self.docker, "exec", container, "sh", "-c", "kill -9 -1", check=False)

    def starts(self, container: str) -> int:
        """How often Docker brought a container back."""
        return int(command(self.docker, "inspect", "--format", "{{.RestartCount}}", container))

    def restart(self, container: str) -> None:
        """Stop and start a container."""
        command(self.docker, "restart", "--time", "30", container)

    def inside(self, service: str, *words: str) -> str:
        """Run a program in the container of a service and give what it wrote."""
        return command(self.docker, "exec", self.containers(service)[0], *words)

    def take_down(self) -> None:
        """Remove everything; repeat it where a container was still starting."""
        for _ in range(DOWN_AT_MOST):
            self.compose("down", "--volumes", "--timeout", "10", check=False)
            if not self._listed("--all", "--quiet"):
                return
        raise TestError(f"containers of {self.name} are left")

    def running(self) -> list[str]:
        """The ids of all containers that run."""
        return sorted(self._listed("--quiet", "--no-trunc"))

    def unhealthy(self) -> list[str]:
        """The services that run but are not (yet) healthy."""
        lines = self._listed("--format", "{{.Names}} {{.Status}}")
        return [line.split()[0] for line in lines if "(healthy)" not in line]

    def _listed(self, *words: str) -> list[str]:
        project_is = f"label=com.docker.compose.project={self.name}"
        return command(self.docker, "ps", "--filter", project_is, *words).splitlines()


@contextmanager
def project(docker: str, images: Images) -> Iterator[Project]:
    """A project of its own, not yet up; afterwards nothing of it is left but the images."""
    name = f"carryover-test-{os.getpid()}"
    port = next(port for port in range(FIRST_PORT, FIRST_PORT + 1000) if is_free(port))
    with tempfile.TemporaryDirectory(prefix="carryover-compose-") as folder:
        secrets = Path(folder) / "env"
        command(str(REPOSITORY / "deploy" / "make-env"), str(secrets))
        files = ["-f", str(REPOSITORY / "docker-compose.yml")]
        if images.replacements:
            files += ["-f", str(_host_network(Path(folder)))]
        given = dict(line.split("=", 1) for line in secrets.read_text().splitlines() if line[:1].isalpha())
        env = {
            **_without_settings(),
            **given,
            **images.names,
            "CARRYOVER_IMAGE": APP_IMAGE,
            "PORT": str(port),
        }
        words = (*find_compose(docker), "-p", name, "--env-file", str(secrets), *files)
        one = Project(docker, words, name, env, port)
        try:
            yield one
        finally:
            one.take_down()


def _without_settings() -> dict[str, str]:
    """The environment without variables that name other servers than the test's own."""
    example = (REPOSITORY / "deploy" / "example.env").read_text()
    settings = set(re.findall(r"^#?([A-Z_]+)=", example, re.MULTILINE))
    return {name: value for name, value in os.environ.items() if name not in settings}


def _host_network(folder: Path) -> Path:
    """Where images cannot be pulled, a build may reach package servers over the host's network only."""
    override = folder / "override.yml"
    override.write_text("services:\n  mongo-setup:\n    build:\n      network: host\n")
    return override
