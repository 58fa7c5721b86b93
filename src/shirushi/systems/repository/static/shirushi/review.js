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
  u: () => page.querySelector("[data-undo] button")?.click(),
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
  const cameBack = ids().findIndex((id) => !known.has(id));
  if (suggestions().length) focusOn(cameBack < 0 ? position : cameBack);
  else page.querySelector(".actions a")?.focus();
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
