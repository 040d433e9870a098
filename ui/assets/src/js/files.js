// Uploads of a form: several files at once, each with its progress; the form waits for them.
import { toast } from "./page.js";
import { fill, word } from "./words.js";

const boxOf = (target) => target.closest?.("[data-h-upload]");
const running = new Map();

function told(box, text) {
  const line = box.querySelector(".h-upload-told");
  if (line) line.textContent = text;
}

function changed(box) {
  box.querySelector("input[type=hidden]").dispatchEvent(new Event("input", { bubbles: true }));
}

function waiting(name) {
  const item = document.createElement("li");
  item.className = "h-upload-item is-waiting";
  const label = document.createElement("span");
  label.className = "h-upload-name";
  label.textContent = name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.setAttribute("aria-label", name);
  item.append(label, bar);
  return item;
}

function places(box) {
  return Number(box.dataset.hMost) - box.querySelectorAll(".h-upload-item:not(.is-bad)").length;
}

function send(box, file) {
  const list = box.querySelector(".h-upload-list");
  const item = waiting(file.name);
  list.append(item);
  const body = new FormData();
  body.append("file", file);
  const request = new XMLHttpRequest();
  running.set(box, (running.get(box) ?? 0) + 1);
  request.upload.addEventListener("progress", (event) => {
    item.querySelector("progress").value = event.loaded / event.total;
  });
  request.addEventListener("loadend", () => {
    running.set(box, running.get(box) - 1);
    if (request.status === 201 || request.status === 422) {
      item.insertAdjacentHTML("afterend", request.responseText);
      told(box, request.status === 201 ? fill(word("uploaded"), { name: file.name }) : "");
    } else {
      toast(word(request.status ? "refused" : "offline"), "bad");
    }
    item.remove();
    changed(box);
  });
  request.open("POST", box.dataset.hUpload);
  const token = document.querySelector("input[name=_csrf]")?.value ?? "";
  request.setRequestHeader("X-CSRF-Token", token);
  request.setRequestHeader("HX-Request", "true");
  request.setRequestHeader("X-Field", box.dataset.hField);
  request.send(body);
}

function take(box, files) {
  const chosen = [...files];
  if (!chosen.length) return;
  for (const bad of box.querySelectorAll(".h-upload-item.is-bad")) bad.remove();
  if (box.dataset.hMost === "1") box.querySelector(".h-upload-list").replaceChildren();
  const fits = chosen.slice(0, Math.max(0, places(box)));
  for (const file of fits) send(box, file);
  if (fits.length < chosen.length) {
    toast(fill(word("tooMany"), { most: box.dataset.hMost }), "bad");
  }
}

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-h-files]")) return;
  take(boxOf(event.target), event.target.files);
  event.target.value = "";
});

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-h-take]");
  if (!button) return;
  const box = boxOf(button);
  button.closest("li").remove();
  changed(box);
  box.querySelector("[data-h-files]")?.focus();
});

for (const kind of ["dragover", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    const box = boxOf(event.target);
    if (!box || !event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    box.classList.toggle("is-over", kind === "dragover");
    if (kind === "drop") take(box, event.dataTransfer.files);
  });
}

document.addEventListener("paste", (event) => {
  const box = boxOf(event.target);
  if (box && event.clipboardData?.files.length) take(box, event.clipboardData.files);
});

// A form is sent once its files have arrived.
document.addEventListener(
  "submit",
  (event) => {
    const busy = [...running].some(([box, count]) => count > 0 && event.target.contains(box));
    if (!busy) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    toast(word("uploading"), "info");
  },
  true,
);
