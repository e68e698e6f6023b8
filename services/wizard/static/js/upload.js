// A file is sent as soon as it is chosen or dropped, with speed and time left; the form works without this.

const form = document.getElementById("upload");
const input = form.querySelector("input[type=file]");
const sending = form.querySelector(".sending");
const language = document.documentElement.lang;
let request = null;

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function size(bytes) {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"];
  let at = 0;
  for (; bytes >= 1000 && at < units.length - 1; at += 1) bytes /= 1000;
  const style = { style: "unit", unit: units[at], unitDisplay: "short", maximumFractionDigits: at ? 1 : 0 };
  return new Intl.NumberFormat(language, style).format(bytes);
}

function span(seconds) {
  const unit = seconds < 90 ? "second" : "minute";
  const value = unit === "second" ? Math.ceil(seconds) : Math.ceil(seconds / 60);
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short" }).format(value);
}

/** Let page.js show a message. */
function showFailure(message) {
  document.dispatchEvent(new CustomEvent("failure", { detail: message }));
}

function rest() {
  request = null;
  form.classList.remove("busy");
  sending.hidden = true;
  input.value = "";
}

function send(file) {
  if (!file || request) return;
  if (file.size > Number(form.dataset.limit)) {
    rest();
    showFailure(filled(form.dataset.tooLarge, { size: size(file.size), limit: form.dataset.limitText }));
    return;
  }
  document.getElementById("messages").replaceChildren();
  form.classList.add("busy");
  sending.hidden = false;
  sending.querySelector(".sending-name").textContent = file.name;
  const body = new FormData();
  body.append("options", JSON.stringify({ kind: form.elements.kind.value }));
  body.append("file", file);
  request = new XMLHttpRequest();
  follow(request, performance.now());
  request.open("POST", form.action);
  request.setRequestHeader("X-Form-Proof", form.elements.proof.value);
  request.send(body);
}

function follow(upload, began) {
  const bar = sending.querySelector("progress");
  const speed = sending.querySelector(".sending-speed");
  upload.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = loaded / total;
    const rate = loaded / Math.max((performance.now() - began) / 1000, 0.001);
    const values = { done: size(loaded), total: size(total), rate: size(rate), left: span((total - loaded) / rate) };
    speed.textContent = loaded < total ? filled(form.dataset.speed, values) : form.dataset.kept;
  });
  upload.addEventListener("load", () => arrived(upload));
  upload.addEventListener("error", () => {
    rest();
    showFailure(document.body.dataset.unreachable);
  });
  upload.addEventListener("abort", rest);
}

function arrived(upload) {
  let answer = {};
  try {
    answer = JSON.parse(upload.responseText);
  } catch (error) {
    console.warn("the answer is no JSON", error.message);
  }
  if (upload.status === 200 && answer.go) {
    location.assign(answer.go);
    return;
  }
  rest();
  if (upload.status === 401 || upload.status === 403) location.reload();
  else showFailure(answer.message || document.body.dataset.unreachable);
}

input.addEventListener("change", () => send(input.files[0]));
form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(input.files[0]);
});
sending.querySelector(".stop").addEventListener("click", () => request?.abort());
for (const name of ["dragenter", "dragover"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    form.classList.add("over");
  });
}
for (const name of ["dragleave", "drop"]) {
  document.addEventListener(name, (event) => {
    event.preventDefault();
    if (name === "drop" || !event.relatedTarget) form.classList.remove("over");
  });
}
document.addEventListener("drop", (event) => send(event.dataTransfer.files[0]));
