"""Write the workbooks of tests/files/workbook anew, with what is expected of each: `python -m tests.files.make_workbooks`."""

# ruff: noqa: E501
from __future__ import annotations

import datetime
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import xlwt

from tests.files.making import (
    MAIN,
    TYPES,
    X,
    ods,
    ods_content,
    ods_rows,
    sheet_data,
    strings,
    styles,
    worksheet,
    xlsb,
    xlsb_sheet,
    xlsx,
    xlsx_parts,
    zipped,
)

FOLDER = Path(__file__).parent / "workbook"
HEADER = ["Name", "Town", "Born"]
PEOPLE = [
    ["Ilse Maas", "Lier", "1971-03-02"],
    ["Joris Roels", "Ath", "1988-11-30"],
    ["Nora Zöllner", "Eupen", ""],
]
LIST = [HEADER, *PEOPLE]
CSV = b"Name;Town\r\nIlse Maas;Lier\r\nJoris Roels;Ath\r\n"
TWO = [["Ilse Maas", "Lier"], ["Joris Roels", "Ath"]]


def save(name: str, content: bytes, **expected: Any) -> None:
    """A file and what is expected of it."""
    (FOLDER / name).write_bytes(content)
    stem = name.rpartition(".")[0]
    text = json.dumps(expected, ensure_ascii=False, indent=1) + "\n"
    (FOLDER / f"{stem}.expected.json").write_text(text, encoding="utf-8")


def people(name: str, content: bytes, **more: Any) -> None:
    """A file that holds the list of people."""
    save(name, content, header=HEADER, rows=PEOPLE, **more)


def plain() -> bytes:
    return xlsx(LIST)


def numbers_and_dates() -> None:
    form = styles(
        "00000", "0000\\.000\\.000", "dd/mm/yyyy", 14, "hh:mm", "[h]:mm", "0%", '#,##0.00\\ "€"', "00"
    )
    save("leading-zeros-by-number-format.xlsx", xlsx(
        [["Code", "Client", "Town"], [(42, 1), "Ilse Maas", "Lier"], [(12345, 1), "Joris Roels", "Ath"], [(7, 9), "Nora", "Spa"]],
        style=form), header=["Code", "Client", "Town"],
        rows=[["00042", "Ilse Maas", "Lier"], ["12345", "Joris Roels", "Ath"], ["07", "Nora", "Spa"]])  # fmt: skip
    save("leading-zeros-by-format-with-dots.xlsx", xlsx(
        [["Client", "KBO"], ["Bakkerij Zon", (403019261, 2)], ["Drukkerij Ros", (1234567894, 2)]], style=form),
        header=["Client", "KBO"], rows=[["Bakkerij Zon", "0403.019.261"], ["Drukkerij Ros", "1234.567.894"]])  # fmt: skip
    save("dates-and-times.xlsx", xlsx(
        [["Client", "Born", "Seen", "Call", "Hours"],
         ["Ilse", (25994, 3), (45293.5, 4), (0.40625, 5), (1.25, 6)],
         ["Joris", (32477, 4), (45293.999988425925, 3), (0, 5), (10.5, 6)]], style=form),
        header=["Client", "Born", "Seen", "Call", "Hours"],
        rows=[["Ilse", "1971-03-02", "2024-01-02T12:00:00", "09:45:00", "30:00:00"],
              ["Joris", "1988-11-30", "2024-01-02T23:59:59", "00:00:00", "252:00:00"]])  # fmt: skip
    save("dates-before-march-1900.xlsx", xlsx(
        [["Client", "Since"], ["A", (1, 3)], ["B", (59, 3)], ["C", (61, 3)]], style=form),
        header=["Client", "Since"], rows=[["A", "1900-01-01"], ["B", "1900-02-28"], ["C", "1900-03-01"]])  # fmt: skip
    save("dates-from-1904.xlsx", xlsx(
        [["Client", "Born"], ["Ilse", (24532, 3)], ["Joris", (0, 3)]], style=form, from_1904=True),
        header=["Client", "Born"], rows=[["Ilse", "1971-03-02"], ["Joris", "1904-01-01"]])  # fmt: skip
    save("serials-past-the-last-day.xlsx", xlsx(
        [["Client", "Born"], ["Ilse", (2958465, 3)], ["Joris", (2958466, 3)], ["Nora", (-1, 3)]], style=form),
        header=["Client", "Born"], rows=[["Ilse", "9999-12-31"], ["Joris", "2958466"], ["Nora", "-1"]])  # fmt: skip
    save("percent-and-currency.xlsx", xlsx(
        [["Client", "Share", "Fee"], ["Ilse", (0.52, 7), (1234.5, 8)], ["Joris", (1, 7), (0.1 + 0.2, 8)]], style=form),
        header=["Client", "Share", "Fee"], rows=[["Ilse", "0.52", "1234.5"], ["Joris", "1", "0.3"]])  # fmt: skip
    save("number-formats-that-look-like-dates.xlsx", xlsx(
        [["Client", "Days", "Sum", "Red"], ["Ilse", (3, 1), (4, 2), (5, 3)], ["Joris", (6, 1), (7, 2), (8, 3)]],
        style=styles('0 "days"', '0.00 \\m\\d', "[Red]0;[Blue]-0")),
        header=["Client", "Days", "Sum", "Red"], rows=[["Ilse", "3", "4", "5"], ["Joris", "6", "7", "8"]])  # fmt: skip
    save("dates-in-cells-of-iso-text.xlsx", xlsx(
        [["Client", "Born"], ["Ilse", X('<c r="@" t="d"><v>1971-03-02T00:00:00Z</v></c>')],
         ["Joris", X('<c r="@" t="d"><v>1988-11-30T08:30:00</v></c>')]]),
        header=["Client", "Born"], rows=[["Ilse", "1971-03-02"], ["Joris", "1988-11-30T08:30:00"]])  # fmt: skip
    save("dates-of-another-locale.xlsx", xlsx(
        [["Client", "Born"], ["Ilse", (25994, 1)], ["Joris", (32477, 2)]],
        style=styles("[$-413]d mmmm yyyy;@", "[$-80C]dd-mmm-yy")),
        header=["Client", "Born"], rows=[["Ilse", "1971-03-02"], ["Joris", "1988-11-30"]])  # fmt: skip
    save("whole-numbers-in-exponent-form.xlsx", xlsx(
        [["Client", "Account"], ["Ilse", X('<c r="@"><v>4.41E+11</v></c>')], ["Joris", X('<c r="@"><v>85073003328.0</v></c>')]]),
        header=["Client", "Account"], rows=[["Ilse", "441000000000"], ["Joris", "85073003328"]])  # fmt: skip
    save("numbers-past-fifteen-digits.xlsx", xlsx(
        [["Client", "Account"], ["Ilse", X('<c r="@"><v>1.2345678901234567E+19</v></c>')], ["Joris", 123456789012345]]),
        header=["Client", "Account"], rows=[["Ilse", 12345678901234600000], ["Joris", "123456789012345"]],
        problems=["precision_lost"])  # fmt: skip
    save("long-codes-kept-as-text.xlsx", xlsx(
        [["Client", "Account"], ["Ilse", "00012345678901234567"], ["Joris", "98765432109876543210"]]),
        header=["Client", "Account"], rows=[["Ilse", "00012345678901234567"], ["Joris", "98765432109876543210"]],
        problems=[])  # fmt: skip
    save("truth-values.xlsx", xlsx([["Client", "Active"], ["Ilse", True], ["Joris", False]]),
         header=["Client", "Active"], rows=[["Ilse", "TRUE"], ["Joris", "FALSE"]])  # fmt: skip


def cells() -> None:
    error = '<c r="@" t="e"><f>NA()</f><v>{}</v></c>'
    save("error-cells.xlsx", xlsx([
        ["Client", "Town"], ["Ilse", X(error.format("#N/A"))], ["Joris", X(error.format("#REF!"))], ["Nora", "Spa"]]),
        header=["Client", "Town"], rows=[["Ilse", "#N/A"], ["Joris", "#REF!"], ["Nora", "Spa"]])  # fmt: skip
    save("formulas-with-results.xlsx", xlsx([
        ["Client", "Mail", "Sum"],
        ["Ilse", X('<c r="@" t="str"><f>"x"</f><v>ilse&#64;zon.be</v></c>'), X('<c r="@"><f>1+2</f><v>3</v></c>')],
        ["Joris", X('<c r="@" t="str"><f>""</f><v></v></c>'), X('<c r="@" t="b"><f>TRUE()</f><v>1</v></c>')]]),
        header=["Client", "Mail", "Sum"], rows=[["Ilse", "ilse@zon.be", "3"], ["Joris", "", "TRUE"]])  # fmt: skip
    save("formulas-never-calculated.xlsx", xlsx([
        ["Client", "Sum"], ["Ilse", X('<c r="@"><f>1+2</f></c>')], ["Joris", 4]]),
        header=["Client", "Sum"], rows=[["Ilse", ""], ["Joris", "4"]], problems=["formula_not_calculated"])  # fmt: skip
    items = strings("Name", "Town", "<r><t>Ilse </t></r><r><rPr><b/></rPr><t>Maas</t></r><rPh sb=\"0\" eb=\"1\"><t>x</t></rPh>",
                    "Lier_x000D_\nWest", "", "Joris _x005F_x000D_", "  Ath  ")  # fmt: skip
    data = sheet_data(
        [[shared(0), shared(1)], [shared(2), shared(3)], [shared(5), shared(6)], [shared(4), shared(4)]]
    )
    save("rich-escaped-and-empty-shared-strings.xlsx", zipped(xlsx_parts({"Clients": worksheet(data)}, shared=items)),
         header=["Name", "Town"], rows=[["Ilse Maas", "Lier\r\nWest"], ["Joris _x000D_", "Ath"]])  # fmt: skip
    people("cells-without-references.xlsx", xlsx([
        X(f"<row>{''.join(bare(value) for value in row)}</row>") for row in LIST]))  # fmt: skip
    people("rows-without-numbers.xlsx", xlsx([X(sheet_data([row], number).replace(f'<row r="{number}">', "<row>"))
                                            for number, row in enumerate(LIST, 1)]))  # fmt: skip
    save("line-breaks-in-cells.xlsx", xlsx([["Client", "Address"], ["Ilse", "Markt 1\n2500 Lier"], ["Joris", "Kerk 2\n7800 Ath"]]),
         header=["Client", "Address"], rows=[["Ilse", "Markt 1\n2500 Lier"], ["Joris", "Kerk 2\n7800 Ath"]])  # fmt: skip
    merged = worksheet(sheet_data([["Name", "Street", None, "Town"], ["Ilse", "Markt", 1, "Lier"], ["Joris", "Kerk", 2, None]]),
                       after='<mergeCells count="2"><mergeCell ref="B1:C1"/><mergeCell ref="D2:D3"/></mergeCells>')  # fmt: skip
    save("merged-cells.xlsx", zipped(xlsx_parts({"Clients": merged})),
         header=["Name", "Street", "", "Town"], rows=[["Ilse", "Markt", "1", "Lier"], ["Joris", "Kerk", "2", ""]])  # fmt: skip
    people(
        "spaces-around-cells.xlsx",
        xlsx([[f" {value} \u00a0" if value else value for value in row] for row in LIST]),
    )


def shared(place: int) -> X:
    return X(f'<c r="@" t="s"><v>{place}</v></c>')


def bare(value: str) -> str:
    return f'<c t="inlineStr"><is><t>{value}</t></is></c>'


def line_ends() -> None:
    ends = strings("Name", "Town", "Ilse", "Markt 1\r\nLier", "Joris", "Ath")
    data = sheet_data([[shared(0), shared(1)], [shared(2), shared(3)], [shared(4), shared(5)]])
    save(
        "line-ends-of-windows-in-shared-strings.xlsx",
        zipped(xlsx_parts({"Clients": worksheet(data)}, shared=ends)),
        header=["Name", "Town"],
        rows=[["Ilse", "Markt 1\nLier"], ["Joris", "Ath"]],
    )


def shape() -> None:
    people(
        "title-over-the-header.xlsx", xlsx([["Clients of Kantoor Roels, spring"], None, *LIST]), header_row=3
    )
    people(
        "two-titles-and-a-date.xlsx", xlsx([["Client list"], ["Printed", "2024-05-01"], *LIST]), header_row=3
    )
    people(
        "table-away-from-the-corner.xlsx",
        zipped(xlsx_parts({"Clients": worksheet(sheet_data(LIST, 4, 2))})),
        header_row=4,
    )
    people(
        "dimension-of-one-cell.xlsx",
        zipped(xlsx_parts({"Clients": worksheet(sheet_data(LIST), '<dimension ref="A1"/>')})),
    )
    people("dimension-of-the-whole-sheet.xlsx", zipped(xlsx_parts(
        {"Clients": worksheet(sheet_data(LIST), '<dimension ref="A1:XFD1048576"/>')})))  # fmt: skip
    phantom = "".join(f'<row r="{number}" s="1" customFormat="1"><c r="A{number}" s="1"/><c r="B{number}" s="1"/></row>'
                      for number in range(5, 3005))  # fmt: skip
    people("phantom-rows.xlsx", xlsx([*LIST, X(phantom)], style=styles("@")))
    people("styled-empty-cell-in-the-last-corner.xlsx", xlsx(
        [*LIST, X('<row r="1048576"><c r="XFD1048576" s="1"/></row>')], style=styles("@")))  # fmt: skip
    save("value-in-the-last-row.xlsx", xlsx([*LIST, X('<row r="1048576"><c r="A1048576" t="str"><v>Zita Last</v></c></row>')]),
         header=HEADER, rows=[*PEOPLE, ["Zita Last", "", ""]])  # fmt: skip
    people("blank-rows-between.xlsx", xlsx([LIST[0], None, LIST[1], None, None, *LIST[2:]]))
    save("no-header.xlsx", xlsx([[1, "Ilse Maas", "ilse@zon.be", 9000], [2, "Joris Roels", "joris@ros.be", 7800], [3, "Nora", "nora@spa.be", 4900]]),
         header=[], rows=[["1", "Ilse Maas", "ilse@zon.be", "9000"], ["2", "Joris Roels", "joris@ros.be", "7800"], ["3", "Nora", "nora@spa.be", "4900"]],
         header_row=0)  # fmt: skip
    save("years-as-names.xlsx", xlsx([["Client", 2022, 2023, 2024], ["Ilse", 10, 20, 30], ["Joris", 5, 6, 7]]),
         header=["Client", "2022", "2023", "2024"], rows=[["Ilse", "10", "20", "30"], ["Joris", "5", "6", "7"]])  # fmt: skip
    save("groups-over-the-header.xlsx", xlsx([
        ["Client", None, "Address", None, "Fee"], ["Number", "Name", "Street", "Town", "Yearly"],
        [1, "Ilse", "Markt 1", "Lier", 100], [2, "Joris", "Kerk 2", "Ath", 250]]),
        header=["Number", "Name", "Street", "Town", "Yearly"], header_row=2,
        rows=[["1", "Ilse", "Markt 1", "Lier", "100"], ["2", "Joris", "Kerk 2", "Ath", "250"]])  # fmt: skip
    save("blank-and-repeated-names.xlsx", xlsx([[None, "Mail", "Mail", None], [1, "a@zon.be", "b@zon.be", 5], [2, "c@ros.be", "d@ros.be", 6]]),
         header=["", "Mail", "Mail", ""], rows=[["1", "a@zon.be", "b@zon.be", "5"], ["2", "c@ros.be", "d@ros.be", "6"]])  # fmt: skip
    hidden = worksheet(sheet_data(LIST).replace('<row r="3">', '<row r="3" hidden="1">'),
                       '<cols><col min="2" max="2" hidden="1"/></cols>')  # fmt: skip
    people("hidden-rows-and-columns.xlsx", zipped(xlsx_parts({"Clients": hidden})))
    save("header-alone.xlsx", xlsx([HEADER]), header=HEADER, rows=[])
    save(
        "one-column.xlsx",
        xlsx([["Mail"], ["ilse@zon.be"], ["joris@ros.be"]]),
        header=["Mail"],
        rows=[["ilse@zon.be"], ["joris@ros.be"]],
    )


def sheets() -> None:
    table = worksheet(sheet_data(LIST))
    empty = worksheet("")
    people("first-sheet-empty.xlsx", zipped(xlsx_parts({"Blank": empty, "Clients": table})), sheet="Clients")
    people("first-sheet-hidden.xlsx", zipped(xlsx_parts(
        {"Old": worksheet(sheet_data([["x", "y"], ["1", "2"]])), "Older": empty, "Clients": table},
        states={"Old": "hidden", "Older": "veryHidden"})), sheet="Clients")  # fmt: skip
    cover = worksheet(sheet_data([["Kantoor Roels"], ["Date", "2024-05-01"], ["Made by", "Nora"]]))
    people("cover-sheet.xlsx", zipped(xlsx_parts({"Info": cover, "Clients": table})), sheet="Clients")
    lone = worksheet(sheet_data([["Do not print"]]))
    people("note-sheet.xlsx", zipped(xlsx_parts({"Note": lone, "Clients": table})), sheet="Clients")
    many = [[f"Client {n}", f"c{n}@zon.be", "Gent"] for n in range(60)]
    small = worksheet(sheet_data([["Key", "Value"], ["Year", 2024]]))
    save("tiny-sheet-before-the-list.xlsx", zipped(xlsx_parts(
        {"Setup": small, "Clients": worksheet(sheet_data([["Name", "Mail", "Town"], *many]))})),
        header=["Name", "Mail", "Town"], rows=many, sheet="Clients")  # fmt: skip
    parts = xlsx_parts({"Chart": "", "Clients": table})
    parts["xl/worksheets/sheet1.xml"] = b'<chartsheet xmlns="%s"/>' % MAIN.encode()
    parts["xl/_rels/workbook.xml.rels"] = parts["xl/_rels/workbook.xml.rels"].replace(
        b'/worksheet"', b'/chartsheet"', 1
    )
    people("chart-sheet-first.xlsx", zipped(parts), sheet="Clients")
    odd = 'Klanten & "co" <é>'
    people(
        "odd-sheet-name.xlsx", zipped(xlsx_parts({odd.replace('"', "'"): table})), sheet=odd.replace('"', "'")
    )


def packages() -> None:
    parts = xlsx_parts({"Clients": worksheet(sheet_data(LIST))}, style=styles("@"))
    strict = xlsx_parts(
        {"Clients": worksheet(sheet_data(LIST), space="http://purl.oclc.org/ooxml/spreadsheetml/main")},
        strict=True,
    )
    people("strict.xlsx", zipped(strict))
    people(
        "backslash-part-names.xlsx",
        zipped({name.replace("/", "\\"): content for name, content in parts.items()}),
    )
    people(
        "upper-case-part-names.xlsx",
        zipped({name.replace("sheet1", "Sheet1").replace("xl/w", "XL/w"): c for name, c in parts.items()}),
    )
    people("absolute-targets.xlsx", zipped({**parts, "xl/_rels/workbook.xml.rels":
           parts["xl/_rels/workbook.xml.rels"].replace(b'Target="w', b'Target="/xl/w')}))  # fmt: skip
    people("no-styles-part.xlsx", zipped({name: c for name, c in parts.items() if "styles" not in name}))
    people(
        "no-package-relationships.xlsx",
        zipped({name: c for name, c in parts.items() if name != "_rels/.rels"}),
    )
    people(
        "no-workbook-relationships.xlsx",
        zipped({name: c for name, c in parts.items() if "workbook.xml.rels" not in name}),
    )
    people(
        "no-content-types.xlsx", zipped({name: c for name, c in parts.items() if not name.startswith("[")})
    )
    people("stored-not-deflated.xlsx", zipped(parts, zipfile.ZIP_STORED))
    prefixed = (
        parts["xl/worksheets/sheet1.xml"].decode().replace("<?", "\0").replace("</", "\1").replace("<", "<x:")
    )
    prefixed = prefixed.replace("\0", "<?").replace("\1", "</x:").replace("xmlns=", "xmlns:x=")
    people("prefixed-names.xlsx", zipped({**parts, "xl/worksheets/sheet1.xml": prefixed.encode()}))
    wide_part = (
        parts["xl/worksheets/sheet1.xml"]
        .decode()
        .replace('encoding="UTF-8"', 'encoding="UTF-16"')
        .encode("utf-16")
    )
    people("parts-in-utf-16.xlsx", zipped({**parts, "xl/worksheets/sheet1.xml": wide_part}))
    people("other-workbook-name.xlsx", zipped({name.replace("xl/workbook.xml", "xl/workbook2.xml").replace("workbook.xml.rels", "workbook2.xml.rels"):
           content.replace(b"xl/workbook.xml", b"xl/workbook2.xml") for name, content in parts.items()}))  # fmt: skip
    people("comments-and-spaces-in-xml.xlsx", zipped({**parts, "xl/worksheets/sheet1.xml":
           parts["xl/worksheets/sheet1.xml"].replace(b"<row", b"\n  <!-- a <row> -->\n <row").replace(b"<c ", b"\n<c  ")}))  # fmt: skip
    people("single-quoted-attributes.xlsx", zipped({**parts, "xl/worksheets/sheet1.xml":
           parts["xl/worksheets/sheet1.xml"].replace(b'"', b"'")}))  # fmt: skip


def other_families() -> None:
    book = xlwt.Workbook()
    sheet = book.add_sheet("Clients")
    pad = xlwt.easyxf(num_format_str="00000")
    day = xlwt.easyxf(num_format_str="dd/mm/yyyy")
    for column, name in enumerate(["Code", "Name", "Born", "Fee", "Active"]):
        sheet.write(0, column, name)
    for row, (code, name, born) in enumerate(
        [(42, "Ilse Zöllner", datetime.date(1971, 3, 2)), (7, "Joris", datetime.date(1988, 11, 30))], 1
    ):
        sheet.write(row, 0, code, pad)
        sheet.write(row, 1, name)
        sheet.write(row, 2, born, day)
        sheet.write(row, 3, 12.5 * row)
        sheet.write(row, 4, row == 1)
    save("padded-codes-and-dates.xls", saved(book), header=["Code", "Name", "Born", "Fee", "Active"],
         rows=[["00042", "Ilse Zöllner", "1971-03-02", "12.5", "TRUE"], ["00007", "Joris", "1988-11-30", "25", "FALSE"]])  # fmt: skip
    book = xlwt.Workbook()
    hidden = book.add_sheet("Old")
    hidden.write(0, 0, "x")
    hidden.write(1, 0, "y")
    hidden.visibility = 1
    fill(book.add_sheet("Clients"), LIST, 2)
    book.set_active_sheet(1)
    people("hidden-sheet-and-blank-rows-first.xls", saved(book), sheet="Clients", header_row=3)
    book = xlwt.Workbook()
    book.dates_1904 = True
    sheet = book.add_sheet("Clients")
    fill(sheet, [["Client", "Born"], ["Ilse", None], ["Joris", None]], 0)
    sheet.write(1, 1, 24532, day)
    sheet.write(2, 1, 31015, day)
    save(
        "dates-from-1904-in-xls.xls",
        saved(book),
        header=["Client", "Born"],
        rows=[["Ilse", "1971-03-02"], ["Joris", "1988-11-30"]],
    )
    book = xlwt.Workbook()
    fill(book.add_sheet("Clients"), LIST, 0)
    people("xls-named-xlsx.xlsx", saved(book), format="xls")
    people("zipped-xls.zip", zipped({"list.xls": saved(book)}), format="xls")

    table = xlsb_sheet(
        [
            ["Code", "Name", "Born", "Fee"],
            [(42, 1), "Ilse", (25994, 2), 12.5],
            [(7, 1), "Joris", (32477, 2), b"\x2a"],
        ]
    )
    save("padded-codes-dates-and-errors.xlsb", xlsb({"Clients": table}, ["00000", "dd/mm/yyyy"]), header=["Code", "Name", "Born", "Fee"],
         rows=[["00042", "Ilse", "1971-03-02", "12.5"], ["00007", "Joris", "1988-11-30", "#N/A"]])  # fmt: skip
    old = xlsb_sheet([["x", "y"], [True, 2]])
    people(
        "hidden-sheet-first.xlsb",
        xlsb({"Old": old, "Clients": xlsb_sheet(LIST)}, hidden=["Old"]),
        sheet="Clients",
    )
    people(
        "zipped-xlsb.zip", zipped({"lijst/klanten.xlsb": xlsb({"Clients": xlsb_sheet(LIST)})}), format="xlsb"
    )

    typed = (
        '<table:table-cell office:value-type="{}" office:{}-value="{}"><text:p>{}</text:p></table:table-cell>'
    )
    padded = '<table:table-cell office:value-type="float" office:value="{}"><text:p>{:05d}</text:p></table:table-cell>'
    error = '<table:table-cell table:formula="of:=NA()" office:value-type="string" office:string-value="" calcext:value-type="error"><text:p>#N/A</text:p></table:table-cell>'
    save("values-of-every-type.ods", ods({"Clients": ods_rows(
        ["Code", "Name", "Born", "Call", "Share", "Active"],
        [X(padded.format(42, 42)), "Ilse\nMaas", X(typed.format("date", "date", "1971-03-02", "02/03/71")),
         X(typed.format("time", "time", "PT09H45M00S", "9:45")),
         X('<table:table-cell office:value-type="percentage" office:value="0.52"><text:p>52%</text:p></table:table-cell>'), True],
        [X(padded.format(7, 7)), "Joris", X(typed.format("date", "date", "1988-11-30T08:30:00", "30/11/88")),
         X(typed.format("time", "time", "PT30H00M00S", "30:00")), X(error), False])}),
        header=["Code", "Name", "Born", "Call", "Share", "Active"],
        rows=[["00042", "Ilse\nMaas", "1971-03-02", "09:45:00", "0.52", "TRUE"],
              ["00007", "Joris", "1988-11-30T08:30:00", "30:00:00", "#N/A", "FALSE"]])  # fmt: skip
    tail = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    people("repeated-empty-rows-to-the-end.ods", ods({"Clients": ods_rows(*LIST) + tail}))
    twice = '<table:table-row table:number-rows-repeated="2"><table:table-cell office:value-type="string" table:number-columns-repeated="2"><text:p>x</text:p></table:table-cell></table:table-row>'
    save("repeated-cells-and-rows.ods", ods({"Clients": ods_rows(["Name", "Town"], ["Ilse", "Lier"]) + twice}),
         header=["Name", "Town"], rows=[["Ilse", "Lier"], ["x", "x"], ["x", "x"]])  # fmt: skip
    people(
        "hidden-table-first.ods",
        ods({"Old": ods_rows(["x", "y"], [1, 2]), "Clients": ods_rows(*LIST)}, hidden=["Old"]),
        sheet="Clients",
    )
    note = X(
        '<table:table-cell office:value-type="string"><office:annotation><text:p>a remark</text:p></office:annotation><text:p>Ilse<text:s text:c="2"/>Maas</text:p></table:table-cell>'
    )
    save("remarks-and-spaces.ods", ods({"Clients": ods_rows(["Name", "Town"], [note, "Lier"], ["Joris", "Ath"])}),
         header=["Name", "Town"], rows=[["Ilse  Maas", "Lier"], ["Joris", "Ath"]])  # fmt: skip
    people("one-file-spreadsheet.fods", ods_content({"Clients": ods_rows(*LIST)}, root="document").encode())
    people("ods-named-xls.xls", ods({"Clients": ods_rows(*LIST)}), format="ods")


def fill(sheet: Any, rows: list[list[Any]], start: int) -> None:
    for number, row in enumerate(rows, start):
        for column, value in enumerate(row):
            if value:
                sheet.write(number, column, value)


def saved(book: Any) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def wrong_names() -> None:
    people("xlsx-named-csv.csv", plain(), format="xlsx")
    people("xlsx-named-xls.xls", plain(), format="xlsx")
    save("csv-named-xlsx.xlsx", CSV, header=["Name", "Town"], rows=TWO, format="csv")
    save("csv-named-xls.xls", CSV, header=["Name", "Town"], rows=TWO, format="csv")
    save("zipped-csv.zip", zipped({"clients.csv": CSV}), header=["Name", "Town"], rows=TWO, format="csv")
    save("zipped-csv-with-what-a-mac-adds.zip", zipped({"clients/clients.csv": CSV, "__MACOSX/clients/._clients.csv": b"\0\5\26\7", "clients/.DS_Store": b"\0"}),
         header=["Name", "Town"], rows=TWO)  # fmt: skip
    save(
        "zipped-csv-with-a-path-that-climbs.zip",
        zipped({"../../etc/clients.csv": CSV}),
        header=["Name", "Town"],
        rows=TWO,
    )
    people("zipped-xlsx.zip", zipped({"clients.xlsx": plain()}), format="xlsx")
    people("zipped-ods.zip", zipped({"clients.ods": ods({"Clients": ods_rows(*LIST)})}), format="ods")
    rows = "".join("<tr>" + "".join(f"<td>{value}</td>" for value in row) + "</tr>\n" for row in LIST)
    page = f'<html><head><meta charset="utf-8"><style>td {{ color: red }}</style></head><body><table>{rows}</table></body></html>'
    people("html-table-named-xls.xls", page.encode(), format="html")
    people(
        "html-table-in-windows-1252.xls",
        page.replace("utf-8", "windows-1252").encode("cp1252"),
        format="html",
    )
    loose = "<table border=1><tr><th>Name<th>Town<tr><td>Ilse &amp; co<td>2500<br>Lier<tr><td>Joris<td>Ath</table>"
    save(
        "html-table-without-end-tags.xls",
        loose.encode(),
        header=["Name", "Town"],
        rows=[["Ilse & co", "2500\nLier"], ["Joris", "Ath"]],
        format="html",
    )
    space = "urn:schemas-microsoft-com:office:spreadsheet"
    body = "".join(
        "<Row>" + "".join(f'<Cell><Data ss:Type="String">{value}</Data></Cell>' for value in row) + "</Row>"
        for row in LIST
    )
    people(
        "excel-2003-xml-named-xls.xls",
        f'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Worksheet ss:Name="Clients"><Table>{body}</Table></Worksheet></Workbook>'.encode(),
        format="xml",
    )
    typed = '<Row ss:Index="3"><Cell><Data ss:Type="String">Ilse</Data></Cell><Cell ss:Index="3"><Data ss:Type="DateTime">1971-03-02T00:00:00.000</Data></Cell><Cell ss:StyleID="s1"><Data ss:Type="Number">42</Data></Cell></Row>'
    head = (
        "<Row>"
        + "".join(
            f'<Cell><Data ss:Type="String">{name}</Data></Cell>' for name in ("Name", "Town", "Born", "Code")
        )
        + "</Row>"
    )
    save("excel-2003-xml-with-gaps-and-types.xml", f'<?xml version="1.0"?><Workbook xmlns="{space}" xmlns:ss="{space}"><Styles><Style ss:ID="s1"><NumberFormat ss:Format="00000"/></Style></Styles><Worksheet ss:Name="Clients"><Table>{head}{typed}</Table></Worksheet></Workbook>'.encode(),
         header=["Name", "Town", "Born", "Code"], rows=[["Ilse", "", "1971-03-02", "00042"]])  # fmt: skip


def refused() -> None:
    good = plain()
    save("cut-in-the-middle.xlsx", good[: len(good) // 2], error="corrupt")
    save("cut-near-the-end.xlsx", good[:-30], error="corrupt")
    flipped = bytearray(good)
    place = good.index(b"xl/worksheets/sheet1.xml") + 120
    flipped[place] ^= 0x55
    save("one-byte-changed.xlsx", bytes(flipped), error="corrupt")
    save("empty-workbook.xlsx", xlsx([]), error="empty")
    save("empty-file.xlsx", b"", error="empty")
    save("empty-zip.zip", zipped({}), error="empty")
    save("two-files.zip", zipped({"a.csv": CSV, "b.csv": CSV}), error="unsupported")
    save("zip-in-a-zip.zip", zipped({"a.zip": zipped({"a.csv": CSV})}), error="unsupported")
    save("picture-in-a-zip.zip", zipped({"a.png": b"\x89PNG\r\n\x1a\n" + b"\0" * 40}), error="unsupported")
    save(
        "document.xlsx",
        zipped({"[Content_Types].xml": f'<Types xmlns="{TYPES}"/>', "word/document.xml": "<w/>"}),
        error="unsupported",
    )
    save("pdf-named-xlsx.xlsx", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", error="unsupported")
    save("page-without-a-table.xls", b"<html><body><p>Log in again</p></body></html>", error="unsupported")
    parts = xlsx_parts({"Clients": worksheet(sheet_data(LIST))})
    sheet = parts["xl/worksheets/sheet1.xml"]
    entity = sheet.replace(b"<worksheet", b'<!DOCTYPE w [<!ENTITY a "b">]><worksheet', 1)
    save(
        "document-type-in-a-sheet.xlsx",
        zipped({**parts, "xl/worksheets/sheet1.xml": entity}),
        error="corrupt",
    )
    save("sheet-xml-cut.xlsx", zipped({**parts, "xl/worksheets/sheet1.xml": sheet[:-40]}), error="corrupt")
    save(
        "sheet-part-missing.xlsx",
        zipped({n: c for n, c in parts.items() if "sheet1" not in n}),
        error="corrupt",
    )
    lost = sheet_data([["Name", "Town"], [shared(0), shared(1)]])
    save("shared-strings-missing.xlsx", zipped(xlsx_parts({"Clients": worksheet(lost)})), error="corrupt")
    save(
        "value-in-the-last-corner.xlsx",
        xlsx([*LIST, X('<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')]),
        error="too_large",
    )
    far = '<table:table-row><table:table-cell office:value-type="string" table:number-columns-repeated="99999999"><text:p>x</text:p></table:table-cell></table:table-row>'
    save(
        "cell-repeated-a-hundred-million-times.ods",
        ods({"Clients": ods_rows(*LIST) + far}),
        error="too_large",
    )
    save(
        "locked.ods",
        ods(
            {"Clients": ""},
            **{"META-INF/manifest.xml": "<m:manifest xmlns:m='u'><m:encryption-data/></m:manifest>"},
        ),
        error="encrypted",
    )


def main() -> None:
    """Write all of them."""
    FOLDER.mkdir(exist_ok=True)
    for path in FOLDER.iterdir():
        path.unlink()
    for make in (
        numbers_and_dates,
        cells,
        line_ends,
        shape,
        sheets,
        packages,
        other_families,
        wrong_names,
        refused,
    ):
        make()


if __name__ == "__main__":
    main()
