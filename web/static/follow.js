// Shows where a file is until nothing changes any more, then loads the page with its answer. Ends after ten minutes.
const LONGEST = 10 * 60 * 1000;

export async function start(element) {
  const began = Date.now();
  let wait = 400;
  while (Date.now() - began < LONGEST) {
    await new Promise((done) => { setTimeout(done, wait); });
    wait = Math.min(wait * 1.25, 5000);
    if (document.hidden) continue;
    const answer = await fetch(element.dataset.follow, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) continue;
    const text = await answer.text();
    if (answer.headers.get("X-Under-Way") === "no") { window.location.reload(); return; }
    if (text !== element.innerHTML) element.innerHTML = text;
  }
}
