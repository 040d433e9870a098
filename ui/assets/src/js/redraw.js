// The editor of a condition: choosing a field or an operator draws it anew, as its button does.
document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-redraws]");
  if (!form || !event.target.matches("[data-redraw]")) return;
  form.requestSubmit(form.querySelector("[data-redraw-button]"));
});
