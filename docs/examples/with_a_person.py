import os

from carryover_client import Client

url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with Client(url, token, firm=firm) as client:
    job = client.upload("clients.csv")
    job = client.wait(job["id"])  # until it waits for a person
    print(job["status"], "waits for", job["waiting_for"]["what"])

    client.confirm_mapping(job["id"])  # as it was suggested
    job = client.wait(job["id"], until="validated", timeout=120)
    print(job["status"], job["counts"]["new"], "new rows")

    client.start(job["id"])
    job = client.wait(job["id"], until="imported", timeout=120)
    print(job["status"], job["result"]["rows_loaded"], "rows loaded")
