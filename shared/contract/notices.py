"""Who may get copies of mails about imports: people of the firm, and addresses in domains of the platform."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from shared.contract.documents.reference import TeamMember

#: As a domain: any address may get copies.
ANY_DOMAIN = "*"


def may_get_copies(team: Iterable[TeamMember], domains: Iterable[str]) -> Callable[[str], bool]:
    """Whether an address may get copies, as a function of the address."""
    known = {member.get("email", "").casefold() for member in team} - {""}
    allowed = {domain.casefold() for domain in domains}

    def may(address: str) -> bool:
        domain = address.rpartition("@")[2].casefold()
        return address.casefold() in known or domain in allowed or ANY_DOMAIN in allowed

    return may
