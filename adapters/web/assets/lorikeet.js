// The page of Lorikeet, enhanced: sends without reloading, follows the room live, uploads with progress.
// Everything also works without it, by plain forms and reloads. No library, no build step.
"use strict";

(() => {
  const page = document.body;
  if (!page.classList.contains("chat")) return;

  const $ = (id) => document.getElementById(id);
  const log = $("log"), composer = $("composer"), text = $("text"), picker = $("files");
  const queue = $("queue"), trouble = $("trouble"), send = $("send"), count = $("count");
  const waiting = $("waiting"), toasts = $("toasts"), connection = $("connection"), drop = $("drop");
  const commands = $("commands");
  const maxBytes = Number(page.dataset.maxBytes), maxFiles = Number(page.dataset.maxFiles);
  const draftKey = "draft:" + page.dataset.room;
  const csrf = composer.elements.csrf.value;
  const say = JSON.parse(page.dataset.words);
  const locale = document.documentElement.lang;

  if (location.search === "?c=1") history.replaceState(null, "", location.pathname);

  // ---- The log

  // Until when the page itself is scrolling: what arrives meanwhile finds it on its way to the end, not away from it.
  let gliding = 0;
  const glide = (smooth) => {
    gliding = smooth ? performance.now() + 1000 : 0;
    return smooth ? "smooth" : "instant";
  };
  for (const own of ["wheel", "touchmove", "pointerdown"]) addEventListener(own, () => { gliding = 0; }, { passive: true });
  const near = () => performance.now() < gliding || window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 140;
  const bottom = (smooth) => window.scrollTo({ top: document.documentElement.scrollHeight, behavior: glide(smooth) });

  // Shows a new message: its end, or its beginning where it is taller than the window.
  let pinned = true;
  function reveal(message, smooth) {
    const room = window.innerHeight - document.querySelector(".bar").offsetHeight - composer.offsetHeight;
    pinned = message.offsetHeight <= room;
    if (pinned) bottom(smooth);
    else message.scrollIntoView({ block: "start", behavior: glide(smooth) });
  }

  // Pictures arrive after their message and push it down.
  log.addEventListener("load", () => pinned && bottom(false), true);

  const messages = () => [...log.children];
  const position = (message) => Number(message.dataset.position);
  const known = (id) => messages().find((message) => message.dataset.id === id);
  const live = () => messages().findLast((message) => message.classList.contains("bot"));

  function parse(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    return template.content.firstElementChild;
  }

  // Takes a screen's controls: only the newest has any.
  function retire(message) {
    message.classList.remove("live");
    const screen = message.querySelector(".screen");
    if (!screen) return;
    for (const control of [...screen.children]) {
      if (control.matches(".menu, .form, .more")) control.remove();
    }
    for (const name of ["prompt", "hint", "value", "maxChars", "multiline", "have", "min", "max"]) delete screen.dataset[name];
  }

  // An older revision of the same life of the session comes late, and is not shown.
  function stale(before, after) {
    const [a, b] = [before, after].map((message) => message.querySelector(".screen")?.dataset);
    if (!a || !b) return false;
    const life = (screen) => screen.split("-")[0];
    return life(a.screen) === life(b.screen) && Number(b.revision) < Number(a.revision);
  }

  function apply(html, title) {
    const message = parse(html);
    const before = known(message.dataset.id);
    const stick = near();
    if (before) {
      if (stale(before, message)) return;
      if (!before.classList.contains("live")) retire(message);
      keepingFocus(before, () => morph(before, message));
    } else {
      const all = messages();
      // Older than what the page shows: it was left out on purpose.
      if (all.length && position(message) < position(all[0])) return;
      const after = all.find((other) => position(other) > position(message));
      const newest = live();
      if (message.classList.contains("bot")) {
        if (newest && position(newest) > position(message)) retire(message);
        else if (newest) retire(newest);
      }
      message.classList.add("new");
      log.insertBefore(message, after || null);
      document.querySelector(".hush")?.remove();
    }
    if (message.classList.contains("bot")) {
      relearn();
      waiting.hidden = true;
      if (title) document.title = title + " · " + page.dataset.name;
      prompt();
    }
    times();
    if (before) stick && bottom(false);
    else if (stick || message.classList.contains("you")) reveal(message, true);
    else unseen();
  }

  // The page speaks the language of its newest screen, which only a new page does. Not while files are on their way:
  // they would be lost, and the next page will do.
  function relearn() {
    const language = live()?.querySelector(".screen")?.lang;
    if (language && language !== (page.dataset.language || locale) && !sending && !staged.length) location.reload();
  }

  // What makes a control the same one in the next revision: its kind, and its words or its field's name.
  const identity = (control) => [control.localName, control.name === "token" ? "" : control.name, control.matches("input, textarea") ? "" : control.textContent].join("|");

  // The focus stays on the control it was on, wherever that is now. Never on another that took its place: the next
  // Enter would press it.
  function keepingFocus(message, change) {
    const focused = message.contains(document.activeElement) ? document.activeElement : null;
    const wanted = focused && identity(focused);
    change();
    if (!focused || (focused === document.activeElement && identity(focused) === wanted)) return;
    const same = [...message.querySelectorAll("button, a, input, textarea, summary")].find((control) => identity(control) === wanted);
    (same || log).focus({ preventScroll: true });
  }

  // Changes a tree into another in place: what stays the same keeps focus, scroll, typed text and open popovers, and
  // a screen reader hears only what is new.
  function morph(from, to) {
    if (from.nodeType !== to.nodeType || from.nodeName !== to.nodeName) {
      from.replaceWith(to);
      return;
    }
    if (from.nodeType === Node.TEXT_NODE) {
      if (from.data !== to.data) from.data = to.data;
      return;
    }
    if (from.nodeType !== Node.ELEMENT_NODE) return;
    for (const { name } of [...from.attributes]) {
      // An open disclosure is the reader's own doing.
      if (!to.hasAttribute(name) && !(name === "open" && from.localName === "details")) from.removeAttribute(name);
    }
    for (const { name, value } of to.attributes) {
      if (from.getAttribute(name) !== value) {
        from.setAttribute(name, value);
        if (name === "value" && from.localName === "input" && from !== document.activeElement) from.value = value;
      }
    }
    if (from.localName === "textarea") {
      if (from.defaultValue !== to.defaultValue) {
        from.defaultValue = to.defaultValue;
        if (from !== document.activeElement) from.value = to.defaultValue;
      }
      return;
    }
    const olds = [...from.childNodes], news = [...to.childNodes];
    news.forEach((node, at) => (olds[at] ? morph(olds[at], node) : from.append(node)));
    olds.slice(news.length).forEach((node) => node.remove());
  }

  // ---- Small signs

  function toast(words, error) {
    const line = document.createElement("p");
    line.className = "toast";
    line.dir = "auto";
    line.textContent = words;
    if (error) line.setAttribute("role", "alert");
    toasts.append(line);
    setTimeout(() => line.remove(), Math.min(12000, 3500 + words.length * 60));
  }

  function unseen() {
    if (toasts.querySelector(".jump")) return;
    const jump = document.createElement("button");
    jump.type = "button";
    jump.className = "jump";
    jump.textContent = say.newMessage;
    jump.addEventListener("click", () => { jump.remove(); bottom(true); });
    toasts.prepend(jump);
  }
  addEventListener("scroll", () => {
    pinned = near();
    if (pinned) toasts.querySelector(".jump")?.remove();
  }, { passive: true });

  const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "always", style: "long" });
  function times() {
    for (const time of log.querySelectorAll("time.eta")) {
      const at = new Date(time.dateTime), seconds = (at - Date.now()) / 1000;
      const unit = seconds < 90 ? "second" : seconds < 5400 ? "minute" : "hour";
      const size = { second: 1, minute: 60, hour: 3600 }[unit];
      // Seconds in steps of five: a countdown would only be nervous.
      let amount = seconds / size;
      amount = unit === "second" ? Math.max(5, Math.ceil(amount / 5) * 5) : Math.ceil(amount);
      const words = seconds > 0 ? relative.format(amount, unit) + " · " + clock.format(at) : clock.format(at);
      if (time.textContent !== words) time.textContent = words;
    }
  }
  setInterval(times, 5000);

  // ---- The composer

  const staged = [];
  let prefilled = null;

  // Tells the composer what the newest screen waits for.
  function prompt() {
    const screen = live()?.querySelector(".screen");
    const wants = screen?.dataset || {};
    text.placeholder = wants.hint || text.dataset.placeholder;
    text.inputMode = wants.prompt === "number" ? "decimal" : "";
    composer.classList.toggle("wants-images", wants.prompt === "images");
    count.textContent = wants.prompt === "images" ? `${wants.have}/${wants.max}` : "";
    const untouched = text.value === "" || text.value === prefilled;
    if (wants.prompt === "text" && wants.value && untouched && document.activeElement !== text) {
      text.value = prefilled = wants.value;
    } else if (prefilled !== null && text.value === prefilled && wants.value !== prefilled) {
      text.value = "";
      prefilled = null;
    }
    grow();
  }

  function grow() {
    if (CSS.supports("field-sizing", "content")) return;
    text.style.height = "auto";
    text.style.height = text.scrollHeight + "px";
  }

  const tenths = new Intl.NumberFormat(locale, { minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const size = (bytes) => (bytes >= 1e6 ? tenths.format(bytes / 1e6) + " MB" : Math.ceil(bytes / 1e3) + " kB");

  function stage(files) {
    const refused = [];
    for (const file of files) {
      if (file.size > maxBytes) refused.push(`${file.name}: ${say.tooLarge}.`);
      else if (file.size === 0) refused.push(`${file.name}: ${say.empty}.`);
      else if (staged.length >= maxFiles) refused.push(`${file.name}: ${say.tooMany}.`);
      else staged.push({ file, row: row(file) });
    }
    trouble.textContent = refused.join("\n");
    // Pictures are what is asked for: no need to say so again.
    if (staged.length && composer.classList.contains("wants-images") && !text.value.trim()) composer.requestSubmit();
    else text.focus();
  }

  function row(file) {
    const item = document.createElement("li");
    const add = (tag, name, words) => {
      const element = document.createElement(tag);
      element.className = name;
      element.textContent = words;
      item.append(element);
      return element;
    };
    add("span", "name", file.name).dir = "auto";
    add("span", "size", size(file.size));
    const remove = add("button", "remove", "×");
    remove.type = "button";
    remove.setAttribute("aria-label", say.remove.replace("{name}", () => file.name));
    remove.addEventListener("click", () => {
      staged.splice(staged.findIndex((entry) => entry.row === item), 1);
      item.remove();
      text.focus();
    });
    queue.append(item);
    return item;
  }

  function bar(entry) {
    const bar = entry.row.querySelector("progress") || document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", entry.file.name);
    entry.row.append(bar);
    entry.row.querySelector("button").hidden = true;
    return bar;
  }

  // A file that was not sent can be taken back again.
  function release(entry) {
    entry.row.querySelector("progress")?.remove();
    entry.row.querySelector("button").hidden = false;
  }

  // The files of a message lie one after another in its bytes: how much of it went tells how much of each did.
  function spread(entries, loaded) {
    for (const entry of entries) {
      const bar = entry.row.querySelector("progress");
      if (bar) bar.value = Math.max(0, Math.min(1, loaded / entry.file.size));
      loaded -= entry.file.size;
    }
  }

  const nonce = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // One try. Answers { ok, told } or { ok: false, retry, error }.
  function request(url, body, progress) {
    return new Promise((done) => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", url);
      xhr.setRequestHeader("Accept", "application/json");
      if (progress) xhr.upload.addEventListener("progress", (event) => progress(event.loaded));
      xhr.addEventListener("error", () => done({ ok: false, retry: true, error: say.offline }));
      xhr.addEventListener("load", () => {
        let told = {};
        try { told = JSON.parse(xhr.responseText); } catch { /* A proxy's own page. */ }
        if (xhr.status >= 200 && xhr.status < 300) return done({ ok: true, told });
        if (xhr.status === 401) location.assign("/login");
        const retry = told.retry ?? xhr.status >= 500;
        done({ ok: false, retry, error: told.error || say.failed });
      });
      xhr.send(body);
    });
  }

  // Tries until it is through: the same number each time, so that it counts once.
  async function deliver(url, body, progress, trying) {
    for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
      const answer = await request(url, body, progress);
      if (answer.ok || !answer.retry) return answer;
      trying(answer.error + " " + say.again);
      await pause(wait * (0.75 + Math.random() / 2));
    }
  }

  let sending = false;
  composer.addEventListener("submit", async (event) => {
    event.preventDefault();
    const words = text.value;
    if (sending || (!words.trim() && !staged.length)) return;
    sending = true;
    send.setAttribute("aria-busy", "true");
    const entries = [...staged];
    const body = new FormData();
    body.append("csrf", csrf);
    body.append("nonce", nonce());
    body.append("text", words);
    entries.forEach((entry) => { bar(entry); body.append("files", entry.file, entry.file.name); });
    const answer = await deliver(composer.action, body, (loaded) => spread(entries, loaded), (why) => { trouble.textContent = why; });
    sending = false;
    send.removeAttribute("aria-busy");
    if (!answer.ok) {
      // Everything stays as it is, to be sent again.
      trouble.textContent = answer.error;
      entries.forEach(release);
      return;
    }
    const refused = answer.told.refused || [];
    for (const entry of entries) {
      // What did not go through now, but may later, stays to be sent again.
      if (refused.some((file) => file.again && file.name === entry.file.name)) {
        release(entry);
        continue;
      }
      entry.row.remove();
      staged.splice(staged.indexOf(entry), 1);
    }
    trouble.textContent = refused.map((file) => `${file.name}: ${file.why}.`).join("\n");
    if (text.value === words) {
      text.value = "";
      prefilled = null;
      sessionStorage.removeItem(draftKey);
    }
    grow();
    expect();
    text.focus();
    // What came while files were on their way.
    relearn();
  });

  // Three hopping dots, if the answer takes a moment.
  function expect() {
    const before = live()?.outerHTML;
    setTimeout(() => {
      if (live()?.outerHTML === before && messages().at(-1)?.classList.contains("you")) {
        const stick = near();
        waiting.hidden = false;
        if (stick) bottom(true);
        setTimeout(() => { waiting.hidden = true; }, 20000);
      }
    }, 400);
  }

  text.addEventListener("input", () => {
    grow();
    suggest();
    trouble.textContent = "";
    if (text.value) sessionStorage.setItem(draftKey, text.value);
    else sessionStorage.removeItem(draftKey);
  });

  text.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    const options = suggestions();
    if (options.length) {
      const at = options.findIndex((option) => option.ariaSelected === "true");
      if (event.key === "ArrowDown" || event.key === "ArrowUp") {
        event.preventDefault();
        const next = (at + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length;
        options.forEach((option, number) => { option.ariaSelected = String(number === next); });
        options[next].scrollIntoView({ block: "nearest" });
        return;
      }
      if (event.key === "Tab" && !event.shiftKey) {
        event.preventDefault();
        complete(options[Math.max(0, at)]);
        return;
      }
      if (event.key === "Escape") {
        commands.hidden = true;
        return;
      }
      if (event.key === "Enter" && at >= 0 && "/" + options[at].dataset.command !== text.value.trim()) {
        event.preventDefault();
        complete(options[at]);
        return;
      }
    }
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      commands.hidden = true;
      composer.requestSubmit();
    }
  });

  // ---- Commands, completed as they are typed

  const suggestions = () => (commands.hidden ? [] : [...commands.children].filter((option) => !option.hidden));

  function suggest() {
    const typed = /^\/([a-z0-9_-]*)$/i.exec(text.value);
    let any = false;
    for (const option of commands.children) {
      option.hidden = !typed || !option.dataset.command.startsWith(typed[1].toLowerCase());
      option.ariaSelected = "false";
      any ||= !option.hidden;
    }
    commands.hidden = !any;
  }

  function complete(option) {
    text.value = "/" + option.dataset.command + " ";
    commands.hidden = true;
    text.focus();
  }

  commands.addEventListener("pointerdown", (event) => {
    const option = event.target.closest("[data-command]");
    if (!option) return;
    event.preventDefault();
    complete(option);
  });

  // ---- Files: chosen, dropped, pasted

  picker.addEventListener("change", () => {
    stage(picker.files);
    picker.value = "";
  });

  const carriesFiles = (event) => [...(event.dataTransfer?.types || [])].includes("Files");
  let depth = 0;
  addEventListener("dragenter", (event) => { if (carriesFiles(event)) { depth += 1; drop.hidden = false; } });
  addEventListener("dragleave", (event) => { if (carriesFiles(event) && --depth <= 0) { depth = 0; drop.hidden = true; } });
  addEventListener("dragover", (event) => { if (carriesFiles(event)) event.preventDefault(); });
  addEventListener("drop", (event) => {
    if (!carriesFiles(event)) return;
    event.preventDefault();
    depth = 0;
    drop.hidden = true;
    stage(event.dataTransfer.files);
  });
  addEventListener("paste", (event) => {
    if (event.clipboardData?.files.length) {
      event.preventDefault();
      stage(event.clipboardData.files);
    }
  });

  // ---- Controls

  for (const id of ["press", "fill"]) {
    const form = $(id);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const button = event.submitter;
      if (!button || button.getAttribute("aria-busy") === "true") return;
      button.setAttribute("aria-busy", "true");
      button.closest("[popover]")?.hidePopover();
      const body = new URLSearchParams(new FormData(form, button));
      body.set("nonce", nonce());
      const answer = await deliver(form.action, body, null, (why) => toast(why, true));
      button.removeAttribute("aria-busy");
      if (!answer.ok) toast(answer.error, true);
    });
  }

  // ---- The live line

  let source = null, since = page.dataset.since, lost = 0, hiding = 0;

  function follow() {
    if (source) return;
    source = new EventSource(page.dataset.events + "?since=" + since + "&language=" + locale);
    source.addEventListener("open", () => {
      clearTimeout(lost);
      connection.textContent = "";
    });
    source.addEventListener("message", (event) => {
      since = event.lastEventId || since;
      const { html, title } = JSON.parse(event.data);
      apply(html, title);
    });
    source.addEventListener("answer", (event) => {
      since = event.lastEventId || since;
      toast(event.data);
    });
    source.addEventListener("error", () => {
      clearTimeout(lost);
      // A blink is not worth a word.
      lost = setTimeout(() => { connection.textContent = connection.dataset.lost; }, 1500);
      if (source && source.readyState === EventSource.CLOSED) {
        leave();
        setTimeout(follow, 3000);
      }
    });
  }

  function leave() {
    source?.close();
    source = null;
  }

  // A browser has few lines per host: tabs nobody looks at give theirs back.
  document.addEventListener("visibilitychange", () => {
    clearTimeout(hiding);
    if (document.hidden) hiding = setTimeout(leave, 30000);
    else follow();
  });
  addEventListener("pagehide", leave);
  addEventListener("pageshow", follow);

  // ---- Start

  const draft = sessionStorage.getItem(draftKey);
  if (draft) text.value = draft;
  else if (text.value) prefilled = text.value;
  prompt();
  times();
  bottom(false);
  follow();
  if (matchMedia("(hover: hover)").matches) text.focus({ preventScroll: true });
})();
