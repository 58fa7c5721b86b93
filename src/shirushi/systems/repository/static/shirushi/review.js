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

let shown = null;
page.addEventListener("focusin", (event) => {
  const one = event.target.closest("[data-suggestion]");
  if (!one) return;
  position = suggestions().indexOf(one);
  if (one.dataset.suggestion === shown) return;
  shown = one.dataset.suggestion;
  const link = one.querySelector("[data-place]");
  if (link && matchMedia("(min-width: 60rem)").matches) window.htmx.ajax("GET", link.getAttribute("hx-get"), { target: "#viewer" });
});

// After a decision the next suggestion stands where the decided one stood.
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "review") { showKeys(); focusOn(position); }
  if (event.target.id === "viewer") event.target.querySelector(".is-marked")?.scrollIntoView({ block: "nearest" });
});

function showKeys() {
  for (const button of page.querySelectorAll("[data-show-keys]")) button.hidden = false;
}
page.addEventListener("click", (event) => { if (event.target.closest("[data-show-keys]")) help.showModal(); });
showKeys();
