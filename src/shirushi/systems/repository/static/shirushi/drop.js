// Dropping a folder: makes the draft, sends the files one by one, waits while there is no connection, tries again when it
// breaks, then starts the reading. Without this script the form sends the chosen files in one go.

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
    // entries are gone once this turn of the event loop ends: take them all before waiting for any
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const found = [];
    for (const entry of entries) await walk(entry, "", found);
    start(zone, found.length ? found : [...event.dataTransfer.files].map((file) => ({ path: file.name, file })));
  });
  for (const input of zone.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      start(zone, [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
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

async function start(zone, found) {
  if (zone.dataset.busy) return;
  if (!found.length) { say(zone, zone.dataset.wordsNone); return; }
  zone.dataset.busy = "yes";
  const { name, files } = withoutRoot(found);
  try {
    const space = zone.querySelector("[name=space]")?.value || zone.dataset.space;
    const body = JSON.stringify({ space, name });
    await online(zone);
    const draft = JSON.parse(await call(zone, "POST", zone.dataset.drafts, { body, type: "application/json" }));
    await send(zone, draft.id, files);
  } catch (error) {
    say(zone, error.message);
  } finally {
    delete zone.dataset.busy;
  }
}

async function send(zone, draft, files) {
  const progress = zone.querySelector("[data-drop-progress]");
  const cancel = zone.querySelector("[data-drop-cancel]");
  const stopping = new AbortController();
  const leaving = (event) => event.preventDefault();
  cancel.onclick = () => stopping.abort();
  cancel.hidden = progress.hidden = false;
  const total = files.reduce((sum, { file }) => sum + file.size, 0) || 1;
  const failed = [];
  let before = 0;
  addEventListener("beforeunload", leaving);
  for (const [done, { path, file }] of files.entries()) {
    const show = (sent) => {
      progress.value = (before + sent) / total;
      say(zone, words(zone.dataset.wordsSending, { done: done + 1, total: files.length, name: path }));
    };
    const why = await sendOne(zone, draft, path, file, show, stopping.signal);
    if (stopping.signal.aborted) break;
    if (why) failed.push({ path, file, why });
    before += file.size;
  }
  removeEventListener("beforeunload", leaving);
  cancel.hidden = true;
  if (stopping.signal.aborted) {
    say(zone, zone.dataset.wordsStopped);
    location.assign(`/drafts/${draft}/files`);
  } else if (failed.length) offerAgain(zone, draft, failed, files.length > failed.length);
  else await read(zone, draft);
}

// Says why it could not be sent, or nothing when it was.
async function sendOne(zone, draft, path, file, show, signal) {
  const address = `${zone.dataset.drafts}/${draft}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
  for (let attempt = 0; ; attempt += 1) {
    await online(zone, signal);
    show(0);
    try {
      await call(zone, "PUT", address, { body: file, type: "application/octet-stream", signal, onprogress: show });
      return "";
    } catch (error) {
      if (signal.aborted) return error.message;
      if (error.status && error.status < 500) return error.message;  // it would be refused again
      if (navigator.onLine && attempt >= TRIES - 1) return error.message;
      say(zone, words(zone.dataset.wordsRetry, { name: path }));
      await new Promise((resolve) => setTimeout(resolve, 500 * 2 ** Math.min(attempt, 5)));
    }
  }
}

function online(zone, signal) {
  if (navigator.onLine || signal?.aborted) return Promise.resolve();
  say(zone, zone.dataset.wordsOffline);
  return new Promise((resolve) => {
    addEventListener("online", resolve, { once: true });
    signal?.addEventListener("abort", resolve, { once: true });
  });
}

function offerAgain(zone, draft, failed, someWereSent) {
  const list = zone.querySelector("[data-drop-failed]");
  const again = zone.querySelector("[data-drop-again]");
  const goOn = zone.querySelector("[data-drop-go-on]");
  say(zone, zone.dataset.wordsFailed);
  list.replaceChildren(...failed.slice(0, 100).map(({ path, why }) => {
    const item = document.createElement("li");
    item.className = "is-failed";
    item.textContent = `${path}: ${why}`;
    return item;
  }));
  list.hidden = again.hidden = false;
  goOn.hidden = !someWereSent;
  again.onclick = async () => {
    list.hidden = again.hidden = goOn.hidden = true;
    await send(zone, draft, failed);
  };
  goOn.onclick = () => read(zone, draft);
  again.focus();
}

async function read(zone, draft) {
  say(zone, zone.dataset.wordsReading);
  try {
    await call(zone, "POST", `${zone.dataset.drafts}/${draft}/describe`, {});
    location.assign(`/drafts/${draft}/reading`);
  } catch (error) {
    say(zone, error.message);
  }
}

// XMLHttpRequest, since fetch does not tell how much of a body has been sent.
function call(zone, method, address, { body = null, type, signal, onprogress }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open(method, address);
    request.setRequestHeader("X-CSRFToken", zone.querySelector("[name=csrfmiddlewaretoken]").value);
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    if (type) request.setRequestHeader("Content-Type", type);
    if (onprogress) request.upload.onprogress = (event) => onprogress(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(request.responseText);
      else reject(Object.assign(new Error(reason(request)), { status: request.status }));
    };
    request.onerror = request.ontimeout = () => reject(new Error(zone.dataset.wordsOffline));
    request.onabort = () => reject(new Error(zone.dataset.wordsStopped));
    signal?.addEventListener("abort", () => request.abort(), { once: true });
    request.send(body);
  });
}

function reason(request) {
  try {
    const problem = JSON.parse(request.responseText);
    return problem.detail || problem.title || String(request.status);
  } catch {
    return String(request.status);
  }
}

function say(zone, text) {
  zone.querySelector("[data-drop-status]").textContent = text;
}

function words(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
