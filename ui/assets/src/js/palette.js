// The palette: Ctrl K anywhere; arrows walk what is offered, Enter opens it. Which records were
// opened last is kept in this browser, by their numbers alone: the server names those one may see.
import { onContent } from "./words.js";

const KEPT = 12;
const SMALL = 576;
let hurried = null; // Enter, before the options for what was typed came

function palette() {
  return document.getElementById("finder");
}

function field() {
  return document.getElementById("finder-text");
}

function options() {
  return [...document.querySelectorAll("#finder-list [role=option]")];
}

function place() {
  return `heddle.recent.${palette()?.dataset.user}`;
}

function recent() {
  try {
    return JSON.parse(localStorage.getItem(place()) ?? "[]").slice(0, KEPT);
  } catch {
    return [];
  }
}

function remember(opened) {
  try {
    const others = recent().filter((one) => one !== opened);
    localStorage.setItem(place(), JSON.stringify([opened, ...others].slice(0, KEPT)));
  } catch {
    // Without a store there are no recent records.
  }
}

function point(option) {
  for (const one of options()) one.setAttribute("aria-selected", String(one === option));
  if (!option) {
    field().removeAttribute("aria-activedescendant");
    return;
  }
  field().setAttribute("aria-activedescendant", option.id);
  option.scrollIntoView({ block: "nearest" });
}

function pointed() {
  return options().find((one) => one.getAttribute("aria-selected") === "true");
}

/** Tell whether the options are those for what is typed. */
function isCurrent() {
  const asked = document.querySelector("#finder-list [data-query]")?.dataset.query;
  return asked === field().value.trim();
}

function choose(option, { ctrlKey, metaKey }) {
  option?.dispatchEvent(
    new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey, metaKey }),
  );
}

function load() {
  const here = document.querySelector("[data-opened]")?.dataset.opened;
  const others = recent().filter((one) => one !== here).join(",");
  document.getElementById("finder-opened").value = others;
  htmx.ajax("GET", "/palette", {
    source: field(),
    target: "#finder-list",
    swap: "innerHTML",
    push: "false",
    values: { q: field().value, recent: others },
  });
}

export function openPalette(text = "") {
  const box = palette();
  if (!box || box.open) return;
  field().value = text;
  document.getElementById("finder-list").replaceChildren();
  hurried = null;
  box.showModal();
  field().focus();
  load();
}

function close() {
  if (palette()?.open) palette().close();
}

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    if (palette()?.open) close();
    else openPalette();
    return;
  }
  if (event.target !== field() || event.isComposing) return;
  const all = options();
  const at = all.indexOf(pointed());
  if ((event.key === "ArrowDown" || event.key === "ArrowUp") && all.length) {
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    point(all[(at + step + all.length) % all.length]);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (isCurrent()) choose(all[at], event);
    else hurried = event;
  } else hurried = null;
});

// Before others see the click: the page that comes, or is kept for the way back, has it closed.
document.addEventListener(
  "click",
  (event) => {
    const box = palette();
    if (event.target.closest("[data-finder]")) {
      event.preventDefault();
      openPalette();
    } else if (!box?.open) {
      return;
    } else if (event.target === box || event.target.closest("[data-close-finder]")) {
      close();
    } else if (event.target.closest("#finder-list [role=option]")) {
      const press = event.target.closest("[data-press]")?.dataset.press;
      close();
      if (press) document.querySelector(press)?.click();
    }
  },
  true,
);

document.addEventListener("pointermove", (event) => {
  const option = event.target.closest?.("#finder-list [role=option]");
  if (option && option !== pointed()) point(option);
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target?.id !== "finder-list") return;
  const [first] = options();
  point(first);
  if (!hurried || !isCurrent()) return;
  choose(first, hurried);
  hurried = null;
});

// On a phone the field on top is too narrow for what it finds.
document.addEventListener("focusin", (event) => {
  if (event.target.id !== "search" || window.innerWidth >= SMALL) return;
  event.target.blur();
  openPalette(event.target.value);
});

onContent(() => {
  const opened = document.querySelector("[data-opened]")?.dataset.opened;
  if (opened && recent()[0] !== opened) remember(opened);
});
