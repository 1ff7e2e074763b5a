// Keeps what an attendant sends while the server does not answer, with the page and all that was typed, and sends it
// until it is answered. The form's own key lets the server do it once, also when only its answer was lost. Texts and the
// address that is asked whether the server answers are attributes of desk/_kept.html.
(() => {
  "use strict";
  const box = document.querySelector("[data-kept]");
  if (!box || !window.fetch) return;
  const [ASK_MS, ANSWER_MS, LONGEST_WAIT_MS] = [4000, 60000, 5000];
  const AWAY = [502, 503, 504];
  let kept = null; // what is being sent: its button with its text, and where the focus was

  const asked = (address, limit, options) => fetch(address, { ...options, cache: "no-store", signal: AbortSignal.timeout(limit) });

  const sent = async (form, body) => {
    const answer = await asked(form.action, ANSWER_MS, { method: "POST", body });
    if (AWAY.includes(answer.status)) throw new Error(answer.statusText);
    return answer;
  };

  const there = async () => {
    const answer = await asked(box.dataset.kept, ASK_MS, { method: "HEAD" });
    if (AWAY.includes(answer.status)) throw new Error(answer.statusText);
    return answer;
  };

  const say = (one) => {
    box.querySelector("[data-kept-what]").textContent = one.what;
    box.hidden = false;
  };

  // Returns the answer, or null once the person gave up.
  const until = async (one, tried) => {
    for (let wait = 1000; kept === one; wait = Math.min(wait * 2, LONGEST_WAIT_MS)) {
      try {
        return await tried();
      } catch {
        if (kept !== one) return null;
        say(one);
      }
      await new Promise((go) => {
        setTimeout(go, wait);
        window.addEventListener("online", go, { once: true });
      });
    }
    return null;
  };

  const over = () => {
    kept = null;
    box.hidden = true;
  };

  const giveUp = () => {
    const { button, word, focus } = kept;
    over();
    focus?.focus();
    if (!button) return;
    button.removeAttribute("aria-disabled");
    button.innerHTML = word;
  };

  // Lets the browser send a form, with what its button says.
  const submit = (form, button) => {
    if (button?.name) {
      const said = Object.assign(document.createElement("input"), { type: "hidden", name: button.name, value: button.value });
      form.append(said);
    }
    if (form.isConnected) form.submit();
    else window.location.reload();
  };

  const send = async (form, button, one) => {
    const body = new URLSearchParams(new FormData(form, button));
    const answer = await until(one, () => sent(form, body));
    if (!answer) return;
    over();
    // A refusal changed nothing: sent again by the browser, it shows itself.
    if (answer.redirected) window.location.assign(answer.url);
    else submit(form, button);
  };

  const lead = async (one, go) => {
    const answer = await until(one, there);
    if (!answer) return;
    over();
    go();
  };

  // Before busy.js changes the button.
  document.addEventListener(
    "submit",
    (event) => {
      const { target: form, submitter } = event;
      if (form.target || event.defaultPrevented) return;
      event.preventDefault();
      if (kept) return;
      const button = submitter || form.querySelector("button");
      const one = { button, word: button?.innerHTML, what: button?.innerText.trim() || "", focus: document.activeElement };
      kept = one;
      if (form.method === "post") send(form, submitter, one);
      else lead(one, () => submit(form, submitter));
    },
    true,
  );

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[href]");
    if (!link || link.target || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (kept && box.hidden) return;
    event.preventDefault();
    if (kept) return;
    const one = { button: null, what: link.innerText.trim(), focus: document.activeElement };
    kept = one;
    lead(one, () => window.location.assign(link.href));
  });

  box.querySelector("button").addEventListener("click", giveUp);

  window.addEventListener("beforeunload", (event) => {
    if (kept && !box.hidden) event.preventDefault();
  });
})();
