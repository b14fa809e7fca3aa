// The board of pictures, changed where it stands: moved by pointer or keyboard, captioned, replaced.
//
// Every change shows at once and is posted after the one before it; what the bot shows next is the truth. A change the
// bot refuses is undone. Without this file an opened place does the same.
"use strict";

(() => {
  const app = window.lorikeet;
  if (!app?.sendTo) return;
  const { $, say, hooks, announce, fill, live } = app;
  const form = $("fill");
  const BOARD = ".board[data-edit]";
  const calmly = matchMedia("(prefers-reduced-motion: reduce)");

  const board = () => live()?.querySelector(BOARD) || null;
  const tiles = () => [...(board()?.querySelectorAll(".tile") || [])];
  const at = (place) => tiles().find((tile) => tile.dataset.place === place);
  const picture = (tile) => tile?.querySelector(".frame img")?.getAttribute("src") || "";
  const holds = (tile) => Boolean(tile?.querySelector(".open"));
  const mirrored = () => getComputedStyle(board()).direction === "rtl";

  function element(tag, name, words) {
    const made = document.createElement(tag);
    made.className = name;
    if (words) made.textContent = words;
    return made;
  }

  // What this file puts into a screen stays there when the screen changes: see `morph`.
  function own(tag, name) {
    const made = element(tag, name);
    made.dataset.own = "";
    return made;
  }

  function icon(path) {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const line = document.createElementNS("http://www.w3.org/2000/svg", "path");
    line.setAttribute("d", path);
    svg.append(line);
    return svg;
  }
  const PENCIL = "M4 20h4L19 9l-4-4L4 16z M13 7l4 4", UPLOAD = "M12 16V4 M7 9l5-5 5 5 M5 20h14", PLUS = "M12 5v14 M5 12h14";

  // ---- What each tile has beside what the bot says of it

  function furnish() {
    const shown = board();
    if (!shown) return;
    if (!shown.querySelector(":scope > .how")) {
      const how = own("p", "how");
      how.id = "how-" + shown.getAttribute("aria-labelledby");
      how.textContent = matchMedia("(any-hover: hover)").matches ? say.boardHow : say.boardTouch;
      shown.append(how);
      shown.addEventListener("pointerdown", grab);
    }
    for (const tile of tiles()) equip(tile);
    fold(shown);
  }

  const columns = () => getComputedStyle(board().querySelector(".sheet")).gridTemplateColumns.split(" ").length;

  // Free places beyond the next ones only push away what matters: they wait behind a button.
  let unfolded = false;
  function fold(shown) {
    const all = tiles(), wide = columns();
    const last = all.findLastIndex((tile) => !tile.classList.contains("empty"));
    const enough = Math.max(2 * wide, Math.ceil((last + 2) / wide) * wide);
    let more = shown.querySelector(":scope > .spare");
    const spare = all.length - enough;
    all.forEach((tile, number) => { tile.hidden = !unfolded && number >= enough; });
    if (spare <= 0 || unfolded) return more?.remove();
    if (!more) {
      more = own("button", "spare");
      more.type = "button";
      more.addEventListener("click", () => {
        unfolded = true;
        furnish();
        all[enough]?.querySelector("input")?.focus();
      });
      shown.append(more);
    }
    more.textContent = fill(say.morePlaces, { count: spare });
  }
  addEventListener("resize", () => board() && fold(board()));

  function equip(tile) {
    const place = tile.dataset.place, filled = Boolean(picture(tile)), free = tile.classList.contains("empty");
    tile.classList.toggle("editing", editor?.tile === tile);
    const open = tile.querySelector(".open");
    if (open) {
      // A number alone says too little to who does not see the picture.
      if (tile.querySelector(".note")) open.removeAttribute("aria-label");
      else open.setAttribute("aria-label", fill(say.tile, { place }));
      open.setAttribute("aria-describedby", "how-" + board().getAttribute("aria-labelledby"));
    }
    let tools = tile.querySelector(":scope > .tools");
    if (!filled && !free) return tools?.remove();
    if (!tools) {
      tools = own("div", "tools");
      const write = element("button", "tool write");
      write.type = "button";
      write.append(icon(PENCIL));
      write.addEventListener("click", () => edit(tools.closest(".tile")));
      const put = element("label", "tool put"), picker = element("input", "");
      picker.type = "file";
      picker.multiple = true;
      picker.accept = "image/*,.zip";
      picker.addEventListener("change", () => {
        const chosen = [...picker.files];
        picker.value = "";
        app.place(tools.closest(".tile"), chosen);
      });
      put.append(picker, icon(UPLOAD), icon(PLUS));
      tools.append(write, put);
      tile.append(tools);
    }
    tools.classList.toggle("free", free);
    const [write, put] = tools.children;
    write.hidden = !filled || tile.dataset.text === undefined;
    name(write, fill(say.captionOf, { place }));
    name(put.firstChild, fill(free ? say.addTo : say.replaceAt, { place }));
    put.title = put.firstChild.title;
  }

  function name(control, words) {
    control.title = words;
    control.setAttribute("aria-label", words);
  }

  // ---- Changes on their way

  // { place, to } or { place, text }, the oldest first.
  const changes = [];
  let posting = false, heard = null;
  hooks.busy.push(() => changes.length || editor);

  function show(change) {
    const tile = at(change.place);
    if (!tile) return;
    if (change.to !== undefined) {
      const other = at(change.to);
      if (other && other !== tile) exchange(tile, other);
      return;
    }
    let note = tile.querySelector(".note");
    if (!note && change.text) {
      note = element("span", "note");
      note.dir = "auto";
      (tile.querySelector(".open") || tile).append(note);
    }
    if (note) note.textContent = change.text;
    tile.dataset.text = change.text;
  }

  // Two tiles change places; their numbers stay where they are.
  function exchange(one, other) {
    const boxes = [one, other].map((tile) => tile.getBoundingClientRect());
    const focused = [one, other].find((tile) => tile.contains(document.activeElement)) && document.activeElement;
    const mark = document.createComment("");
    holding = true;
    one.before(mark);
    other.before(one);
    mark.replaceWith(other);
    [one.dataset.place, other.dataset.place] = [other.dataset.place, one.dataset.place];
    for (const tile of [one, other]) {
      const number = tile.querySelector(".number");
      if (number) number.textContent = tile.dataset.place;
      equip(tile);
    }
    focused?.focus({ preventScroll: true });
    holding = false;
    if (calmly.matches) return;
    for (const [number, tile] of [one, other].entries()) {
      const now = tile.getBoundingClientRect(), then = boxes[number];
      const from = `translate(${then.left - now.left}px, ${then.top - now.top}px)`;
      tile.animate([{ transform: from }, { transform: "none" }], { duration: 200, easing: "cubic-bezier(.2, .8, .3, 1)" });
    }
  }

  const busy = () => changes.length ? board()?.setAttribute("aria-busy", "true") : board()?.removeAttribute("aria-busy");

  function change(what) {
    changes.push(what);
    show(what);
    busy();
    settle();
  }

  // One after another: the next edit is made of the screen that the last one led to.
  async function settle() {
    if (posting) return;
    posting = true;
    while (changes.length) {
      const what = changes[0];
      const token = board()?.dataset.edit;
      if (!token) break;
      const body = new URLSearchParams(new FormData(form));
      body.set("nonce", app.nonce());
      body.set("token", token);
      for (const [field, value] of Object.entries(what)) if (field !== "tries") body.set("field." + field, value);
      app.expect();
      const next = new Promise((done) => { heard = done; });
      const answer = await app.deliver(form.action, body, app.hinder);
      app.hinder("");
      // The bot's word on it: a screen, or a sentence why not.
      const outcome = answer.ok ? await Promise.race([next, late(8000)]) : { refused: answer.error };
      heard = null;
      if (!answer.ok) app.calm();
      // It was made of a screen that was just being replaced: it is made again of the new one.
      const replaced = outcome.refused !== undefined && answer.ok && board() && board().dataset.edit !== token;
      if (replaced && (what.tries = (what.tries || 0) + 1) <= 3) continue;
      changes.shift();
      if (outcome.refused !== undefined) undo(what, outcome.refused);
    }
    changes.length = 0;
    posting = false;
    busy();
    app.relearn();
  }

  const late = (ms) => new Promise((done) => setTimeout(() => done({}), ms));

  // Back to what was there before: what follows was made on top of it, and goes too.
  function undo(what, why) {
    app.toast(why, true);
    for (const later of [...changes].reverse()) revert(later);
    changes.length = 0;
    revert(what);
  }

  function revert(what) {
    if (what.to !== undefined) return show(what);
    // A caption that was not taken is still there to be mended.
    const tile = at(what.place);
    if (tile) edit(tile, what.text);
  }

  hooks.answered.push((sentence) => {
    if (!heard) return false;
    heard({ refused: sentence });
    return true;
  });

  // ---- Captions, written where they stand

  // What is being written: where, of which picture, and the field.
  let editor = null, holding = false;

  function edit(tile, text) {
    if (!tile) return;
    if (editor) save();
    const place = tile.dataset.place, box = own("div", "editor"), field = element("textarea", "");
    field.rows = 3;
    field.dir = "auto";
    field.maxLength = Number(board().dataset.maxChars) || -1;
    field.value = text ?? tile.dataset.text ?? "";
    field.placeholder = say.captionHint;
    field.setAttribute("aria-label", fill(say.captionOf, { place }));
    field.addEventListener("keydown", (event) => {
      if (event.isComposing) return;
      if (event.key === "Enter" && !event.shiftKey) {
        event.preventDefault();
        save(true);
      } else if (event.key === "Escape") {
        event.preventDefault();
        event.stopPropagation();
        close(true);
      }
    });
    field.addEventListener("blur", () => { if (!holding && document.hasFocus()) save(); });
    box.append(field, element("p", "keys", say.captionKeys));
    tile.append(box);
    tile.classList.add("editing");
    editor = { tile, box, field, src: picture(tile) };
    field.focus();
    field.select();
  }

  function close(focus) {
    const { tile, box } = editor;
    editor = null;
    box.remove();
    tile.classList.remove("editing");
    if (focus) tile.querySelector(".write")?.focus();
    app.relearn();
  }

  function save(focus) {
    const { tile, field } = editor;
    const text = field.value.trim(), place = tile.dataset.place, before = tile.dataset.text;
    const gone = !tile.isConnected;
    close(focus);
    if (gone || text === before) return;
    announce(fill(say.captionSaved, { place }));
    change({ place, text });
  }

  // A new screen: what is being written stays with its picture, wherever that is now.
  let cursor = null, focused = null;
  hooks.changing.push(() => {
    holding = true;
    const control = document.activeElement, tile = control?.closest?.(".live " + BOARD + " .tile");
    const part = tile && !editor && [".open", ".write", ".put input"].find((part) => control.matches(part));
    focused = part ? { place: tile.dataset.place, part } : null;
    if (!editor) return;
    const { field } = editor;
    cursor = { focused: document.activeElement === field, start: field.selectionStart, end: field.selectionEnd };
  });
  hooks.changed.push(() => {
    heard?.({});
    // The change that was just answered is in the new screen; those still to be posted are not.
    if (posting) changes.slice(heard ? 1 : 0).forEach(show);
    if (editor && (!editor.tile.isConnected || picture(editor.tile) !== editor.src)) {
      const tile = tiles().find((tile) => picture(tile) === editor.src);
      if (tile) {
        editor.tile.classList.remove("editing");
        tile.append(editor.box);
        editor.tile = tile;
      }
    }
    furnish();
    busy();
    // The focus stays with what it was on: the changes on top of the new screen took it along once more.
    if (focused) at(focused.place)?.querySelector(focused.part)?.focus({ preventScroll: true });
    if (editor && cursor?.focused && document.activeElement !== editor.field) {
      editor.field.focus({ preventScroll: true });
      editor.field.setSelectionRange(cursor.start, cursor.end);
    }
    holding = false;
  });

  // ---- Files for a place

  app.place = async (tile, files) => {
    const place = tile?.dataset.place;
    if (!place || !files.length) return;
    const bar = own("progress", "sent");
    bar.max = 1;
    bar.setAttribute("aria-label", fill(say.replaceAt, { place }));
    tile.append(bar);
    const answer = await app.sendTo(place, files, (done) => { bar.value = done; });
    bar.remove();
    if (answer.ok) announce(fill(say.sentTo, { place }));
  };

  // ---- Moving by keyboard

  addEventListener("keydown", (event) => {
    const tile = event.altKey && event.target.closest?.(BOARD + " .tile");
    if (!tile || !tile.closest(".live") || !holds(tile) || event.target.matches("textarea")) return;
    const all = tiles(), here = all.indexOf(tile), row = columns(), forward = mirrored() ? -1 : 1;
    const step = { ArrowLeft: -forward, ArrowRight: forward, ArrowUp: -row, ArrowDown: row }[event.key];
    if (!step) return;
    event.preventDefault();
    move(tile, all[here + step]);
  });

  function move(tile, to) {
    if (!to || to === tile) return;
    const [from, target] = [tile.dataset.place, to.dataset.place];
    change({ place: from, to: target });
    announce(fill(say.moved, { from, to: target }));
    fold(board());
    tile.scrollIntoView({ block: "nearest" });
  }

  // ---- Moving by mouse, pen and finger

  let drag = null;

  function grab(event) {
    const tile = event.target.closest(".tile");
    if (drag || event.button !== 0 || !holds(tile) || event.target.closest(".tools, .editor")) return;
    const touch = event.pointerType === "touch";
    drag = { tile, id: event.pointerId, x: event.clientX, y: event.clientY, touch, ghost: null, over: null };
    // A finger that moves scrolls; one that rests picks the picture up.
    if (touch) drag.timer = setTimeout(lift, 350);
  }

  function lift() {
    const { tile, touch } = drag;
    const box = tile.querySelector(".frame").getBoundingClientRect();
    const ghost = element("div", "ghost");
    const image = tile.querySelector(".frame img");
    if (image) ghost.append(image.cloneNode());
    ghost.style.width = ghost.style.height = box.width + "px";
    ghost.setAttribute("aria-hidden", "true");
    document.body.append(ghost);
    Object.assign(drag, { ghost, dx: drag.x - box.left, dy: drag.y - box.top });
    tile.classList.add("lifted");
    document.body.classList.add("dragging");
    if (touch) navigator.vibrate?.(15);
    follow();
    drag.scrolling = requestAnimationFrame(roll);
  }

  function follow() {
    const { ghost, x, y, dx, dy, tile } = drag;
    ghost.style.transform = `translate(${x - dx}px, ${y - dy}px) scale(1.05)`;
    const under = document.elementFromPoint(x, y)?.closest?.(".live " + BOARD + " .tile") || null;
    if (under === drag.over) return;
    drag.over?.classList.remove("over");
    drag.over = under === tile ? null : under;
    drag.over?.classList.add("over");
  }

  // Near the window's edge the page goes along.
  function roll() {
    if (!drag?.ghost) return;
    const edge = 90;
    const by = drag.y < edge ? drag.y - edge : drag.y > innerHeight - edge ? drag.y - innerHeight + edge : 0;
    if (by) {
      scrollBy({ top: by / 6, behavior: "instant" });
      follow();
    }
    drag.scrolling = requestAnimationFrame(roll);
  }

  function letGo(moves) {
    if (!drag) return;
    const { tile, ghost, over, timer, scrolling } = drag;
    clearTimeout(timer);
    cancelAnimationFrame(scrolling);
    drag = null;
    if (!ghost) return;
    ghost.remove();
    document.body.classList.remove("dragging");
    tile.classList.remove("lifted");
    over?.classList.remove("over");
    // Letting go is not pressing.
    const still = (event) => { event.stopPropagation(); event.preventDefault(); };
    addEventListener("click", still, { capture: true, once: true });
    setTimeout(() => removeEventListener("click", still, { capture: true }), 50);
    // A new screen may have come meanwhile; what was picked up is known by its picture.
    const now = tile.isConnected ? tile : null;
    if (moves && now && over?.isConnected) move(now, over);
  }

  addEventListener("pointermove", (event) => {
    if (drag?.id !== event.pointerId) return;
    const far = Math.hypot(event.clientX - drag.x, event.clientY - drag.y);
    if (!drag.ghost) {
      if (drag.touch && far > 10) return letGo(false);
      if (drag.touch || far < 6) return;
      lift();
    }
    drag.x = event.clientX;
    drag.y = event.clientY;
    follow();
  });
  addEventListener("pointerup", (event) => { if (drag?.id === event.pointerId) letGo(true); });
  addEventListener("pointercancel", (event) => { if (drag?.id === event.pointerId) letGo(false); });
  addEventListener("keydown", (event) => { if (event.key === "Escape") letGo(false); });
  addEventListener("blur", () => letGo(false));
  // While a picture is held the page does not scroll under the finger, and no menu opens.
  addEventListener("touchmove", (event) => { if (drag?.ghost) event.preventDefault(); }, { passive: false });
  addEventListener("contextmenu", (event) => { if (drag?.touch) event.preventDefault(); });

  furnish();
})();
