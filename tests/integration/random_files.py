"""Generates random small client lists that collide, settings for them, and records that a firm has already."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

from shared.contract.merging import POLICIES
from tests.integration.choosing import mapping_of, settings_of

CLEAR = "__CLEAR__"
NAMES = ("Aa", "aà", "Aa BV", "AA nv", "Bb", "Bb bvba", "Cc")
FIRST, LAST = ("An", "Bo", "án"), ("Ee", "Ff")
MAILS = ("a@mail.be", "b@mail.be", "A@mail.be")
COMPANIES = ("0403.170.701", "BE 0417 497 106", "0403170701")
PERSONS = ("85.07.30-033.28", "90010100123", "72123100282")

#: By target, what its cells hold; blank as often as anything else, so that rows look alike.
CELLS: dict[str, tuple[str, ...]] = {
    "account.record_id": ("", "", "", "", "", "", "own0", "own1", "nobody"),
    "account.name": (*NAMES, *NAMES, ""),
    "account.client_code": ("", "", "", "1", "2", "1 "),
    "account.kbo_number": ("", "", "", *COMPANIES, "0403170702"),
    "account.email": ("", "", "", "", *MAILS, CLEAR),
    "account.tags": ("", "", "vip", "vip; new", "late", CLEAR),
    "account.notes": ("", "", "one", "two", CLEAR),
    "account.custom.Sector": ("", "", "food", "care", CLEAR),
    "contact.first_name": ("", *FIRST, *FIRST),
    "contact.last_name": ("", *LAST, *LAST),
    "contact.email": ("", "", *MAILS, "ann.oak.example", "not an address"),
    "contact.national_number": ("", "", "", "", *PERSONS, "85073003329"),
    "contact.date_of_birth": ("", "", "", "30/07/1985", "01/01/1990"),
    "contact.tags": ("", "", "vip", "late"),
    "contact.city": ("", "", "Gent", "Aalst", CLEAR),
    "spouse.first_name": ("", "", "", *FIRST),
    "spouse.last_name": ("", "", "", *LAST),
    "spouse.email": ("", "", "", *MAILS),
}
TARGETS = tuple(CELLS)
TYPES = ({"mode": "skip"}, {"mode": "fixed", "value": "Company"}, {"mode": "fixed", "value": "Individual"})


@dataclass
class File:
    """A file with its mapping and settings, and what the firm has before; `own0` is the id of its first account."""

    rows: list[list[str]]
    mapping: dict[str, Any]
    settings: dict[str, Any]
    kind: str = "accounts_and_contacts"
    accounts: list[dict[str, Any]] = field(default_factory=list)
    contacts: list[dict[str, Any]] = field(default_factory=list)
    links: list[tuple[int, int]] = field(default_factory=list)

    def cells(self, ids: list[str]) -> list[list[str]]:
        """The rows, with the ids of the firm's accounts in place of `ownN`."""
        known = {f"own{n}": identity.rsplit("/", 1)[1] for n, identity in enumerate(ids)}
        return [
            [known.get(cell, "0" * 24 if cell.startswith("own") else cell) for cell in row]
            for row in self.rows
        ]


def rows(targets: tuple[str, ...] = TARGETS, most: int = 9) -> st.SearchStrategy[list[list[str]]]:
    """Rows of such cells; some rows are there twice."""
    row = st.tuples(*(st.sampled_from(CELLS[target]) for target in targets)).map(list)
    return st.lists(row, min_size=1, max_size=most)


def _some(*values: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(values), unique=True, max_size=2)


def _orders(*kinds: str) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(kinds), unique=True, min_size=1, max_size=len(kinds))


MATCHES = st.just(settings_of()["match"]) | st.fixed_dictionaries(
    {
        "accounts": _orders("client_code", "number", "email_and_name", "name"),
        "contacts": _orders("number", "email_and_name", "name"),
    }
)
MERGES = st.dictionaries(
    st.sampled_from(
        (
            "account.notes",
            "account.city",
            "contact.city",
            "contact.email",
            "account.tags",
            "account.name",
            "account.client_code",
        )
    ),
    st.sampled_from(POLICIES),
    max_size=4,
)
CONDITIONS = st.sampled_from(
    (
        {"field": "account.name", "contains": "a"},
        {"field": "account.tags", "is": "VIP"},
        {"field": "account.type", "is": "company"},
        {"column": TARGETS.index("contact.city"), "blank": False},
        {"column": TARGETS.index("account.notes"), "one_of": ["one", CLEAR]},
    )
)
THENS = st.sampled_from(
    (
        {"tags": ["ruled"]},
        {"folder_template": "Small", "assignees_from": TARGETS.index("account.notes")},
        {"login": False, "assignees": ["bruno"]},
        {"language": "fr", "questionnaire": "Personal income tax"},
    )
)
RULES = st.lists(
    st.fixed_dictionaries({"when": st.lists(CONDITIONS, min_size=1, max_size=2), "then": THENS}), max_size=2
)
SWITCHES = {"contact.email": {"login": True, "notify": True, "email_sync": True}}
SETTINGS = st.builds(
    settings_of,
    match=MATCHES,
    mode=st.sampled_from(("both", "both", "both", "create_only", "update_only")),
    merge_default=st.sampled_from(("fill_empty", "fill_empty", "overwrite", "ask", "never")),
    merge=MERGES,
    tags=_some("vip", "2026"),
    assignees=_some("anna", "bruno"),
    language=st.sampled_from((None, "nl")),
    questionnaire=st.sampled_from((None, "Personal income tax")),
    folder_template=st.sampled_from((None, "Default tax years")),
    rules=RULES,
    contacts=st.just(SWITCHES),
)
ACCOUNTS = st.fixed_dictionaries(
    {"name": st.sampled_from(NAMES), "type": st.just("Company")},
    optional={
        "client_code": st.sampled_from(("1", "2")),
        "kbo_number": st.sampled_from(("0403170701", "0417497106")),
        "email": st.sampled_from(("a@mail.be", "b@mail.be")),
        "tags": st.just(["vip"]),
        "notes": st.just("one"),
        "custom": st.just({"Sector": "food"}),
    },
)
CONTACTS = st.fixed_dictionaries(
    {"first_name": st.sampled_from(FIRST), "last_name": st.sampled_from(LAST)},
    optional={
        "email": st.sampled_from(("a@mail.be", "b@mail.be")),
        "national_number": st.sampled_from(("85073003328", "90010100123")),
        "tags": st.just(["vip"]),
        "city": st.just("Gent"),
    },
)


@st.composite
def files(draw: st.DrawFn, most: int = 9, settings: st.SearchStrategy[dict[str, Any]] = SETTINGS) -> File:
    """A file with its firm."""
    accounts = draw(st.lists(ACCOUNTS, max_size=3))
    contacts = draw(st.lists(CONTACTS, max_size=3))
    pairs = st.tuples(st.integers(0, 2), st.integers(0, 2))
    links = draw(st.lists(pairs, unique=True, max_size=2))
    own = draw(rows(most=most))
    for _ in range(draw(st.integers(0, 2))):
        own.append(list(own[draw(st.integers(0, len(own) - 1))]))
    kind = draw(st.sampled_from(("accounts_and_contacts", "accounts_and_contacts", "contacts", "accounts")))
    mapped = [t if kind == "accounts_and_contacts" or kind.startswith(t[:7]) else "" for t in TARGETS]
    mapping = mapping_of(*mapped, account_type=draw(st.sampled_from(TYPES)))
    present = [(a, c) for a, c in links if a < len(accounts) and c < len(contacts)]
    return File(own, mapping, draw(settings), kind, accounts, contacts, present)
