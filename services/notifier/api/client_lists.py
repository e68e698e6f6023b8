"""The lists of accounts and contacts as files: as filtered, with ids, to be changed and imported again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO

from flask.typing import ResponseReturnValue

from services.notifier.api.files import CSV, FILE, TEXT_FILE, XLSX, attached, made
from services.notifier.api.service import routes
from services.notifier.lists.client_lists import ClientColumns, TooManyRows, csv_pieces, write_client_book
from services.notifier.mails.texts import text_of
from shared.contract.client_queries import ListAsked, ListQuery, filters_of
from shared.contract.skipped_rows import MOST_ROWS
from shared.plumbing import web
from shared.plumbing.auth import VIEW_ACCOUNTS, VIEW_CONTACTS, VIEW_REGISTER_NUMBERS
from shared.plumbing.client_list_store import ClientListStore
from shared.plumbing.problem import Problem

#: Records that are read at once.
AT_ONCE = 500
#: What a workbook is refused with.
TOO_MANY = ("too_many_clients_for_a_workbook",)


def _rows(store: ClientListStore, columns: ClientColumns, query: ListAsked) -> Iterator[list[str]]:
    """The rows of a list; only some records are in memory at a time."""
    collection = columns.collection
    for records in store.pages(collection, filters_of(query), AT_ONCE):
        linked = store.linked_names(collection, [record["_id"] for record in records])
        for record in records:
            named = [each.name for each in linked[record["_id"]]]
            yield columns.cells(record, named)


def _listed(collection: str, query: ListAsked) -> tuple[ClientColumns, Iterator[list[str]]]:
    caller = web.caller()
    store = ClientListStore(web.servers().db, caller.firm)
    columns = ClientColumns(
        collection,
        store.reference(),
        caller.locale,
        register_numbers=caller.may(VIEW_REGISTER_NUMBERS),
    )
    return columns, _rows(store, columns, query)


def _text(collection: str, query: ListAsked) -> ResponseReturnValue:
    return attached(csv_pieces(*_listed(collection, query)), f"{collection}.csv", CSV)


def _book(collection: str, query: ListAsked) -> ResponseReturnValue:
    columns, rows = _listed(collection, query)
    title = text_of(f"sheet_{collection}", web.caller().locale)

    def write(target: IO[bytes]) -> None:
        write_client_book(target, columns, rows, title)

    try:
        return attached(made(write), f"{collection}.xlsx", XLSX)
    except TooManyRows:
        raise Problem("too_many_clients_for_a_workbook", max=MOST_ROWS) from None


@routes.on("GET", "/accounts.csv", may=VIEW_ACCOUNTS, answer=TEXT_FILE, content_type=CSV, query=ListQuery)
def accounts_csv(query: ListAsked) -> ResponseReturnValue:
    """The accounts of a filter as CSV; imported again, it changes just what was changed in it."""
    return _text("accounts", query)


@routes.on(
    "GET",
    "/accounts.xlsx",
    may=VIEW_ACCOUNTS,
    answer=FILE,
    content_type=XLSX,
    query=ListQuery,
    problems=TOO_MANY,
)
def accounts_book(query: ListAsked) -> ResponseReturnValue:
    """The same as a workbook of text cells; at most 200,000 of them."""
    return _book("accounts", query)


@routes.on("GET", "/contacts.csv", may=VIEW_CONTACTS, answer=TEXT_FILE, content_type=CSV, query=ListQuery)
def contacts_csv(query: ListAsked) -> ResponseReturnValue:
    """The contacts of a filter as CSV; register numbers only for those who may see them."""
    return _text("contacts", query)


@routes.on(
    "GET",
    "/contacts.xlsx",
    may=VIEW_CONTACTS,
    answer=FILE,
    content_type=XLSX,
    query=ListQuery,
    problems=TOO_MANY,
)
def contacts_book(query: ListAsked) -> ResponseReturnValue:
    """The same as a workbook of text cells; at most 200,000 of them."""
    return _book("contacts", query)
