"""Normalises names for comparing: no case, accents or punctuation, and the legal form on its own.

*Bakkerij Peeters*, *BAKKERIJ PEETERS B.V.* and *Bakkerij Peeters bvba* are one company; *Peeters BV* and
*Peeters NV* are two. Belgian forms follow the companies code of 2019, under which a BVBA became a BV.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

#: Forms that are one in law or in two languages; other spellings of one form count as equal. They are written as
#: `plain` leaves them, without spaces. Sources: annexes of Directive (EU) 2017/1132 (limited companies and joint-stock
#: companies of each member state), the ELF code list of GLEIF (ISO 20275) for the others.
_SAME = (
    # Belgium, Netherlands, Luxembourg
    "bv bvba ebvba bvbao bvio bvinoprichting sprl sprlu srl bvbvba beslotenvennootschap",
    "nv sa spa naamlozevennootschap societeanonyme",
    "vzw asbl ivzw aisbl izw verenigingzonderwinstoogmerk associationsansbutlucratif",
    "cv cvba cvoa sc scrl scri coop cooperatie cooperatieve genossenschaft",
    "vof snc senc vennootschaponderfirma",
    "commv comm scomm scs gcv secs",
    "commva sca",
    "scsp",
    "esv gie geie eesv",
    "maatschap",
    "stichting fondation fondazione stiftung fundacion fundacao privatestichting",
    "vereniging association verein associazione asociacion associacao",
    "vme acp vve copropriete verenigingvanmedeeigenaars",
    # France, Switzerland
    "sarl eurl sarls sagl selarl seleurl sarlunipersonnelle",
    "sas sasu selas selasu",
    "sci",
    "scp scm scpi",
    "scea gaec gfa",
    "scop scic",
    "ei eirl",
    "klg kmg",
    # Germany, Austria
    "gmbh mbh gesmbh ug ggmbh gug ughaftungsbeschrankt",
    "ag aktiengesellschaft",
    "kg kgaa kommanditgesellschaft",
    "ohg gbr offenehandelsgesellschaft",
    "partg partgmbb partmbb",
    "ev",
    # Ireland, United Kingdom, Malta, Cyprus, United States
    "ltd limited teoranta privatelimitedcompany λτδ",
    "plc publiclimitedcompany",
    "llp lllp",
    "llc pllc limitedliabilitycompany",
    "lp",
    "pty ptyltd proprietarylimited",
    "sadecv sapidecv sderldecv",
    "inc incorporated corp corporation scorp ccorp scorporation ccorporation",
    "cic cio clg dac",
    # Spain, Portugal, Italy
    "sl slu srlu sociedadlimitada sll sau",
    "slp slpu",
    "lda ltda ldaunipessoal unipessoallda sgps unipessoal limitada",
    "srls sapa",
    "crl",
    # Denmark, Sweden, Finland, Norway
    "aps ivs",
    "amba fmba",
    "ekfor",
    "oy oyj",
    # Poland, Czechia, Slovakia, Hungary
    "spzoo spolkazoo społkazoo spzo spolkazograniczonaodpowiedzialnoscia",
    "spk spj spp ska",
    "sro spolsro spolecnostsrucenimomezenym",
    "vos",
    "kft",
    "zrt nyrt",
    "kkt",
    # Slovenia, Croatia, Bulgaria, Baltic states, Greece
    "doo jdoo",
    "dno",
    "eood ood еоод оод",
    "ead еад",
    "uab",
    "vsi",
    "sia",
    "αε",
    "επε",
    "ικε μικε",
    "οε",
    # European
    "se",
    "bvi",
)
#: Each spelling with the name of its form.
FORMS = {spelling: group.split()[0] for group in _SAME for spelling in group.split()}
#: Forms that are words or names, too. They show a company where they are written as a form; names are compared with
#: them, because *Kim As* and *Kim* are two people.
DOUBTFUL = frozenset(
    "as ab ad od et da ks kb hb ik ii mb bt rt ek ekfm ekfr eg eu og keg oeg ou tu uu fie ky ay tmi osk is ps ans"  # noqa: SIM905
    " asa enk"
    " dd sp kd pc pa co company earl eni cb ss soccoop coopua ua ae oe ee epe ike ад ет εε zs ops sem psa"
    "".split()
)
#: Words for people in trade, whom lists name as a form.
IN_TRADE = frozenset(
    "eenmanszaak zelfstandige zzp zzper independant entrepriseindividuelle ei autoentrepreneur microentrepreneur"  # noqa: SIM905
    " microentreprise selfemployed soletrader soleproprietor soleproprietorship freelancer freelance"
    " einzelunternehmen einzelunternehmer einzelfirma selbstandig selbstandiger ek ekfm ekfr eu autonomo autonoma"
    " empresarioindividual dittaindividuale impresaindividuale liberoprofessionista eni empresarioemnomeindividual"
    " enkeltmandsvirksomhed enskildfirma tmi toiminimi fie osvc szco jdg".split()
)
#: Words between two forms, as in *UG (haftungsbeschränkt) & Co. KG* and *GmbH und Co. KG*.
_BETWEEN = frozenset(["co", "cie", "und", "and", "et", "en", "haftungsbeschrankt"])
#: The words of the longest form.
_MOST_WORDS = 5

_NAME = "name"  # any word that is no form
_BRACKETS = dict.fromkeys(map(ord, "(),"), " ")
#: Forms above that are surnames, too.
_SURNAMES = frozenset("sa se ag sl coop lp ev sc sci cv kg spa sas sia doo".split())  # noqa: SIM905

_DROPPED = dict.fromkeys(map(ord, ".'’`´"), "")
_SPACED = dict.fromkeys(map(ord, '-–—_,;:/\\|&+*"“”«»()[]{}'), " ")
_TABLE = {**_DROPPED, **_SPACED}


def plain(text: str) -> str:
    """The name for comparing: no case, accents or punctuation, single spaces."""
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return " ".join(text.casefold().translate(_TABLE).split())


@lru_cache(maxsize=1 << 13)  # the names of some chunks: they are looked at more than once
def company(text: str) -> tuple[str, str]:
    """The plain name of a company without its legal form, and the form ("" where the name shows none)."""
    name = plain(text)
    words = name.split(" ")
    form = ""
    while len(words) > 1 and (words[-1] in FORMS or (form and words[-1] in _BETWEEN)):
        form = FORMS.get(words.pop(), form)
    if not form:
        words, form = _spaced_form(words)
    if not form and len(words) > 1 and words[0] in FORMS:
        form = FORMS[words.pop(0)]
    return (" ".join(words), form) if form else (name, "")


def _spaced_form(words: list[str]) -> tuple[list[str], str]:
    """A form of several words at the end, such as *s a r l*, *sp z oo* or *besloten vennootschap*."""
    for size in range(min(_MOST_WORDS, len(words) - 1), 1, -1):
        form = FORMS.get("".join(words[-size:]))
        if form:
            return words[:-size], form
    return words, ""


def is_legal_form(text: str) -> bool:
    """Whether a text is nothing but a legal form, or a word for people in trade.

    Such as *SARL*, *GmbH & Co. KG*, *SA/NV*, *Eenmanszaak*.
    """
    joined = plain(text).replace(" ", "")
    if joined in FORMS or joined in DOUBTFUL or joined in IN_TRADE:
        return True
    name, form = company(f"{_NAME} {text}")
    return bool(form) and name == _NAME


def is_word_for_trade(text: str) -> bool:
    """Whether a type says that a person is in trade: *Eenmanszaak*, *auto-entrepreneur*."""
    return plain(text).replace(" ", "") in IN_TRADE


def shows_legal_form(text: str) -> bool:
    """Whether a name is that of a company, because it has a legal form: *Cedar NV*; *Maria Sá* is a person.

    A form that is a surname, too, counts in capitals, with points, or where the name has no capital at all.
    """
    form = company(text)[1]
    if not form and text.isalpha():
        return False
    written = text.translate(_BRACKETS).split()
    if len(written) < 2:
        return False
    if form:
        ends = [word for word in (written[0], written[-1]) if plain(word) in _SURNAMES]
        return not ends or any(word.isupper() or "." in word for word in ends) or text == text.casefold()
    if written[0] == "EARL" and not text.isupper():  # of farmers in France; else a first name
        return True
    return any(_is_written_as_form(written[-size:], text) for size in (1, 2, 3) if size < len(written))


def _is_written_as_form(words: list[str], text: str) -> bool:
    """Whether the last words are a doubtful form that is written like one: *Nordic AS*, *Alfa a.s.*, *Beta A/S*."""
    if "".join(plain(" ".join(words)).split()) not in DOUBTFUL:
        return False
    last = " ".join(words)
    if "." in last or "/" in last:
        return len(words) == 1 or any(char in last for char in "/.")
    return last.isupper() and not text.isupper() and len(last) > 1
