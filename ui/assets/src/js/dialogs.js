// A link with data-dialog opens its page's fragment over this one; without scripts it is a page.
function dialog() {
  return document.getElementById("dialog");
}

document.addEventListener(
  "click",
  (event) => {
    const link = event.target.closest("a[data-dialog]");
    if (link && !event.ctrlKey && !event.metaKey && !event.shiftKey && event.button === 0) {
      event.preventDefault();
      event.stopPropagation();
      const menu = link.closest("details.h-menu[open]");
      if (menu) {
        menu.open = false;
        menu.querySelector("summary").focus(); // where the dialog gives the focus back to
      }
      htmx.ajax("GET", link.href, {
        source: link,
        target: "#dialog",
        swap: "innerHTML",
        push: "false",
      });
    }
  },
  true,
);

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-close-dialog]") && dialog()?.open) {
    event.preventDefault();
    dialog().close();
  } else if (event.target === dialog()) {
    dialog().close();
  }
});

document.addEventListener("htmx:after:swap", (event) => {
  const box = dialog();
  if (!box || event.detail.ctx?.target !== box) return;
  if (box.childElementCount && !box.open) box.showModal();
  const first = box.querySelector("[autofocus], [aria-invalid='true'], input:not([type=hidden]), select, textarea");
  first?.focus();
});

document.addEventListener("close-dialog", () => dialog()?.close());
