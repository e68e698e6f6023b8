"""What checking finds in a chunk of rows; the steps of the check fill it one after another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from services.validator.check.slots import NameOf
from shared.contract.documents.chunk import RowAccountType, RowProblem
from shared.contract.documents.values import Decision, Value
from shared.contract.keys import Keys
from shared.contract.problems import ERROR, severity
from shared.contract.records import CLEAR, name_of
from shared.values.judging import Finding


class FixedValue(NamedTuple):
    """A value that checking changed: the row, the key of the field, and the code of the fix."""

    offset: int
    field: str
    code: str


@dataclass
class CheckedRows:
    """What was found in a chunk. Offsets count from the chunk's first row.

    `columns` has normalised values by field key. `bad` are the rows that cannot be loaded. `keys` has, by slot, the
    matching keys of the rows, all 0 where a row is bad, was left out by a person, or names no such record. `own` has,
    by slot and offset, the ids of records that the file itself gives. `rules` has, per rule of the settings, the rows
    that it applies to; `assigned`, by rule and offset, the members that the rule takes from a column. `names` says per
    row where the name of its account comes from, `made_up` are the rows whose account is named after a person.
    `decisions` has by offset what a person decided of a row. `linked_names` has by offset the account that a contact of
    a list of contacts belongs to, as the row names it, and `linked` the id of that account once it is found.
    `account_types` has per row what its account is where the row gives no type.
    """

    columns: dict[str, list[Value]] = field(default_factory=dict)
    problems: list[RowProblem] = field(default_factory=list)
    fixes: list[FixedValue] = field(default_factory=list)
    bad: set[int] = field(default_factory=set)
    keys: dict[str, list[Keys]] = field(default_factory=dict)
    own: dict[str, dict[int, str]] = field(default_factory=dict)
    rules: list[list[int]] = field(default_factory=list)
    assigned: dict[int, dict[int, list[str]]] = field(default_factory=dict)
    names: list[NameOf] = field(default_factory=list)
    made_up: set[int] = field(default_factory=set)
    account_types: list[RowAccountType] = field(default_factory=list)
    decisions: Mapping[int, Decision] = field(default_factory=dict)
    linked_names: dict[int, str] = field(default_factory=dict)
    linked: dict[int, str] = field(default_factory=dict)

    def note(self, offset: int, key: str, finding: Finding) -> None:
        """Add a problem of a row; an error makes the row bad."""
        self.problems.append(RowProblem(offset, key, finding.code, finding.params))
        if severity(finding.code) == ERROR:
            self.bad.add(offset)

    def name_at(self, slot: str, offset: int) -> str:
        """The name that a row gives its account or one of its people."""
        parts = ("name", "first_name", "last_name", "email")
        columns = {part: self.columns[f"{slot}.{part}"] for part in parts if f"{slot}.{part}" in self.columns}
        return name_of({part: values[offset] for part, values in columns.items() if values[offset] != CLEAR})
