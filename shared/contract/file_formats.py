"""The file formats that people may upload: pages offer them, a refusal names them."""

from __future__ import annotations

#: Format names as people know them, with the endings of their files.
FORMATS: dict[str, tuple[str, ...]] = {
    "CSV": (".csv",),
    "TSV": (".tsv",),
    "TXT": (".txt",),
    "XLSX": (".xlsx", ".xlsm"),
    "XLS": (".xls",),
    "XLSB": (".xlsb",),
    "ODS": (".ods", ".fods"),
}
#: The names, for a sentence.
NAMES = ", ".join(FORMATS)
#: What a file picker shows; a zip may hold any of the formats.
ENDINGS = ",".join([*(ending for endings in FORMATS.values() for ending in endings), ".zip"])
