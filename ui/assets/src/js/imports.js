// Import, choosing columns: a field that every record needs is named until some column fills it.
document.addEventListener("change", (event) => {
  const form = event.target.matches?.("[data-fills]") ? event.target.form : null;
  const hint = form?.querySelector("[data-needed]");
  if (!hint) return;
  const filled = [...form.querySelectorAll("[data-fills]")].map((select) => select.value);
  const needs = [...hint.querySelectorAll("[data-needs]")];
  for (const one of needs) one.hidden = filled.includes(one.dataset.needs);
  hint.hidden = needs.every((one) => one.hidden);
});
