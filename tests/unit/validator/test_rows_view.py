"""Rows as a person sees them."""

from services.validator.rows.view import show_rows


def test_a_link_shows_the_switches_that_a_rule_gave_it():
    switches = {"contact.email": {"login": True}}
    links = {
        "0": {"row": 0, "slot": "contact", "account": "firm/a", "contact": "firm/c", "switches": switches},
        "1": {"row": 1, "slot": "contact", "account": "firm/a", "contact": "firm/d"},
    }
    nothing = {"accounts": {}, "contacts": {}}
    chunk = {
        "rows": [["x"], ["y"]], "numbers": [2, 3], "left_out": [], "decisions": {}, "problems": [], "fixes": {},
        "buckets": ["new", "new"], "creates": nothing, "updates": nothing, "links": links, "kept": {},
    }  # fmt: skip
    first, second = show_rows([0, 1], chunk, {"columns": []}, "en")
    assert first["plan"]["links"] == [{"account": "a", "contact": "c", "switches": switches}]
    assert second["plan"]["links"] == [{"account": "a", "contact": "d"}]
