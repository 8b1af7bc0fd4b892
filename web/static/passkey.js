// Makes or shows a passkey and sends what came of it with the form it stands in. A form that can also be sent
// without one has a button of its own for the passkey: [data-by-passkey].
const read = { create: "parseCreationOptionsFromJSON", get: "parseRequestOptionsFromJSON" };

export function start(form) {
  const told = form.querySelector("[data-told]");
  const apart = form.querySelector("[data-by-passkey]");
  if (!window.PublicKeyCredential?.[read.get]) {
    (apart ?? form.querySelector("[type=submit]")).disabled = true;
    told.textContent = "This browser has no passkeys.";
    return;
  }
  form.addEventListener("submit", async (event) => {
    if (apart && event.submitter !== apart) return;
    event.preventDefault();
    told.textContent = "";
    try {
      const answer = await fetch(form.dataset.options, { headers: { Accept: "application/json" } });
      if (!answer.ok) throw new Error((await answer.json()).detail);
      const kind = form.dataset.passkey;
      const publicKey = PublicKeyCredential[read[kind]](await answer.json());
      const credential = await navigator.credentials[kind]({ publicKey });
      form.elements.passkey.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (problem) {
      const words = { NotAllowedError: "Nothing was chosen. Try again, or use another way.", InvalidStateError: "This device has a passkey for your account already." };
      told.textContent = words[problem.name] ?? `That did not work: ${problem.message}`;
    }
  });
}
