// Forms: what was typed is never lost by leaving, Ctrl+Enter saves.
let saved = new WeakMap();
let sending = false;

function content(form) {
  return JSON.stringify(
    [...new FormData(form)].filter(([name]) => name !== "_csrf").map(([k, v]) => [k, String(v)]),
  );
}

function remember() {
  for (const form of document.querySelectorAll("form[data-guard]")) {
    if (!saved.has(form)) saved.set(form, "typed" in form.dataset ? "" : content(form));
  }
}

function dirty() {
  if (sending) return null;
  return [...document.querySelectorAll("form[data-guard]")].find(
    (form) => saved.has(form) && saved.get(form) !== content(form),
  );
}

function forget() {
  saved = new WeakMap();
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (link.getAttribute("href").startsWith("#") || "dialog" in link.dataset) return;
    if (!dirty() || link.closest("#leave")) return;
    event.preventDefault();
    event.stopPropagation();
    const ask = document.getElementById("leave");
    ask.showModal();
    ask.addEventListener(
      "close",
      () => {
        if (ask.returnValue !== "leave") return;
        forget();
        link.click();
      },
      { once: true },
    );
  },
  true,
);

window.addEventListener("beforeunload", (event) => {
  if (dirty()) event.preventDefault();
});

document.addEventListener("submit", (event) => {
  if (event.target.matches("form[data-guard]")) sending = true;
});

document.addEventListener("htmx:finally:request", () => {
  sending = false;
});

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.key !== "Enter") return;
  const form = event.target.closest?.("form") ?? document.querySelector("form[data-guard]");
  if (!form || form.matches("[role=search]")) return;
  event.preventDefault();
  form.requestSubmit(form.querySelector("[data-save]") ?? undefined);
});

// The summary of errors leads to its fields.
document.addEventListener("click", (event) => {
  const link = event.target.closest(".h-alert a[href^='#field-']");
  if (!link) return;
  event.preventDefault();
  const field = document.querySelector(link.getAttribute("href"));
  field?.scrollIntoView({ block: "center" });
  field?.querySelector("input:not([type=hidden]), select, textarea")?.focus();
});

// Content is compared as it stands once other scripts have set up their controls.
setTimeout(remember);
document.addEventListener("htmx:after:swap", () => setTimeout(remember));
