// A link picker: a text box with a list of what the server found for what is typed.
import { word } from "./words.js";

const WAIT = 180;
const states = new WeakMap();

function state(box) {
  if (!states.has(box)) states.set(box, { turn: 0, timer: 0, label: null });
  return states.get(box);
}

function parts(box) {
  return {
    text: box.querySelector("[role=combobox]"),
    value: box.querySelector("input[type=hidden]"),
    list: box.querySelector("[role=listbox]"),
  };
}

function open(box, shown) {
  const { text, list } = parts(box);
  list.hidden = !shown;
  text.setAttribute("aria-expanded", String(shown));
  if (!shown) text.removeAttribute("aria-activedescendant");
}

function query(box) {
  const { text, value } = parts(box);
  const url = new URL(box.dataset.combo, window.location.origin);
  const typed = text.value.trim();
  url.searchParams.set("q", value.value && typed === state(box).label ? "" : typed);
  const form = text.form;
  if (form) {
    for (const [name, one] of new FormData(form)) {
      if (!name.startsWith("_") && typeof one === "string" && one && one.length < 40)
        url.searchParams.set(`this.${name}`, one);
    }
  }
  return url;
}

async function find(box) {
  const mine = ++state(box).turn;
  const { list } = parts(box);
  try {
    const answer = await fetch(query(box), {
      headers: { "HX-Request": "true", "HX-Request-Type": "partial" },
    });
    if (mine !== state(box).turn || !answer.ok) return;
    list.innerHTML = await answer.text();
    if (!list.querySelector("[role=option]")) {
      const none = document.createElement("li");
      none.className = "is-empty";
      none.textContent = word("nothing");
      list.replaceChildren(none);
    }
    open(box, true);
    select(box, list.querySelector("[role=option]"));
  } catch {
    open(box, false);
  }
}

function select(box, option) {
  const { text, list } = parts(box);
  for (const one of list.querySelectorAll("[aria-selected]")) one.removeAttribute("aria-selected");
  if (!option) return;
  option.setAttribute("aria-selected", "true");
  option.scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", option.id);
}

function choose(box, option) {
  const { text, value } = parts(box);
  text.value = option?.dataset.label ?? "";
  value.value = option?.dataset.value ?? "";
  state(box).label = text.value;
  open(box, false);
  value.dispatchEvent(new Event("input", { bubbles: true }));
  value.dispatchEvent(new Event("change", { bubbles: true }));
}

document.addEventListener("focusin", (event) => {
  const box = event.target.closest?.("[data-combo]");
  if (box && event.target.matches("[role=combobox]")) state(box).label ??= event.target.value;
});

document.addEventListener("click", (event) => {
  const box = event.target.closest("[data-combo]");
  const option = event.target.closest("[role=option]");
  if (box && option) choose(box, option);
  else if (box && event.target.matches("[role=combobox]")) find(box);
});

document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-combo] [role=option]")) event.preventDefault();
});

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-combo]");
  if (!box || !event.target.matches("[role=combobox]")) return;
  clearTimeout(state(box).timer);
  if (event.target.value.trim() === "") parts(box).value.value = "";
  state(box).timer = setTimeout(() => find(box), WAIT);
});

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("[data-combo]");
  if (!box || !event.target.matches("[role=combobox]")) return;
  const { list } = parts(box);
  const options = [...list.querySelectorAll("[role=option]")];
  const at = options.findIndex((one) => one.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (list.hidden) find(box);
    else if (options.length) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      select(box, options[(at + step + options.length) % options.length]);
    }
  } else if (event.key === "Enter" && !list.hidden && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (options[at]) choose(box, options[at]);
  } else if (event.key === "Escape" && !list.hidden) {
    event.preventDefault();
    event.stopPropagation();
    open(box, false);
  }
});

// What is shown is what is stored: text that names nothing goes back to the chosen label.
document.addEventListener("focusout", (event) => {
  const box = event.target.closest?.("[data-combo]");
  if (!box || !event.target.matches("[role=combobox]")) return;
  const { text, value } = parts(box);
  state(box).turn++;
  clearTimeout(state(box).timer);
  open(box, false);
  if (text.value.trim() === "") choose(box, null);
  else if (text.value !== state(box).label) text.value = value.value ? state(box).label : "";
});
