// Dropping a folder: makes the draft (or goes on in one that was left half sent), sends the files a few at a time, waits while
// there is no connection, tries again when it breaks, then starts the reading. On the files' page of a draft it sends into that one.
// Large files go in pieces (tus): what broke off, also by closing the page, goes on from the byte that is safe on the server when
// the same file is chosen again. Without this script the form sends the chosen files in one go.

"use strict";

const AT_ONCE = 4;  // files under way; the server takes sixteen from everybody together (cli/patience.py)
const BYTES_AT_ONCE = 8e6;  // so that only small files share the line: a large one fills it by itself
const LARGE = 16e6;  // bytes from which on a file goes in pieces
const PIECE = 64e6;  // bytes: proxies may let no more through at once
const A_FILE = 20e3;  // bytes that could be sent in the time that a file costs whatever its size

for (const zone of document.querySelectorAll("[data-dropzone]")) begin(zone);

function begin(zone) {
  for (const element of zone.querySelectorAll("[data-needs-script]")) element.hidden = false;
  zone.querySelector("[data-without-script]").hidden = true;
  // without this script the browser's own chooser stays, which tells what was chosen
  zone.querySelector("#drop-files").classList.add("visually-hidden");
  zone.querySelector("label[for=drop-files]").classList.add("button");
  const told = `shirushi-told-${zone.dataset.draft}`;
  say(zone, sessionStorage.getItem(told) || "");
  sessionStorage.removeItem(told);
  zone.addEventListener("dragover", (event) => { event.preventDefault(); zone.classList.add("is-over"); });
  zone.addEventListener("dragleave", () => zone.classList.remove("is-over"));
  zone.addEventListener("drop", async (event) => {
    event.preventDefault();
    zone.classList.remove("is-over");
    // entries are gone once this turn of the event loop ends: take them all before waiting for any
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const files = [...event.dataTransfer.files].map((file) => ({ path: file.name, file }));
    const found = [];
    try {
      for (const entry of entries) await walk(entry, "", found);
    } catch {
      say(zone, zone.dataset.wordsGone);
      return;
    }
    start(zone, found.length ? found : files);
  });
  for (const input of zone.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", () => {
      const found = [...input.files].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
      input.value = "";  // so that the same ones can be chosen again
      if (found.length) start(zone, found);
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

// One folder dropped to begin with is the record itself: its name names the draft, and is no part of the paths; the same when it
// is dropped on its draft again. Into a draft any other folder goes with its name. Sizes are noted here: Chromium tells that of a
// file as it is now, 0 when it is gone.
function placed(zone, given) {
  const found = given.map(({ path, file }) => ({ path: path.normalize("NFC"), file, size: file.size }));  // as the server keeps names
  const roots = new Set(found.map(({ path }) => (path.includes("/") ? path.split("/")[0] : "")));
  const name = roots.size === 1 ? [...roots][0] : "";
  const files = name ? found.map((one) => ({ ...one, path: one.path.slice(name.length + 1) })) : found;
  const into = (zone.querySelector("[name=folder]")?.value || "").normalize("NFC").split("/").map((part) => part.trim()).filter(Boolean);
  if (into.some((part) => /^\.\.?$/.test(part))) throw new Error(zone.dataset.wordsFolder);
  if (zone.dataset.draft && name && (into.length || name !== zone.dataset.folder)) into.push(name);
  return { name, files, into: into.map((part) => `${part}/`).join("") };
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
  await busily(zone, async () => {
    const { name, files: all, into } = placed(zone, found);
    const behind = name ? all.filter(({ path }) => isLeftBehind(path)) : [];
    const files = all.filter((one) => !behind.includes(one)).map((one) => ({ ...one, path: into + one.path }));
    const note = zone.querySelector("[data-drop-behind]");
    note.hidden = !behind.length;
    if (behind.length) note.textContent = words(zone.dataset.wordsBehind, { number: behind.length, name: behind[0].path });
    if (!files.length) { say(zone, zone.dataset.wordsNone); return; }
    const draft = zone.dataset.draft;
    const space = zone.querySelector("[name=space]")?.value || zone.dataset.space;
    await online(zone);
    zone.begun = await uploadsBegun(zone);
    const left = draft ? await lacking(zone, draft, files)
      : (name && (await leftHalfSent(zone, space, name, files))) || (await leftInPieces(zone, files));
    // in an open draft only of large files it is not sure that they are the same
    const goesOn = left && ((draft && !left.bySize) || (await wantsToGoOn(zone, left)));
    zone.counted = { there: goesOn ? left.there : 0, added: 0, replaced: 0 };
    if (goesOn) await send(zone, left.id, left.missing);
    else await send(zone, draft || (await make(zone, space, name)), files);
  });
}

async function busily(zone, work) {
  zone.dataset.busy = "yes";
  for (const over of ["failed", "again", "go-on", "sign-in"]) zone.querySelector(`[data-drop-${over}]`).hidden = true;
  try {
    await work();
  } catch (error) {
    explain(zone, error);
  } finally {
    delete zone.dataset.busy;
  }
}

async function make(zone, space, name) {
  const body = JSON.stringify({ space, name });
  return JSON.parse(await call(zone, "POST", zone.dataset.drafts, { body, type: "application/json" })).id;
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
  for (const one of files) {
    one.replaces = there.has(one.path);
    if (!(await isThere(there.get(one.path), one))) missing.push(one);
  }
  const part = zone.begun.find((upload) => upload.draft === id && missing.some((one) => isSame(upload, one)));
  const bySize = files.some((one) => one.size >= LARGE && !missing.includes(one));
  return { id, missing, part, bySize, there: files.length - missing.length, total: files.length };
}

// Whether a file is what the draft holds under its path. Small ones are compared by their bytes: one that was changed meanwhile may be as
// long as before. Where the browser gives no digests (without https) they are sent again.
async function isThere(kept, { file, size }) {
  if (!kept || kept.size !== size) return false;
  if (size >= LARGE) return true;
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
function isSame(upload, { path, file, size }) {
  return upload.path === path && upload.size === size && upload.changed === String(file.lastModified);
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
  if (stopping.signal.aborted) showFiles(zone, draft, zone.dataset.wordsStopped);
  else if (failed.length) offerAgain(zone, draft, failed);
  else await finish(zone, draft);
}

// Sends files in their order, several small ones at a time. Gives those that could not be sent, with the reason, in order too.
async function sendAll(zone, draft, files, shown, signal, pausing) {
  const failed = new Map();
  const underWay = new Set();
  let bytes = 0;
  let closed = null;  // why the draft takes no file at all any more
  for (const one of twins(files)) {  // nobody knows which is meant
    one.isTwin = true;
    failed.set(one, new Error(zone.dataset.wordsTwice));
    shown.over(one);
  }
  for (const one of files.filter((file) => !file.isTwin)) {
    while (underWay.size && (underWay.size >= AT_ONCE || bytes + one.size > BYTES_AT_ONCE)) await Promise.race(underWay);
    await pausing.over;
    if (signal.aborted) break;
    if (closed) { failed.set(one, closed); continue; }
    bytes += one.size;
    const sending = sendOne(zone, draft, one, shown, signal, pausing).then((error) => {
      if (error) failed.set(one, error);
      else zone.counted[one.replaces ? "replaced" : "added"] += 1;
      if ([401, 403, 404, 409].includes(error?.status)) closed = error;
      bytes -= one.size;
      shown.over(one);
      underWay.delete(sending);
    });
    underWay.add(sending);
  }
  await Promise.all(underWay);
  return files.filter((one) => failed.has(one)).map((one) => ({ ...one, error: failed.get(one) }));
}

// Gives the error that kept it from being sent, or nothing when it was.
async function sendOne(zone, draft, { path, file, size }, shown, signal, pausing) {
  if (size >= LARGE) return sendLarge(zone, draft, { path, file, size }, shown, signal, pausing);
  const address = `${zone.dataset.drafts}/${draft}/files/${path.split("/").map(encodeURIComponent).join("/")}`;
  const onprogress = (sent) => shown.sent(path, Math.min(sent, size));
  try {
    await persist(zone, () => call(zone, "PUT", address, { body: file, type: "application/octet-stream", signal, onprogress }), signal, path);
    return null;
  } catch (error) {
    return error;
  }
}

// Sends a large file piece by piece, from where the server says that it is good.
async function sendLarge(zone, draft, one, shown, signal, pausing) {
  const { path, file, size } = one;
  let address = zone.begun.find((upload) => upload.draft === draft && isSame(upload, one))?.url;
  const patience = { since: Date.now() };
  const attempt = async () => {
    address ||= await begun(zone, draft, one, signal);
    let at = await tus(zone, "HEAD", address, { signal });
    while (at < size && !signal.aborted) {
      await pausing.over;
      if (file.size !== size) throw gone(zone);
      shown.sent(path, at);
      const from = at;
      const turn = pausing.turn(signal);
      const onprogress = (sent) => shown.sent(path, Math.min(from + sent, size));
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

async function begun(zone, draft, { path, file, size }, signal) {
  const isStale = (upload) => upload.draft === draft && upload.path === path;  // of this file as it was before
  for (const { url } of zone.begun.filter(isStale)) await tus(zone, "DELETE", url, { signal }).catch(() => {});
  zone.begun = zone.begun.filter((upload) => !isStale(upload));
  const sentAs = { filename: path.split("/").at(-1), relativePath: path, lastModified: String(file.lastModified) };
  const pairs = Object.entries(sentAs).map(([key, value]) => `${key} ${coded(value)}`).join(",");
  const headers = { "Upload-Length": size, "Upload-Metadata": pairs };
  const url = await tus(zone, "POST", `${zone.dataset.drafts}/${draft}/uploads/`, { headers, signal, wanted: "Location" });
  zone.begun.push({ draft, url, path, size, offset: 0, changed: sentAs.lastModified });
  return url;
}

// How far sending has come: a bar, and bytes, files and time left in words.
class Shown {
  constructor(zone, files) {
    this.zone = zone;
    this.bar = zone.querySelector("[data-drop-progress]");
    this.numbers = zone.querySelector("[data-drop-numbers]");
    this.files = files.length;
    this.total = files.reduce((sum, { size }) => sum + size, 0);
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

  over({ path, size }) {
    this.parts.delete(path);
    this.finished.files += 1;
    this.finished.bytes += size;
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

function offerAgain(zone, draft, failed) {
  const list = zone.querySelector("[data-drop-failed]");
  const again = zone.querySelector("[data-drop-again]");
  const goOn = zone.querySelector("[data-drop-go-on]");
  const { there, added, replaced } = zone.counted;
  const signedOut = failed.find(({ error }) => isSignedOut(error));
  const named = failed.filter(({ error }) => !isSignedOut(error));
  if (signedOut) explain(zone, signedOut.error);
  else say(zone, there + added + replaced ? zone.dataset.wordsFailed : zone.dataset.wordsNoneSent);
  list.replaceChildren(...named.slice(0, 100).map(({ path, error }) => {
    const item = document.createElement("li");
    item.className = "is-failed";
    item.dir = "auto";
    item.textContent = error.message.startsWith(visible(path)) ? error.message : `${visible(path)}: ${error.message}`;  // most begin with the name
    return item;
  }));
  list.hidden = !named.length;
  again.hidden = failed.every(({ error }) => error.isGone);
  goOn.hidden = !(there + added + replaced);
  again.onclick = () => busily(zone, () => send(zone, draft, failed));
  goOn.onclick = () => busily(zone, () => finish(zone, draft));
  if (signedOut) zone.querySelector("[data-drop-sign-in] a").focus();
  else [again, goOn].find((button) => !button.hidden)?.focus();
}

// All was sent that can be. What was added to an open draft is read when its keeper wants it.
async function finish(zone, draft) {
  if (zone.dataset.draft) {
    const { added, replaced } = zone.counted;
    showFiles(zone, draft, added + replaced ? words(zone.dataset.wordsSent, zone.counted) : zone.dataset.wordsNothing);
    return;
  }
  say(zone, zone.dataset.wordsReading);
  try {
    await persist(zone, () => call(zone, "POST", `${zone.dataset.drafts}/${draft}/describe`, {}));
    location.assign(`/drafts/${draft}/reading`);
  } catch (error) {
    if (!isSignedOut(error)) throw error;
    location.assign(`/drafts/${draft}/files`);  // which asks to sign in, then to have them read
  }
}

// The draft's files, with a word about what became of those that were sent.
function showFiles(zone, draft, text) {
  say(zone, text);
  sessionStorage.setItem(`shirushi-told-${draft}`, text);
  location.assign(`/drafts/${draft}/files`);
}

function explain(zone, error) {
  say(zone, isSignedOut(error) ? zone.dataset.wordsSignedOut : error.message);
  zone.querySelector("[data-drop-sign-in]").hidden = !isSignedOut(error);
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
