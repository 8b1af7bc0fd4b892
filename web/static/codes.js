// Prints or copies the recovery codes; without scripts they can be downloaded or written down.
export function start(element) {
  const told = document.querySelector("[data-copied]");
  element.querySelector("[data-print]").addEventListener("click", () => window.print());
  element.querySelector("[data-copy]").addEventListener("click", async (event) => {
    const list = document.getElementById(event.target.dataset.copy);
    const text = [...list.querySelectorAll("code")].map((code) => code.textContent).join("\n");
    const done = await navigator.clipboard?.writeText(text).then(() => true, () => false);
    told.textContent = done ? "Copied." : "This browser does not let us copy; select the codes instead.";
  });
}
