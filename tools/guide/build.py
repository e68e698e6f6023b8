"""Builds the guide into the folder `site`: `python -m tools.guide.build`, from the root of the project.

The new pages take the place of the old ones at once, so a system that serves them has no gap. A wrong link fails the
build, and leaves the old pages.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SITE = ROOT / "site"


def build(site: Path) -> str:
    """Build all pages into a folder, in the place of what it had. Gives what is wrong; empty when nothing is."""
    site.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".guide-", dir=site.parent) as work:
        made, old = Path(work, "made"), Path(work, "old")
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(made)]
        env = {**os.environ, "NO_MKDOCS_2_WARNING": "1"}
        done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
        if done.returncode:
            return (done.stderr or done.stdout).strip()
        if site.exists():
            site.rename(old)
        made.rename(site)
        shutil.rmtree(old, ignore_errors=True)
    return ""


def main() -> int:
    """The command line; exit code 1 where a page or a link is wrong."""
    parser = argparse.ArgumentParser(description="Builds the guide.")
    parser.add_argument("--into", type=Path, default=SITE, help="the folder (site)")
    wrong = build(parser.parse_args().into.resolve())
    if wrong:
        print(f"The guide was not built:\n{wrong}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
