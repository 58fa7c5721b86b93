// The review page by keyboard, and a viewer that follows the focus. The keys work only while a suggestion has the focus
// (WCAG 2.1.4), and can be switched off.

"use strict";

const page = document.querySelector("[data-review]");
const help = document.getElementById("keys");
const keysSwitch = help.querySelector("[data-keys-switch]");
keysSwitch.checked = localStorage.getItem("shirushi-keys") !== "off";
keysSwitch.addEventListener("change", () => localStorage.setItem("shirushi-keys", keysSwitch.checked ? "on" : "off"));

let position = 0;  // which suggestion had the focus, so that the next takes its place when it is gone

const suggestions = () => [...page.querySelectorAll("[data-suggestion]")];

function focusOn(index) {
  const all = suggestions();
  if (!all.length) return;
  position = Math.max(0, Math.min(index, all.length - 1));
  all[position].focus();
}

const ACTIONS = {
  Enter: (one) => one.querySelector("button[value=accept]")?.click(),
  x: (one) => one.querySelector("button[value=reject]")?.click(),
  e: (one) => one.querySelector("[data-edit]")?.click(),
  n: () => focusOn(position + 1),
  p: () => focusOn(position - 1),
  a: () => page.querySelector("[data-accept-all] button")?.click(),
  u: () => undo(),
  "?": () => help.showModal(),
};

page.addEventListener("keydown", (event) => {
  const one = event.target.closest("[data-suggestion]");
  const plain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
  if (!one || event.target !== one || !plain || !keysSwitch.checked || !(event.key in ACTIONS)) return;
  event.preventDefault();
  position = suggestions().indexOf(one);
  ACTIONS[event.key](one);
});

// What is to be said stands in #news, where the person is looking.
function say(words) {
  const notice = document.createElement("p");
  notice.className = "notice";
  notice.textContent = words;
  document.getElementById("news").replaceChildren(notice);
}

function undo() {
  const form = page.querySelector("[data-undo]");
  const button = form?.querySelector("button");
  if (button?.disabled && !busy) say(form.dataset.nothing);
  else if (button) send(form, button);
}

// Each decision needs the version that the one before it made: what is asked for while one is under way waits for its turn. The
// form is looked for again then, since the whole side was drawn anew; what was decided meanwhile is no longer asked.
let busy = false;
let current = null;
const waiting = [];

const isDecision = (form) => form.getAttribute("hx-target") === "#review";

function wishOf(form, button) {
  const suggestion = form.elements.suggestion?.value ?? "";
  return { address: form.getAttribute("hx-post"), suggestion, value: button?.value ?? "" };
}
const isSame = (one, other) => one && one.address === other.address && one.suggestion === other.suggestion && one.suggestion;

function send(form, button) {
  if (busy) wait(wishOf(form, button));
  else form.requestSubmit(button);
}

function wait(wish) {
  if (!isSame(current, wish) && !waiting.some((other) => isSame(other, wish))) waiting.push(wish);
}

function next() {
  while (!busy && waiting.length) {
    const wish = waiting.shift();
    const forms = [...page.querySelectorAll("form[hx-post]")];
    const form = forms.find((one) => one.getAttribute("hx-post") === wish.address && wishOf(one).suggestion === wish.suggestion);
    const button = [...(form?.querySelectorAll("button:not([disabled])") ?? [])].find((one) => one.value === wish.value);
    if (button) form.requestSubmit(button);
  }
}

page.addEventListener("submit", (event) => {
  if (!isDecision(event.target)) return;
  const wish = wishOf(event.target, event.submitter);
  if (busy) {
    event.preventDefault();
    event.stopImmediatePropagation();
    wait(wish);
  } else {
    busy = true;
    current = wish;
  }
}, { capture: true });

// Once the answer is drawn, or when there is none. Who was told that others were faster decides anew.
function settled() {
  busy = false;
  current = null;
  if (document.querySelector("#news [role=alert]")) waiting.length = 0;
  next();
}
function failed(event) {
  if (event.detail.target?.id !== "review") return;
  waiting.length = 0;
  settled();
}
for (const kind of ["htmx:sendError", "htmx:responseError", "htmx:sendAbort", "htmx:timeout"]) document.addEventListener(kind, failed);

// The first suggestion has the focus, so that the keys work from there.
page.addEventListener("click", (event) => {
  if (!event.target.closest("[data-first]")) return;
  event.preventDefault();
  focusOn(0);
});

const beside = () => matchMedia("(min-width: 60rem)").matches;

let shown = null;
page.addEventListener("focusin", (event) => {
  const one = event.target.closest("[data-suggestion]");
  if (!one) return;
  position = suggestions().indexOf(one);
  if (one.dataset.suggestion === shown) return;
  shown = one.dataset.suggestion;
  const link = one.querySelector("[data-place]");
  // asked for in the viewer's own name, so that requests wait for each other and the last focus wins
  if (link && beside()) window.htmx.ajax("GET", link.getAttribute("hx-get"), { source: "#viewer", target: "#viewer" });
});

// On a phone the viewer lies below the form: who asks for a place is taken there.
let asked = false;
page.addEventListener("click", (event) => { asked = Boolean(event.target.closest("[data-place]")) && !beside(); });

// After a decision the next suggestion stands where the decided one stood; after an undo, what came back has the focus.
let known = new Set();
const ids = () => suggestions().map((one) => one.id);
document.addEventListener("htmx:beforeSwap", (event) => { if (event.target.id === "review") known = new Set(ids()); });
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "viewer") showMark(event.target);
  if (event.target.id !== "review") return;
  showKeys();
  showStep();
  if (current?.address.includes("/answer")) {  // the next question, not a suggestion further down
    const question = page.querySelector("[data-questions] > ul [data-question] form button");
    (question ?? page.querySelector(".actions a"))?.focus();
    settled();
    return;
  }
  const cameBack = ids().findIndex((id) => !known.has(id));
  if (suggestions().length) focusOn(cameBack < 0 ? position : cameBack);
  else page.querySelector(".actions a")?.focus();
  settled();
});

// The mark is brought into sight inside the viewer; the page itself moves only where the viewer lies below.
function showMark(viewer) {
  const mark = viewer.querySelector(".is-marked, .is-here");
  for (let box = mark?.parentElement; box && box !== viewer.parentElement; box = box.parentElement) {
    if (box.scrollHeight <= box.clientHeight + 1) continue;
    box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 3;
  }
  if (asked) { viewer.scrollIntoView(); viewer.focus({ preventScroll: true }); }
  asked = false;
}

function showKeys() {
  for (const button of page.querySelectorAll("[data-show-keys]")) button.hidden = false;
}
page.addEventListener("click", (event) => { if (event.target.closest("[data-show-keys]")) help.showModal(); });
showKeys();

// On a phone one field fills the screen: buttons lead from one to the next, and say which one it is.
const steps = document.querySelector("[data-field-steps]");
const cards = () => [...page.querySelectorAll("[data-suggestions] section.card")];
const onPhone = matchMedia("(max-width: 40rem)");

function here(all) {
  return all.findLastIndex((card) => card.getBoundingClientRect().top < innerHeight / 3);
}

function showStep() {
  steps.hidden = false;
  if (!onPhone.matches) return;
  const all = cards();
  const index = here(all);
  write("[data-step-position]", index < 0 ? "" : `${index + 1} / ${all.length}`);
  write("[data-step-name]", index < 0 ? steps.dataset.overview : all[index].dataset.name);
  steps.querySelector("[data-step='-1']").setAttribute("aria-disabled", index < 0);
  steps.querySelector("[data-step='1']").setAttribute("aria-disabled", index === all.length - 1);
}

function write(where, words) {
  const element = steps.querySelector(where);
  if (element.textContent !== words) element.textContent = words;
}

steps.addEventListener("click", (event) => {
  const button = event.target.closest("[data-step]");
  if (!button || button.getAttribute("aria-disabled") === "true") return;
  const all = cards();
  const index = here(all) + Number(button.dataset.step);
  if (index < 0) scrollTo(0, 0);
  else all[index].scrollIntoView({ block: "start" });
  showStep();
});

let drawing = false;
addEventListener("scroll", () => {
  if (drawing || !onPhone.matches) return;
  drawing = true;
  requestAnimationFrame(() => { drawing = false; showStep(); });
}, { passive: true });
onPhone.addEventListener("change", showStep);
showStep();
