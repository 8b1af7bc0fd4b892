// Warns two minutes before an idle session ends. What somebody does here, in any tab, keeps the session; polling does not.
const WARN = 2 * 60 * 1000;
const TOUCH = 60 * 1000;

export function start(element, opened) {
  const idle = Number(element.dataset.idle) * 60 * 1000;
  const tabs = new BroadcastChannel("session");
  let touched = opened;

  const note = (moment) => { touched = Math.max(touched, moment); element.hidden = true; };

  async function touch() {
    const moment = Date.now();
    const answer = await fetch("/session", { method: "POST", redirect: "manual" }).catch(() => null);
    if (answer?.status !== 204) return;
    note(moment);
    tabs.postMessage(moment);
  }

  function active() {
    if (element.hidden && Date.now() - touched > TOUCH) { touched = Date.now(); touch(); }
  }

  for (const kind of ["keydown", "pointerdown", "scroll", "uploading"]) {
    document.addEventListener(kind, active, { passive: true });
  }
  tabs.addEventListener("message", ({ data }) => note(data));
  element.querySelector("button").addEventListener("click", touch);
  setInterval(() => {
    const left = touched + idle - Date.now();
    if (left <= 0) window.location.assign(`/sign-in?next=${encodeURIComponent(window.location.pathname)}`);
    else if (left <= WARN && element.hidden) element.hidden = false;
  }, 1000);
}
