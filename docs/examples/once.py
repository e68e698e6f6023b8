import os

from carryover_client import Client, IdempotencyConflict

url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with Client(url, token, firm=firm) as client:
    key = "crm-export-2026-11-28"  # the same for each try, also after your program began anew
    first = client.upload("clients.csv", {"autostart": True}, idempotency_key=key)
    again = client.upload("clients.csv", {"autostart": True}, idempotency_key=key)
    print("one job:", first["id"] == again["id"])
    try:
        client.upload("clients.csv", {"autostart": False}, idempotency_key=key)
    except IdempotencyConflict as problem:
        print("refused:", problem.code)
