const { CARRYOVER_URL: url, CARRYOVER_TOKEN: token, CARRYOVER_FIRM: firm } = process.env;
const headers = { Authorization: `Bearer ${token}`, "X-Firm-Id": firm };
const rows = [{ Client: "Fir NV", "E-mail": "dee@fir.example" }];

const sent = await fetch(`${url}/api/v1/jobs`, {
  method: "POST",
  headers: { ...headers, "Content-Type": "application/json" },
  body: JSON.stringify({ rows, options: { autostart: true } }),
});
let job = await sent.json();
if (!sent.ok) throw new Error(`${job.code}: ${job.detail}`);

// The browser's EventSource sends no headers, so the stream is read with fetch.
const stream = await fetch(`${url}${job.links.events}`, { headers });
let text = "";
for await (const piece of stream.body.pipeThrough(new TextDecoderStream())) {
  text += piece;
  const events = text.split("\n\n");
  text = events.pop();
  for (const event of events) {
    const lines = event.split("\n");
    if (!lines.includes("event: job")) continue; // the others are `status`, and lines that keep the stream open
    job = JSON.parse(lines.find((line) => line.startsWith("data: ")).slice(6));
    console.log(job.status, job.progress.done, "of", job.progress.total);
  }
}
if (job.status !== "imported") throw new Error(`it stopped: ${job.status}`);
