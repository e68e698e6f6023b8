// The list of rows by keyboard and mouse, and examples of a repair while it is typed. Without it, links and buttons do.

const open = () => document.querySelector("tr.open");
let wanted = null; // the column that gets the focus when a row opens
let left = null; // the row that was open

function edit(row, column) {
  wanted = column ?? null;
  row?.querySelector(".edit")?.click();
}

function focusOpenRow() {
  const row = open();
  if (row) {
    const columns = [...row.querySelectorAll("[name^=cell-]")];
    const own = columns.find((input) => input.name === `cell-${wanted}`);
    const wrong = columns.find((input) => input.getAttribute("aria-invalid") === "true");
    const input = own || wrong || columns.find((one) => one.hasAttribute("aria-describedby")) || columns[0];
    if (!row.contains(document.activeElement)) {
      input?.focus();
      input?.select();
    }
    left = row.dataset.row;
    return;
  }
  if (left) document.getElementById(`edit-${left}`)?.focus({ preventScroll: true });
  left = wanted = null;
}

/** Save the open row, where anything changed in it, and open the one before or after it. */
function goOn(row, step, column) {
  const rows = [...row.parentElement.rows];
  const next = rows[rows.indexOf(row) + step];
  if (!next) return;
  wanted = column;
  const form = document.getElementById("edit");
  const then = document.createElement("input");
  then.type = "hidden";
  then.name = "then";
  then.value = next.id.replace("row-", "");
  form.append(then);
  form.requestSubmit();
}

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("tr.open");
  if (!row || event.isComposing) return;
  if (event.key === "Escape") {
    event.preventDefault();
    document.getElementById("leave-edit").click();
  }
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("input[name^=cell-]")) {
    event.preventDefault();
    goOn(row, event.key === "ArrowDown" ? 1 : -1, event.target.name.replace("cell-", ""));
  }
});

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("#grid td");
  if (cell && !cell.closest("tr.open")) edit(cell.parentElement, cell.dataset.column);
});

document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-show]");
  if (link) document.getElementById(link.dataset.show)?.scrollIntoView({ block: "start" });
});

// examples of a repair, as it is typed

let waiting = 0;
let asked = 0;

async function preview(form) {
  const mine = ++asked;
  const body = new URLSearchParams(new FormData(form));
  body.set("preview", "1");
  const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "text/html" } });
  const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("fix-preview");
  const now = document.getElementById("fix-preview");
  if (mine === asked && fresh && now) now.replaceWith(document.adoptNode(fresh));
}

document.addEventListener("input", (event) => {
  const form = event.target.closest("form.fix");
  if (!form) return;
  clearTimeout(waiting);
  // where an example cannot be fetched the earlier one stays; the repair itself shows what is wrong
  waiting = setTimeout(() => preview(form).catch(() => {}), 250);
});

document.addEventListener("swapped", focusOpenRow);
focusOpenRow();
