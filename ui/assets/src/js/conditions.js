// Fields and sections that depend on other fields appear at once; the server decides again on save.
import { onContent } from "./words.js";

function values(form, name) {
  return new FormData(form).getAll(name).map(String).filter((value) => value !== "");
}

function compare(value, other) {
  const [a, b] = [Number(value), Number(other)];
  if (!Number.isNaN(a) && !Number.isNaN(b)) return a - b;
  return String(value).localeCompare(String(other));
}

const TESTS = {
  eq: (mine, value) => mine.length > 0 && mine.includes(String(value)),
  ne: (mine, value) => !mine.includes(String(value)),
  in: (mine, value) => value.some((one) => mine.includes(String(one))),
  not_in: (mine, value) => !value.some((one) => mine.includes(String(one))),
  contains: (mine, value) => mine.some((one) => one.includes(String(value))),
  not_contains: (mine, value) => !mine.some((one) => one.includes(String(value))),
  starts_with: (mine, value) => mine.some((one) => one.startsWith(String(value))),
  empty: (mine) => mine.length === 0,
  not_empty: (mine) => mine.length > 0,
  gt: (mine, value) => mine.length > 0 && compare(mine[0], value) > 0,
  gte: (mine, value) => mine.length > 0 && compare(mine[0], value) >= 0,
  lt: (mine, value) => mine.length > 0 && compare(mine[0], value) < 0,
  lte: (mine, value) => mine.length > 0 && compare(mine[0], value) <= 0,
  between: (mine, value) =>
    mine.length > 0 && compare(mine[0], value[0]) >= 0 && compare(mine[0], value[1]) <= 0,
};

/** True, false, or null where only the server can tell. */
export function holds(node, form) {
  if (node.all) {
    const parts = node.all.map((child) => holds(child, form));
    return parts.includes(false) ? false : parts.includes(null) ? null : true;
  }
  if (node.any) {
    const parts = node.any.map((child) => holds(child, form));
    return parts.includes(true) ? true : parts.includes(null) ? null : false;
  }
  if (node.not) {
    const inner = holds(node.not, form);
    return inner === null ? null : !inner;
  }
  const test = TESTS[node.op];
  const known = form.elements.namedItem(node.field ?? "");
  if (!test || !known) return null;
  if (node.value !== null && typeof node.value === "object" && !Array.isArray(node.value)) {
    if (!node.value.field || !form.elements.namedItem(node.value.field)) return null;
    return test(values(form, node.field), values(form, node.value.field)[0] ?? "");
  }
  return test(values(form, node.field), node.value);
}

function apply(form) {
  for (const part of form.querySelectorAll("[data-visible-if]")) {
    const shown = holds(JSON.parse(part.dataset.visibleIf), form);
    if (shown !== null) part.hidden = !shown;
  }
  for (const part of form.querySelectorAll("[data-required-if]")) {
    const needed = holds(JSON.parse(part.dataset.requiredIf), form);
    if (needed !== null) part.classList.toggle("is-needed", needed);
  }
}

document.addEventListener("input", (event) => {
  const form = event.target.closest?.("form[data-conditions]");
  if (form) apply(form);
});

onContent(() => {
  for (const form of document.querySelectorAll("form[data-conditions]")) apply(form);
});
