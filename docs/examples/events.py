import os

from carryover_client import Requester, listen

token, firm, broker = (os.environ[f"CARRYOVER_{name}"] for name in ("TOKEN", "FIRM", "BROKER"))
types = ["job.imported", "job.failed"]

# The queue is made first, so that it keeps what comes while nobody listens.
for event in listen(broker, "requester.example", types, idle=0):
    print("from before:", event["type"])

with Requester(broker, token, firm) as requester:
    job = requester.enqueue([{"Client": "Elm BV", "E-mail": "cy@elm.example"}], {"autostart": True})

for event in listen(broker, "requester.example", types, idle=60):
    if event["subject"] == job["id"]:
        print(event["type"], event["data"]["numbers"]["rows_loaded"], "rows loaded")
        break
