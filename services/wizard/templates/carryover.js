// Carryover within a page of yours: docs/embedding.md.
(() => {
  "use strict";
  const VERSION = 1, LABELS = {{ labels|tojson }};
  const page = new URL("embed", document.currentScript.src);

  // { token, getToken, kind, theme, language, target, onImported, onFailed, onUndone, onClosed, onError } → { close }
  function open(options) {
    const wanted = { ...options };
    const { kind, target } = wanted, theme = wanted.theme || {};
    const language = String(wanted.language || document.documentElement.lang || "en").slice(0, 2).toLowerCase();
    const [title, closing] = LABELS[language] || LABELS.en;
    const make = (name, style, values) => {
      const made = Object.assign(document.createElement(name), values);
      Object.assign(made.style, style);
      return made;
    };
    const call = (name, value) => { if (typeof wanted[name] === "function") wanted[name](value); };
    const place = typeof target === "string" ? document.querySelector(target) : target;
    if (target && !place) throw new TypeError("Carryover.open: there is no such target");
    if (!wanted.token && !wanted.getToken) throw new TypeError("Carryover.open: needs token or getToken");

    const [red, green, blue] = (/^#[0-9a-f]{6}$/i.test(theme.background) ? theme.background : "").match(/[0-9a-f]{2}/gi) || [];
    const isDark = red ? parseInt(red, 16) * 0.3 + parseInt(green, 16) * 0.6 + parseInt(blue, 16) * 0.1 < 118 : theme.dark === "dark";
    const frame = make("iframe", { border: "0", display: "block", width: "100%", flex: "1", minHeight: "20rem" }, { title, referrerPolicy: "no-referrer" });
    const address = new URL(page);
    if (LABELS[wanted.language]) address.searchParams.set("lang", language);
    frame.src = address;
    const dialog = place ? null : make("dialog", {
      width: "min(1180px, 100vw)", height: "min(920px, 100dvh)", maxWidth: "none", maxHeight: "none", padding: "0", border: "0",
      display: "flex", flexDirection: "column", overflow: "hidden", boxShadow: "0 0 0 200vmax rgb(0 0 0 / 45%)",
      colorScheme: isDark ? "dark" : red || theme.dark === "light" ? "light" : "light dark",
      background: red ? theme.background : "Canvas", color: "CanvasText",
    });
    let first = wanted.token, over = false;

    function send(token) {
      const values = { carryover: VERSION, type: "token", token, theme, kind };
      if (LABELS[wanted.language]) values.language = wanted.language;
      if (!over) frame.contentWindow.postMessage(values, page.origin);
    }
    async function give() {
      let token = first;
      first = "";
      try {
        send(String(await (token || wanted.getToken())));
      } catch (reason) {
        send("");
        call("onError", { code: "no_token", reason });
      }
    }
    function hear({ source, origin, data }) {
      if (source !== frame.contentWindow || origin !== page.origin || !data || data.carryover !== VERSION) return;
      const { type, job, result, code, values, height, by } = data;
      clearTimeout(late);
      if (type === "ready" || type === "token_needed") give();
      else if (type === "imported") call("onImported", { job, result });
      else if (type === "failed") call("onFailed", { job, code });
      else if (type === "undone") call("onUndone", { job });
      else if (type === "error") call("onError", values ? { code, values } : { code });
      else if (type === "resize" && place && height > 0) frame.style.height = `${Math.min(height, 20000)}px`;
      else if (type === "closed" && !(place && by === "escape")) close();
    }
    function close() {
      if (over) return;
      over = true;
      clearTimeout(late);
      removeEventListener("message", hear);
      if (dialog) dialog.close();
      (dialog || frame).remove();
      call("onClosed");
    }
    const late = setTimeout(() => call("onError", { code: "not_reachable" }), 20000);
    addEventListener("message", hear);
    if (place) place.append(frame);
    else {
      const button = make("button", { alignSelf: "flex-end", width: "2.75rem", height: "2.75rem", border: "0", background: "none", color: "inherit", font: "1.1rem sans-serif", cursor: "pointer" }, { type: "button", textContent: "✕", onclick: close });
      button.setAttribute("aria-label", closing);
      dialog.setAttribute("aria-label", title);
      dialog.addEventListener("cancel", (event) => { event.preventDefault(); close(); });
      dialog.append(button, frame);
      document.body.append(dialog);
      dialog.showModal();
    }
    return { close };
  }
  window.Carryover = Object.freeze({ open });
})();
