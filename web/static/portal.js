// What the pages do better with scripts on. Every page works without them.
const opened = Date.now(); // the modules below may arrive late; what counts is when the page was opened
document.documentElement.classList.add("scripted");

document.querySelector("[data-focus]")?.focus();

for (const menu of document.querySelectorAll("details.account")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); }
  });
}

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

for (const file of document.querySelectorAll("input[data-into]")) {
  file.addEventListener("change", async () => {
    const text = document.getElementById(file.dataset.into);
    if (file.files[0] && file.files[0].size < 65536) { text.value = (await file.files[0].text()).trim(); text.focus(); }
    file.value = "";
  });
}

const later = [["[data-upload]", "upload"], ["[data-follow]", "follow"], ["[data-idle]", "session"], ["[data-codes]", "codes"], ["[data-passkey]", "passkey"]];
for (const [selector, module] of later) {
  for (const element of document.querySelectorAll(selector)) {
    import(new URL(`${module}.js`, import.meta.url)).then((found) => found.start(element, opened));
  }
}
