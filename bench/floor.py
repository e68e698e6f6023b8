"""The floor of every measurement: one plain process that reads, checks and inserts a client list.

It uses the same libraries as the product and nothing of its machinery: no queue, no checkpoints, no preview.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import json
import resource
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import phonenumbers
from bson import ObjectId
from email_validator import EmailNotValidError, validate_email
from pymongo import MongoClient, WriteConcern
from stdnum.be import nn, vat
from stdnum.exceptions import ValidationError

BATCH = 1_000
TYPES = {"company": "Company", "individual": "Individual", "other": "Other"}
LANGUAGES = {"french": "fr", "dutch": "nl", "english": "en"}
COUNTRIES = {"belgium": "BE", "france": "FR", "netherlands": "NL"}

Row = dict[str, str]


class Invalid(Exception):
    """The row cannot be imported; says why."""


def run(path: str | Path, mongodb_url: str, database: str = "carryover_floor") -> dict[str, float | int]:
    """Import the UTF-8 CSV file into a fresh database and report what it took.

    `seconds` is wall time, `cpu_seconds` and `peak_mb` (MB of 2^20) are those of this process.
    """
    started, cpu_started = time.perf_counter(), time.process_time()
    client: MongoClient[dict[str, Any]] = MongoClient(mongodb_url)
    client.drop_database(database)
    safe = WriteConcern(w="majority", j=True)
    accounts, contacts, links = (
        client[database].get_collection(name, write_concern=safe)
        for name in ("accounts", "contacts", "links")
    )
    rows = valid = 0
    with Path(path).open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        while batch := list(islice(reader, BATCH)):
            rows += len(batch)
            records = list(_records(batch))
            valid += len(records)
            if records:
                accounts.insert_many([account for account, _, _ in records])
                contacts.insert_many([contact for _, contact, _ in records])
                links.insert_many([link for _, _, link in records])
    client.close()
    return {
        "seconds": round(time.perf_counter() - started, 3),
        "cpu_seconds": round(time.process_time() - cpu_started, 3),
        "peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1),
        "rows": rows,
        "valid": valid,
        "invalid": rows - valid,
    }


def _records(batch: list[Row]) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Account, contact and link of each valid row."""
    for row in batch:
        try:
            account, contact = check_account(row), check_contact(row)
        except Invalid:
            continue
        account["_id"], contact["_id"] = ObjectId(), ObjectId()
        link = {
            "account": account["_id"],
            "contact": contact["_id"],
            "login": True,
            "notify": True,
            "email_sync": True,
        }
        yield account, contact, link


def check_account(row: Row) -> dict[str, Any]:
    """The account of a row; raises Invalid."""
    name = row["Account name"].strip()
    if not name:
        raise Invalid("account name missing")
    return {
        "name": name,
        "type": chosen(row["Account type"], TYPES),
        "company_name": row["Company name"].strip(),
        "tags": listed(row["Account tags"]),
        "team_members": listed(row["Team members"].lower()),
        "client_code": row["Client code"].strip(),
        "enterprise_number": enterprise_number(row["Enterprise number"]),
    }


def check_contact(row: Row) -> dict[str, Any]:
    """The contact of a row; raises Invalid."""
    country = chosen(row["Country"], COUNTRIES)
    return {
        "first_name": row["First name"].strip(),
        "last_name": row["Last name"].strip(),
        "email": email(row["Email"]),
        "phone": phone(row["Phone number"], country),
        "mobile": phone(row["Mobile"], country),
        "language": chosen(row["Language"], LANGUAGES),
        "national_number": national_number(row["National register number"]),
        "date_of_birth": date(row["Date of birth"]),
        "address": {
            "street": row["Street"].strip(),
            "house_number": row["House number"].strip(),
            "box": row["Box"].strip(),
            "postal_code": row["Postal code"].strip(),
            "city": row["City"].strip(),
            "country": country,
        },
    }


def chosen(text: str, choices: dict[str, str]) -> str:
    try:
        return choices[text.strip().lower()]
    except KeyError:
        raise Invalid(f"unknown option {text}") from None


def listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def email(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized
    except EmailNotValidError as error:
        raise Invalid(str(error)) from error


def phone(text: str, region: str) -> str | None:
    if not text.strip():
        return None
    try:
        number = phonenumbers.parse(text, region or "BE")
    except phonenumbers.NumberParseException as error:
        raise Invalid(str(error)) from error
    if not phonenumbers.is_valid_number(number):
        raise Invalid(f"no telephone number: {text}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def enterprise_number(text: str) -> str | None:
    try:
        return vat.validate(text) if text.strip() else None
    except ValidationError as error:
        raise Invalid(str(error)) from error


def national_number(text: str) -> str | None:
    try:
        return nn.validate(text) if text.strip() else None
    except ValidationError as error:
        raise Invalid(str(error)) from error


def date(text: str) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text.strip(), "%d/%m/%Y") if text.strip() else None
    except ValueError as error:
        raise Invalid(str(error)) from error


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--mongodb-url", required=True)
    chosen_options = parser.parse_args()
    print(json.dumps(run(chosen_options.path, chosen_options.mongodb_url)))


if __name__ == "__main__":
    main()
