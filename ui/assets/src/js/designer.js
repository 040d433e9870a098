// The designer: what is typed is saved at once, fields are dragged, types are found by name.
// Without scripts the same forms work by their buttons.
import Sortable from "sortablejs";
import { toast } from "./page.js";
import { onContent } from "./words.js";

const ready = new WeakSet();

// Changes on their way. Whoever leaves by a link goes once they have arrived: the plan must know
// them all. A refused one keeps him here, where it is told.
let pending = 0;
let leaving = "";
// Dragging by our own pointer events: buttons are not draggable by the browser everywhere.
const CARRIED = {
  animation: 120,
  forceFallback: true,
  fallbackOnBody: true,
  fallbackTolerance: 4,
  // A finger that moves at once scrolls; held for a moment it carries.
  delay: 250,
  delayOnTouchOnly: true,
  touchStartThreshold: 6,
  ghostClass: "h-designer-ghost",
};

function workbench() {
  return document.getElementById("designer");
}

function send(path, values) {
  const page = workbench();
  pending += 1;
  htmx.ajax("POST", page.dataset.designer + path, {
    source: document.getElementById("panes"),
    target: "#designer",
    swap: "outerMorph",
    values,
  });
}

function dropped(event) {
  const list = event.to;
  const after = event.item.previousElementSibling?.dataset.key ?? "";
  const section = list.dataset.section;
  if (event.item.dataset.type) {
    const type = event.item.dataset.type;
    event.item.remove();
    send("/fields", { type, section, after });
  } else {
    const chosen = workbench().dataset.chosen;
    send(`/fields/${event.item.dataset.key}/move`, { section, after, chosen });
  }
}

onContent(() => {
  for (const list of document.querySelectorAll("[data-section]")) {
    if (ready.has(list)) continue;
    ready.add(list);
    Sortable.create(list, {
      ...CARRIED,
      group: "fields",
      handle: ".h-drag",
      onAdd: dropped,
      onUpdate: dropped,
    });
  }
  for (const palette of document.querySelectorAll("[data-palette]")) {
    if (ready.has(palette)) continue;
    ready.add(palette);
    Sortable.create(palette, {
      ...CARRIED,
      group: { name: "fields", pull: "clone", put: false },
      sort: false,
    });
  }
});

onContent(() => {
  for (const note of document.querySelectorAll("[data-toast]")) {
    toast(note.textContent.trim(), note.dataset.toast);
    note.remove();
    const url = new URL(location.href);
    url.searchParams.delete("published");
    history.replaceState(history.state, "", url);
  }
});

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-autosave]");
  if (form) form.requestSubmit();
});

// Saved values come back as the page's own; where nobody is typing, they are what is shown.
// While other saves wait, what they carry is newer than what comes back: it stays.
const INPUTS = "form[data-autosave] :is(input, textarea, select):not([type=hidden], [name=key])";
let saving = 0;
let newer = new Map();
let keyTyped = false;

for (const name of ["input", "change"]) {
  document.addEventListener(name, (event) => {
    if (event.target.matches("form[data-autosave] [name=key]")) keyTyped = name === "input";
  });
}

function inputs() {
  return [...(workbench()?.querySelectorAll(INPUTS) ?? [])];
}

document.addEventListener("submit", (event) => {
  const plain = !event.submitter?.hasAttribute("formaction");
  if (plain && "autosave" in event.target.dataset) saving += 1;
});

document.addEventListener("htmx:finally:request", (event) => {
  const { request, sourceElement } = event.detail.ctx;
  const plain = !request?.submitter?.hasAttribute("formaction");
  if (plain && sourceElement?.matches?.("form[data-autosave]")) saving = Math.max(0, saving - 1);
});

document.addEventListener("submit", (event) => {
  const panes = document.getElementById("panes");
  const own = event.target.getAttribute("hx-boost") !== "false";
  if (own && event.target.method === "post" && panes?.contains(event.target)) pending += 1;
});

document.addEventListener("htmx:finally:request", (event) => {
  const { ctx } = event.detail;
  if (ctx.request?.method !== "POST" || !isOurs(event)) return;
  pending = Math.max(0, pending - 1);
  if (!ctx.response || ctx.response.status >= 400) leaving = "";
  if (pending || !leaving) return;
  const to = leaving;
  leaving = "";
  const link = [...document.querySelectorAll("a[href]")].find((a) => a.getAttribute("href") === to);
  if (link) link.click();
  else location.assign(to);
});

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest?.("a[href]");
    if (!pending || !link || link.closest("#panes") || !workbench()) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || link.target === "_blank") return;
    event.preventDefault();
    event.stopPropagation();
    leaving = link.getAttribute("href");
  },
  true,
);

// Other parts of the page swap too, such as the notice of a running job.
function isOurs(event) {
  return event.detail.ctx?.target?.id === "designer";
}

document.addEventListener("htmx:before:swap", (event) => {
  if (!isOurs(event)) return;
  newer = new Map();
  if (saving < 2) return;
  for (const one of inputs()) newer.set(one.id, [one.value, one.checked]);
});

function settle(one) {
  if (newer.has(one.id)) {
    const [value, checked] = newer.get(one.id);
    if (one.value !== value) one.value = value;
    if (one.checked !== checked) one.checked = checked;
  } else if (one === document.activeElement && one.type !== "checkbox") return;
  else if (one.type === "checkbox") one.checked = one.defaultChecked;
  else if (one instanceof HTMLSelectElement) {
    const chosen = [...one.options].findIndex((option) => option.defaultSelected);
    one.selectedIndex = Math.max(0, chosen);
  } else show(one);
}

// An input that was never written to follows the page by itself, in the moment of the swap.
function show(one) {
  if (one.value !== one.defaultValue) one.value = one.defaultValue;
}

document.addEventListener("htmx:after:swap", (event) => {
  const page = workbench();
  if (!page || !isOurs(event)) return;
  inputs().forEach(settle);
  const key = page.querySelector("form[data-autosave] [name=key]");
  if (key && !(keyTyped && key === document.activeElement)) show(key);
  const wrong = page.querySelector("[aria-invalid='true']");
  const panel = document.getElementById("side-panel");
  if (wrong && !panel?.contains(document.activeElement)) wrong.focus();
  if (ADDS.test(event.detail.ctx.request?.action ?? "")) choose();
});

// A save that waited in the queue names the field as it was called when it was sent off; the save
// before it may have given the field its key.
const renamed = new Map();
const OF_FIELD = /^(.*\/fields\/)([^/?]+)(.*)$/;

function isSave(context) {
  const [, , key, rest] = OF_FIELD.exec(context?.request?.action ?? "") ?? [];
  return Boolean(key) && !rest;
}

document.addEventListener("htmx:before:request", (event) => {
  const { request } = event.detail.ctx;
  const [, base, key, rest] = OF_FIELD.exec(request.action ?? "") ?? [];
  const now = renamed.get(key);
  if (!now) return;
  request.action = base + now + rest;
  if (request.body.get("key") === key) request.body.set("key", now);
});

document.addEventListener("htmx:after:swap", (event) => {
  const { ctx } = event.detail;
  const now = workbench()?.dataset.chosen;
  if (!now || !isOurs(event) || ctx.response.status >= 400) return;
  if (isSave(ctx)) renamed.set(OF_FIELD.exec(ctx.request.action)[2], now);
  renamed.delete(now);
});

// A field that was just added waits for its name. The answer to a save before it may come in
// between: what is typed then would name another field.
const ADDS = /\/fields(\?|$)/;

function choose() {
  const label = workbench()?.querySelector("[data-select]");
  label?.focus();
  label?.select();
}

document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-palette-find]")) return;
  const wanted = event.target.value.trim().toLowerCase();
  let found = 0;
  for (const type of document.querySelectorAll("[data-palette] [data-type]")) {
    const text = `${type.textContent} ${type.dataset.type}`.toLowerCase();
    type.hidden = !text.includes(wanted);
    found += type.hidden ? 0 : 1;
  }
  document.querySelector("[data-palette-none]")?.toggleAttribute("hidden", found > 0);
});

document.addEventListener("keydown", (event) => {
  if (event.target.matches?.("[data-palette-find]") && event.key === "Enter") {
    event.preventDefault();
    document.querySelector("[data-palette] [data-type]:not([hidden])")?.click();
  }
  const card = event.target.closest?.(".h-designer-field");
  if (!card || !event.altKey) return;
  const step = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!step || !card.dataset.key) return;
  event.preventDefault();
  card.querySelector(`.h-designer-tools [value="${step}"]`)?.click();
});

document.addEventListener(
  "click",
  (event) => {
    const button = event.target.closest?.("[data-ask]");
    if (button && !window.confirm(button.dataset.ask)) {
      event.preventDefault();
      event.stopPropagation();
    }
  },
  true,
);

// A problem of a text leads to its place: the caret goes there, and the line comes into sight.
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a[data-line]");
  const text = link && document.querySelector(link.getAttribute("href"));
  if (!text) return;
  event.preventDefault();
  event.stopPropagation();
  const lines = text.value.split("\n");
  const line = Number(link.dataset.line) - 1;
  const start = lines.slice(0, line).reduce((sum, one) => sum + one.length + 1, 0);
  text.focus();
  text.setSelectionRange(start + Number(link.dataset.column) - 1, start + (lines[line]?.length ?? 0));
  const height = text.scrollHeight / lines.length;
  text.scrollTop = Math.max(0, height * (line - 4));
});
