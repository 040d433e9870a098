// The search box on top: what was found drops down while typing; arrows walk it.
function drop() {
  return document.getElementById("search-drop");
}

function close() {
  drop()?.replaceChildren();
  document.getElementById("search")?.setAttribute("aria-expanded", "false");
}

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.(".h-search");
  if (!box) return;
  const hits = [...box.querySelectorAll(".h-hit")];
  if (event.key === "Escape") {
    close();
    document.getElementById("search").blur();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && hits.length) {
    event.preventDefault();
    const at = hits.indexOf(document.activeElement);
    const next = event.key === "ArrowDown" ? at + 1 : at - 1;
    if (next < 0) document.getElementById("search").focus();
    else hits[Math.min(next, hits.length - 1)].focus();
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  if (event.detail.ctx?.target !== drop()) return;
  document.getElementById("search").setAttribute("aria-expanded", String(drop().childElementCount > 0));
});

document.addEventListener("click", (event) => {
  if (!event.target.closest(".h-search") || event.target.closest(".h-hit")) close();
});
