"use strict";
(() => {
  const byId = (id) => document.getElementById(id);
  const words = document.body.dataset;
  const HIDDEN = /(⟦U\+[0-9A-F]{4,6}⟧)/;

  let state = null; // what the server said last
  let busy = false; // a request is on its way
  let unsaved = null; // what to send again: {action, content, told, label}

  /* Text reaches the page as text, never as markup; boxes mark invisible characters. */
  function show(node, text) {
    node.replaceChildren();
    text.split(HIDDEN).forEach((piece, at) => {
      if (at % 2 === 0) {
        node.append(document.createTextNode(piece));
      } else {
        const box = document.createElement("span");
        box.className = "hidden-character";
        box.textContent = piece;
        node.append(box);
      }
    });
  }

  function element(name, className, text) {
    const made = document.createElement(name);
    if (className) made.className = className;
    if (text !== undefined) made.textContent = text;
    return made;
  }

  function showTurns(node, turns) {
    node.replaceChildren();
    node.hidden = turns.length === 0;
    for (const turn of turns) {
      const block = element("div", "turn");
      const said = element("div", "text");
      said.dir = "auto";
      show(said, turn.text);
      block.append(element("p", "role", turn.role), said);
      node.append(block);
    }
  }

  function showSide(at, side) {
    byId(`label-${at}`).textContent = side.label;
    const text = byId(`text-${at}`);
    text.classList.toggle("empty", side.text === "");
    show(text, side.text || words.empty);
    showTurns(byId(`turns-${at}`), side.turns);
    const named = byId(`named-${at}`);
    named.hidden = !side.named;
    named.textContent = side.named ? words.named : "";
  }

  function showChoices(choices, chosen) {
    byId("choices").replaceChildren(
      ...choices.map((choice) => {
        const button = element("button", "choice");
        button.type = "button";
        button.dataset.value = choice.value;
        button.setAttribute("aria-keyshortcuts", String(choice.value));
        button.append(
          element("kbd", "", String(choice.value)),
          element("span", "wide", choice.wide),
          element("span", "narrow", choice.narrow),
        );
        if (choice.value === chosen) {
          button.classList.add("before");
          button.append(element("span", "note", words.chosen));
        }
        button.addEventListener("click", () => answer(choice.value));
        return button;
      }),
    );
  }

  const shownOf = (one) => JSON.stringify([one.request, one.turns, one.texts]);
  const sameTexts = (one, other) => Boolean(other) && shownOf(one) === shownOf(other);

  function showQuestion(question, before, chosen) {
    const again = sameTexts(question, before);
    if (!again) {
      show(byId("request"), question.request);
      showTurns(byId("turns"), question.turns);
      question.texts.forEach((side, at) => showSide(at, side));
    }
    byId("criterion").textContent = question.criterion;
    byId("asked").textContent = question.question;
    byId("hint").textContent = question.hint;
    showChoices(question.choices, chosen);
    byId("question").focus({ preventScroll: true });
    if (!again) window.scrollTo(0, 0);
    return again;
  }

  function render(next, message = "", chosen = null) {
    const before = state && state.question;
    state = next;
    const { question, progress } = state;
    byId("progress").max = Math.max(progress.total, 1);
    byId("progress").value = progress.settled;
    byId("undo").disabled = !state.undo;
    byId("task").hidden = !question;
    byId("end").hidden = Boolean(question);
    byId("count").textContent = question ? progress.text : "";
    let note = "";
    if (question) {
      const again = showQuestion(question, before, chosen);
      note = again && question.criterion !== before.criterion && chosen === null ? words.sameTexts : "";
    } else {
      byId("results").replaceChildren(...state.results.map((one) => element("li", "", one)));
      byId("end-title").focus();
    }
    tell([message, note], question ? [progress.text, question.criterion] : []);
  }

  /* One live region: what is seen, and what only a screen reader says of the new question. */
  function tell(seen, spoken = []) {
    const join = (parts) => parts.filter(Boolean).join(" · ");
    byId("status").replaceChildren(
      element("span", "", join(seen)),
      element("span", "spoken", join(spoken)),
    );
  }

  function trouble(title, text, canRetry) {
    byId("trouble-title").textContent = title;
    byId("trouble-text").textContent = text;
    byId("retry").hidden = !canRetry;
    byId("trouble").hidden = false;
    window.scrollTo(0, 0);
    if (canRetry) byId("retry").focus();
  }

  function calm() {
    unsaved = null;
    byId("trouble").hidden = true;
  }

  /* Returns {ok, content}; content is null where no answer came. */
  async function request(action, content) {
    const post = content && {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(content),
    };
    try {
      const response = await fetch(`api/${action}`, { cache: "no-store", redirect: "error", ...post });
      return { ok: response.ok, content: await response.json() };
    } catch {
      return { ok: false, content: null };
    }
  }

  function settle(reply, sent) {
    if (reply.ok) {
      calm();
      render(reply.content, sent.told, reply.content.chosen ?? null);
    } else if (reply.content && reply.content.state) {
      calm();
      const { message, hint } = reply.content.error;
      render(reply.content.state, `${message} ${hint}`);
    } else {
      unsaved = sent;
      tell([]);
      const why = reply.content
        ? `${reply.content.error.message} ${reply.content.error.hint}`
        : words.unreachable;
      trouble(`${words.notSaved} (${sent.label})`, `${why} ${words.kept}`, true);
    }
  }

  function answer(value) {
    if (!state || !state.question || busy) return;
    const choice = state.question.choices.find((one) => one.value === value);
    const label = isNarrow() ? choice.narrow : choice.wide;
    post("answer", { id: state.question.id, choice: value }, `${words.saved}: ${label}`, label);
  }

  function skip(reason) {
    byId("skip-dialog").close();
    const content = { id: state.question.id, reason, note: byId("note").value };
    post("skip", content, `${words.saved}: ${words.skip}`, words.skip);
  }

  function undo() {
    if (!state || busy) return;
    if (!state.undo) {
      tell([words.nothingToUndo]);
      return;
    }
    post("undo", { id: state.undo }, words.undone, byId("undo").firstChild.textContent.trim());
  }

  async function post(action, content, told, label) {
    if (busy) return;
    busy = true;
    tell([words.saving]);
    const reply = await request(action, content);
    busy = false;
    settle(reply, { action, content, told, label });
  }

  const isNarrow = () => window.matchMedia("(max-width: 47.99rem)").matches;

  function openSkip() {
    if (!state || !state.question || busy) return;
    byId("note").value = "";
    byId("skip-dialog").showModal();
  }

  /* Keys go by their place: under a Hangul layout "U" gives ㅕ, and only event.code stays.
     The question mark goes by its name too: not every keyboard has it on the slash. */
  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target instanceof HTMLInputElement) return;
    const digit = /^(?:Digit|Numpad)([1-5])$/.exec(event.code);
    if (byId("skip-dialog").open) {
      const reason = digit && document.querySelectorAll("[data-reason]")[digit[1] - 1];
      if (reason) skip(reason.dataset.reason);
      return;
    }
    if (byId("help-dialog").open) return;
    if (event.key === "?" || (event.code === "Slash" && event.shiftKey)) {
      byId("help-dialog").showModal();
    } else if (!event.shiftKey && digit) {
      answer(Number(digit[1]));
    } else if (!event.shiftKey && event.code === "KeyU") {
      undo();
    } else if (!event.shiftKey && event.code === "KeyS") {
      openSkip();
    } else {
      return;
    }
    event.preventDefault();
  }

  document.addEventListener("keydown", onKey);
  window.addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
  byId("undo").addEventListener("click", undo);
  byId("skip").addEventListener("click", openSkip);
  byId("help").addEventListener("click", () => byId("help-dialog").showModal());
  byId("help-close").addEventListener("click", () => byId("help-dialog").close());
  byId("skip-close").addEventListener("click", () => byId("skip-dialog").close());
  byId("retry").addEventListener("click", () => {
    if (unsaved) post(unsaved.action, unsaved.content, unsaved.told, unsaved.label);
    else start();
  });
  for (const button of document.querySelectorAll("[data-reason]")) {
    button.addEventListener("click", () => skip(button.dataset.reason));
  }

  async function start() {
    const reply = await request("state");
    if (reply.ok) {
      calm();
      render(reply.content);
    } else {
      trouble("", reply.content ? reply.content.error.message : words.unreachable, true);
    }
  }

  start();
})();
