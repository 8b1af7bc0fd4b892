// Sends one file as the body of a request, with progress; what broke off is resumed from where the portal stands.
const UNITS = ["bytes", "KB", "MB", "GB"];

function size(count) {
  let unit = 0;
  let amount = count;
  while (amount >= 999.5 && unit < UNITS.length - 1) { amount /= 1000; unit += 1; }
  return `${unit ? amount.toPrecision(3) : amount} ${UNITS[unit]}`;
}

function remaining(seconds) {
  if (!Number.isFinite(seconds)) return "";
  return seconds < 90 ? `about ${Math.max(1, Math.round(seconds))} seconds left` : `about ${Math.round(seconds / 60)} minutes left`;
}

async function draftOf(held, name) {
  const answer = await fetch("/files/drafts", { headers: { Accept: "application/json" } });
  const { items } = answer.ok ? await answer.json() : { items: [] };
  return items.find((draft) => (held.id ? draft.id === held.id : draft.filename === name));
}

export function start(form) {
  const input = form.querySelector("input[type=file]");
  const part = (name) => form.querySelector(`[data-${name}]`);
  const held = { id: form.dataset.draft, size: Number(form.dataset.held || 0), name: form.dataset.name };
  let request = null;
  let paused = false;
  let allSent = false;

  const say = (words) => { part("words").textContent = words; };

  function show(file) {
    part("state").hidden = false;
    part("filename").textContent = file.name;
    part("figures").textContent = size(file.size);
    part("bar").value = file.size ? held.size / file.size : 0;
  }

  function problem(words) {
    say(words);
    part("words").classList.add("wrong");
    part("send").disabled = false;
    part("send").textContent = held.id ? "Send the rest" : "Send file";
    part("pause").hidden = true;
  }

  function fits(file) {
    if (held.id && held.name !== file.name) return `This is ${file.name}. Choose ${held.name}, the file you began with.`;
    if (held.id && file.size < held.size) return `This file is shorter than what is held of it already. It is not the same file.`;
    return "";
  }

  function send(file) {
    const began = performance.now();
    const from = held.size;
    allSent = false;
    request = new XMLHttpRequest();
    if (held.id) {
      request.open("PUT", `/files/${held.id}/content`);
      const span = from < file.size ? `${from}-${file.size - 1}` : "*";
      request.setRequestHeader("Content-Range", `bytes ${span}/${file.size}`);
    } else {
      const query = new URLSearchParams({ program: form.elements.program.value, filename: file.name });
      if (form.elements.recipient) query.set("recipient", form.elements.recipient.value);
      request.open("POST", `/files/raw?${query}`);
    }
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    let told = 0;
    request.upload.addEventListener("progress", ({ loaded }) => {
      const now = performance.now();
      part("bar").value = (from + loaded) / file.size;
      document.dispatchEvent(new Event("uploading"));
      part("figures").textContent = `${size(from + loaded)} of ${size(file.size)}`;
      if (now - told < 1500) return;
      told = now;
      say(remaining(((file.size - from - loaded) * (now - began)) / 1000 / loaded));
    });
    request.upload.addEventListener("load", () => { allSent = true; say("All of it is here. Sealing and signing the receipt."); });
    request.addEventListener("load", () => arrived(file));
    request.addEventListener("error", () => brokenOff(file));
    request.addEventListener("abort", () => brokenOff(file));
    request.send(from ? file.slice(from) : file);
  }

  function arrived(file) {
    const answer = (() => { try { return JSON.parse(request.responseText); } catch { return {}; } })();
    if (request.status === 201) { window.location.assign(answer.href); return; }
    if (request.status === 401) { window.location.assign("/sign-in?next=/files/send"); return; }
    if (request.status === 409 && Number.isInteger(answer.expected)) { held.size = answer.expected; send(file); return; }
    problem(answer.detail || "The file could not be sent. Try again.");
  }

  async function brokenOff(file) {
    part("pause").hidden = true;
    say(paused ? "Paused." : "The connection was lost.");
    for (let wait = 0; wait < 5; wait += 1) {
      await new Promise((done) => { setTimeout(done, 400); });
      const draft = await draftOf(held, file.name).catch(() => null);
      if (!draft) continue;
      Object.assign(held, { id: draft.id, size: draft.size, name: file.name });
      problem(`${paused ? "Paused" : "The connection was lost"}: ${size(held.size)} of ${size(file.size)} are held. Send the rest when you are ready.`);
      part("words").classList.toggle("wrong", !paused);
      return;
    }
    if (allSent) problem(`The connection was lost before the portal could confirm. Look under Files whether ${file.name} arrived before you send it again.`);
    else problem("Nothing of it was kept. Send the file again.");
  }

  form.addEventListener("submit", (event) => {
    const file = input.files[0];
    if (!file) { event.preventDefault(); part("state").hidden = false; problem("Choose a file first."); input.focus(); return; }
    event.preventDefault();
    if (form.elements.recipient?.value === "") { show(file); problem("Choose whom the file is for."); form.elements.recipient.focus(); return; }
    const wrong = fits(file);
    show(file);
    if (wrong) { problem(wrong); return; }
    paused = false;
    part("words").classList.remove("wrong");
    part("send").disabled = true;
    part("pause").hidden = false;
    say("Sending.");
    send(file);
  });
  part("pause").addEventListener("click", () => { paused = true; request?.abort(); });

  function chosen() {
    if (!input.files[0]) return;
    if (held.id && !form.dataset.draft) Object.assign(held, { id: undefined, size: 0, name: undefined });
    part("send").textContent = held.id ? "Send the rest" : "Send file";
    say("");
    show(input.files[0]);
  }
  input.addEventListener("change", chosen);
  chosen(); // before this script was here, or on coming back to the page

  const drop = part("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    if (!event.dataTransfer.files.length) return;
    input.files = event.dataTransfer.files;
    input.dispatchEvent(new Event("change"));
  });
  window.addEventListener("beforeunload", (event) => {
    if (request && request.readyState > 0 && request.readyState < 4) event.preventDefault();
  });
}
