// Narrows a list to what has the typed words in its name.
export function start(list) {
  const field = document.getElementById(list.dataset.filter);
  const told = document.querySelector("[data-filter-told]");
  const rows = [...list.children];
  if (!told) return; // there a search of the portal's own stands beside it
  const narrow = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = row.textContent.toLowerCase();
      row.hidden = !words.every((word) => text.includes(word));
      if (!row.hidden) shown += 1;
    }
    told.textContent = words.length ? `${shown} of ${rows.length} shown` : "";
  };
  field.addEventListener("input", narrow);
  field.addEventListener("keydown", (event) => { if (event.key === "Enter") event.preventDefault(); });
  narrow();
}
