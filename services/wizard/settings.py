"""The wizard's own settings."""

from __future__ import annotations

from dataclasses import dataclass

from environs import Env


@dataclass(frozen=True)
class WizardSettings:
    """`api_url` is where the public API answers, as seen from here."""

    api_url: str


def load_wizard_settings() -> WizardSettings:
    """Read the environment; without `API_URL` the API is on this machine, at the port pages are served from."""
    env = Env()
    port = env.str("PORT", "") or "8080"  # make passes a blank one where none is given
    return WizardSettings(api_url=env.str("API_URL", f"http://127.0.0.1:{port}").rstrip("/"))
