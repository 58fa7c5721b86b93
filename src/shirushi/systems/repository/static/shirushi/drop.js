// Dropping a folder: makes the draft, sends the files one by one, tries again when the line breaks, starts the reading.
// Without this script the form sends the chosen files in one go.

"use strict";

const TRIES = 5;

for (const zone of document.querySelectorAll("[data-dropzone]")) begin(zone);

function begin(zone) {
  for (const element of zone.querySelectorAll("[data-needs-script]")) element.hidden = false;
  zone.querySelector("[data-without-script]").hidden = true;
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry()).filter(Boolean);
    const found = [];
    for (const entry of entries) await walk(entry, "", found);
    await send(zone, withoutRoot(found));
  });
  for (const input of zone.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const found = [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      send(zone, withoutRoot(found));
    });
  }
  zone.addEventListener("submit", (event) => event.preventDefault());
}

async function walk(entry, prefix, found) {
  if (entry.isFile) {
    const file = await new Promise((resolve, reject) => entry.file(resolve, reject));
    found.push({ path: prefix + entry.name, file });
    return;
  }
  const reader = entry.createReader();
  for (;;) {  // a reader gives at most a hundred entries at a time
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (!some.length) return;
    for (const child of some) await walk(child, `${prefix}${entry.name}/`, found);
  }
}

// One dropped folder is the record itself: its name names the draft, and is no part of the paths.
function withoutRoot(found) {
  const roots = new Set(found.map(({ path }) => (path.includes("/") ? path.split("/")[0] : "")));
  const root = roots.size === 1 ? [...roots][0] : "";
  const files = root ? found.map(({ path, file }) => ({ path: path.slice(root.length + 1), file })) : found;
  return { name: root, files };
}

async function send(zone, { name, files }) {
  if (!files.length) return;
  const status = zone.querySelector("[data-drop-status]");
  const progress = zone.querySelector("[data-drop-progress]");
  const cancel = zone.querySelector("[data-drop-cancel]");
  const stopping = new AbortController();
  cancel.hidden = progress.hidden = false;
  progress.max = files.length;
  cancel.onclick = () => stopping.abort();
  const leaving = (event) => event.preventDefault();
  addEventListener("beforeunload", leaving);
  const failed = [];
  try {
    const space = zone.querySelector("[name=space]")?.value || zone.dataset.space;
    const draft = await (await call(zone, "POST", zone.dataset.drafts, JSON.stringify({ space, name }), "application/json")).json();
    for (const [done, { path, file }] of files.entries()) {
      status.textContent = words(zone.dataset.wordsSending, { done: done + 1, total: files.length, name: path });
      const address = `${zone.dataset.drafts}/${draft.id}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
      if (!(await sendOne(zone, address, file, path, status, stopping.signal))) failed.push(path);
      progress.value = done + 1;
      if (stopping.signal.aborted) break;
    }
    removeEventListener("beforeunload", leaving);
    if (stopping.signal.aborted) { location.assign(`/drafts/${draft.id}/files`); return; }
    if (failed.length) {
      status.textContent = words(zone.dataset.wordsFailed, { names: failed.slice(0, 5).join(", ") });
      if (failed.length === files.length) return;
    } else status.textContent = zone.dataset.wordsReading;
    await call(zone, "POST", `${zone.dataset.drafts}/${draft.id}/describe`);
    location.assign(`/drafts/${draft.id}/reading`);
  } catch (error) {
    status.textContent = error.message;
  } finally {
    removeEventListener("beforeunload", leaving);
    cancel.hidden = true;
  }
}

async function sendOne(zone, address, file, path, status, signal) {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    try {
      await call(zone, "PUT", address, file, "application/octet-stream", signal);
      return true;
    } catch (error) {
      if (signal.aborted) return false;
      if (error.status && error.status < 500) { status.textContent = error.message; return false; }
      status.textContent = words(zone.dataset.wordsRetry, { name: path });
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** attempt));
    }
  }
  return false;
}

async function call(zone, method, address, body, type, signal) {
  const headers = { "X-CSRFToken": zone.querySelector("[name=csrfmiddlewaretoken]").value, "Accept-Language": document.documentElement.lang };
  if (type) headers["Content-Type"] = type;
  const response = await fetch(address, { method, body, headers, signal, credentials: "same-origin" });
  if (response.ok) return response;
  const problem = await response.json().catch(() => ({}));
  throw Object.assign(new Error(problem.detail || problem.title || `${response.status}`), { status: response.status });
}

function words(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
