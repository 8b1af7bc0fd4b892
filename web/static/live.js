// The badge of unread messages, live. One tab of a browser listens and tells the others: a browser has six
// connections to a server, and each stream holds one.
export function start(element) {
  const tabs = new BroadcastChannel("mailbox");
  const number = element.querySelector("[data-unread]");
  const words = element.querySelector("[data-unread-words]");
  let shown = Number(element.dataset.live || 0);

  const located = document.querySelector("[data-located]");

  const show = ({ unread, located: results }) => {
    if (located) { located.hidden = results === 0; located.firstElementChild.textContent = results > 99 ? "99+" : results; }
    number.hidden = unread === 0;
    number.textContent = unread > 99 ? "99+" : unread;
    words.textContent = unread === 0 ? "Messages" : `Messages, ${unread > 99 ? "more than 99" : unread} unread`;
    document.dispatchEvent(new CustomEvent("mailbox", { detail: { unread, more: unread > shown } }));
    shown = unread;
  };

  tabs.addEventListener("message", ({ data }) => show(data));
  navigator.locks?.request("mailbox", () => new Promise(() => {
    const source = new EventSource("/live");
    source.addEventListener("mailbox", ({ data }) => { const news = JSON.parse(data); show(news); tabs.postMessage(news); });
  })).catch(() => { /* the page was left before its turn came */ });
}
