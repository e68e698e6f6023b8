// Your server makes the token for the person who is signed in there.
const getToken = async () => (await fetch("/carryover-token")).text();
const outcome = document.getElementById("outcome");

document.getElementById("import").addEventListener("click", () => {
  Carryover.open({
    getToken,
    kind: "accounts_and_contacts",
    language: document.documentElement.lang,
    theme: { accent: "#7a1fa2", radius: 2 },
    onImported: ({ job, result }) => { outcome.textContent = `${result.rows_loaded} rows loaded by ${job}`; },
    onFailed: ({ code }) => { outcome.textContent = `Not imported: ${code}`; },
    onError: ({ code }) => { outcome.textContent = `Carryover could not be opened: ${code}`; },
  });
});
