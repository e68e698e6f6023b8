"""Problems of rows: what is wrong with a value or with a row as a whole, and what was changed in it."""

from __future__ import annotations

from shared.contract.problems.kinds import ERROR, FIX, ROW, WARNING, kinds
from shared.contract.texts.catalogues import gettext_noop as _

KINDS = (
    *kinds(
        ROW,
        ERROR,
        {
            "missing_required": _("{field} is missing. Fill it in, or map another column to it."),
            "invalid_email": _("“{value}” is not an e-mail address. Write it like name@example.be."),
            "mistyped_email": _(
                "“{value}” is not an e-mail address. If {suggestion} is meant, write that in its place."
            ),
            "multiple_emails": _(
                "The cell holds several e-mail addresses ({value}). Keep one and put the other in a column of"
                " its own."
            ),
            "invalid_phone": _(
                "“{value}” is not a phone number. Write it with the country code, like +32470123456, or clear"
                " it."
            ),
            "multiple_phones": _(
                "The cell holds several phone numbers ({value}). Keep one and put the other in a column of its"
                " own."
            ),
            "invalid_date": _(
                "“{value}” is not a date that exists; dates of this column are read as {order}. Write it like"
                " {example}."
            ),
            "invalid_year_end": _(
                "“{value}” is not the end of a fiscal year. Write its day and month, like {example}."
            ),
            "incomplete_date": _(
                "“{value}” has no day or no month. Write the whole date, like {example}, or clear it."
            ),
            "date_in_future": _(
                "“{value}” lies in the future, which a date of birth cannot. Correct the year."
            ),
            "invalid_rrn": _(
                "This is not a valid national register number. Check the eleven digits on the identity card."
            ),
            "invalid_kbo": _(
                "“{value}” is not a valid enterprise number. Check the ten digits, like 0403.019.261."
            ),
            "invalid_tax_id": _("This is not a valid tax number of {country}. Check its digits."),
            "invalid_company_number": _(
                "“{value}” is not a valid company number of {country}. Check its digits."
            ),
            "invalid_person_number": _(
                "This is not a valid national number of {country}. Check its digits on the identity card."
            ),
            "invalid_number": _("“{value}” is not a number. Write digits only, with one decimal sign."),
            "invalid_url": _("“{value}” is not a web address. Write it like www.example.be."),
            "unknown_option": _(
                "“{value}” is not one of the choices ({choices}). Map it to a choice, or change it."
            ),
            "unknown_language": _(
                "“{value}” is not a language that the firm works in ({choices}). Choose one of these."
            ),
            "unknown_country": _("“{value}” is not a country. Write its name, or its code of two letters."),
            "ambiguous_country": _(
                "“{value}” can be several countries ({countries}). Write the name in full, or the code of two letters."
            ),
            "ambiguous_team_member": _(
                "“{value}” is the name of several team members. Use the e-mail address."
            ),
            "team_member_email": _(
                "“{value}” is the address of a team member. A contact needs an address of its own."
            ),
            "duplicate_in_file": _(
                "This row repeats row {row}. Only the first is imported; remove one, or make them differ."
            ),
            "ambiguous_match": _(
                "{count} records fit this row. Say which one it is, or add a client code or another number."
            ),
            "namesake_in_firm": _(
                "You already have {value}. Only the name is the same: say whether {name} is the same person or"
                " somebody else."
            ),
            "namesake_in_file": _(
                "Row {row} has the same name, and nothing else shows that it is the same person. Say whether"
                " it is, or somebody else."
            ),
            "code_with_two_names": _(
                "Client code {value} has different names in the file: {names}. Correct it, or say whether they"
                " are one client."
            ),
            "number_with_two_names": _(
                "Number {value} has different names in the file: {names}. Correct it, or say whether they are"
                " one and the same."
            ),
            "known_by_another_name": _(
                "The code or number of this row is that of {value}, and the name is another. Say whether"
                " {name} is the same or a new client."
            ),
            "evidence_disagrees": _(
                "One part of this row points to {value}, another part against it: code, number and birth date"
                " do not belong together. Correct it, or say whether it is the same."
            ),
            "left_out_by_value": _(
                "Rows with “{value}” in {field} are left out, as chosen in the mapping of values."
            ),
            "left_out_by_rule": _("Rule {number} of the settings leaves this row out."),
            "not_a_client_yet": _(
                "No client like this is known, and only existing clients are updated, as chosen in the settings."
            ),
            "unknown_record": _(
                "No record has the ID “{value}”. Correct it, or leave the cell empty to make a new record."
            ),
            "value_too_long": _("The value has {length} characters; {max} are allowed. Shorten it."),
            "not_taken_back": _("This could not be undone; the team of the platform can help. {fields}"),
            "changed_since_review": _(
                "The record was changed after the review, so it was left alone. Import the row again to see"
                " the difference."
            ),
            "loaded_before": _(
                "The row was loaded before, so it is not loaded again. Change the record itself."
            ),
            "not_selected": _("The row was not ticked, so it is not imported. Tick it to import it."),
            "match_not_allowed": _(
                "The record exists already, and existing records are to be skipped. Change that setting to"
                " update it."
            ),
            "ambiguous_linked_account": _(
                "{count} accounts fit “{value}”. Write the client code of the one that is meant, or clear the"
                " cell."
            ),
            "cell_error": _(
                "The spreadsheet shows an error ({value}) in this cell. Correct the formula or clear the cell."
            ),
            "two_persons": _(
                "“{value}” names two persons. Give each a row, or put the second in the columns of the spouse."
            ),
            "digits_lost": _(
                "A spreadsheet shortened this long number and its last digits are gone. Write it in full, as"
                " text."
            ),
        },
    ),
    *kinds(
        ROW,
        WARNING,
        {
            "value_left_out": _(
                "The row is imported without “{field}”, as chosen for wrong values. {reason}"
            ),
            "value_differs": _(
                "The client has “{old}” and the file “{new}”. The client's value stays, unless you choose the file's."
            ),
            "person_not_added": _(
                "This person is not known yet. Only existing clients are updated, so nobody is added."
            ),
            "doubtful_email": _(
                "“{value}” may be mistyped; it is kept. If {suggestion} is meant, write that in its place."
            ),
            "ambiguous_date": _(
                "“{value}” can be read in two ways; it was read as {read}. Choose the date order if that is"
                " wrong."
            ),
            "zeros_assumed": _(
                "Zeros were put in front of this number, because a spreadsheet drops them. Check the number."
            ),
            "birth_date_differs": _(
                "The date of birth ({given}) is not the one in the national number. Check both."
            ),
            "invalid_postal_code": _("“{value}” is not a postal code of {country}. Check it."),
            "unknown_team_member": _(
                "“{value}” is not a team member; the row is imported without. Use the member's e-mail address"
                " or exact name."
            ),
            "too_many_new_tags": _(
                "This list makes more new tags than one import may; the row is imported without “{value}”. If"
                " the column holds no tags, go back and map it to another field."
            ),
            "tag_left_out": _(
                "The firm has no tag “{value}”; the row is imported without. Somebody who may make tags must"
                " make it first."
            ),
            "team_member_left_out": _(
                "“{value}” is not assigned: that takes the right to assign team members; the row is imported"
                " without. Somebody who has that right must confirm the mapping."
            ),
            "unknown_own_choice": _(
                "“{value}” is not one of the choices of {field} ({choices}); the row is imported without. Map it to a"
                " choice, or add it to the field."
            ),
            "unknown_folder_template": _(
                "There is no folder template “{value}”; the one of the settings is used."
            ),
            "conflict_in_file": _(
                "“{lost}” in {field} is not used: row {row}, for the same record, has “{value}”. Make the rows"
                " agree."
            ),
            "value_without_record": _(
                "“{value}” in {field} is not imported: the row names no person it could belong to. Give the"
                " row a name or an e-mail address, or move the value to the account."
            ),
            "unknown_linked_account": _(
                "There is no account “{value}”, so the contact is imported without a link. Correct the name, or"
                " import the account first."
            ),
            "linked_account_unused": _(
                "“{value}” in {field} is not used: the row has the account {account}. Give the person another"
                " row to link both."
            ),
            "relationship_without_account": _(
                "“{value}” in {field} is not imported: the row names no account of the person. Fill in the"
                " linked account."
            ),
            "unknown_phone_prefix": _(
                "“{value}” is no country code of a phone number; the number beside it was read without it."
                " Write it like +32."
            ),
            "similar_record": _(
                "“{value}” exists already under another number or legal form; a new record is made. If they"
                " are the same, give the row the number of that record."
            ),
            "name_forbidden_characters": _(
                "“{value}” has characters that Windows cannot store in a folder name ({characters}). Consider"
                " another name."
            ),
            "line_break": _("The cell had a line break; it was replaced by a space."),
            "wrong_column_count": _(
                "The row and the header have different numbers of cells ({found} and {expected}). Check that no"
                " value slipped into another column."
            ),
            "changed_since": _("Somebody changed this since the import, so it was kept as it is. {fields}"),
            "used_since": _("Something else uses this since the import, so it was kept. {fields}"),
            "removed_since": _(
                "Somebody removed this since the import; its earlier values are not brought back. {fields}"
            ),
            "merged_since": _(
                "This client was merged with another since the import, so it was kept. Undo the merge first to undo"
                " this. {fields}"
            ),
            "link_kept": _("The link stays, because a record that the import made stays. {fields}"),
            "name_not_split": _(
                "“{value}” could not be split into first and last name; it is kept whole. Give the two names"
                " apart."
            ),
            "name_not_storable": _(
                "Windows cannot store a folder named “{value}” (a final point, or a reserved word). Consider"
                " another name."
            ),
            "formula_like": _(
                "“{value}” begins like a formula of a spreadsheet; it is kept as it is. Check that it is"
                " meant."
            ),
            "ambiguous_number": _(
                "“{value}” can be read in two ways; it was read as {read}. Leave out the sign of thousands if"
                " that is wrong."
            ),
            "shared_email": _(
                "Another contact uses “{value}” too. Both are kept; check that this is a shared address."
            ),
            "precision_lost": _(
                "A number of more than 15 digits; spreadsheets keep only 15, so its end may be wrong. Compare"
                " it with the original and store it as text."
            ),
            "formula_not_calculated": _(
                "The cell holds a formula without a result; it was taken as blank. Open the file in its"
                " program, save it and upload it again."
            ),
            "extra_cells": _(
                "The row has more cells than the header ({count}). They are not imported; check that no value"
                " was cut in two."
            ),
            "missing_cells": _(
                "The row has fewer cells than the header. The missing ones are taken as blank; check that none"
                " has moved."
            ),
            "quotes_repaired": _(
                "The quotation marks in this row of the file are damaged, so its cells had to be guessed."
                " Check them."
            ),
            "rows_in_cell": _(
                "A cell of this row has lines that look like rows. If they are rows, put the quotation marks"
                " right in the file."
            ),
        },
    ),
    *kinds(
        ROW,
        FIX,
        {
            "moved_to_account": _("The row names no person; the value went to the account."),
            "zeros_restored": _("Zeros that a spreadsheet had dropped were put back."),
            "number_reformatted": _("The number was written in its usual form, without separators."),
            "phone_reformatted": _("The phone number was written with its country code."),
            "phone_words_removed": _(
                "The words beside the phone number were left out, and it was written with its country code."
            ),
            "email_reformatted": _("The e-mail address was cleaned up."),
            "date_reformatted": _("The date was written as year-month-day."),
            "year_end_reformatted": _("The end of the fiscal year was written as day and month."),
            "serial_date": _("A day number of a spreadsheet was read as a date."),
            "year_completed": _(
                "The century was added to a year of two digits, and the date was written as year-month-day."
            ),
            "time_removed": _("The time of day was left out; the date was kept."),
            "option_recognised": _("The value was replaced by the choice with that meaning."),
            "value_built": _("The value is built from columns, as chosen in the mapping."),
            "set_by_rule": _("A rule of the settings gave this value."),
            "text_cleaned": _("Spaces around the value and characters that cannot be seen were removed."),
            "marks_removed": _(
                'Signs that keep a spreadsheet from changing the value (an apostrophe, or ="…") were taken off.'
            ),
            "repeats_removed": _("A value that stood in the list twice was kept once."),
            "list_taken_apart": _("Commas and semicolons separate the entries of a list."),
            "number_written_out": _(
                "A number that a spreadsheet showed with an exponent was written out in full."
            ),
            "postal_code_reformatted": _("The postal code was written as its country does."),
            "url_completed": _("The web address was completed."),
            "spelling_adopted": _("The name was written as the firm, or an earlier row, writes it."),
            "placeholder_left_out": _(
                "The cell holds a word or a sign for “no value”, so the field is taken as blank."
            ),
            "characters_decoded": _("Codes of a web page, like &amp;, were replaced by their characters."),
            "second_email_moved": _(
                "The cell had two e-mail addresses; the second went to “Additional email”."
            ),
        },
    ),
)
