// Menus are <details>; this closes them and walks them by arrow keys.
function open() {
  return document.querySelectorAll("details.h-menu[open]");
}

function close(menu, focus) {
  menu.open = false;
  if (focus) menu.querySelector("summary")?.focus();
}

// A menu keeps inside the window, also where its place cannot grow.
function place(menu) {
  const list = menu.querySelector(":scope > .h-menu-list");
  if (!list) return;
  list.classList.remove("is-right");
  if (list.getBoundingClientRect().right > window.innerWidth - 8) list.classList.add("is-right");
}

document.addEventListener("click", (event) => {
  for (const menu of open()) {
    if (!menu.contains(event.target)) close(menu);
    else if (event.target.closest("[data-close]")) close(menu, true);
  }
});

document.addEventListener(
  "toggle",
  (event) => {
    if (!event.target.matches?.("details.h-menu") || !event.target.open) return;
    place(event.target);
    const first = event.target.querySelector("[autofocus], input:not([type=hidden]), select");
    first?.focus({ preventScroll: true });
  },
  true,
);

document.addEventListener("keydown", (event) => {
  const menu = event.target.closest?.("details.h-menu[open]");
  if (!menu) return;
  if (event.key === "Escape") {
    event.preventDefault();
    event.stopPropagation();
    close(menu, true);
    return;
  }
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  if (event.target.matches("input, select, textarea")) return;
  const items = [...menu.querySelectorAll(".h-menu-item")].filter((item) => item.offsetParent);
  if (!items.length) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  const at = items.indexOf(document.activeElement);
  items[(at + step + items.length) % items.length].focus();
});
