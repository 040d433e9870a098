// Text with markup: the browser's own editing over what the server cleaned; the text area behind
// it is what is sent, and the server cleans that again.
import { onContent } from "./words.js";

function area(box) {
  return box.parentElement.querySelector("textarea");
}

function keep(box) {
  const text = box.querySelector("[contenteditable]");
  const held = area(box);
  held.value = text.textContent.trim() || text.querySelector("hr") ? text.innerHTML : "";
  held.dispatchEvent(new Event("input", { bubbles: true }));
}

onContent((root) => {
  for (const box of root.querySelectorAll("[data-h-rich][hidden]")) {
    const held = area(box);
    box.hidden = false;
    held.hidden = true;
    held.required = false; // it cannot be reached with the keys; the server asks for it
    const text = box.querySelector("[contenteditable]");
    const label = box.parentElement.querySelector("label");
    label?.addEventListener("click", () => text.focus());
    if (held.matches("[autofocus]") || box.closest("[data-edit-now]")) text.focus();
  }
});

// Lists and headings are made of blocks: an empty text begins with one.
document.addEventListener("focusin", (event) => {
  const text = event.target;
  if (!text.matches?.("[data-h-rich] [contenteditable]") || text.innerHTML.trim()) return;
  document.execCommand("defaultParagraphSeparator", false, "p");
  const first = document.createElement("p");
  first.append(document.createElement("br"));
  text.replaceChildren(first);
  window.getSelection().collapse(first, 0);
});

document.addEventListener("input", (event) => {
  const box = event.target.closest?.("[data-h-rich]");
  if (box) keep(box);
});

// Some browsers put the caret before a list that they just made: it goes back to where it was.
function caret(text) {
  const chosen = window.getSelection();
  if (!chosen.rangeCount || !chosen.isCollapsed) return -1;
  const before = chosen.getRangeAt(0).cloneRange();
  before.setStart(text, 0);
  return before.toString().length;
}

function place(text, at) {
  if (at < 0) return;
  const walk = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  for (let left = at, node = walk.nextNode(); node; node = walk.nextNode()) {
    if (left <= node.length) {
      window.getSelection().collapse(node, left);
      return;
    }
    left -= node.length;
  }
}

document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-h-command]")) event.preventDefault(); // keep the selection
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-h-command]");
  if (!button) return;
  const box = button.closest("[data-h-rich]");
  const text = box.querySelector("[contenteditable]");
  if (document.activeElement !== text) text.focus();
  document.execCommand("styleWithCSS", false, "false");
  document.execCommand("defaultParagraphSeparator", false, "p");
  const at = caret(text);
  document.execCommand(button.dataset.hCommand, false, button.dataset.hValue ?? null);
  if (button.dataset.hCommand.startsWith("insert")) place(text, at);
  keep(box);
});

// What is pasted or dropped comes as text: markup of other pages is not ours.
for (const name of ["paste", "drop"]) {
  document.addEventListener(name, (event) => {
    const box = event.target.closest?.("[data-h-rich]");
    const data = event.clipboardData ?? event.dataTransfer;
    if (!box || !data) return;
    event.preventDefault();
    document.execCommand("insertText", false, data.getData("text/plain"));
    keep(box);
  });
}
