// Writing a message: what is typed is kept every few seconds, files go up one after the other and are resumed.
const PAUSE = 2000;
const LOOK_AGAIN = 1500;
const UNITS = ["bytes", "KB", "MB", "GB"];
const JSON_WANTED = { Accept: "application/json" };

function size(count) {
  let unit = 0;
  let amount = count;
  while (amount >= 999.5 && unit < UNITS.length - 1) { amount /= 1000; unit += 1; }
  return `${unit ? amount.toPrecision(3) : amount} ${UNITS[unit]}`;
}

export function start(form) {
  const part = (name) => form.querySelector(`[data-${name}]`);
  const input = form.querySelector("input[type=file]");
  const uploads = part("uploads");
  let draft = form.dataset.draft;
  let timer = 0;
  let saving = Promise.resolve(true);
  let kept = typed().toString();
  let busy = 0;
  let sending = 0;
  let number = Date.now() % 1_000_000_000;
  let queue = Promise.resolve();

  function typed(more = {}) {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) if (typeof value === "string") fields.append(name, value);
    for (const [name, value] of Object.entries(more)) fields.set(name, value);
    return fields;
  }

  async function keep(more = {}) {
    clearTimeout(timer);
    const fields = typed(more);
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: JSON_WANTED }).catch(() => null);
    if (!answer) { part("saved").textContent = "Not saved: the connection is lost."; return false; }
    if (answer.status === 401) { part("saved").textContent = "Not saved: you are signed out. Sign in again in another tab."; return false; }
    const told = await answer.json().catch(() => ({}));
    if (!answer.ok) { part("saved").textContent = told.detail || "It could not be saved."; return false; }
    if (!Object.keys(more).length) kept = fields.toString();
    draft = told.draft;
    form.action = draft;
    part("saved").textContent = told.saved;
    warn(told.warning);
    return true;
  }

  // One after the other: the first one makes the draft that the next ones go to.
  function save(more) {
    busy += 1;
    saving = saving.then(() => keep(more)).finally(() => { busy -= 1; });
    return saving;
  }

  function warn(words) {
    const told = part("subject-told");
    if (!told) return;
    if (told.textContent !== words) told.textContent = words;
    told.hidden = !words;
  }

  form.addEventListener("input", (event) => {
    if (event.target === input) return;
    clearTimeout(timer);
    timer = setTimeout(() => { if (typed().toString() !== kept) save(); }, PAUSE);
  });
  part("subject")?.querySelector("input").addEventListener("blur", () => { if (typed().toString() !== kept) save(); });

  async function look() {
    const answer = await fetch(`${draft}/files`, { headers: { Accept: "text/html" } }).catch(() => null);
    if (!answer?.ok || answer.redirected) return;
    const text = await answer.text();
    if (text !== part("attached").innerHTML) part("attached").innerHTML = text;
    if (answer.headers.get("X-Under-Way") === "yes") setTimeout(look, LOOK_AGAIN);
  }

  part("attached").addEventListener("click", async (event) => {
    const button = event.target.closest("button[name=remove]");
    if (!button) return;
    event.preventDefault();
    await save({ remove: button.value });
    await look();
    part("files-told").textContent = "Removed.";
    input.focus();
  });

  function row(file) {
    const made = document.createElement("li");
    made.innerHTML = "<div><bdi class='name'></bdi><br><span class='small soft'></span><progress class='bar' max='1' value='0'></progress></div><button class='usa-button usa-button--unstyled' type='button' hidden></button>";
    made.querySelector("bdi").textContent = file.name;
    made.querySelector("progress").setAttribute("aria-label", `Sending ${file.name}`);
    uploads.append(made);
    uploads.hidden = false;
    return made;
  }

  const say = (made, words, wrong = false) => {
    const line = made.querySelector("span");
    line.textContent = words;
    line.classList.toggle("wrong", wrong);
  };

  async function heldOf(mine) {
    for (let wait = 0; wait < 5; wait += 1) {
      await new Promise((done) => { setTimeout(done, 400); });
      const answer = await fetch("/files/drafts", { headers: JSON_WANTED }).catch(() => null);
      const { items } = answer?.ok ? await answer.json() : { items: [] };
      const found = items.find((one) => one.program === "messages" && RegExp(`^attachment-${mine}(\\.|$)`).test(one.filename));
      if (found) return found;
    }
    return null;
  }

  function put(file, made, mine, held) {
    const from = held ? held.size : 0;
    const request = new XMLHttpRequest();
    if (held) {
      request.open("PUT", `${draft}/files/${held.id}?number=${mine}`);
      request.setRequestHeader("Content-Range", `bytes ${from < file.size ? `${from}-${file.size - 1}` : "*"}/${file.size}`);
    } else request.open("POST", `${draft}/files?number=${mine}`);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.setRequestHeader("X-File-Name", encodeURIComponent(file.name));
    request.upload.addEventListener("progress", ({ loaded }) => {
      made.querySelector("progress").value = file.size ? (from + loaded) / file.size : 1;
      say(made, `${size(from + loaded)} of ${size(file.size)}`);
      document.dispatchEvent(new Event("uploading"));
    });
    return new Promise((done) => {
      request.addEventListener("load", () => done(request));
      for (const kind of ["error", "abort"]) request.addEventListener(kind, () => done(null));
      request.send(from ? file.slice(from) : file);
    });
  }

  async function sendFile(file, made, mine, held) {
    const answer = await put(file, made, mine, held);
    if (answer?.status === 201) {
      made.remove();
      await look();
      part("files-told").textContent = `${file.name} is attached.`;
      return;
    }
    if (answer) {
      let told = {};
      try { told = JSON.parse(answer.responseText); } catch { /* no reason was given */ }
      if (answer.status === 409 && Number.isInteger(told.expected) && held) { held.size = told.expected; await sendFile(file, made, mine, held); return; }
      say(made, told.detail || "It could not be sent.", true);
      offer(made, "Take away", () => made.remove());
      return;
    }
    const found = await heldOf(mine);
    if (!found) await look();
    say(made, found ? `The connection was lost: ${size(found.size)} of ${size(file.size)} are held.` : "The connection was lost. Look whether it is in the list above before you send it again.", true);
    offer(made, found ? "Send the rest" : "Send it again", () => enqueue(file, made, mine, found));
  }

  function offer(made, words, act) {
    const button = made.querySelector("button");
    button.textContent = words;
    button.hidden = false;
    button.onclick = () => { button.hidden = true; act(); uploads.hidden = !uploads.children.length; };
  }

  function enqueue(file, made, mine, held = null) {
    sending += 1;
    say(made, "Waiting");
    queue = queue.then(async () => {
      if (draft || await save()) await sendFile(file, made, mine, held);
      else { say(made, "It could not be sent.", true); offer(made, "Send it again", () => enqueue(file, made, mine)); }
      sending -= 1;
      uploads.hidden = !uploads.children.length;
    });
  }

  function take(files) {
    for (const file of files) enqueue(file, row(file), (number += 1));
    input.value = "";
  }
  input.multiple = true;
  input.addEventListener("change", () => take([...input.files]));
  if (input.files.length) take([...input.files]);

  const drop = part("drop");
  drop.addEventListener("dragover", (event) => { event.preventDefault(); drop.classList.add("over"); });
  drop.addEventListener("dragleave", () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    take([...event.dataTransfer.files]);
  });

  let leaving = false;
  form.addEventListener("submit", (event) => {
    const act = event.submitter?.value;
    if (!leaving && act?.startsWith("send") && (sending || uploads.children.length)) {
      event.preventDefault();
      part("files-told").textContent = sending ? "Files are still on their way. Send the message when they are here." : "A file could not be attached. Send it again or take it away first.";
      part("files-told").scrollIntoView({ block: "nearest" });
      return;
    }
    clearTimeout(timer);
    leaving = !busy;
    if (leaving) return;
    event.preventDefault(); // what is being saved just now is waited for, so that no second draft is begun
    const { submitter } = event;
    saving.then(() => setTimeout(() => form.requestSubmit(submitter)));
  });
  window.addEventListener("beforeunload", (event) => { if (sending && !leaving) event.preventDefault(); });
  if (part("attached").querySelector(".tag-wait")) setTimeout(look, LOOK_AGAIN);
}
