// A star answers at once; where the server refuses, it goes back to what it was.
function all(url) {
  return document.querySelectorAll(`[data-star="${CSS.escape(url)}"]`);
}

function show(url, on) {
  for (const star of all(url)) {
    star.setAttribute("aria-pressed", String(on));
    star.value = on ? "0" : "1";
  }
}

document.addEventListener(
  "click",
  (event) => {
    const star = event.target.closest("[data-star]");
    if (!star) return;
    event.preventDefault();
    event.stopPropagation();
    const url = star.dataset.star;
    const on = star.getAttribute("aria-pressed") !== "true";
    show(url, on);
    htmx.ajax("POST", url, {
      source: star, target: "body", swap: "none", push: "false", values: { on: on ? "1" : "0" },
    });
  },
  true,
);

function refused(event) {
  const star = event.detail.ctx?.sourceElement?.closest?.("[data-star]");
  const status = event.detail.ctx?.response?.status ?? 0;
  if (star && (status < 200 || status >= 400)) {
    show(star.dataset.star, star.getAttribute("aria-pressed") !== "true");
  }
}

document.addEventListener("htmx:after:request", refused);
document.addEventListener("htmx:error", (event) => {
  if (!event.detail.ctx?.response) refused(event);
});
