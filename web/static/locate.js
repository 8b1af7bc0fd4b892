// Shows what sources answer as it comes. Asking whether anything changed is no look at it; fetching the results is
// one, and is kept for the auditor: so they are fetched only when there is something new and somebody sees the page.
const FALLBACK = 30 * 1000;

export function start(element) {
  let busy = false;

  const show = (text) => {
    const focused = element.contains(document.activeElement) ? document.activeElement : null;
    const place = focused?.closest("[id]")?.id;
    const told = element.querySelector("[data-answered]").textContent;
    element.innerHTML = text;
    if (place) document.getElementById(place)?.querySelector(`button[value="${focused.value}"]`)?.focus();
    const status = element.querySelector("[data-answered]");
    const says = status.innerHTML;
    if (status.textContent !== told) { status.innerHTML = ""; requestAnimationFrame(() => { status.innerHTML = says; }); }
  };

  const look = async () => {
    if (busy || document.hidden) return;
    busy = true;
    try {
      const asked = await fetch(`${element.dataset.locate}/state`, { headers: { Accept: "application/json" } });
      if (!asked.ok || asked.redirected) return;
      const { stamp } = await asked.json();
      if (stamp === element.querySelector("[data-stamp]").dataset.stamp) return;
      const since = `${element.dataset.locate}/results?since=${element.dataset.since}`;
      const answer = await fetch(since, { headers: { Accept: "text/html" } });
      if (answer.ok && !answer.redirected) show(await answer.text());
    } catch { /* the connection is gone for a moment: it is asked again */ } finally { busy = false; }
  };

  document.addEventListener("mailbox", look);
  document.addEventListener("visibilitychange", look);
  setInterval(look, FALLBACK);
}
