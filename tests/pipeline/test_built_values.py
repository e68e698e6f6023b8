"""Built values through the whole path: previewed, checked, repaired, loaded, in the list of skipped rows, kept."""

from __future__ import annotations

from typing import Any

from tests.pipeline.conftest import LIMIT, records, table
from tests.pipeline.test_skipped_and_back import as_file, listed, loaded_from
from tests.system import Client

HEADER = ("Dossier", "Prénom", "Nom", "État", "Adresse")
ROWS = [
    ("B-001-P", "JAN", "DE SMET", "Actif", "jan"),
    ("B-002-R", "", "MAES", "décédé", "maes"),
    ("B-003-R", "an", "claes", "Actif", "an claes"),
    *((f"B-{n:03d}-R", "Eva", f"Stas {n}", "Actif", f"eva{n}") for n in range(4, 30)),
    ("B-030-P", "Leo", "Rik", "Actif", "leo rik"),
]
COUNT = len(ROWS)


def built() -> list[dict[str, Any]]:
    kinds = {"pairs": {"P": "Individual"}, "rest": "value", "value": "Company"}
    of_code = [{"column": 0}]
    return [
        {
            "target": "account.name",
            "parts": [{"text": "Dossier "}, {"column": 2}, {"text": ", "}, {"column": 1}],
            "steps": [{"case": "title"}],
        },
        {
            "target": "account.client_code",
            "parts": of_code,
            "steps": [{"take": {"separator": "-", "piece": 2}}],
        },
        {
            "target": "account.type",
            "parts": of_code,
            "steps": [{"take": {"last": 1}}, {"look_up": kinds}],
        },
        {"target": "contact.full_name", "parts": [{"column": 1}, {"text": " "}, {"column": 2}]},
        {"target": "contact.email", "parts": [{"column": 4}, {"text": "@example.be"}]},
        {"target": "account.custom.Origin", "parts": [{"text": "list "}, {"column": 0}]},
    ]


def mapping() -> dict[str, Any]:
    return {"columns": [{"index": 3, "action": "skip", "leave_out": ["Décédé"]}], "built": built()}


def problems(row: dict[str, Any]) -> list[tuple[str, list[int]]]:
    return [(problem["code"], problem.get("built_from", [])) for problem in row["problems"]]


def test_built_values_go_all_the_way(client: Client) -> None:
    origin = {"name": "Origin", "type": "text", "record": "account"}
    client.put("/directory", {"custom_fields": [origin]})
    job = client.upload(table(HEADER, *ROWS))
    client.wait_for(job, "proposed", limit=LIMIT)

    shown = client.post(f"/jobs/{job}/mapping/preview", {"mapping": mapping(), "rows": 3})
    assert shown["rows"][0]["built"] == [
        "Dossier De Smet, Jan", "001", "Individual", "JAN DE SMET", "jan@example.be", "list B-001-P",
    ]  # fmt: skip
    assert [row["left_out"] for row in shown["rows"]] == [False, True, False]
    assert shown["rows"][2]["problems"][0]["code"] == "invalid_email"
    assert not any(column["leave_out"] for column in client.get(f"/jobs/{job}/mapping")["columns"])

    client.put(f"/jobs/{job}/mapping", mapping())
    rules = [{"when": [{"column": 0, "contains": "B-004"}], "then": {"leave_out": True}}]
    client.put(f"/jobs/{job}/settings", {"rules": rules})
    saved = client.post(f"/jobs/{job}/mapping/preview", {})
    assert saved["rows"][0]["built"] == shown["rows"][0]["built"]
    assert saved["rules"] == [{"number": 1, "rows": [5], "counted": 1}]

    client.post(f"/jobs/{job}/map")
    counts = client.wait_for(job, "validated", limit=LIMIT)["counts"]
    assert (counts["new"], counts["invalid"], counts["unselected"]) == (COUNT - 4, 2, 2)
    first, dead, wrong = client.get(f"/jobs/{job}/rows", limit=3)["items"]
    fixes = {fix["field"]: fix for fix in first["fixes"] if fix["code"] == "value_built"}
    assert fixes["account.name"]["new"] == "Dossier De Smet, Jan"
    assert fixes["account.name"]["built_from"] == [2, 1]
    assert fixes["contact.full_name"]["new"] == "JAN DE SMET"
    assert fixes["account.custom.Origin"]["new"] == "list B-001-P"
    assert (dead["bucket"], problems(dead)) == ("unselected", [("left_out_by_value", [])])
    assert problems(wrong) == [("invalid_email", [4])]
    fixed = client.get(f"/jobs/{job}/report")["fixes"]
    assert {"code": "value_built", "values": 6 * COUNT} in fixed

    number = wrong["row"]
    change = [{"row": number, "cells": {"4": "an.claes", "1": "Annelies"}}]
    answer = client.call("PATCH", f"/jobs/{job}/rows", json=change)
    assert answer.ok, answer.text
    (again,) = client.get(f"/jobs/{job}/rows", row=str(number))["items"]
    assert (again["bucket"], again["problems"]) == ("new", [])
    values = again["plan"]["account"]["values"]
    assert (values["name"], values["client_code"]) == ("Dossier Claes, Annelies", "003")

    client.post(f"/jobs/{job}/confirm")
    done = client.wait_for(job, "imported", limit=LIMIT)["result"]
    assert (done["rows_loaded"], done["rows_skipped"]) == (COUNT - 3, 3)
    accounts = {each["client_code"]: each for each in records(client, "accounts")}
    assert len(accounts) == COUNT - 3
    assert accounts["001"]["type"] == "Individual"
    assert accounts["003"]["custom"] == {"Origin": "list B-003-R"}
    assert {"an.claes@example.be", "jan@example.be"} <= {
        each["email"] for each in records(client, "contacts")
    }

    lines = listed(client, job)
    assert [line["_problem"] for line in lines] == ["left_out_by_value", "left_out_by_rule", "invalid_email"]
    alive = [{**lines[2], "Adresse": "leo.rik"}]
    repaired = loaded_from(client, as_file(alive), job)
    assert repaired["result"]["rows_loaded"] == 1
    assert "030" in {each["client_code"] for each in records(client, "accounts")}

    moved = client.upload(table(("Nom", *HEADER[:2], *HEADER[3:]), ("a", "B-9-R", "c", "d", "e")))
    client.wait_for(moved, "proposed", limit=LIMIT)
    known = client.get(f"/jobs/{moved}/mapping")
    assert [part.get("column") for part in known["built"][0]["parts"]] == [None, 0, None, 2]
    assert {c["header"]: c["leave_out"] for c in known["columns"]}["État"] == ["Décédé"]
