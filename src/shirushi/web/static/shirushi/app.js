// The few things that every page does better with a script: copying, sending a form when a choice changes, and telling when
// the network is away or the server did not answer. No page needs it for reading.
// Markup: <button data-copy="#id-of-text" data-copied="Copied" hidden>: shown once this script has run.

"use strict";

async function copyText(button) {
  const source = document.querySelector(button.dataset.copy);
  if (!source) return;
  await navigator.clipboard.writeText(source.innerText.trim());
  const before = button.textContent;
  button.textContent = button.dataset.copied;
  setTimeout(() => { button.textContent = before; }, 2000);
}

function showCopyButtons(root) {
  if (!navigator.clipboard) return;
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
}

// Buttons of forms that send themselves when a choice changes.
function hideNeedlessButtons(root) {
  for (const form of root.querySelectorAll("form[data-submit-on-change], form[hx-trigger*='change']")) {
    for (const button of form.querySelectorAll("[data-without-script]")) button.hidden = true;
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-copy]");
  if (button) copyText(button);
});

// A select that belongs to a form marked data-submit-on-change sends it; without a script its button is there.
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-submit-on-change]");
  if (form && !form.hasAttribute("hx-get")) form.requestSubmit();
});

// A notice has been read: the focus goes back to the suggestion that had it, which may have been drawn anew meanwhile.
let lastSuggestion = null;
document.addEventListener("focusin", (event) => { lastSuggestion = event.target.closest("[data-suggestion]")?.id ?? lastSuggestion; });

function closeNotice(notice) {
  const hadFocus = notice.contains(document.activeElement);
  notice.remove();
  if (!hadFocus) return;
  const suggestion = document.getElementById(lastSuggestion);
  if (suggestion) suggestion.focus();
  else document.querySelector("main").focus({ preventScroll: true });
}
document.addEventListener("click", (event) => {
  const notice = event.target.closest("[data-close]")?.closest(".notice");
  if (notice) closeNotice(notice);
});

// News of what went well goes by itself, unless somebody is at it; conflicts and errors stay until they are closed.
const NEWS_STAYS = 6000;
function letGo(notice) {
  setTimeout(() => { if (notice.matches(":hover, :focus-within")) letGo(notice); else notice.remove(); }, NEWS_STAYS);
}
function letNewsGo() {
  for (const notice of document.querySelectorAll("#news .notice:is(.notice-success, .notice-info):not([data-goes])")) {
    notice.dataset.goes = "";
    letGo(notice);
  }
}

// Signing out leaves nothing that was typed behind (see keep.js).
document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-forget]")) return;
  for (const name of Object.keys(sessionStorage)) if (name.startsWith("shirushi-kept:")) sessionStorage.removeItem(name);
});

// What went wrong outside the page stands in #page-status, until it is over.
const pageStatus = document.querySelector("#page-status");

function tell(words) {
  pageStatus.textContent = words ?? "";
  pageStatus.hidden = !words;
}

addEventListener("offline", () => tell(pageStatus.dataset.offline));
addEventListener("online", () => tell(null));
document.addEventListener("htmx:sendError", () => tell(navigator.onLine ? pageStatus.dataset.failed : pageStatus.dataset.offline));
document.addEventListener("htmx:responseError", () => tell(pageStatus.dataset.failed));
document.addEventListener("htmx:afterOnLoad", () => tell(null));

function prepare(root) {
  showCopyButtons(root);
  hideNeedlessButtons(root);
  letNewsGo();
  for (const button of root.querySelectorAll("[data-close][hidden]")) button.hidden = false;
}

prepare(document);
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt.parentNode ?? event.detail.elt));

// A shorter answer in the place of a longer one keeps the page as tall as it was: nothing that was chosen moves.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.target.id === "answer") document.body.style.minHeight = `${document.documentElement.scrollHeight}px`;
});
