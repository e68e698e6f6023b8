"""The firm's records that the rows of a chunk may mean, as far as they were looked up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol

from shared.contract.documents.record import Link, Record
from shared.contract.keys import Keys, laid_out
from shared.values.evidence import MOST_COMPARED

#: The parts of a record that a person is shown.
PARTS = ("name", "first_name", "last_name", "email", "client_code", "date_of_birth", "city")


class Directory(Protocol):
    """The firm's directory, as matching asks it; `kind` is `accounts` or `contacts`."""

    firm: str

    def is_empty(self, kind: str) -> bool:
        """Whether the firm has no such records."""

    def fetch(self, kind: str, ids: Iterable[str], session: None = None, *only: str) -> dict[str, Record]:
        """Records by id, or `only` some of their parts."""

    def holders(self, kind: str, keys: Sequence[int]) -> list[Record]:
        """Records that have any of the matching keys: their ids and all their keys."""

    def people_of(self, accounts: Iterable[str]) -> list[Link]:
        """The links of some accounts."""

    def accounts_of(self, contacts: Iterable[str]) -> list[Link]:
        """The links of some contacts."""


class KnownRecords:
    """Looks records up in few queries, and remembers them.

    `keys` has those of each record by its id; `people` the contacts of an account, `accounts` the accounts of a
    contact, once they were fetched.
    """

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._with_key: dict[str, dict[int, list[str]]] = {"accounts": {}, "contacts": {}}
        self._asked: dict[str, set[int]] = {"accounts": set(), "contacts": set()}
        self.keys: dict[str, Keys] = {}
        self.people: dict[str, list[str]] = {}
        self.accounts: dict[str, list[str]] = {}
        self._shown: dict[str, Mapping[str, object]] = {}

    def are_none(self) -> bool:
        """Whether the firm has no records at all."""
        return self._directory.is_empty("accounts") and self._directory.is_empty("contacts")

    def with_ids(self, collection: str, ids: Iterable[str]) -> set[str]:
        """Which of some ids are those of records."""
        wanted = set(ids)
        found = self._directory.fetch(collection, wanted, None, "keys") if wanted else {}
        self.keys |= {identity: laid_out(record["keys"]) for identity, record in found.items()}
        return set(found)

    def look_up(self, collection: str, keys: Iterable[int]) -> None:
        """Find the records that have any of some keys."""
        wanted = set(keys) - self._asked[collection] - {0}
        self._asked[collection] |= wanted
        for record in self._directory.holders(collection, list(wanted)) if wanted else ():
            self.keys[record["_id"]] = laid_out(record["keys"])
            for key in wanted.intersection(record["keys"]):
                self._with_key[collection].setdefault(key, []).append(record["_id"])

    def with_key(self, collection: str, key: int) -> Sequence[str]:
        """Some of the records that have a key, of those that were looked up."""
        return self._with_key[collection].get(key, ())[:MOST_COMPARED] if key else ()

    def fetch_people(self, accounts: Iterable[str]) -> None:
        """Find the contacts of some accounts."""
        wanted = set(accounts) - self.people.keys()
        links = self._directory.people_of(wanted) if wanted else []
        self._connect(self.people, wanted, [(link["account"], link["contact"]) for link in links], "contacts")

    def fetch_accounts(self, contacts: Iterable[str]) -> None:
        """Find the accounts of some contacts."""
        wanted = set(contacts) - self.accounts.keys()
        links = self._directory.accounts_of(wanted) if wanted else []
        pairs = [(link["contact"], link["account"]) for link in links]
        self._connect(self.accounts, wanted, pairs, "accounts")

    def _connect(
        self, known: dict[str, list[str]], wanted: set[str], pairs: list[tuple[str, str]], collection: str
    ) -> None:
        self.with_ids(collection, {other for _, other in pairs} - self.keys.keys())
        for one in wanted:
            known[one] = []
        for one, other in pairs:
            if other in self.keys:
                known[one].append(other)

    def shown(self, collection: str, ids: Iterable[str]) -> Mapping[str, Mapping[str, object]]:
        """Some records with what a person is shown of them; those that were asked for before cost no query."""
        wanted = set(ids)
        fresh = wanted - self._shown.keys()
        if fresh:
            self._shown.update(self._directory.fetch(collection, fresh, None, *PARTS))
        return {identity: self._shown[identity] for identity in wanted if identity in self._shown}
