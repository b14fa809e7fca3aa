// What a person sends, on its way: messages queued one behind the other, files with how much of each has gone.
"use strict";

(() => {
  const app = window.lorikeet;
  if (!app) return;
  const { $, say, hooks, announce } = app;
  const page = document.body, log = $("log"), composer = $("composer"), text = $("text"), picker = $("files");
  const queue = $("queue"), trouble = $("trouble"), outbox = $("outbox"), drop = $("drop");
  const maxBytes = Number(page.dataset.maxBytes), maxFiles = Number(page.dataset.maxFiles);
  const draftKey = "draft:" + page.dataset.room;
  const csrf = composer.elements.csrf.value;
  const fill = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);

  // Files chosen and not yet part of a message; messages not yet through, the oldest first.
  const staged = [], messages = [];
  hooks.busy.push(() => staged.length || messages.length);

  const tenths = new Intl.NumberFormat(app.locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const percent = new Intl.NumberFormat(app.locale, { style: "percent", maximumFractionDigits: 0 });
  const size = (bytes) => (bytes >= 1e6 ? tenths.format(bytes / 1e6) + " MB" : Math.ceil(bytes / 1e3) + " kB");

  function element(tag, name, words) {
    const made = document.createElement(tag);
    made.className = name;
    if (words) made.textContent = words;
    return made;
  }

  // ---- Files beside the message box

  function refusal(file, taken) {
    if (file.size > maxBytes) return say.tooLarge;
    if (file.size === 0) return say.empty;
    return taken >= maxFiles ? say.tooMany : "";
  }

  function stage(files) {
    const refused = [];
    for (const file of files) {
      const why = refusal(file, staged.length);
      if (why) refused.push(`${file.name}: ${why}.`);
      else staged.push(row(file, "chosen"));
    }
    trouble.textContent = refused.join("\n");
    // Pictures are what is asked for: no need to say so again.
    if (staged.length && composer.classList.contains("wants-images") && !text.value.trim()) composer.requestSubmit();
    else text.focus();
  }

  // A file's line: its name, how far it is, and the way to take it back.
  function row(file, state) {
    const item = element("li", "");
    const name = element("span", "name", file.name);
    name.dir = "auto";
    const told = element("span", "told", size(file.size));
    const bar = element("progress", "");
    bar.max = 1;
    bar.setAttribute("aria-label", file.name);
    const retry = element("button", "retry", say.retry);
    retry.type = "button";
    retry.setAttribute("aria-label", fill(say.retryFile, { name: file.name }));
    retry.addEventListener("click", () => composer.requestSubmit());
    const remove = element("button", "remove", "×");
    remove.type = "button";
    remove.setAttribute("aria-label", fill(say.remove, { name: file.name }));
    remove.addEventListener("click", () => takeBack(entry));
    item.append(name, told, bar, retry, remove);
    queue.append(item);
    const entry = { file, item, told, bar, retry, remove, message: null, state: "" };
    become(entry, state);
    return entry;
  }

  function become(entry, state, why) {
    const words = {
      chosen: size(entry.file.size), waiting: say.waits, sending: percent.format(entry.bar.value), stored: say.stored,
    };
    entry.state = entry.item.dataset.state = state;
    entry.told.textContent = why || words[state] || "";
    entry.bar.hidden = state !== "waiting" && state !== "sending";
    entry.retry.hidden = !(state === "refused" && staged.includes(entry));
    entry.remove.hidden = state === "stored";
  }

  function takeBack(entry) {
    const { message } = entry;
    entry.item.remove();
    const at = staged.indexOf(entry);
    if (at >= 0) staged.splice(at, 1);
    if (message) {
      message.entries.splice(message.entries.indexOf(entry), 1);
      // The others start again without it, under the same number: if all was through already, nothing counts twice.
      message.attempt?.abort();
    }
    text.focus();
  }

  // The files of a message lie one after another in its bytes: how much of it went tells how much of each did.
  function spread(message, loaded, total) {
    const bytes = message.entries.reduce((sum, entry) => sum + entry.file.size, 0);
    let left = loaded - Math.max(0, total - bytes);
    for (const entry of message.entries) {
      entry.bar.value = Math.max(0, Math.min(1, left / entry.file.size));
      become(entry, left > 0 ? "sending" : "waiting");
      // What is there wholly cannot be called back.
      entry.remove.hidden = loaded >= total;
      left -= entry.file.size;
    }
    message.progress?.(loaded / total);
    if (message.entries.length) {
      const gone = message.entries.filter((entry) => entry.bar.value === 1).length;
      announce(fill(say.filesSent, { count: gone, total: message.entries.length, percent: percent.format(loaded / total) }));
    }
  }

  // ---- Messages on their way

  // What was said stands in the log at once, marked as not there yet.
  function post(words, entries, place, progress) {
    const message = { words, entries, place, progress, nonce: app.nonce(), attempt: null, note: null, since: performance.now() };
    message.done = new Promise((done) => { message.finish = done; });
    for (const entry of entries) {
      entry.message = message;
      become(entry, "waiting");
    }
    message.item = element("li", "message you pending");
    if (words.trim()) {
      const bubble = element("p", "bubble", words);
      bubble.dir = "auto";
      message.item.append(bubble);
    }
    message.note = element("p", "way");
    message.item.append(message.note);
    message.item.hidden = !words.trim();
    outbox.append(message.item);
    messages.push(message);
    remember();
    if (app.near()) app.bottom(true);
    pump();
    return message.done;
  }

  // The echo of a message takes its place in the log.
  hooks.heard.push((id) => {
    const item = [...outbox.children].find((item) => id === "me:" + item.dataset.nonce);
    item?.remove();
    return Boolean(item);
  });

  let pumping = false;
  async function pump() {
    if (pumping) return;
    pumping = true;
    while (messages.length) {
      const message = messages[0];
      const late = setTimeout(() => told(message, say.sends), 1000);
      const answer = await through(message);
      clearTimeout(late);
      messages.shift();
      settle(message, answer);
      remember();
      message.finish(answer);
    }
    pumping = false;
    // What came while something was on its way.
    app.relearn();
  }

  function told(message, words) {
    message.note.textContent = words;
    message.item.hidden = false;
  }

  async function through(message) {
    message.item.dataset.nonce = message.nonce;
    for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
      if (!message.words.trim() && !message.entries.length) return { ok: true, told: {}, empty: true };
      const body = new FormData();
      body.append("csrf", csrf);
      body.append("nonce", message.nonce);
      body.append("text", message.words);
      if (message.place) body.append("place", message.place);
      for (const entry of message.entries) {
        entry.bar.value = 0;
        become(entry, "waiting");
        body.append("files", entry.file, entry.file.name);
      }
      message.attempt = new AbortController();
      const files = message.entries.length > 0;
      const answer = await app.request(composer.action, body, files && ((...sent) => spread(message, ...sent)), message.attempt.signal);
      message.attempt = null;
      if (answer.aborted) continue;
      if (answer.ok || !answer.retry) return answer;
      message.entries.forEach((entry) => become(entry, "waiting"));
      trouble.textContent = answer.error + " " + say.again;
      told(message, say.queued);
      announce(say.queued);
      await app.backoff(wait);
    }
  }

  function settle(message, answer) {
    const { entries, item } = message;
    if (!answer.ok) {
      // Everything stays as it was, to be sent again.
      trouble.textContent = answer.error;
      for (const entry of entries) keep(entry, answer.error);
      if (message.words) text.value = [message.words, text.value].filter(Boolean).join("\n");
      app.grow();
      item.remove();
      return;
    }
    const refused = [...(answer.told.refused || [])];
    for (const entry of entries) {
      const at = refused.findIndex((file) => file.name === entry.file.name);
      const [no] = at < 0 ? [] : refused.splice(at, 1);
      entry.message = null;
      if (!no) {
        become(entry, "stored");
        setTimeout(() => entry.item.remove(), 1200);
      } else if (no.again) {
        keep(entry, no.why);
      } else {
        become(entry, "refused", no.why);
      }
    }
    trouble.textContent = (answer.told.refused || []).map((file) => `${file.name}: ${file.why}.`).join("\n");
    if (answer.empty) item.remove();
    else app.expect();
    // Its echo comes by the live line; without that line the message stays in sight.
    message.note.textContent = "";
    if (!message.words.trim()) item.remove();
  }

  function keep(entry, why) {
    entry.message = null;
    staged.push(entry);
    become(entry, "refused", why);
  }

  composer.addEventListener("submit", (event) => {
    event.preventDefault();
    const words = text.value;
    if (!words.trim() && !staged.length) return;
    trouble.textContent = "";
    app.clear();
    post(words, staged.splice(0), "", null);
    text.focus();
  });

  // What is not through yet comes back into the message box with the next page.
  function remember() {
    const words = [...messages.map((message) => message.words), text.value].filter((words) => words.trim()).join("\n");
    if (words) sessionStorage.setItem(draftKey, words);
    else sessionStorage.removeItem(draftKey);
  }
  text.addEventListener("input", remember);

  // ---- Files: chosen, dropped, pasted

  picker.addEventListener("change", () => {
    stage(picker.files);
    picker.value = "";
  });

  const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  const target = (event) => event.target.closest?.(".live .board[data-edit] .tile");
  let depth = 0, over = null;
  function aim(tile) {
    over?.classList.remove("over");
    over = tile;
    over?.classList.add("over");
  }
  addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; drop.hidden = false; } });
  addEventListener("dragleave", (event) => { if (carriesFiles(event) && --depth <= 0) { depth = 0; drop.hidden = true; aim(null); } });
  addEventListener("dragover", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    aim(target(event));
  });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    drop.hidden = true;
    aim(null);
    const tile = target(event);
    if (tile) app.place(tile, event.dataTransfer.files);
    else stage(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      stage(event.clipboardData.files);
    }
  });

  // Sends files to a place of a board: the first of them goes there, the others where there is room.
  app.sendTo = (place, files, progress) => {
    const refused = [], entries = [];
    for (const file of files) {
      const why = refusal(file, entries.length);
      if (why) refused.push(`${file.name}: ${why}.`);
      else entries.push(row(file, "waiting"));
    }
    trouble.textContent = refused.join("\n");
    return entries.length ? post("", entries, place, progress) : Promise.resolve({ ok: false });
  };
  app.fill = fill;

  const draft = sessionStorage.getItem(draftKey);
  if (draft) text.value = draft;
  app.grow();
})();
