// Dropping a folder: makes the draft (or goes on in one that was left half sent), sends the files a few at a time, waits while
// there is no connection, tries again when it breaks, then starts the reading. Large files go in pieces (tus): what broke off, also
// by closing the page, goes on from the byte that is safe on the server when the same file is chosen again. Without this script the
// form sends the chosen files in one go.

"use strict";

const AT_ONCE = 4;  // files under way; the server takes sixteen from everybody together (cli/patience.py)
const BYTES_AT_ONCE = 8e6;  // so that only small files share the line: a large one fills it by itself
const LARGE = 16e6;  // bytes from which on a file goes in pieces
const PIECE = 64e6;  // bytes: proxies may let no more through at once
const OCTETS = "application/offset+octet-stream";
const PASSING = ["wrong-offset", "upload-in-use"];  // another connection of ours has not ended yet: ask again where to go on
const PATIENCE = 15 * 60e3;  // milliseconds that a file is tried again before it counts as failed
const LONGEST_PAUSE = 30e3;
const A_FILE = 20e3;  // bytes that could be sent in the time that a file costs whatever its size

for (const zone of document.querySelectorAll("[data-dropzone]")) begin(zone);

function begin(zone) {
  for (const element of zone.querySelectorAll("[data-needs-script]")) element.hidden = false;
  zone.querySelector("[data-without-script]").hidden = true;
  // without this script the browser's own chooser stays, which tells what was chosen
  zone.querySelector("#drop-files").classList.add("visually-hidden");
  zone.querySelector("label[for=drop-files]").classList.add("button");
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

// Files of one name: on disk theirs may be written in other characters that look the same.
function twins(files) {
  const named = new Map();
  for (const one of files) named.set(one.path, [...(named.get(one.path) || []), one]);
  return [...named.values()].filter((several) => several.length > 1).flat();
}

// One dropped folder is the record itself: its name names the draft, and is no part of the paths.
function withoutRoot(given) {
  const found = given.map(({ path, file }) => ({ path: path.normalize("NFC"), file }));  // as the server keeps names
  const roots = new Set(found.map(({ path }) => (path.includes("/") ? path.split("/")[0] : "")));
  const root = roots.size === 1 ? [...roots][0] : "";
  const files = root ? found.map(({ path, file }) => ({ path: path.slice(root.length + 1), file })) : found;
  return { name: root, files };
}

// What systems and programs leave behind in folders is no part of a work, and may tell who had a file open. The same as
// describe/sources.py passes over. A single file is taken as it was chosen.
const LEFT_BEHIND = /^(\.DS_Store|Thumbs\.db|ehthumbs\.db|desktop\.ini|\._.+|~\$.+|\.~lock\..+#|Icon\r)$/i;
const BEHIND_FOLDERS = new Set(["__MACOSX", "__pycache__", ".ipynb_checkpoints", ".Trashes", ".Spotlight-V100", "$RECYCLE.BIN",
  "node_modules", "System Volume Information", ".venv", ".tox", ".mypy_cache", ".pytest_cache", ".Rproj.user"]);

function isLeftBehind(path) {
  const parts = path.split("/");
  return LEFT_BEHIND.test(parts.at(-1)) || parts.slice(0, -1).some((part) => BEHIND_FOLDERS.has(part));
}

async function start(zone, found) {
  if (zone.dataset.busy) return;
  if (!found.length) { say(zone, zone.dataset.wordsNone); return; }
  zone.dataset.busy = "yes";
  const { name, files: all } = withoutRoot(found);
  const behind = name ? all.filter(({ path }) => isLeftBehind(path)) : [];
  const files = behind.length ? all.filter((one) => !behind.includes(one)) : all;
  const note = zone.querySelector("[data-drop-behind]");
  note.hidden = !behind.length;
  if (behind.length) note.textContent = words(zone.dataset.wordsBehind, { number: behind.length, name: behind[0].path });
  try {
    const space = zone.querySelector("[name=space]")?.value || zone.dataset.space;
    await online(zone);
    zone.begun = await uploadsBegun(zone);
    const left = (name && (await leftHalfSent(zone, space, name, files))) || (await leftInPieces(zone, files));
    if (left && (await wantsToGoOn(zone, left))) {
      await send(zone, left.id, left.missing);
      return;
    }
    const body = JSON.stringify({ space, name });
    const draft = JSON.parse(await call(zone, "POST", zone.dataset.drafts, { body, type: "application/json" }));
    await send(zone, draft.id, files);
  } catch (error) {
    say(zone, error.message);
  } finally {
    delete zone.dataset.busy;
  }
}

// A draft of this name whose files were never read, because sending them did not come to its end; with what it lacks.
async function leftHalfSent(zone, space, name, files) {
  const query = new URLSearchParams({ state: "open", mine: "true", described: "false", space, name, limit: 1 });
  const [draft] = JSON.parse(await call(zone, "GET", `${zone.dataset.drafts}?${query}`, {})).items;
  if (!draft) return null;
  const left = await lacking(zone, draft.id, files);
  return left.there || left.part ? left : null;
}

// A draft that holds a part of one of these files.
async function leftInPieces(zone, files) {
  const begun = files.flatMap((one) => zone.begun.filter((upload) => isSame(upload, one)));
  return begun.length ? lacking(zone, begun[0].draft, files) : null;
}

// Which of these files a draft does not hold, and the one of them that it holds a part of.
async function lacking(zone, id, files) {
  const there = new Map();
  let address = `${zone.dataset.drafts}/${id}/files?limit=200`;
  while (address) {
    const page = JSON.parse(await call(zone, "GET", address, {}));
    for (const one of page.items) there.set(one.path, one);
    address = page.next;
  }
  const missing = [];
  for (const one of files) if (!(await isThere(there.get(one.path.normalize("NFC")), one.file))) missing.push(one);
  const part = zone.begun.find((upload) => upload.draft === id && missing.some((one) => isSame(upload, one)));
  return { id, missing, part, there: files.length - missing.length, total: files.length };
}

// Whether a file is what the draft holds under its path. Small ones are compared by their bytes: one that was changed meanwhile may be as
// long as before. Where the browser gives no digests (without https) they are sent again.
async function isThere(kept, file) {
  if (!kept || kept.size !== file.size) return false;
  if (file.size >= LARGE) return true;
  try {
    const digest = await crypto.subtle?.digest("SHA-256", await file.arrayBuffer());
    return digest !== undefined && kept.sha256 === [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  } catch {
    return false;
  }
}

// Files of which this person has sent a part, here or in a page that was closed.
async function uploadsBegun(zone) {
  return JSON.parse(await call(zone, "GET", zone.dataset.uploads, {})).items;
}

// The name, size and time of change tell whether it is the file that was begun: nobody reads gigabytes to be sure.
function isSame(upload, { path, file }) {
  return upload.path === path.normalize("NFC") && upload.size === file.size && upload.changed === String(file.lastModified);
}

function wantsToGoOn(zone, { there, total, part }) {
  const offer = zone.querySelector("[data-drop-offer]");
  say(zone, part && !there
    ? words(zone.dataset.wordsPart, { name: visible(part.path), percent: `${Math.floor(100 * part.offset / part.size)} %` })
    : words(zone.dataset.wordsHalf, { there, total }));
  offer.hidden = false;
  offer.querySelector("[data-drop-there]").focus();
  return new Promise((resolve) => {
    const answer = (goesOn) => { offer.hidden = true; resolve(goesOn); };
    offer.querySelector("[data-drop-there]").onclick = () => answer(true);
    offer.querySelector("[data-drop-anew]").onclick = () => answer(false);
  });
}

async function send(zone, draft, files) {
  const cancel = zone.querySelector("[data-drop-cancel]");
  const pause = zone.querySelector("[data-drop-pause]");
  const stopping = new AbortController();
  const leaving = (event) => event.preventDefault();
  const shown = new Shown(zone, files);
  const pausing = new Pausing(zone, pause);
  cancel.onclick = () => { stopping.abort(); pausing.end(); };
  cancel.hidden = pause.hidden = false;
  addEventListener("beforeunload", leaving);
  const failed = await sendAll(zone, draft, files, shown, stopping.signal, pausing);
  removeEventListener("beforeunload", leaving);
  shown.end();
  cancel.hidden = pause.hidden = true;
  if (stopping.signal.aborted) {
    say(zone, zone.dataset.wordsStopped);
    location.assign(`/drafts/${draft}/files`);
  } else if (failed.length) offerAgain(zone, draft, failed, files.length > failed.length);
  else await read(zone, draft);
}

// Sends files in their order, several small ones at a time. Gives those that could not be sent, with the reason, in order too.
async function sendAll(zone, draft, files, shown, signal, pausing) {
  const failed = new Map();
  const underWay = new Set();
  let bytes = 0;
  let closed = "";  // why the draft takes no file at all any more
  for (const one of twins(files)) {  // nobody knows which is meant
    one.isTwin = true;
    failed.set(one, zone.dataset.wordsTwice);
    shown.over(one);
  }
  for (const one of files.filter((file) => !file.isTwin)) {
    while (underWay.size && (underWay.size >= AT_ONCE || bytes + one.file.size > BYTES_AT_ONCE)) await Promise.race(underWay);
    await pausing.over;
    if (signal.aborted) break;
    if (closed) { failed.set(one, closed); continue; }
    bytes += one.file.size;
    const sending = sendOne(zone, draft, one, shown, signal, pausing).then((error) => {
      if (error) failed.set(one, error.message);
      if ([401, 403, 404, 409].includes(error?.status)) closed = error.message;
      bytes -= one.file.size;
      shown.over(one);
      underWay.delete(sending);
    });
    underWay.add(sending);
  }
  await Promise.all(underWay);
  return files.filter((one) => failed.has(one)).map((one) => ({ ...one, why: failed.get(one) }));
}

// Gives the error that kept it from being sent, or nothing when it was.
async function sendOne(zone, draft, { path, file }, shown, signal, pausing) {
  if (file.size >= LARGE) return sendLarge(zone, draft, { path, file }, shown, signal, pausing);
  const address = `${zone.dataset.drafts}/${draft}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
  const onprogress = (sent) => shown.sent(path, Math.min(sent, file.size));
  try {
    await persist(zone, () => call(zone, "PUT", address, { body: file, type: "application/octet-stream", signal, onprogress }), signal, path);
    return null;
  } catch (error) {
    return error;
  }
}

// Sends a large file piece by piece, from where the server says that it is good.
async function sendLarge(zone, draft, { path, file }, shown, signal, pausing) {
  let address = zone.begun.find((upload) => upload.draft === draft && isSame(upload, { path, file }))?.url;
  const patience = { since: Date.now() };
  const attempt = async () => {
    address ||= await begun(zone, draft, path, file, signal);
    let at = await tus(zone, "HEAD", address, { signal });
    while (at < file.size && !signal.aborted) {
      await pausing.over;
      shown.sent(path, at);
      const from = at;
      const turn = pausing.turn(signal);
      const onprogress = (sent) => shown.sent(path, Math.min(from + sent, file.size));
      try {
        at = await tus(zone, "PATCH", address, { body: file.slice(at, at + PIECE), signal: turn, at, onprogress });
        patience.since = Date.now();
      } catch (error) {
        if (!turn.aborted || signal.aborted) throw error;
        await pausing.over;  // then ask how much of it came
        patience.since = Date.now();
        throw Object.assign(error, { code: "wrong-offset", status: 409 });
      }
    }
  };
  for (let anew = 0; ; anew += 1) {
    try {
      await persist(zone, attempt, signal, path, patience);
      return null;
    } catch (error) {
      if (![404, 410].includes(error.status) || !address || anew) return error;
      zone.begun = zone.begun.filter((upload) => upload.url !== address);
      address = undefined;  // it has expired: from the beginning
    }
  }
}

async function begun(zone, draft, path, file, signal) {
  const sentAs = { filename: path.split("/").at(-1), relativePath: path, lastModified: String(file.lastModified) };
  const pairs = Object.entries(sentAs).map(([key, value]) => `${key} ${coded(value)}`).join(",");
  const headers = { "Upload-Length": file.size, "Upload-Metadata": pairs };
  const url = await tus(zone, "POST", `${zone.dataset.drafts}/${draft}/uploads/`, { headers, signal, wanted: "Location" });
  zone.begun.push({ draft, url, path: path.normalize("NFC"), size: file.size, offset: 0, changed: sentAs.lastModified });
  return url;
}

function tus(zone, method, address, { body = null, signal, at, onprogress, headers = {}, wanted = "Upload-Offset" }) {
  const all = { "Tus-Resumable": "1.0.0", ...headers, ...(at === undefined ? {} : { "Upload-Offset": at }) };
  const answer = (request) => (wanted === "Upload-Offset" ? Number(request.getResponseHeader(wanted)) : request.getResponseHeader(wanted));
  return call(zone, method, address, { body, type: body && OCTETS, signal, onprogress, headers: all, answer });
}

// Base64 of UTF-8.
const coded = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// A button that holds everything up, and lets it go on. ``over`` is waited for before anything is sent.
class Pausing {
  constructor(zone, button) {
    this.turns = new Set();
    this.over = null;
    this.draw = () => { button.textContent = this.over ? zone.dataset.wordsGoOn : zone.dataset.wordsPause; };
    button.onclick = () => {
      if (this.over) { this.end(); return; }
      this.over = new Promise((resolve) => { this.release = resolve; });
      for (const turn of this.turns) turn.abort();
      this.turns.clear();
      say(zone, zone.dataset.wordsPaused);
      this.draw();
    };
    this.draw();
  }

  end() {
    this.over = null;
    this.release?.();
    this.draw();
  }

  // A signal that ends one request, by the pause or by ``signal``.
  turn(signal) {
    const turn = new AbortController();
    this.turns.add(turn);
    signal.addEventListener("abort", () => turn.abort(), { once: true });
    return turn.signal;
  }
}

// Tries again, with growing pauses, what failed for want of a connection or of a free place at the server.
async function persist(zone, attempt, signal, name = "", patience = { since: Date.now() }) {
  for (let pause = 500; ; pause = Math.min(2 * pause, LONGEST_PAUSE)) {
    await online(zone, signal);
    try {
      return await attempt();
    } catch (error) {
      const passes = PASSING.includes(error.code);
      const final = error.status && !passes && (error.status < 500 || error.status === 507);  // it would be refused again
      if (signal?.aborted || final || Date.now() - patience.since > PATIENCE) throw error;
      if (!passes) say(zone, error.status ? words(zone.dataset.wordsRetry, { name: visible(name) }) : zone.dataset.wordsOffline);
      await new Promise((resolve) => {
        const over = () => { clearTimeout(timer); removeEventListener("online", over); resolve(); };
        const timer = setTimeout(over, pause);
        addEventListener("online", over);
        signal?.addEventListener("abort", over, { once: true });
      });
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

// How far sending has come: a bar, and bytes, files and time left in words.
class Shown {
  constructor(zone, files) {
    this.zone = zone;
    this.bar = zone.querySelector("[data-drop-progress]");
    this.numbers = zone.querySelector("[data-drop-numbers]");
    this.files = files.length;
    this.total = files.reduce((sum, { file }) => sum + file.size, 0);
    this.finished = { files: 0, bytes: 0 };
    this.parts = new Map();  // bytes sent of each file under way
    this.began = this.drawn = 0;
    this.bar.hidden = this.numbers.hidden = false;
    this.draw();
  }

  sent(path, bytes) {
    this.parts.set(path, bytes);
    this.draw();
  }

  over({ path, file }) {
    this.parts.delete(path);
    this.finished.files += 1;
    this.finished.bytes += file.size;
    this.draw();
  }

  end() { this.bar.hidden = this.numbers.hidden = true; }

  draw() {
    const now = Date.now();
    this.began ||= now;
    if (now - this.drawn < 200 && this.finished.files < this.files) return;
    this.drawn = now;
    const bytes = this.finished.bytes + [...this.parts.values()].reduce((sum, part) => sum + part, 0);
    const work = (bytes + this.finished.files * A_FILE) / (this.total + this.files * A_FILE || 1);
    this.bar.value = work;
    if (bytes || this.finished.files) say(this.zone, this.zone.dataset.wordsSending);
    this.numbers.textContent = words(this.zone.dataset.wordsNumbers, {
      sent: amount(bytes, this.total), all: amount(this.total, this.total), unit: unit(this.total), percent: `${Math.floor(100 * work)} %`, done: this.finished.files, total: this.files,
    }) + this.left(work, (now - this.began) / 1000);
  }

  left(work, seconds) {
    if (seconds < 3 || work <= 0 || work >= 1) return "";
    const left = Math.max(2, Math.round(seconds / work * (1 - work)));
    const template = left < 120 ? this.zone.dataset.wordsSeconds : this.zone.dataset.wordsMinutes;
    return ` · ${words(template, { number: left < 120 ? left : Math.round(left / 60) })}`;
  }
}

// Bytes in the unit that suits the whole, with thin spaces between thousands.
const unit = (whole) => (whole < 1e6 ? "kB" : "MB");
function amount(bytes, whole) {
  const number = bytes / (whole < 1e6 ? 1e3 : 1e6);
  return number.toFixed(number < 10 ? 1 : 0).replace(/\B(?=(\d{3})+$)/g, "\u202f");
}

function offerAgain(zone, draft, failed, someWereSent) {
  const list = zone.querySelector("[data-drop-failed]");
  const again = zone.querySelector("[data-drop-again]");
  const goOn = zone.querySelector("[data-drop-go-on]");
  say(zone, zone.dataset.wordsFailed);
  list.replaceChildren(...failed.slice(0, 100).map(({ path, why }) => {
    const item = document.createElement("li");
    item.className = "is-failed";
    item.dir = "auto";
    item.textContent = why.startsWith(visible(path)) ? why : `${visible(path)}: ${why}`;  // most reasons begin with the name
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
    await persist(zone, () => call(zone, "POST", `${zone.dataset.drafts}/${draft}/describe`, {}));
    location.assign(`/drafts/${draft}/reading`);
  } catch (error) {
    say(zone, error.message);
  }
}

// XMLHttpRequest, since fetch does not tell how much of a body has been sent.
function call(zone, method, address, { body = null, type, signal, onprogress, headers = {}, answer = (request) => request.responseText }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, address);
    request.setRequestHeader("X-CSRFToken", zone.querySelector("[name=csrfmiddlewaretoken]").value);
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    if (type) request.setRequestHeader("Content-Type", type);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (onprogress) request.upload.onprogress = (event) => onprogress(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(answer(request));
      else reject(Object.assign(new Error(reason(request)), { status: request.status, code: problem(request).code }));
    };
    if (signal?.aborted) { reject(new Error(zone.dataset.wordsStopped)); return; }
    request.onerror = request.ontimeout = () => reject(new Error(zone.dataset.wordsOffline));
    request.onabort = () => reject(new Error(zone.dataset.wordsStopped));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
    request.send(body);
  });
}

function problem(request) {
  try {
    return JSON.parse(request.responseText);
  } catch {
    return {};  // also for HEAD, which has no words
  }
}

function reason(request) {
  const { detail, title } = problem(request);
  return detail || title || String(request.status);
}

// A name as the server shows it (core/paths.py): marks that would act on the line are written out, a long one is cut.
function visible(name) {
  const text = name.normalize("NFC").replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (mark) => `\\u${mark.codePointAt(0).toString(16).padStart(4, "0")}`);
  const letters = [...text];
  return letters.length <= 120 ? text : `${letters.slice(0, 60).join("")}…${letters.slice(-50).join("")}`;
}

function say(zone, text) {
  const status = zone.querySelector("[data-drop-status]");
  if (status.textContent !== text) status.textContent = text;
}

function words(template, values) {
  return template.replace(/\{(\w+)\}/g, (_, name) => values[name]);
}
