// panel.js: what every panel shares: elements made from text, the line to python, keys, and how a state looks.

/** An element. Strings become text, never HTML; `on…` are functions, all else attributes. */
export function h(tag, props = {}, ...kids) {
  const el = document.createElement(tag);
  for (const [k, v] of Object.entries(props ?? {})) {
    if (v === null || v === undefined) continue;
    if (k.startsWith("on")) el[k] = v;
    else if (k.startsWith("aria-")) el.setAttribute(k, v); // here "false" is a value, not an absence
    else if (v === false) continue;
    else el.setAttribute(k, v === true ? "" : v);
  }
  el.append(...kids.flat(9).filter((k) => k !== null && k !== undefined && k !== false && k !== ""));
  return el;
}

/** New content for a box; if the focus was inside, it stays at the same place. */
export function refill(box, ...kids) {
  const stops = () => [...box.querySelectorAll("button, input, select, summary, [tabindex]")];
  const at = stops().indexOf(document.activeElement);
  box.replaceChildren(...kids.flat().filter(Boolean));
  if (at >= 0) stops()[at]?.focus();
}

/** Scroll a list to one of its rows, and nothing else: `scrollIntoView` would move the notebook, too. */
export function inSight(list, row) {
  if (!row) return;
  const top = row.offsetTop, end = top + row.offsetHeight;
  if (top < list.scrollTop) list.scrollTop = top;
  if (end > list.scrollTop + list.clientHeight) list.scrollTop = end - list.clientHeight;
}

/** A count and its noun: `count(2, "row")` is "2 rows". */
export function count(n, noun) {
  return `${n.toLocaleString("en")} ${noun}${n === 1 ? "" : "s"}`;
}

const LATE = "The kernel is busy with another cell: this click waits until it is free. " +
  "To stop that cell, interrupt the kernel (■ in the toolbar).";
const EMPTY = "The kernel is busy with another cell: this panel is filled when it is free.";
const kept = new Map(); // panel's key → kind → its last message: a view opened later begins with them

/**
 * A panel's frame: header with title, place and state pill; a note for trouble; a body.
 * `hear` maps a message's kind to what to do with it; what python said before is heard first.
 * Every message sent with `ask` is acknowledged by python; when that takes over a second, the note says why. The first ones
 * are repeated until then: a page that was opened again may send them to a subshell that JupyterLab has just given up.
 */
export function mount(context, title, late = LATE) { return new Frame(context, title, late); }

class Frame {
  constructor({ model, el }, title, late) {
    const key = model.get("key");
    this.mine = kept.get(key) ?? kept.set(key, new Map()).get(key);
    Object.assign(this, { model, el, late, heard: {}, waiting: new Map() });
    this.seq = Math.floor(Math.random() * 2 ** 40); // two views of one panel must not take each other's answers
    this.where = h("span", { class: "where" });
    this.pill = h("span", { class: "pill", role: "status" });
    this.tools = h("span", { class: "row" });
    this.note = h("div", { class: "note", role: "alert", hidden: true });
    this.body = h("div");
    el.classList.add("ftkit");
    // or JupyterLab takes our keys as its own: it looks at what has the focus first, and dd would delete the cell
    el.dataset.lmSuppressShortcuts = "true";
    el.addEventListener("focusin", this.ours);
    el.setAttribute("role", "region");
    el.setAttribute("aria-label", title);
    el.replaceChildren(h("header", { role: "none" }, h("h3", {}, title), this.where, this.tools, this.pill), this.note, this.body);
    model.on("msg:custom", this.listen);
  }
  ours = (e) => { e.target.dataset.lmSuppressShortcuts = "true"; };
  say = (look, ...kids) => {
    this.note.className = `note ${look}`;
    this.note.replaceChildren(...kids);
    this.note.hidden = kids.length === 0;
  };
  state = (look, word, place) => {
    this.pill.className = `pill ${look}`;
    this.pill.textContent = word;
    if (place !== undefined) this.where.textContent = place;
  };
  ask = (m, why = this.late, repeat = false) => {
    const n = ++this.seq;
    const send = (ms) => {
      this.waiting.set(n, setTimeout(() => {
        if (why && this.note.hidden) this.say("warn late", why);
        if (repeat) send(Math.min(2 * ms, 600000));
      }, ms));
      try { this.model.send({ ...m, seq: n }); } catch (e) { // its kernel was restarted, and the line to it is closed
        clearTimeout(this.waiting.get(n));
        this.waiting.delete(n);
        this.say("warn", `The kernel that made this panel is gone (${e.message}). Run its cell again.`);
      }
    };
    send(1000);
  };
  settle(n) {
    clearTimeout(this.waiting.get(n));
    if (this.waiting.delete(n) && this.note.classList.contains("late")) this.say("");
  }
  trouble(m) {
    if (m.kind === "failed") this.state("failed", "failed");
    const shut = h("button", { class: "plain", onclick: () => this.say(""), "aria-label": "Close this message" }, "×");
    this.say("failed", h("div", { class: "row" }, h("b", { class: "grow" }, m.what), shut),
      [m.where, m.next].filter(Boolean).join("\n"));
  }
  listen = (m) => {
    if (m.kind === "ack") return this.settle(m.seq);
    if (m.kind === "failed" || m.kind === "refused") this.trouble(m);
    else if (m.kind !== "more") this.mine.set(m.kind, m);
    this.heard[m.kind]?.(m);
  };
  hear(kinds) {
    Object.assign(this.heard, kinds);
    const known = this.mine.size ? [...this.mine.values()] : this.model.get("first") ?? [];
    known.forEach(this.listen);
    this.ask({ kind: "ready" }, known.length ? "" : EMPTY, true);
  }
  close = () => {
    this.model.off("msg:custom", this.listen);
    this.el.removeEventListener("focusin", this.ours);
    this.waiting.forEach(clearTimeout);
  };
}

/** Tabs by the ARIA pattern: arrows move, the shown page is the only one not hidden. */
export function tabs(pages) {
  const names = Object.keys(pages);
  const heads = names.map((name) => h("button", { role: "tab", onclick: () => show(name) }, name));
  const show = (name, focus) => names.forEach((n, i) => {
    heads[i].setAttribute("aria-selected", n === name);
    heads[i].tabIndex = n === name ? 0 : -1;
    pages[n].hidden = n !== name;
    if (focus && n === name) heads[i].focus();
  });
  const bar = h("div", { role: "tablist", onkeydown: (e) => {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[e.key], at = heads.indexOf(e.target);
    if (by && at >= 0) show(names[(at + by + names.length) % names.length], true);
  } }, heads);
  show(names[0]);
  return h("div", {}, bar, names.map((name) => {
    for (const [k, v] of [["role", "tabpanel"], ["aria-label", name]]) pages[name].setAttribute(k, v);
    return pages[name];
  }));
}

/** Call `f` once, `ms` after the last of many calls. */
export function later(f, ms = 250) {
  let timer;
  return (...args) => { clearTimeout(timer); timer = setTimeout(() => f(...args), ms); };
}

/** A button that copies the text of an element or a text box; where it may not, it selects the text. */
export function copier(from) {
  const copy = h("button", { onclick: async () => {
    try { await navigator.clipboard.writeText(from.value ?? from.textContent); copy.textContent = "Copied"; }
    catch {
      if (from.select) from.select(); else getSelection().selectAllChildren(from);
      copy.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  } }, "Copy");
  return copy;
}

/** A severity mark: a dot whose shape and colour say how bad, and the check's name. */
export function mark({ check, severity }, n) {
  return h("span", { class: `sev ${severity}`, title: severity }, check, n > 1 ? ` ×${n}` : null);
}

/** "‹ 21–40 of 300 ›" with buttons that turn the page. */
export function pager({ first, last, n, noun = "row" }, turn) {
  const step = (by, sign, label, off) =>
    h("button", { class: "plain", onclick: () => turn(by), disabled: off, "aria-label": label, title: label }, sign);
  return h("div", { class: "row small" }, h("span", { class: "muted grow" },
    n ? `${first}–${last} of ${count(n, noun)}` : `no ${noun}s`),
  step(-1, "‹", "Previous page ([)", first <= 1), step(1, "›", "Next page (])", last >= n));
}
