// A record list: choosing rows, the bar of what can be done with them, editing a cell in place.
import { fill, onContent } from "./words.js";

let last = null;

function boxes(list) {
  return [...list.querySelectorAll("tbody input[name=ids]")];
}

function update(list) {
  const all = boxes(list);
  const chosen = all.filter((box) => box.checked);
  const bar = list.querySelector(".h-bulk");
  const everything = list.querySelector("[data-everything]");
  for (const box of all) box.closest("tr").classList.toggle("is-chosen", box.checked);
  const head = list.querySelector("[data-pick-page]");
  if (head) {
    head.checked = all.length > 0 && chosen.length === all.length;
    head.indeterminate = chosen.length > 0 && chosen.length < all.length;
  }
  if (!bar) return;
  if (everything && chosen.length < all.length) everything.checked = false;
  bar.classList.toggle("is-on", chosen.length > 0);
  const text = bar.querySelector("[data-chosen]");
  if (text) {
    const count = everything?.checked ? everything.dataset.count : chosen.length;
    text.textContent = fill(text.dataset.chosen, { count });
  }
}

function choose(list, box, event) {
  const all = boxes(list);
  if (event.shiftKey && last && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(from, to + 1)) one.checked = box.checked;
  }
  last = box;
  update(list);
}

document.addEventListener("click", (event) => {
  const list = event.target.closest("#records");
  if (!list) return;
  if (event.target.matches("input[name=ids]")) choose(list, event.target, event);
  else if (event.target.closest("[data-unpick]")) {
    for (const box of list.querySelectorAll("input[name=ids], [data-everything]")) box.checked = false;
    update(list);
  }
});

document.addEventListener("change", (event) => {
  const list = event.target.closest("#records");
  if (!list) return;
  if (event.target.matches("[data-pick-page]")) {
    for (const box of boxes(list)) box.checked = event.target.checked;
    update(list);
  } else if (event.target.matches("[data-everything]")) {
    if (event.target.checked) for (const box of boxes(list)) box.checked = true;
    update(list);
  }
});

function editCell(cell) {
  const row = cell.closest("tr[data-id]");
  const table = cell.closest("table[data-object]");
  if (!row || !table || cell.classList.contains("is-editing")) return;
  const url = `/o/${table.dataset.object}/${row.dataset.id}/field/${cell.dataset.field}?in=cell`;
  htmx.ajax("GET", url, { target: cell, swap: "outerHTML", source: cell });
}

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("td[data-field]");
  if (!cell) return;
  window.getSelection()?.removeAllRanges();
  editCell(cell);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "F2") {
    const cell = event.target.closest?.("tr[data-id]")?.querySelector("td[data-field]");
    if (cell) editCell(cell);
  }
  if (event.key === "Escape" && event.target.closest?.(".h-cell-form, .h-value-form")) {
    event.stopPropagation();
    event.target.closest("form").querySelector("[data-cancel]")?.click();
  }
});

document.addEventListener("htmx:after:swap", () => {
  const control = document.querySelector(
    "[data-edit-now] :is(input:not([type=hidden]), select, textarea)",
  );
  const form = document.querySelector("[data-edit-now]");
  form?.removeAttribute("data-edit-now");
  control?.focus();
  if (control?.matches("input[type=text], input:not([type])")) control.select();
});

document.addEventListener(
  "scroll",
  (event) => {
    if (event.target instanceof Element && event.target.matches(".h-table-wrap")) {
      event.target.classList.toggle("is-scrolled", event.target.scrollLeft > 2);
    }
  },
  { capture: true, passive: true },
);

onContent(() => {
  const list = document.getElementById("records");
  if (list) update(list);
});
