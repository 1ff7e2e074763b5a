// Makes passkeys and signs in with them, by the package's webauthnJSON. The button of a form with data-passkey asks the
// browser; what it answers is sent as `credential`. Without this script the buttons stay hidden.
(() => {
  "use strict";
  const browser = window.webauthnJSON;
  const say = (form, text) => {
    const told = form.querySelector("[data-passkey-told]");
    told.textContent = text;
    told.hidden = !text;
  };
  const options = async (form) => {
    if (form.dataset.passkeyOptions) return JSON.parse(document.getElementById(form.dataset.passkeyOptions).textContent);
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(answer.statusText);
    return answer.json();
  };
  const resident = ({ publicKey }) => ({
    publicKey: {
      ...publicKey,
      authenticatorSelection: {
        ...publicKey.authenticatorSelection,
        residentKey: "required",
        requireResidentKey: true,
        userVerification: "required",
      },
    },
  });
  const ask = async (form) => {
    const { creation_options: creation, request_options: request } = await options(form);
    return creation ? browser.create(resident(creation)) : browser.get(request);
  };
  document.querySelectorAll("form[data-passkey]").forEach((form) => {
    if (!browser || !browser.supported()) return say(form, form.dataset.sayUnsupported);
    const button = document.querySelector(form.dataset.passkey);
    button.hidden = false;
    button.addEventListener("click", async (event) => {
      event.preventDefault();
      if (!form.reportValidity()) return;
      say(form, "");
      try {
        form.elements.credential.value = JSON.stringify(await ask(form));
      } catch {
        return say(form, form.dataset.sayFailed);
      }
      form.submit();
    });
  });
})();
