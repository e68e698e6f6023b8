// What every page does: forms and links that change a part of the page in place, regions that follow a job,
// and times in the zone of the person. Without it all of them work by loading whole pages.

const parser = new DOMParser();
/** Ids of what may change with any part: messages, the status in the head, the steps that can be reached. */
const ALWAYS = ["messages", "head", "steps"];

/** Fetch a page and put its parts named by `regions` (ids, separated by spaces) in place of the present ones. */
async function swap(url, options, regions, keepAddress = false) {
  const parts = regions.split(/\s+/);
  const old = parts.map((id) => document.getElementById(id)).filter(Boolean);
  if (!keepAddress) old.forEach((part) => part.setAttribute("aria-busy", "true"));
  try {
    const answer = await fetch(url, { ...options, headers: { Accept: "text/html" } });
    const fresh = parser.parseFromString(await answer.text(), "text/html");
    if (!answer.ok && refused(answer, fresh, parts, keepAddress)) {
      old.forEach((part) => part.removeAttribute("aria-busy"));
      return;
    }
    const elsewhere = answer.redirected && new URL(answer.url).pathname !== location.pathname;
    if (elsewhere || !parts.some((id) => fresh.getElementById(id))) {
      keepNotices(fresh);
      location.assign(answer.url);
      return;
    }
    replace(parts, fresh);
    // an address that only takes forms is not one to come back to
    const formsOnly = options.method === "POST" && !answer.redirected;
    if (!keepAddress && !formsOnly) history.replaceState(null, "", answer.url);
  } catch (error) {
    old.forEach((part) => part.removeAttribute("aria-busy"));
    throw error;
  }
}

/**
 * Whether a page of an error came in place of the parts. A form or link then shows why, and what was typed stays;
 * a region that follows a job waits for a server that is down, and shows the page of any other error.
 */
function refused(answer, fresh, parts, following) {
  if (parts.some((id) => fresh.getElementById(id))) return false;
  if (following) return answer.status >= 500;
  showFailure(fresh.querySelector("[data-why]")?.textContent.trim() || document.body.dataset.unreachable);
  return true;
}

/** The server gives its notices once: keep those of the fetched page for the page that it leads to. */
function keepNotices(fresh) {
  const notices = [...fresh.querySelectorAll("#messages > .notice")].map((one) => [one.className, one.textContent.trim()]);
  if (notices.length) sessionStorage.setItem("notices", JSON.stringify(notices));
}

function showKept() {
  const notices = JSON.parse(sessionStorage.getItem("notices") || "[]");
  sessionStorage.removeItem("notices");
  document.getElementById("messages").append(...notices.map(([kind, text]) => notice(kind, text)));
}

function notice(kind, text) {
  const box = document.createElement("div");
  box.className = kind;
  box.textContent = text;
  return box;
}

function replace(parts, fresh) {
  const focused = document.activeElement?.id;
  for (const id of [...parts, ...ALWAYS]) {
    const now = document.getElementById(id);
    const next = fresh.getElementById(id);
    if (now && next) now.replaceWith(document.adoptNode(next));
    else if (now && parts.includes(id)) now.replaceChildren();
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  const wanted = document.querySelector("[data-announce]");
  const announced = document.getElementById("announce");
  if (wanted && announced.textContent !== wanted.textContent) announced.textContent = wanted.textContent;
  document.dispatchEvent(new CustomEvent("swapped"));
  localTimes();
}

function showFailure(message) {
  const box = notice("notice bad", message);
  box.setAttribute("role", "alert");
  document.getElementById("messages").replaceChildren(box);
  box.scrollIntoView({ block: "nearest" });
}

document.addEventListener("failure", (event) => showFailure(event.detail));

function failed() {
  showFailure(document.body.dataset.unreachable);
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  const question = event.submitter?.dataset.confirm || form.dataset.confirm;
  if (question && !window.confirm(question)) {
    event.preventDefault();
    return;
  }
  if (!form.dataset.swap) return;
  event.preventDefault();
  const data = new FormData(form, event.submitter);
  const method = (event.submitter?.getAttribute("formmethod") || form.method).toUpperCase();
  const url = new URL(event.submitter?.getAttribute("formaction") || form.action, location.href);
  const body = new URLSearchParams(data);
  if (method === "GET") url.search = body.toString();
  swap(url, method === "GET" ? {} : { method, body }, form.dataset.swap).catch(failed);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-swap]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  event.preventDefault();
  swap(link.href, {}, link.dataset.swap).catch(failed);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

/** Regions with `data-live` (seconds) are fetched again until they come without it, or the page moves on. */
async function follow() {
  for (;;) {
    const region = document.querySelector("[data-live]");
    if (!region) return stream?.close();
    await (document.hidden ? nextView() : news(region));
    if (document.hidden) continue;
    await swap(location.href, {}, region.id, true).catch(() => {});
    if (region.isConnected) await pause(Number(region.dataset.live) * 1000);  // the server did not answer well
  }
}

const pause = (ms) => new Promise((go) => setTimeout(go, ms));
const nextView = () => new Promise((go) => document.addEventListener("visibilitychange", go, { once: true }));

const ENDS = ["imported", "failed", "cancelled", "undone"];
/** Milliseconds: until the first event must have come; between two fetches while only the progress changes. */
const SILENT = 5000, PATIENCE = { first: 1000, growth: 1.6, most: 15000 };

/** Server-Sent Events of a job. It is over when the job has ended, or no events can be had. */
class Stream {
  constructor(url) {
    this.url = url;
    this.over = false;
    this.version = "";
    this.job = null;
    this.source = new EventSource(url);
    this.source.addEventListener("job", (event) => this.take(event));
    this.source.addEventListener("error", () => this.source.readyState === EventSource.CLOSED && this.close());
    this.silent = setTimeout(() => this.close(), SILENT);
    this.renew();
  }

  /** A promise of the next change. */
  renew() {
    this.change = new Promise((go) => { this.tell = go; });
  }

  take(event) {
    clearTimeout(this.silent);
    this.version = event.lastEventId;
    this.job = JSON.parse(event.data);
    for (const bar of document.querySelectorAll("[data-events] progress")) {
      bar.max = this.job.progress.total || 1;
      bar.value = this.job.progress.done;
    }
    if (ENDS.includes(this.job.status)) this.close();
    this.tell();
    this.renew();
  }

  close() {
    clearTimeout(this.silent);
    this.over = true;
    this.source.close();
    this.tell();
  }
}

let stream = null, patience = PATIENCE.first;

/** A browser lets few connections be open at once: a page that nobody looks at has none. */
document.addEventListener("visibilitychange", () => {
  if (document.hidden) stream?.close();
  else stream = null;
});

/** Wait until a region is to be fetched again: for another status at once, for mere progress after a while. */
async function news(region) {
  const { live, events, version, status, delay } = region.dataset;
  const goesOn = stream?.over && stream.job && stream.job.status !== status;
  if (events && (stream?.url !== events || goesOn) && "EventSource" in window) stream = new Stream(events);
  const mine = stream, began = Date.now();
  if (!events || !mine || mine.over) return pause(Number(live) * 1000);
  const late = () => mine.job && (mine.job.waiting_for?.delay?.code ?? "") !== delay;
  while (!mine.over && (mine.job?.status ?? status) === status && !late()) {
    const left = began + patience - Date.now();
    if (left <= 0 && mine.job && mine.version !== version) {
      patience = Math.min(patience * PATIENCE.growth, PATIENCE.most);
      return undefined;
    }
    await (left > 0 ? Promise.race([mine.change, pause(left)]) : mine.change);
  }
  patience = PATIENCE.first;
  return undefined;
}

function localTimes() {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  document.cookie = `carryover_zone=${zone}; path=/; max-age=31536000; samesite=lax`;
  if (document.body.dataset.zone === zone) return;
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "short" });
  for (const time of document.querySelectorAll("time[datetime]")) {
    time.textContent = format.format(new Date(time.dateTime));
  }
}

/** A form that could not be sent is sent again while its page is open. */
for (const form of document.querySelectorAll("form[data-again]")) {
  setTimeout(() => form.requestSubmit(), Number(form.dataset.again) * 1000);
}

showKept();
localTimes();
follow();
