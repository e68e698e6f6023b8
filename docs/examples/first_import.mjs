import { readFile } from "node:fs/promises";

const { CARRYOVER_URL: url, CARRYOVER_TOKEN: token, CARRYOVER_FIRM: firm } = process.env;
const headers = { Authorization: `Bearer ${token}`, "X-Firm-Id": firm };

const form = new FormData();
form.append("file", new Blob([await readFile("clients.csv")]), "clients.csv");
form.append("options", JSON.stringify({ autostart: true }));

const answer = await fetch(`${url}/api/v1/jobs`, { method: "POST", headers, body: form });
const job = await answer.json();
if (!answer.ok) throw new Error(`${job.code}: ${job.detail}`);
console.log(job.id, job.status);
