import os

from carryover_client import Client, JobStopped, TimedOut

url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with Client(url, token, firm=firm) as client:
    job = client.upload("clients.csv", {"autostart": True})
    try:
        job = client.wait(job["id"], until="imported", timeout=120)
    except JobStopped as stopped:
        job = stopped.job
        print("it stopped:", job["status"], job["reason"], job["waiting_for"])
    except TimedOut:
        print("it goes on; look again later")
    print(job["status"])
