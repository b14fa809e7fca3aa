// The page of Lorikeet, enhanced: follows the room live, presses without reloading. What is sent is in sending.js, the
// board of pictures in board.js; both build on what this file puts into `window.lorikeet`.
// Everything also works without them, by plain forms and reloads. No library, no build step.
"use strict";

(() => {
  const page = document.body;
  if (!page.classList.contains("chat")) return;

  const $ = (id) => document.getElementById(id);
  const log = $("log"), composer = $("composer"), text = $("text"), trouble = $("trouble"), count = $("count");
  const waiting = $("waiting"), toasts = $("toasts"), connection = $("connection"), spoken = $("spoken");
  const commands = $("commands");
  const say = JSON.parse(page.dataset.words);
  const locale = document.documentElement.lang;

  // What the other files tell this one: `busy` says whether a reload would lose something, `changing` and `changed` come
  // around a new screen, `answered` with a sentence of the bot's.
  const hooks = { busy: [], changing: [], changed: [], answered: [], heard: [] };
  const tell = (name, ...about) => hooks[name].map((hook) => hook(...about));

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
    const bot = message.classList.contains("bot");
    if (before && stale(before, message)) return;
    if (before) {
      if (bot) tell("changing");
      if (!before.classList.contains("live")) retire(message);
      keepingFocus(before, () => morph(before, message));
    } else {
      const all = messages();
      // Older than what the page shows: it was left out on purpose.
      if (all.length && position(message) < position(all[0])) return;
      const after = all.find((other) => position(other) > position(message));
      const newest = live();
      if (bot) {
        tell("changing");
        if (newest && position(newest) > position(message)) retire(message);
        else if (newest) retire(newest);
      }
      // What stood there already, as it was being sent, does not arrive a second time.
      if (!tell("heard", message.dataset.id).some(Boolean)) message.classList.add("new");
      log.insertBefore(message, after || null);
      document.querySelector(".hush")?.remove();
    }
    if (bot) {
      calm();
      relearn();
      tell("changed");
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
    if (language && language !== (page.dataset.language || locale) && !tell("busy").some(Boolean)) location.reload();
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
    // What the script put there stays, behind what the bot says.
    const olds = [...from.childNodes].filter((node) => node.dataset?.own === undefined), news = [...to.childNodes];
    const own = [...from.childNodes].find((node) => node.dataset?.own !== undefined) || null;
    news.forEach((node, at) => (olds[at] ? morph(olds[at], node) : from.insertBefore(node, own)));
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

  // A sentence for who listens. Not more often than every few seconds: only the newest of what came meanwhile is said.
  let speaking = 0, unsaid = "";
  function announce(words) {
    unsaid = words;
    if (speaking) return;
    const speak = () => {
      speaking = 0;
      if (!unsaid) return;
      spoken.textContent = unsaid;
      unsaid = "";
      speaking = setTimeout(speak, 3000);
    };
    speaking = setTimeout(speak, 50);
  }

  // The calm sign that something is being done: from about a second after it was asked for until the bot says something,
  // with more words the longer it takes.
  let asked = 0, ticking = 0, hindrance = "";
  function expect() {
    asked = performance.now();
    ticking ||= setInterval(patience, 250);
  }
  // Why it does not go on just now, until it does.
  function hinder(why) {
    hindrance = why;
  }
  function calm() {
    clearInterval(ticking);
    asked = ticking = 0;
    hindrance = "";
    waiting.hidden = true;
  }
  function patience() {
    const seconds = (performance.now() - asked) / 1000;
    if (seconds < 0.7) return;
    if (seconds > 180) return calm();
    const words = hindrance ? hindrance : !online ? say.unconnected : seconds > 45 ? say.longer : seconds > 6 ? say.still : say.working;
    const line = waiting.querySelector(".words");
    if (!waiting.hidden && line.textContent === words) return;
    const stick = near();
    line.textContent = words;
    waiting.hidden = false;
    announce(words);
    if (stick) bottom(true);
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

  const nonce = () => [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
  const pause = (ms) => new Promise((done) => setTimeout(done, ms));

  // One try; `abort` of a given signal ends it. Answers { ok, told }, { ok: false, retry, error } or { aborted }.
  function request(url, body, progress, signal) {
    return new Promise((done) => {
      const xhr = new XMLHttpRequest();
      xhr.open("POST", url);
      xhr.setRequestHeader("Accept", "application/json");
      if (progress) xhr.upload.addEventListener("progress", (event) => progress(event.loaded, event.total));
      xhr.addEventListener("error", () => done({ ok: false, retry: true, error: say.offline }));
      xhr.addEventListener("abort", () => done({ ok: false, aborted: true }));
      xhr.addEventListener("load", () => {
        let told = {};
        try { told = JSON.parse(xhr.responseText); } catch { /* A proxy's own page. */ }
        if (xhr.status >= 200 && xhr.status < 300) return done({ ok: true, told });
        if (xhr.status === 401) location.assign("/login");
        const retry = told.retry ?? xhr.status >= 500;
        done({ ok: false, retry, error: told.error || say.failed });
      });
      signal?.addEventListener("abort", () => xhr.abort());
      xhr.send(body);
    });
  }

  // The time until the next try, or until the browser says that the line is back.
  const backoff = (wait) => Promise.race([
    pause(wait * (0.75 + Math.random() / 2)),
    new Promise((back) => addEventListener("online", back, { once: true })),
  ]);

  // Tries until it is through: the same number each time, so that it counts once.
  async function deliver(url, body, trying) {
    for (let wait = 1000; ; wait = Math.min(wait * 2, 15000)) {
      const answer = await request(url, body);
      if (answer.ok || !answer.retry) return answer;
      trying(answer.error + " " + say.again);
      await backoff(wait);
    }
  }

  // Empties the message box.
  function clear() {
    text.value = "";
    prefilled = null;
    commands.hidden = true;
    grow();
  }

  text.addEventListener("input", () => {
    grow();
    suggest();
    trouble.textContent = "";
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
      expect();
      const answer = await deliver(form.action, body, hinder);
      hinder("");
      button.removeAttribute("aria-busy");
      if (answer.ok) return;
      calm();
      toast(answer.error, true);
    });
  }

  // ---- The live line

  let source = null, since = page.dataset.since, lost = 0, hiding = 0, online = true;

  function follow() {
    if (source) return;
    source = new EventSource(page.dataset.events + "?since=" + since + "&language=" + locale);
    source.addEventListener("open", () => {
      clearTimeout(lost);
      online = true;
      connection.textContent = "";
    });
    source.addEventListener("message", (event) => {
      since = event.lastEventId || since;
      const { html, title } = JSON.parse(event.data);
      apply(html, title);
    });
    source.addEventListener("answer", (event) => {
      since = event.lastEventId || since;
      calm();
      if (!tell("answered", event.data).some(Boolean)) toast(event.data);
    });
    source.addEventListener("error", () => {
      clearTimeout(lost);
      // A blink is not worth a word.
      lost = setTimeout(() => { online = false; connection.textContent = connection.dataset.lost; }, 1500);
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

  window.lorikeet = {
    $, say, locale, hooks, live, near, bottom, toast, announce, expect, calm, hinder, nonce, request, deliver, backoff, clear, grow, relearn,
  };
  if (text.value) prefilled = text.value;
  prompt();
  times();
  bottom(false);
  follow();
  if (matchMedia("(hover: hover)").matches) text.focus({ preventScroll: true });
})();
