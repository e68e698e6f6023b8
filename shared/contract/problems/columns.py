"""Problems of columns: what is wrong with a mapping or with settings."""

from __future__ import annotations

from shared.contract.problems.kinds import COLUMN, ERROR, WARNING, kinds
from shared.contract.texts.catalogues import gettext_noop as _

KINDS = (
    *kinds(
        COLUMN,
        ERROR,
        {
            "unknown_field": _("There is no field “{target}”. Choose one from the list."),
            "no_invitations": _("Invitations cannot be sent here, so that an import cannot ask for them."),
            "not_left_out": _(
                "“{value}” cannot be left out: there is no such field, or it says whom a row is about. Use the key of"
                " another field, like contact.mobile."
            ),
            "no_merge_field": _(
                "“{value}” is no field that can be merged. Use keys like account.email or contact.custom.Segment."
            ),
            "unknown_column": _("The file has no column {index}. Use the columns that were read."),
            "unknown_action": _("“{action}” is not an action. Use sync, skip or custom."),
            "target_used_twice": _("Several columns are mapped to {field}. Keep one of them."),
            "built_field_taken": _(
                "{field} is filled already. Leave out what fills it, or build the value of another field."
            ),
            "built_without_column": _("A built value needs a column of the file. Choose at least one."),
            "built_without_field": _("A built value needs the field that it fills. Choose one."),
            "looked_up_twice": _("“{value}” is in the list twice, with two meanings. Keep one of them."),
            "column_given_twice": _("Column {index} is given more than once. Give each column once."),
            "required_not_mapped": _(
                "No column is mapped to {field}. Map one; without it nothing can be imported."
            ),
            "target_missing": _(
                "The column is to be imported but no field is chosen. Choose one, or skip the column."
            ),
            "not_for_this_kind": _(
                "{field} does not belong to this kind of import. Choose another field or another kind."
            ),
            "unknown_custom_type": _(
                "“{type}” is not a type of custom field. Use text, number, date, choice, multi-choice, email,"
                " url or phone."
            ),
            "custom_name_missing": _("The new field has no name. Give it one."),
            "custom_name_taken": _(
                "There is a field “{name}” already. Choose it, or give the new one another name."
            ),
            "unknown_account_type": _("“{value}” is not an account type. Use {choices}."),
            "unknown_mode": _("“{mode}” is not a way to set the account type. Use fixed, column or skip."),
            "unknown_date_order": _("“{value}” is not a date order. Use DMY, MDY or YMD."),
            "unknown_region": _("“{value}” is not a country code for phones. Use two letters, like BE."),
            "unknown_setting": _("There is no setting “{name}”. Leave it out."),
            "not_in_directory": _(
                "“{value}” is not known to the firm. Add it to the directory, or choose another."
            ),
            "may_not_create_tag": _(
                "The firm has no tag “{value}”, and you may not make one. Choose another, or ask somebody who"
                " may."
            ),
            "may_not_create_custom_field": _(
                "The firm has no field “{value}”, and you may not make one. Skip the column, or ask somebody"
                " who may."
            ),
            "may_not_assign": _(
                "You may not assign “{value}”. Name nobody but yourself, or ask somebody who may assign team"
                " members."
            ),
        },
        status=422,
    ),
    *kinds(
        COLUMN,
        WARNING,
        {
            "date_order_undecided": _(
                "Dates in “{header}” can be read in two ways; {order} of the firm is used. Choose another"
                " order if that is wrong."
            ),
            "date_order_mixed": _(
                "Dates in “{header}” are written in different orders; {order} is used. Check the dates that"
                " are refused."
            ),
        },
    ),
)
