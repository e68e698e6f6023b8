import csv
import io
import os
import zipfile

from carryover_client import Client

LIST = b"""Account name,First name,Last name,Email
Cedar NV,Ann,Alder,ann@cedar.example
Birch BV,Bob,Beech,bob at birch.example
"""
url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with Client(url, token, firm=firm) as client:
    options = {"autostart": True, "max_invalid": {"rows": 1}}
    job = client.upload(LIST, options, name="clients.csv")
    job = client.wait(job["id"], until="imported", timeout=120)
    numbers = job["result"]
    print(numbers["rows_loaded"], "loaded,", numbers["rows_skipped"], "skipped")

    archive = io.BytesIO()
    client.skipped(job["id"], archive)
    with zipfile.ZipFile(archive) as files:
        text = files.read(files.namelist()[0]).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    for row in rows:
        print("row", row["_row"], row["_problem"], row["_reason"])
        row["Email"] = row["Email"].replace(" at ", "@")

    again = client.send_rows(rows, {"repairs": job["id"]})
    again = client.wait(again["id"], until="imported", timeout=120)
    print(client.job(job["id"])["result"]["rows_skipped"], "skipped now")
