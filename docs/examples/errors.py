import os

from carryover_client import CarryoverProblem, Client, NotFound, Unreachable

url, token, firm = (os.environ[f"CARRYOVER_{name}"] for name in ("URL", "TOKEN", "FIRM"))

with Client(url, token, firm=firm) as client:
    try:
        client.job("0123456789abcdef")
    except NotFound as problem:
        print(problem.status, problem.code)
    try:
        client.upload("clients.csv", {"autostrat": True})  # a slip
    except CarryoverProblem as problem:
        print(problem.status, problem.code, [error["place"] for error in problem.errors])

try:
    with Client("http://127.0.0.1:9", token, firm=firm) as client:
        client.job("0123456789abcdef")
except Unreachable as error:
    print("away:", error)
