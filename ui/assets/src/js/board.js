// Dragging a card to another column, or an entry to another day: the same request as the menu of
// a card. What is refused goes back to where it was.
import { dragByTouch } from "./touch.js";

let dragged = null;
let home = null;

function placeOf(element) {
  return element?.closest?.("[data-drop]");
}

function clear() {
  for (const place of document.querySelectorAll(".is-over")) place.classList.remove("is-over");
}

function putBack() {
  if (!home) return;
  const { card, parent, next } = home;
  home = null;
  if (parent.isConnected) parent.insertBefore(card, next?.isConnected ? next : null);
}

function send(card, place) {
  const form = document.querySelector("form[data-move]");
  if (!form) return;
  const from = placeOf(card);
  home = { card, parent: card.parentElement, next: card.nextElementSibling };
  const set = (name, value) => {
    form.elements.namedItem(name).value = value ?? "";
  };
  set("id", card.dataset.id);
  set("version", card.dataset.version);
  set("to", place.dataset.drop);
  set("from", card.dataset.day ?? from?.dataset.drop);
  place.querySelector("[data-cards]").prepend(card);
  form.requestSubmit();
}

document.addEventListener("dragstart", (event) => {
  const card = event.target.closest?.("#records [data-id][draggable]");
  if (!card) return;
  dragged = card;
  event.dataTransfer.effectAllowed = "move";
  event.dataTransfer.setData("text/plain", card.querySelector("a")?.textContent ?? "");
  card.classList.add("is-dragged");
});

/** Give the place that a card would go to from here; null where it stays. */
function target(card, at) {
  const place = card && placeOf(at);
  return place && place !== placeOf(card) ? place : null;
}

function mark(card, at) {
  clear();
  const place = target(card, at);
  place?.classList.add("is-over");
  return place;
}

document.addEventListener("dragover", (event) => {
  if (mark(dragged, event.target)) event.preventDefault();
});

document.addEventListener("drop", (event) => {
  const place = target(dragged, event.target);
  if (!place) return;
  event.preventDefault();
  send(dragged, place);
});

dragByTouch("#records [data-id][draggable=true]", mark, (card, at) => {
  const place = target(card, at);
  if (place) send(card, place);
});

document.addEventListener("dragend", () => {
  dragged?.classList.remove("is-dragged");
  dragged = null;
  clear();
});

document.addEventListener("htmx:before:swap", (event) => {
  const context = event.detail.ctx;
  if (!context.sourceElement?.matches?.("[data-move]")) return;
  if ((context.response?.status ?? 200) >= 400) putBack();
  else home = null;
});

document.addEventListener("htmx:error", putBack);

// Moved by the menu: the card comes back where it was, and goes on to its column.
document.addEventListener("htmx:after:swap", () => {
  for (const card of document.querySelectorAll("#board .h-tile")) {
    if (card.closest("[data-part]").dataset.part === card.dataset.in) continue;
    const column = document.querySelector(`#board [data-part="${CSS.escape(card.dataset.in)}"]`);
    column?.querySelector("[data-cards]").prepend(card);
    card.querySelector("a")?.focus();
  }
});
