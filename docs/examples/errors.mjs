const { CARRYOVER_URL: url, CARRYOVER_TOKEN: token, CARRYOVER_FIRM: firm } = process.env;
const headers = { Authorization: `Bearer ${token}`, "X-Firm-Id": firm, "Accept-Language": "nl" };

/** Call the API; tries again where that is of use, and throws the problem otherwise. */
async function call(path, options = {}, tries = 5) {
  const answer = await fetch(`${url}/api/v1${path}`, { ...options, headers: { ...headers, ...options.headers } });
  if (answer.ok) return answer.json();
  if ((answer.status === 429 || answer.status === 503) && tries > 1) {
    const seconds = Number(answer.headers.get("Retry-After") ?? 5);
    await new Promise((done) => setTimeout(done, seconds * 1000));
    return call(path, options, tries - 1);
  }
  throw Object.assign(new Error("refused"), { problem: await answer.json() });
}

try {
  await call("/jobs", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ rows: [{ Client: "Elm BV" }], options: { max_invalid: { share: 2 } } }),
  });
} catch ({ problem }) {
  console.log(problem.status, problem.code, problem.detail);
  for (const error of problem.errors ?? []) console.log(error.place, error.message);
}
