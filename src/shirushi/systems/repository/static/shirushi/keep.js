// Nothing typed is ever lost: what stands in a form marked data-keep is kept in this tab until the server says that it was saved
// ([data-saved]). When the form is opened again, as after signing in again or in the other language, it is put back.

"use strict";

const KEPT = "shirushi-kept:";

// Reading and writing may be forbidden, or the room used up: then the form works as without this script.
function stored(name) {
  try { return JSON.parse(sessionStorage.getItem(KEPT + name)); } catch { return null; }
}
function store(name, entries) {
  try { sessionStorage.setItem(KEPT + name, JSON.stringify(entries)); } catch { /* see above */ }
}
function forget(name) {
  try { sessionStorage.removeItem(KEPT + name); } catch { /* see above */ }
}

// Inputs of a field are named by JSON Pointers; the version says what was seen when they were filled in.
const isTyped = ([name]) => name.startsWith("/");
const entriesOf = (form) => [...new FormData(form)].filter((entry) => isTyped(entry) || entry[0] === "at_version");
const same = (one, other) => JSON.stringify(one.filter(isTyped)) === JSON.stringify(other.filter(isTyped));

// Who opens the form can type at once: in the first field, or where the first entry is added. An error or a new entry goes before.
function focusFirst(form) {
  const first = ":is(input:not([type=hidden]), select, textarea)[name^='/'], .form-add";
  (form.querySelector("[autofocus]") ?? form.querySelector(first))?.focus();
}

function watch(form) {
  focusFirst(form);
  const name = form.dataset.keep;
  const keep = () => store(name, entriesOf(form));
  for (const kind of ["input", "change", "submit"]) form.addEventListener(kind, keep);
  for (const link of document.querySelectorAll("[data-keep-forget]")) link.addEventListener("click", () => forget(name));
  const kept = stored(name);
  if (form.hasAttribute("data-typed")) keep();
  else if (kept && same(kept, entriesOf(form))) forget(name);
  else if (kept) putBack(form, kept);
}

// The server draws the form again with what was kept, entries that were added and all.
async function putBack(form, kept) {
  const body = new URLSearchParams([...new FormData(form)].filter((entry) => !isTyped(entry) && entry[0] !== "at_version"));
  for (const [name, text] of kept) body.append(name, text);
  body.append("_put_back", "1");
  const answer = await fetch(form.action, { method: "POST", body });
  if (!answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  document.querySelector("main").replaceWith(page.querySelector("main"));
  watch(document.querySelector("form[data-keep]"));
}

for (const saved of document.querySelectorAll("[data-saved]")) forget(saved.dataset.saved);
const keptForm = document.querySelector("form[data-keep]");
if (keptForm) watch(keptForm);
