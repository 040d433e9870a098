// The side panel: a record over its list, with a URL of its own.
import { isTyping, onContent } from "./words.js";

function panel() {
  return document.getElementById("peek");
}

function rows() {
  const seen = new Set();
  return [...document.querySelectorAll("#records [data-id]")].filter((row) => {
    const first = !seen.has(row.dataset.id);
    seen.add(row.dataset.id);
    return first && row.offsetParent; // a stretch of days stands on each of them
  });
}

function current() {
  return panel()?.querySelector("[data-peek-id]")?.dataset.peekId;
}

function address(id) {
  const url = new URL(window.location.href);
  if (id) url.searchParams.set("peek", id);
  else url.searchParams.delete("peek");
  return url.pathname + url.search;
}

function mark() {
  const id = current();
  for (const row of rows()) {
    if (row.dataset.id === id) {
      row.setAttribute("aria-current", "true");
      row.scrollIntoView({ block: "nearest" });
    } else row.removeAttribute("aria-current");
  }
}

function show(id) {
  const table = document.querySelector("#records [data-object]");
  if (!table) return;
  htmx.ajax("GET", `/o/${table.dataset.object}/${id}/peek`, {
    target: "#peek",
    swap: "innerHTML",
    push: address(id),
  });
}

function close() {
  const id = current();
  panel().replaceChildren();
  history.replaceState(history.state, "", address(null));
  document.querySelector(`#records [data-id="${CSS.escape(id ?? "")}"] a`)?.focus();
  mark();
}

function walk(step) {
  const all = rows();
  const at = all.findIndex((row) => row.dataset.id === current());
  const next = all[at + step];
  if (at >= 0 && next) show(next.dataset.id);
}

document.addEventListener(
  "click",
  (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    const link = event.target.closest("#records a[data-peek]");
    if (!link || !panel() || window.innerWidth < 576) return;
    event.preventDefault();
    event.stopPropagation();
    show(link.closest("[data-id]").dataset.id);
  },
  true,
);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-peek-close]")) {
    event.preventDefault();
    close();
  } else if (event.target.closest("[data-peek-step]")) {
    event.preventDefault();
    walk(Number(event.target.closest("[data-peek-step]").dataset.peekStep));
  }
});

document.addEventListener("keydown", (event) => {
  if (!current() || isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey) return;
  if (document.querySelector("dialog[open], details.h-menu[open]")) return;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    walk(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Escape") {
    close();
  } else if (event.key === "e") {
    panel().querySelector("[data-peek-edit]")?.click();
  }
});

onContent(mark);
