// A table of lines in a form: add, copy, move and remove rows, walk through cells like a sheet.
// What follows from what was typed (prices, sums) is reckoned by the server alone.
import { showComputed, showInputs } from "./live.js";

const PAUSE = 200;
const asking = new WeakMap();
let count = 0;

const boxOf = (target) => target.closest?.("[data-h-lines]");
const rowOf = (target) => target.closest?.("[data-h-line]");
const bodyOf = (box) => box.querySelector("tbody");
const inputs = (root) => [
  ...root.querySelectorAll("input:not([type=hidden]), select, textarea"),
];

function renumber(box) {
  bodyOf(box)
    .querySelectorAll("[data-h-number]")
    .forEach((one, at) => {
      one.textContent = at + 1;
      for (const button of one.closest("tr").querySelectorAll("button[aria-label]")) {
        button.setAttribute("aria-label", button.getAttribute("aria-label").replace(/\d+/, at + 1));
      }
    });
  for (const row of bodyOf(box).children) {
    row.querySelector("[data-h-line-up]").disabled = row === bodyOf(box).firstElementChild;
    row.querySelector("[data-h-line-down]").disabled = row === bodyOf(box).lastElementChild;
  }
}

function add(box, after) {
  const mark = `n${Date.now().toString(36)}${count++}`;
  const html = box.querySelector("template").innerHTML.replaceAll("__row__", mark);
  const body = bodyOf(box);
  if (after) after.insertAdjacentHTML("afterend", html);
  else body.insertAdjacentHTML("beforeend", html);
  const row = after ? after.nextElementSibling : body.lastElementChild;
  htmx.process(row);
  renumber(box);
  return row;
}

function copy(box, row) {
  const made = add(box, row);
  const value = (root, name) => root.querySelector(`[name$="${CSS.escape(name)}"]`);
  const start = `${box.dataset.hField}-${row.dataset.hLine}-`;
  for (const one of row.querySelectorAll(`[name^="${CSS.escape(start)}"]`)) {
    const name = one.name.slice(start.length);
    const twin = name === "@id" ? null : value(made, `-${made.dataset.hLine}-${name}`);
    if (!twin) continue;
    if (twin.type === "checkbox") twin.checked = one.checked;
    else twin.value = one.value;
  }
  return made;
}

function move(box, row, step) {
  const other = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (step < 0) other.before(row);
  else other.after(row);
  renumber(box);
  touched(box);
}

function touched(box) {
  box.querySelector("input[type=hidden]").dispatchEvent(new Event("input", { bubbles: true }));
}

function put(row, key, answer) {
  const cell = row.querySelector(`[data-h-cell="${CSS.escape(key)}"]`);
  if (!cell) return;
  const fact = cell.querySelector("output");
  if (fact) fact.textContent = answer;
  else {
    const [input] = inputs(cell);
    if (input && input !== document.activeElement) input.value = answer;
  }
}

async function reckon(box, changed) {
  const form = box.closest("form");
  asking.get(box)?.abort();
  const abort = new AbortController();
  asking.set(box, abort);
  const body = new URLSearchParams(new FormData(form));
  body.set("_changed", changed);
  const response = await fetch(box.dataset.hLines, {
    method: "POST",
    body,
    headers: { "X-CSRF-Token": body.get("_csrf") ?? "" },
    signal: abort.signal,
  }).catch(() => null);
  if (!response?.ok) return;
  const answer = await response.json();
  for (const [mark, cells] of Object.entries(answer.rows)) {
    const row = box.querySelector(`[data-h-line="${CSS.escape(mark)}"]`);
    if (!row) continue;
    for (const [key, text] of Object.entries(cells)) put(row, key, text);
  }
  showComputed(form, answer.fields);
  showInputs(form, answer.inputs);
  if (form.dataset.live?.split(" ").includes(box.dataset.hField)) {
    const table = box.querySelector("input[type=hidden]"); // rules may read what was reckoned
    table.dispatchEvent(new Event("change", { bubbles: true }));
  }
}

let pause;

document.addEventListener("input", (event) => {
  const box = boxOf(event.target);
  if (!box || event.target.matches("[data-h-part=text]")) return;
  clearTimeout(pause);
  pause = setTimeout(() => reckon(box, event.target.name ?? ""), PAUSE);
});

document.addEventListener("change", (event) => {
  const box = boxOf(event.target);
  if (box && event.target.matches("select")) reckon(box, event.target.name);
});

document.addEventListener("click", (event) => {
  const box = boxOf(event.target);
  if (!box) return;
  const row = rowOf(event.target);
  if (event.target.closest("[name=_lines]")) event.preventDefault(); // without a script it is sent
  if (event.target.closest("[data-h-add-line]")) {
    inputs(add(box))[0]?.focus();
    touched(box);
  } else if (row && event.target.closest("[data-h-line-up]")) {
    move(box, row, -1);
    row.querySelector("[data-h-line-up]").focus();
  } else if (row && event.target.closest("[data-h-line-down]")) {
    move(box, row, 1);
    row.querySelector("[data-h-line-down]").focus();
  } else if (row && event.target.closest("[data-h-line-copy]")) {
    inputs(copy(box, row))[0]?.focus();
    touched(box);
  } else if (row && event.target.closest("[data-h-line-remove]")) {
    const near = row.nextElementSibling ?? row.previousElementSibling;
    row.remove();
    renumber(box);
    touched(box);
    (near ? inputs(near)[0] : box.querySelector("[data-h-add-line]"))?.focus();
  }
});

function below(box, input, step, grow) {
  const row = rowOf(input);
  const key = input.closest("[data-h-cell]").dataset.hCell;
  const next = step < 0 ? row.previousElementSibling : row.nextElementSibling;
  const target = next ?? (grow ? add(box) : null);
  const found = target && inputs(target.querySelector(`[data-h-cell="${CSS.escape(key)}"]`))[0];
  found?.focus();
  found?.select?.();
  return Boolean(found);
}

// Before the pickers and the form hear the key.
document.addEventListener(
  "keydown",
  (event) => {
    const box = boxOf(event.target);
    const row = box && rowOf(event.target);
    if (!row || event.ctrlKey || event.metaKey || !event.target.closest("[data-h-cell]")) return;
    const open = event.target.getAttribute("aria-expanded") === "true";
    const arrow = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (arrow && event.altKey) {
      event.preventDefault();
      event.stopPropagation();
      move(box, row, arrow);
      event.target.focus();
    } else if (event.key === "Enter" && !open && !event.target.matches("textarea, button")) {
      event.preventDefault();
      below(box, event.target, 1, true);
    } else if (arrow && !event.target.matches("select, textarea, [role=combobox]")) {
      if (below(box, event.target, arrow, false)) event.preventDefault();
    }
  },
  true,
);
