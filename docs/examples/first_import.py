import os

from carryover_client import Client

url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with Client(url, token, firm=firm) as client:
    job = client.upload("clients.csv", {"autostart": True})
    done = client.wait(job["id"], until="imported", timeout=120)
    print(done["result"]["accounts_created"], "accounts created")
