"""Tests the command that proposes mappings without a server."""

from __future__ import annotations

import io
import json

from tools.propose_mapping import main


def answers(capsys, arguments):
    main(arguments)
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_a_file_is_answered_in_one_line_with_a_target_or_none_for_each_column(tmp_path, capsys):
    path = tmp_path / "clients.csv"
    path.write_text("Naam;Voornaam;Schoenmaat\nPeeters;An;39\nClaes;Bo;44\n", "utf-8")
    (answer,) = answers(capsys, [str(path)])
    assert answer["path"] == str(path)
    assert [each["target"] for each in answer["columns"]] == ["contact.last_name", "contact.first_name", None]
    assert all(set(each) == {"index", "header", "target", "confidence", "why"} for each in answer["columns"])
    assert answer["preset"] is None


def test_a_header_alone_is_enough(tmp_path, capsys):
    path = tmp_path / "header.csv"
    path.write_text('"Adresse, rue",Titre,Titre,E-mail\n', "utf-8")
    (answer,) = answers(capsys, [str(path)])
    assert [each["header"] for each in answer["columns"]] == ["Adresse, rue", "Titre", "Titre", "E-mail"]
    assert answer["columns"][3]["target"] == "contact.email"


def test_what_cannot_be_read_is_reported_and_the_next_file_is_answered(tmp_path, capsys, monkeypatch):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "good.csv").write_text("Email\na@b.be\n")
    paths = [str(tmp_path / name) for name in ("empty.csv", "missing.csv", "good.csv")]
    monkeypatch.setattr("sys.stdin", io.StringIO("\n".join(paths)))
    empty, missing, good = answers(capsys, ["-"])
    assert empty["problem"] == "empty"
    assert missing["problem"]
    assert good["columns"][0]["target"] == "contact.email"
