// The frame: theme, menu on small screens, notices, the loading line, failed requests.
import { isTyping, onContent, word } from "./words.js";

const YEAR = 31536000;
const HANDLED = new Set([409, 422, 428]);

function theme() {
  const chosen = document.documentElement.dataset.bsTheme;
  if (chosen) return chosen;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

function chooseTheme(name) {
  document.documentElement.dataset.bsTheme = name;
  document.cookie = `heddle_theme=${name}; path=/; max-age=${YEAR}; samesite=lax`;
}

export function toast(text, tone = "info") {
  const box = document.getElementById("toasts");
  if (!box || !text) return;
  const note = document.createElement("div");
  note.className = `h-toast is-${tone}`;
  note.textContent = text;
  box.append(note);
  setTimeout(() => note.remove(), tone === "bad" ? 9000 : 5000);
}

function openMenu(open) {
  const side = document.getElementById("side");
  if (!side) return;
  side.classList.toggle("is-open", open);
  document.getElementById("veil")?.toggleAttribute("hidden", !open);
  for (const opener of document.querySelectorAll("[data-menu]")) {
    opener.setAttribute("aria-expanded", String(open));
  }
  if (open) side.querySelector("a")?.focus();
}

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-theme]")) {
    chooseTheme(theme() === "dark" ? "light" : "dark");
  } else if (event.target.closest("[data-menu]")) {
    event.preventDefault();
    openMenu(!document.getElementById("side").classList.contains("is-open"));
  } else if (event.target.closest("#veil") || event.target.closest("#side a")) {
    openMenu(false);
  } else if (event.target.closest("[data-print]")) {
    window.print();
  } else if (event.target.closest("[data-dismiss]")) {
    event.target.closest(".h-toast")?.remove();
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "/" && !isTyping(event.target)) {
    const quick = document.querySelector(".h-quick input");
    if (quick) {
      event.preventDefault();
      quick.focus();
    }
  } else if (event.key === "Escape") {
    openMenu(false);
  }
});

document.addEventListener("toast", (event) => {
  toast(event.detail?.text ?? event.detail?.value, event.detail?.tone);
});

let pending = 0;

function showLoading(step) {
  pending = Math.max(0, pending + step);
  document.getElementById("loading")?.classList.toggle("is-on", pending > 0);
}

document.addEventListener("htmx:before:request", () => showLoading(1));
document.addEventListener("htmx:finally:request", () => showLoading(-1));

// An answer that is neither a page nor a form with its errors never replaces part of a page.
document.addEventListener("htmx:before:swap", (event) => {
  const context = event.detail.ctx;
  const status = context.response?.status ?? 200;
  if (status === 401) {
    event.preventDefault();
    window.location.reload();
  } else if (status >= 400 && !HANDLED.has(status) && context.target !== document.body) {
    event.preventDefault();
    toast(word(status >= 500 ? "failed" : status === 404 ? "gone" : "refused"), "bad");
  }
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) toast(word("offline"), "bad");
});

// A whole new page starts at its top, for readers of the screen too.
document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target !== document.body) return;
  const content = document.getElementById("content");
  const first = content?.querySelector("[data-focus], [aria-invalid='true'], [autofocus]");
  (first ?? content)?.focus({ preventScroll: !first });
});

// The open tab is in sight, also where the tabs are wider than the screen.
const sighted = new WeakSet();

onContent(() => {
  for (const tab of document.querySelectorAll(".h-tabs > [aria-current]")) {
    if (sighted.has(tab)) continue;
    sighted.add(tab);
    const bar = tab.parentElement;
    const past = tab.getBoundingClientRect().right - bar.getBoundingClientRect().right;
    if (past > 0) bar.scrollLeft += past + 16;
  }
});

onContent(() => {
  for (const note of document.querySelectorAll("#toasts [data-fades]")) {
    note.removeAttribute("data-fades");
    setTimeout(() => note.remove(), 5000);
  }
});
