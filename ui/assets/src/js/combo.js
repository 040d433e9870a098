// A link picker: htmx fetches what was found for what is typed, this opens, walks and chooses.
const OPEN = "is-open";

function parts(box) {
  return {
    id: box.querySelector("[data-h-part=id]"),
    shown: box.querySelector("[data-h-part=shown]"),
    text: box.querySelector("[data-h-part=text]"),
    list: box.querySelector("[role=listbox]"),
    chips: box.querySelector("[data-h-part=chips]"),
  };
}

function boxOf(target) {
  const box = target.closest?.(".h-combo");
  return box?.querySelector("[data-h-part=text]") ? box : null;
}

function open(box, shown) {
  box.classList.toggle(OPEN, shown);
  const { text } = parts(box);
  text.setAttribute("aria-expanded", String(shown));
  if (!shown) text.removeAttribute("aria-activedescendant");
}

function options(box) {
  return [...parts(box).list.querySelectorAll("[data-h-pick]")];
}

function point(box, option) {
  const { text, list } = parts(box);
  for (const one of options(box)) one.setAttribute("aria-selected", String(one === option));
  if (!option) return;
  option.id ||= `${list.id}-${option.dataset.hPick}`;
  option.scrollIntoView({ block: "nearest" });
  text.setAttribute("aria-activedescendant", option.id);
}

// A control that takes several records: each is a box, ticked, with its label beside it.
function add(box, value, label) {
  const { chips, text } = parts(box);
  const name = box.dataset.hName;
  const known = [...chips.querySelectorAll("[type=checkbox]")].find((one) => one.value === value);
  if (known) known.checked = true;
  else {
    const tick = Object.assign(document.createElement("input"), {
      type: "checkbox", name, value, checked: true,
    });
    const said = Object.assign(document.createElement("input"), {
      type: "hidden", name: `${name}.shown`, value: `${value} ${label}`,
    });
    const chip = document.createElement("label");
    chip.className = "h-pill";
    chip.append(tick, said, label);
    chips.append(chip);
  }
  text.value = "";
  open(box, false);
  chips.dispatchEvent(new Event("input", { bubbles: true }));
}

function choose(box, value, label) {
  const { id, shown, text, chips } = parts(box);
  if (chips) {
    add(box, value, label);
    return;
  }
  id.value = value;
  shown.value = label;
  text.value = label;
  open(box, false);
  id.dispatchEvent(new Event("input", { bubbles: true }));
}

document.addEventListener("click", (event) => {
  const box = boxOf(event.target);
  if (!box) return;
  const option = event.target.closest("[data-h-pick]");
  if (option) {
    choose(box, option.dataset.hPick, option.dataset.hLabel);
    parts(box).text.focus();
  } else if (event.target === parts(box).text && !box.classList.contains(OPEN)) {
    const { text } = parts(box);
    htmx.ajax("GET", text.getAttribute("hx-get"), {
      source: text,
      target: parts(box).list,
      swap: "innerHTML",
      values: { [text.name]: "" },
    });
  }
});

// Pressing on an option must not take the focus, or the list would close under the pointer.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest("[data-h-pick]")) event.preventDefault();
});

document.addEventListener("htmx:after:swap", (event) => {
  const list = event.detail.ctx?.target;
  const box = list?.matches?.(".h-combo-list") ? boxOf(list) : null;
  if (!box || document.activeElement !== parts(box).text) return;
  open(box, true);
  point(box, options(box)[0]);
});

document.addEventListener("keydown", (event) => {
  const box = boxOf(event.target);
  if (!box || event.target !== parts(box).text) return;
  const all = options(box);
  const at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
  const shown = box.classList.contains(OPEN);
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!shown) event.target.click();
    else if (all.length) {
      const step = event.key === "ArrowDown" ? 1 : -1;
      point(box, all[(at + step + all.length) % all.length]);
    }
  } else if (event.key === "Enter" && shown && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (all[at]) choose(box, all[at].dataset.hPick, all[at].dataset.hLabel);
  } else if (event.key === "Escape" && shown) {
    event.preventDefault();
    event.stopPropagation();
    open(box, false);
  } else if (event.key === "Backspace" && event.target.value === "") {
    const last = [...(parts(box).chips?.querySelectorAll(":checked") ?? [])].at(-1);
    if (last) last.click();
  }
});

// What is shown is what is stored: text that names nothing goes back to the label of the choice.
document.addEventListener("focusout", (event) => {
  const box = boxOf(event.target);
  if (!box || event.target !== parts(box).text) return;
  const { id, shown, text, chips } = parts(box);
  open(box, false);
  if (chips) {
    const [only, ...more] = text.value.trim() === "" ? [] : options(box);
    if (only && !more.length) choose(box, only.dataset.hPick, only.dataset.hLabel);
  } else if (text.value.trim() === "") {
    if (id.value) choose(box, "", "");
  } else if (text.value !== shown.value && options(box).length !== 1) {
    text.value = shown.value;
  } else if (text.value !== shown.value) {
    const [only] = options(box);
    choose(box, only.dataset.hPick, only.dataset.hLabel);
  }
});

// Another kind of record is searched: what was found, and what was chosen alone, is not of it.
document.addEventListener("change", (event) => {
  if (!event.target.matches?.("[data-h-part=object]")) return;
  const box = boxOf(event.target);
  const { chips, list } = parts(box);
  list.replaceChildren();
  if (!chips) choose(box, "", "");
});
