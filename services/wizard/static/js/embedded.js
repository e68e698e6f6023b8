// Pages within a page of the platform: sign-in by messages, a new token in time, what became of an import.
// docs/embedding.md lists the messages. Each has `carryover`, the version, and goes to an allowed origin only.

const VERSION = 1;
/** Seconds: how long an answer may take, how early a token is renewed, and between two renewals at least. */
const PATIENCE = 20, EARLY = 60, PAUSE = 10;
const { origins, embedded: signInAt, check, ends, goOn, leave } = document.body.dataset;
const root = signInAt.replace("/signin", "");
const allowed = origins.split(" ");
const outside = window.parent;
const plainFetch = window.fetch.bind(window);
const pause = (seconds) => new Promise((go) => setTimeout(go, seconds * 1000));

/** Send a message to the page around this one. Without `ancestorOrigins` the browser picks the origin that fits. */
function post(type, values = {}) {
  if (outside === window) return;
  const around = location.ancestorOrigins?.[0];
  for (const origin of around ? allowed.filter((one) => one === around) : allowed) {
    outside.postMessage({ carryover: VERSION, type, ...values }, origin);
  }
}

let answered = () => {};
window.addEventListener("message", ({ source, origin, data }) => {
  if (source !== outside || !allowed.includes(origin)) return;
  if (data?.carryover === VERSION && data.type === "token" && typeof data.token === "string") answered(data);
});

/** Ask the page around for a token; gives its message, or null where none comes. */
function ask(type) {
  const answer = new Promise((go) => { answered = go; });
  post(type);
  return Promise.race([answer, pause(PATIENCE).then(() => null)]);
}

/** Set a cookie of ours within this site; an age of 0 removes it. */
function setCookie(name, value, age = "") {
  const until = age === "" ? "" : `; max-age=${age}`;
  document.cookie = `${name}=${encodeURIComponent(value)}; path=${root}; secure; samesite=none; partitioned${until}`;
}

/** A browser that blocks cookies of third parties refuses sessionStorage, too: partitioned cookies take its place. */
try {
  sessionStorage.getItem("");
} catch {
  const getItem = (name) => {
    const found = document.cookie.split("; ").find((one) => one.startsWith(`${name}=`));
    return found === undefined ? null : decodeURIComponent(found.slice(name.length + 1));
  };
  const value = { getItem, setItem: (name, text) => setCookie(name, text), removeItem: (name) => setCookie(name, "", 0) };
  Object.defineProperty(window, "sessionStorage", { value, configurable: true });
}

/** What must survive a page; gives whether it does. */
const read = (name) => JSON.parse(sessionStorage.getItem(`carryover.${name}`) ?? "null");
function keep(name, value) {
  sessionStorage.setItem(`carryover.${name}`, JSON.stringify(value));
  return read(name) !== null;
}

// signing in

async function signIn(message, again = "") {
  const { token, language = "", kind = "", theme = null } = message;
  const body = new URLSearchParams({ token, language, kind, again, theme: theme ? JSON.stringify(theme) : "" });
  const answer = await plainFetch(signInAt, { method: "POST", body });
  if (!answer.ok) return null;
  const known = await answer.json();
  if (known.refused.length && !again) post("error", { code: "theme_refused", values: known.refused });
  return known;
}

function show(why, code) {
  document.querySelector(".opening").hidden = true;
  document.querySelector(`[data-why=${why}]`).hidden = false;
  if (code) post("error", { code });
}

/** Sign in with the token of the platform, and with a new one where the first has ended meanwhile. */
async function open() {
  if (outside === window) return show("alone");
  let message = await ask("ready");
  let known = message?.token ? await signIn(message) : null;
  if (message?.token && !known) {
    message = await ask("token_needed");
    known = message?.token ? await signIn(message) : null;
  }
  if (!known) return show("refused", "token_refused");
  if ((await plainFetch(check)).ok) return location.replace(known.go);
  const form = document.querySelector("form[data-why=no_cookies]");
  for (const name of ["token", "language", "kind"]) form.elements[name].value = message[name] ?? "";
  return show("no_cookies", "no_cookies");
}

// a token that ends

let endsAt = ends === undefined ? Infinity : Date.now() + ends * 1000;
let renewing = null, renewedAt = 0;
const hasEnded = () => Date.now() > endsAt - 2000;

/** Sign in with a new token; gives whether that worked. */
function renew() {
  renewing ??= (async () => {
    renewedAt = Date.now();
    const message = await ask("token_needed");
    const known = message?.token ? await signIn(message, "1").catch(() => null) : null;
    if (known) endsAt = Date.now() + known.ends * 1000;
    return Boolean(known);
  })().finally(() => { renewing = null; });
  return renewing;
}

async function renewInTime() {
  while (endsAt < Infinity) {
    const due = Math.max(endsAt - EARLY * 1000, renewedAt + PAUSE * 1000) - Date.now();
    await pause(Math.min(Math.max(due / 1000, 0), 3600));
    if (due <= 3600000) await renew();
  }
}

/** A computer that slept wakes up with a token that has ended. */
for (const name of ["visibilitychange", "focusin", "dragenter"]) {
  document.addEventListener(name, () => { if (hasEnded() && Date.now() > renewedAt + PAUSE * 1000) renew(); });
}

window.fetch = async (...what) => {
  const answer = await plainFetch(...what);
  return answer.status === 401 && (await renew()) ? plainFetch(...what) : answer;
};

/** The page that asks to sign in again: do so, and open what was wanted. A second time at once would be in vain. */
async function comeBack(page) {
  const last = read("back") ?? 0;
  if (keep("back", Date.now()) && Date.now() - last > PAUSE * 1000 && (await renew())) {
    return location.replace(location.pathname + location.search);
  }
  page.hidden = false;
  return post("error", { code: "token_refused" });
}

// forms: a token that has ended is renewed first; browsers may refuse window.confirm within another page

let passing = false;

function agreed(question) {
  const box = document.createElement("dialog");
  box.className = "card question";
  const form = document.createElement("form");
  form.method = "dialog";
  form.className = "stack";
  const text = document.createElement("p");
  text.textContent = question;
  const buttons = document.createElement("p");
  buttons.className = "row";
  for (const [value, label, kind] of [["", leave, "button"], ["yes", goOn, "button main"]]) {
    const button = document.createElement("button");
    Object.assign(button, { value, textContent: label, className: kind });
    buttons.append(button);
  }
  form.append(text, buttons);
  box.append(form);
  document.body.append(box);
  box.showModal();
  return new Promise((go) => box.addEventListener("close", () => { box.remove(); go(box.returnValue === "yes"); }));
}

document.addEventListener("submit", async (event) => {
  const { target: form, submitter } = event;
  if (passing || form.method === "dialog") return;
  const asks = submitter?.dataset.confirm ? submitter : form;
  const question = asks.dataset.confirm;
  if (!question && !hasEnded()) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (question && !(await agreed(question))) return;
  if (hasEnded()) await renew();
  delete asks.dataset.confirm;
  passing = true;
  form.requestSubmit(submitter);
  passing = false;
  if (question) asks.dataset.confirm = question;
}, true);

document.addEventListener("change", async (event) => {
  if (passing || event.target.type !== "file" || !hasEnded()) return;
  event.stopImmediatePropagation();
  await renew();
  passing = true;
  event.target.dispatchEvent(new Event("change", { bubbles: true }));
  passing = false;
}, true);

// what the page around hears of

const ENDS = ["imported", "failed", "cancelled", "undone"];
/** How many jobs are remembered. */
const JOBS = 25;

/** Post how a job ended, once; not of one that had ended before these pages were opened. */
function report() {
  const head = document.querySelector("#head[data-job]");
  if (!head) return;
  const { job, status, code, begunHere } = head.dataset;
  const known = read("jobs") ?? {};
  const before = known[job];
  if (before === status) return;
  keep("jobs", Object.fromEntries([...Object.entries(known).filter(([one]) => one !== job).slice(1 - JOBS), [job, status]]));
  if (before === undefined && begunHere === undefined && ENDS.includes(status)) return;
  const numbers = document.querySelector("[data-numbers]")?.dataset.numbers;
  if (status === "imported" && numbers) post("imported", { job, result: JSON.parse(numbers) });
  if (status === "failed") post("failed", { job, code: code ?? "" });
  if (status === "undone") post("undone", { job });
}

document.addEventListener("swapped", report);
new ResizeObserver(() => {
  post("resize", { height: Math.ceil(document.body.getBoundingClientRect().height) });
}).observe(document.body);

document.addEventListener("keydown", (event) => {
  const busy = event.target.closest("input, select, textarea, dialog") || document.querySelector("form.busy");
  if (event.key === "Escape" && !event.defaultPrevented && !busy) post("closed", { by: "escape" });
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) post("closed", { by: "button" });
  const link = event.target.closest("a[href]");
  // Chromium sends no partitioned cookies with what `download` asks for; the answer is a download without it, too
  link?.removeAttribute("download");
  if (!link || (link.origin === location.origin && link.pathname.startsWith(`${root}/`))) return;
  link.target = "_blank";
  link.rel = "noopener";
}, true);

setCookie("carryover_zone", Intl.DateTimeFormat().resolvedOptions().timeZone);

const signedOut = document.querySelector("[data-signed-out]");
if (check) open();
else if (signedOut) comeBack(signedOut);
else renewInTime();
report();
