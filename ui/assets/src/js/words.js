// The few sentences that scripts say; base.html carries them in the page's language.
export function word(key) {
  return document.getElementById("words")?.dataset[key] ?? "";
}

export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Run `work` now and after each swap. */
export function onContent(work) {
  const run = () => work(document.body);
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", run);
  else run();
  document.addEventListener("htmx:after:swap", run);
  document.addEventListener("htmx:history:cache:after:restore", run);
}

/** Tell whether keys typed now belong to a field. */
export function isTyping(target) {
  return target instanceof Element && target.closest("input, select, textarea, [contenteditable]");
}
