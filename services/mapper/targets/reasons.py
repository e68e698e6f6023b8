"""Reasons of suggestions: a code with values, and the sentence in the language of a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.contract.texts.catalogues import Texts
from shared.contract.texts.catalogues import gettext_noop as _

TEXTS = Texts("mapper")
#: The sentences by the stable code of the reason.
SENTENCES = {
    "label": _("the header is the name of this field"),
    "alias": _("“{word}” is another word for this field"),
    "near": _("the header is close to “{word}”"),
    "preset": _("the file is laid out like {preset}"),
    "words": _("the words of the header say so"),
    "spouse": _("the header names the spouse or partner"),
    "first_names_beside": _("a column with first names goes with it"),
    "surnames_beside": _("a column with surnames goes with it"),
    "name_of_person": _("the other columns are those of persons"),
    "name_of_client": _("it is the name of the client in this list"),
    "courtesy_values": _("its values are forms of address"),
    "typical_values": _("its values look like this field"),
    "second_of": _("it is the second of its kind"),
    "another_of": _("there are several of its kind"),
    "main_address": _("it is part of the main address"),
    "second_address": _("it is part of another address than the main one"),
    "taken": _("another column fits better"),
    "unsure": _("not sure enough to suggest it"),
    "no_field": _("there is no field for this"),
    "unknown": _("no field has a name like this"),
    "known_custom": _("the firm has a custom field of this name"),
    "profile": _("as in the saved mapping “{name}” of {at}"),
    "chosen": _("chosen"),
    "name_of_both": _("it names the client, and the person where the client is one"),
    "no_people": _("the list names no people, so this describes the client"),
}


@dataclass(frozen=True)
class Reason:
    """A reason by its stable code, with the values that its sentence names."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)

    def sentence(self, lang: str = "en") -> str:
        """The reason as a sentence, in English where there is no catalogue for the language."""
        return TEXTS.gettext(SENTENCES[self.code], lang).format(**self.params)
