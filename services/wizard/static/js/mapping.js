// A field that is chosen in one column is marked in the lists of the others, and leaving with changes asks first.

let changed = document.querySelector("#columns[data-unsaved]") !== null;

function markTaken() {
  const lists = [...document.querySelectorAll("#columns select[name^=target-]")];
  const elsewhere = JSON.parse(document.querySelector("#columns")?.dataset.taken ?? "[]");
  const taken = new Map(elsewhere.map((key) => [key, 1]));
  for (const list of lists) {
    if (list.value.includes(".")) taken.set(list.value, (taken.get(list.value) ?? 0) + 1);
  }
  for (const list of lists) {
    for (const option of list.options) {
      const name = option.dataset.name ?? (option.dataset.name = option.textContent);
      const isTaken = taken.has(option.value) && option.value !== list.value;
      option.textContent = isTaken ? `✓ ${name}` : name;
    }
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.closest("#columns")) return;
  changed = true;
  markTaken();
});
document.addEventListener("submit", () => (changed = false));
document.addEventListener("swapped", markTaken);
window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});
markTaken();
