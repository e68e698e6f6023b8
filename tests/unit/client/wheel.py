"""Builds the wheel of the client and installs it, without a network: the libraries come from this environment."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.architecture.code import ROOT


def installed_wheel(folder: Path) -> Path:
    """A new environment that has the wheel, and the libraries of this one but nothing of the repository."""
    build = "import sys; from hatchling.build import build_wheel; build_wheel(sys.argv[1])"
    run(sys.executable, "-c", build, str(folder), folder=ROOT / "client")
    (wheel,) = folder.glob("*.whl")
    environment = folder / "environment"
    run(sys.executable, "-m", "venv", "--without-pip", str(environment), folder=folder)
    pip = ("-m", "pip", "--disable-pip-version-check", "--python", str(environment / "bin/python"))
    run(sys.executable, *pip, "install", "-q", "--no-deps", "--no-index", str(wheel), folder=folder)
    own = next(environment.glob("lib/python*/site-packages"))
    (own / "libraries.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return environment


def run(*command: str, folder: Path, env: dict[str, str] | None = None) -> str:
    """The standard output of a command; fails where it fails."""
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout
