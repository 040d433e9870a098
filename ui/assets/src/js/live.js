// A form while somebody types: when a field changes that decides about others, the server says what
// the rules make of the form. Only attributes change; what was typed and the focus stay.
import { onContent } from "./words.js";

const PAUSE = 200;
const asking = new WeakMap();
const touched = new WeakMap();

function nameOf(target) {
  return (target.name ?? "").split(".")[0];
}

function controls(field) {
  return [...field.querySelectorAll("input, select, textarea, button")];
}

function close(field, options) {
  for (const option of field.querySelectorAll("option, input[type=checkbox]")) {
    if (!option.value) continue;
    const closed = options.includes(option.value) && !(option.selected ?? option.checked);
    option.disabled = closed;
    (option.closest("label") ?? option).hidden = closed;
  }
}

function fix(field, fixed) {
  field.toggleAttribute("data-fixed", fixed);
  for (const one of controls(field)) {
    if (fixed && one === document.activeElement) one.blur();
    one.disabled = fixed;
  }
}

function tell(field, text) {
  const old = field.querySelector("[data-live-error]");
  if (!text) {
    old?.remove();
    return;
  }
  if (old?.textContent === text) return;
  const told = old ?? document.createElement("small");
  told.className = "h-err";
  told.dataset.liveError = "";
  told.setAttribute("role", "status");
  told.textContent = text;
  if (!old) field.append(told);
}

function fieldOf(form, key) {
  return form.querySelector(`#field-${CSS.escape(key)}`);
}

function empty(field) {
  return controls(field).every((one) => one.type === "checkbox" || !one.value);
}

function fill(form, key, html) {
  const field = fieldOf(form, key);
  if (!field || !(empty(field) || "brought" in field.dataset)) return;
  const made = new DOMParser().parseFromString(html, "text/html").body.firstElementChild;
  made.dataset.brought = "";
  field.replaceWith(made);
  htmx.process(made);
}

function clear(form, key) {
  for (const one of form.querySelectorAll(`#field-${CSS.escape(key)} [data-h-part]`)) one.value = "";
}

// Values that the server reckons of what stands in the form: fields, and totals under a table.
export function showComputed(form, texts) {
  for (const [key, text] of Object.entries(texts)) {
    const name = CSS.escape(key);
    for (const one of form.querySelectorAll(`#field-${name} .h-shown, [data-h-total=${name}]`)) {
      if (one.textContent !== text) one.textContent = text || (one.matches("output") ? "" : "—");
    }
  }
}

// Inputs that follow what was typed elsewhere; what somebody types himself is left alone.
export function showInputs(form, inputs) {
  for (const [key, told] of Object.entries(inputs)) {
    const field = fieldOf(form, key);
    const input = field?.querySelector(`[name="${CSS.escape(key)}"]`);
    if (!input) continue;
    if (!told.own && input !== document.activeElement) input.value = told.value;
    const beside = field.querySelector("[data-h-follow]");
    if (!beside || !("base" in told)) continue;
    beside.querySelector("input").value = told.base;
    beside.querySelector("[data-h-follow-text]").textContent = told.text;
    beside.classList.toggle("is-own", told.own);
  }
}

function apply(form, answer) {
  showComputed(form, answer.computed);
  showInputs(form, answer.inputs);
  for (const [key, html] of Object.entries(answer.fill)) fill(form, key, html);
  for (const [key, state] of Object.entries(answer.fields)) {
    const field = fieldOf(form, key);
    if (!field) continue;
    field.hidden = !state.shown;
    field.classList.toggle("is-needed", state.needed);
    fix(field, state.fixed);
    close(field, state.closed);
  }
  for (const [id, shown] of Object.entries(answer.sections)) {
    document.getElementById(id)?.toggleAttribute("hidden", !shown);
  }
  for (const key of answer.clear) clear(form, key);
  const known = touched.get(form) ?? new Set();
  for (const field of form.querySelectorAll("[data-field]")) {
    const key = field.dataset.field;
    tell(field, known.has(key) ? (answer.errors[key] ?? "") : "");
  }
}

async function ask(form, changed) {
  const before = asking.get(form);
  before?.abort.abort();
  const mine = { abort: new AbortController() };
  asking.set(form, mine);
  const body = new URLSearchParams(new FormData(form));
  body.set("_changed", changed);
  try {
    const answer = await fetch(form.dataset.liveUrl, {
      method: "POST",
      body,
      signal: mine.abort.signal,
      headers: { "X-CSRF-Token": body.get("_csrf") },
    });
    if (answer.ok && asking.get(form) === mine) apply(form, await answer.json());
  } catch (error) {
    // Without an answer the form stays as it is; the server decides again when it is saved.
    if (error.name !== "AbortError" && !(error instanceof TypeError)) throw error;
  }
}

const waiting = new WeakMap();

function changed(event) {
  const form = event.target.closest?.("form[data-live]");
  if (!form) return;
  const name = nameOf(event.target);
  if (!touched.has(form)) touched.set(form, new Set());
  if (event.type === "change" || event.target.type === "hidden") touched.get(form).add(name);
  if (event.isTrusted) delete event.target.closest("[data-brought]")?.dataset.brought;
  if (!form.dataset.live.split(" ").includes(name)) return;
  clearTimeout(waiting.get(form));
  const now = event.type === "change" || event.target.type === "hidden";
  waiting.set(form, setTimeout(() => ask(form, name), now ? 0 : PAUSE));
}

document.addEventListener("focusout", (event) => {
  const form = event.target.closest?.("form[data-live]");
  const name = nameOf(event.target);
  if (!form || !name || touched.get(form)?.has(name)) return;
  if (!touched.has(form)) touched.set(form, new Set());
  touched.get(form).add(name);
  if (form.dataset.live.split(" ").includes(name)) ask(form, name);
});

// Without a script the button sends the form, which comes back.
document.addEventListener("click", (event) => {
  const field = event.target.closest?.("form[data-live] [data-h-follow-again]")?.closest("[data-field]");
  if (!field) return;
  event.preventDefault();
  const input = field.querySelector(`[name="${CSS.escape(field.dataset.field)}"]`);
  input.value = field.querySelector("[data-h-follow] input").value;
  input.dispatchEvent(new Event("change", { bubbles: true }));
  field.querySelector("[data-h-follow]").classList.remove("is-own");
  input.focus();
});

document.addEventListener("input", changed);
document.addEventListener("change", changed);

onContent(() => {
  for (const field of document.querySelectorAll("form[data-live] [data-fixed]")) fix(field, true);
  for (const field of document.querySelectorAll("form[data-live] [data-closed]")) {
    close(field, field.dataset.closed.split(" "));
  }
});
