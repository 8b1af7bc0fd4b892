// What the pages do better with scripts on. Every page works without them.
const opened = Date.now(); // the modules below may arrive late; what counts is when the page was opened
document.documentElement.classList.add("scripted");

document.querySelector("[data-focus]")?.focus();

// On a telephone a row of pages may be wider than the screen: the one that is open is brought into view.
for (const open of document.querySelectorAll(".nav [aria-current], .subpages [aria-current]")) {
  open.scrollIntoView({ block: "nearest", inline: "nearest" });
}

// A file dropped beside the field, or before its module is here, must not replace the page.
for (const kind of ["dragover", "drop"]) document.addEventListener(kind, (event) => event.preventDefault());

for (const menu of document.querySelectorAll("details.account, .nav details")) {
  document.addEventListener("click", (event) => { if (!menu.contains(event.target)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { menu.open = false; menu.querySelector("summary").focus(); }
  });
}

if (document.querySelector("[data-print]")) window.addEventListener("load", () => window.print());

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

const later = [["[data-upload]", "upload"], ["[data-follow]", "follow"], ["[data-idle]", "session"], ["[data-compose]", "compose"], ["[data-filter]", "filter"], ["[data-codes]", "codes"], ["[data-live]", "live"], ["[data-passkey]", "passkey"], ["[data-locate]", "locate"]];
const started = later.flatMap(([selector, module]) => [...document.querySelectorAll(selector)].map(
  (element) => import(new URL(`${module}.js`, import.meta.url)).then((found) => found.start(element, opened)),
));
Promise.all(started).then(() => document.documentElement.classList.add("ready"));
