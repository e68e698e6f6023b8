import os

from carryover_client import Client

url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with Client(url, token, firm=firm) as client:
    job = client.upload("clients.csv", {"autostart": True})
    client.wait(job["id"], until="imported", timeout=120)
    client.undo(job["id"])
    job = client.wait(job["id"], until="undone", timeout=120)
    print(job["undo"]["accounts_removed"], "accounts removed")
    print(list(client.clients(job=job["id"])))
