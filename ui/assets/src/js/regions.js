// Province, city, district: each choice fills the next list; the deepest one is the value.
async function children(code) {
  const answer = await fetch(`/regions/${encodeURIComponent(code)}`, {
    headers: { Accept: "application/json" },
  });
  return answer.ok ? answer.json() : [];
}

function fillOptions(select, regions) {
  const empty = select.querySelector("option[value='']")?.cloneNode(true) ?? new Option("", "");
  select.replaceChildren(empty, ...regions.map(([code, name]) => new Option(name, code)));
  select.value = "";
  select.disabled = regions.length === 0;
}

document.addEventListener("change", async (event) => {
  const box = event.target.closest?.("[data-region]");
  if (!box || !event.target.matches("select[data-level]")) return;
  const level = Number(event.target.dataset.level);
  const selects = [...box.querySelectorAll("select[data-level]")];
  const value = box.querySelector("input[type=hidden]");
  for (const select of selects) if (Number(select.dataset.level) > level) fillOptions(select, []);
  const deepest = selects.filter((select) => select.value).at(-1);
  value.value = deepest?.value ?? "";
  value.dispatchEvent(new Event("input", { bubbles: true }));
  const next = selects.find((select) => Number(select.dataset.level) === level + 1);
  if (next && event.target.value) fillOptions(next, await children(event.target.value));
});
