import os

from carryover_client import Client, Requester

url, token, firm, broker = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM", "BROKER"))
rows = [{"Client": "Cedar NV", "E-mail": "ann@cedar.example"}]

# `api` is for lists over 8 MiB, which are uploaded first.
with (
    Client(url, token, firm=firm) as api,
    Requester(broker, token, firm, api=api) as requester,
):
    job = requester.enqueue(rows, {"autostart": True}, key="crm-export-7")
    done = api.wait(job["id"], until="imported", timeout=120)
    print(done["result"]["accounts_created"], "accounts created")
