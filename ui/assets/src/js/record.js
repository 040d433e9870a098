// The page of a record: `e` edits, and who leaves the editor of a field stays at that field.
import { isTyping } from "./words.js";

let left = "";

document.addEventListener("keydown", (event) => {
  if (event.key !== "e" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event.target) || document.querySelector("dialog[open], details.h-menu[open]")) return;
  document.querySelector("[data-record-edit]")?.click();
});

document.addEventListener("htmx:before:request", (event) => {
  const form = event.detail.ctx?.sourceElement?.closest?.(".h-value-form");
  left = form?.closest(".h-value")?.id ?? "";
});

document.addEventListener("htmx:after:swap", () => {
  if (!left || document.activeElement !== document.body) return;
  const value = document.getElementById(left);
  if (!value || value.querySelector("form")) return;
  left = "";
  value.querySelector(".h-edit")?.focus({ preventScroll: true });
});
