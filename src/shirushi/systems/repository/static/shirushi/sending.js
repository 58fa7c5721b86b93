// Requests of the drop zone (drop.js): with their progress, paused, tried again when the connection breaks.

"use strict";

const OCTETS = "application/offset+octet-stream";
const PASSING = ["wrong-offset", "upload-in-use"];  // another connection of ours has not ended yet: ask again where to go on
const PATIENCE = 15 * 60e3;  // milliseconds that a file is tried again before it counts as failed
const LONGEST_PAUSE = 30e3;

const isSignedOut = ({ status, code }) => status === 401 || code === "csrf";

// XMLHttpRequest, since fetch does not tell how much of a body has been sent.
function call(zone, method, address, { body = null, type, signal, onprogress, headers = {}, answer = (request) => request.responseText }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open(method, address);
    request.setRequestHeader("X-CSRFToken", token(zone));
    request.setRequestHeader("Accept-Language", document.documentElement.lang);
    if (type) request.setRequestHeader("Content-Type", type);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    if (onprogress) request.upload.onprogress = (event) => onprogress(event.loaded);
    request.onload = () => {
      if (request.status >= 200 && request.status < 300) resolve(answer(request));
      else reject(Object.assign(new Error(reason(request)), { status: request.status, code: problem(request).code }));
    };
    if (signal?.aborted) { reject(new Error(zone.dataset.wordsStopped)); return; }
    request.onerror = request.ontimeout = async () => reject((await isReadable(body)) ? new Error(zone.dataset.wordsOffline) : gone(zone));
    request.onabort = () => reject(new Error(zone.dataset.wordsStopped));
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
    request.send(body);
  });
}

// Signing in again, in another tab, changes it: the page's own is that of before.
function token(zone) {
  const cookie = document.cookie.split("; ").find((one) => one.startsWith("shirushi_csrf="));
  return cookie ? cookie.split("=")[1] : zone.querySelector("[name=csrfmiddlewaretoken]").value;
}

// Browsers say of a file that was changed, moved or deleted after it was chosen the same as of a broken connection.
async function isReadable(body) {
  if (!(body instanceof Blob)) return true;
  try {
    await (body.size ? body.slice(0, 1) : body).arrayBuffer();
    return true;
  } catch {
    return false;
  }
}

function gone(zone) {
  return Object.assign(new Error(zone.dataset.wordsGone), { isGone: true });
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
      // it would be refused, or could not be read, again
      const final = error.isGone || (error.status && !passes && (error.status < 500 || error.status === 507));
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
