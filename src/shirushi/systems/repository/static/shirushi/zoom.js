// Looking at a picture closely: buttons, keys, wheel and two fingers. The window scrolls, so moving needs nothing of its own;
// a mouse may drag it. Without this script the picture stands there whole, with a link to the large one.
// Markup: [data-zoom] with .zoom-window > .zoom-what, [data-zoom-buttons] hidden, [data-zoom-scale]; data-large: a larger picture.

"use strict";

const ZOOM_MOST = 16;
const ZOOM_STEP = 1.5;

function startZoom(figure) {
  if (figure.dataset.zoomed) return;
  figure.dataset.zoomed = "yes";
  const pane = figure.querySelector(".zoom-window");
  const what = figure.querySelector(".zoom-what");
  const told = figure.querySelector("[data-zoom-scale]");
  const picture = what.querySelector("img");
  let scale = 1;
  figure.querySelector("[data-zoom-buttons]").hidden = false;

  // A larger picture takes the place of the small one when somebody looks closer.
  function fetchLarge() {
    const address = figure.dataset.large;
    if (!address || !picture || figure.dataset.fetched) return;
    figure.dataset.fetched = "yes";
    const large = new Image();
    large.addEventListener("load", () => { picture.src = large.src; });
    large.src = address;
  }

  // `x` and `y` are the place in the pane, in pixels, that stays where it is.
  function zoomTo(wanted, x = pane.clientWidth / 2, y = pane.clientHeight / 2) {
    const next = Math.min(ZOOM_MOST, Math.max(1, wanted));
    if (next === scale) return;
    if (next > 1) fetchLarge();
    if (scale === 1) pane.style.height = `${Math.min(pane.offsetHeight, innerHeight * 0.85)}px`;
    const across = (pane.scrollLeft + x) / what.offsetWidth;
    const down = (pane.scrollTop + y) / what.offsetHeight;
    scale = next;
    what.style.width = scale === 1 ? "" : `${scale * 100}%`;
    if (scale === 1) pane.style.height = "";
    pane.classList.toggle("is-zoomed", scale > 1);
    pane.scrollLeft = across * what.offsetWidth - x;
    pane.scrollTop = down * what.offsetHeight - y;
    told.textContent = `${Math.round(scale * 100)} %`;
  }

  figure.addEventListener("click", (event) => {
    const by = event.target.closest("[data-by]")?.dataset.by;
    if (by) zoomTo(by === "fit" ? 1 : by === "in" ? scale * ZOOM_STEP : scale / ZOOM_STEP);
  });

  pane.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target !== pane) return;
    const wanted = { "+": scale * ZOOM_STEP, "=": scale * ZOOM_STEP, ";": scale * ZOOM_STEP, "-": scale / ZOOM_STEP, "0": 1 }[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    zoomTo(wanted);
  });

  // A wheel scrolls the page, until the picture has been chosen; with Ctrl, which is also what a pinch on a pad sends, it zooms.
  pane.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && document.activeElement !== pane) return;
    event.preventDefault();
    const edge = pane.getBoundingClientRect();
    zoomTo(scale * Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.002)), event.clientX - edge.left, event.clientY - edge.top);
  }, { passive: false });

  const fingers = new Map();
  let apart = 0;
  const distance = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  };
  pane.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, event);
    if (fingers.size === 2) apart = distance();
    if (event.pointerType === "mouse" && event.button === 0 && scale > 1) pane.setPointerCapture(event.pointerId);
  });
  pane.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (!before) return;
    fingers.set(event.pointerId, event);
    if (fingers.size === 2 && apart) {
      const [a, b] = [...fingers.values()];
      const edge = pane.getBoundingClientRect();
      const now = distance();
      zoomTo(scale * now / apart, (a.clientX + b.clientX) / 2 - edge.left, (a.clientY + b.clientY) / 2 - edge.top);
      apart = now;
    } else if (event.pointerType === "mouse" && scale > 1) {
      pane.scrollLeft -= event.clientX - before.clientX;
      pane.scrollTop -= event.clientY - before.clientY;
    }
  });
  for (const kind of ["pointerup", "pointercancel", "lostpointercapture"]) {
    pane.addEventListener(kind, (event) => { fingers.delete(event.pointerId); apart = 0; });
  }
  pane.addEventListener("dragstart", (event) => event.preventDefault());
}

function startZooms(root) {
  for (const figure of root.querySelectorAll("[data-zoom]")) startZoom(figure);
}
startZooms(document);
document.addEventListener("htmx:load", (event) => startZooms(event.detail.elt));
