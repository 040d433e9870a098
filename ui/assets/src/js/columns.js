// Order by dragging, with arrow keys as the same thing for the keyboard.
import Sortable from "sortablejs";
import { onContent } from "./words.js";

const ready = new WeakSet();

onContent(() => {
  for (const list of document.querySelectorAll("[data-sortable]")) {
    if (ready.has(list)) continue;
    ready.add(list);
    Sortable.create(list, {
      handle: ".h-drag",
      animation: 120,
      onEnd: () => list.dispatchEvent(new Event("change", { bubbles: true })),
    });
  }
});

document.addEventListener("keydown", (event) => {
  const handle = event.target.closest?.("[data-sortable] .h-drag");
  if (!handle || (event.key !== "ArrowUp" && event.key !== "ArrowDown")) return;
  event.preventDefault();
  const item = handle.closest("li");
  const other = event.key === "ArrowUp" ? item.previousElementSibling : item.nextElementSibling;
  if (!other) return;
  if (event.key === "ArrowUp") other.before(item);
  else other.after(item);
  handle.focus();
  item.parentElement.dispatchEvent(new Event("change", { bubbles: true }));
});
