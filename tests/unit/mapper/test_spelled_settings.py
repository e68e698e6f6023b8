"""Settings and rules take the firm's spelling of what they name."""

from __future__ import annotations

from services.mapper.settings.job_settings import Chooser, confirm_settings, first_settings
from services.mapper.settings.suggested_mapping import first_mapping
from tests.unit.mapper.test_rights import COLUMNS, KIND, REFERENCE

FIRM = {
    **REFERENCE,
    "tags": ["VIP klant"],
    "roles": ["Zaakvoerder"],
    "folder_templates": ["Société"],
    "questionnaires": ["Aangifte 2026"],
    "languages": ["nl", "fr"],
}
GIVEN = {
    "tags": ["vip  KLANT", "Nieuw", "VIP klant"],
    "folder_template": "societe",
    "questionnaire": "AANGIFTE 2026",
    "language": "NL",
}
OWN = {
    "tags": ["VIP klant", "Nieuw"],
    "folder_template": "Société",
    "questionnaire": "Aangifte 2026",
    "language": "nl",
}


def test_settings_and_rules_are_kept_as_the_firm_writes_them():
    mapping = first_mapping(COLUMNS, KIND)
    rule = {"when": [{"field": "account.name", "contains": "x"}], "then": {**GIVEN, "roles": ["zaakvoerder"]}}
    everything = Chooser(frozenset({"manage_tags", "assign_team_members"}))
    now = confirm_settings(
        {**GIVEN, "rules": [rule]}, first_settings(mapping, FIRM), mapping, FIRM, everything
    )
    assert {name: now[name] for name in OWN} == OWN
    assert now["rules"][0]["then"] == {**OWN, "roles": ["Zaakvoerder"]}
