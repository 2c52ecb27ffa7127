// chat.js: a conversation with one model or two side by side; python asks them, and tells what has come.
import { h, mount, refill } from "./panel.js";
import { Settings } from "./chat/settings.js";
import { aloud, composes, lookOf, reduce, sends } from "./chat/state.js";
import { turnView } from "./chat/turn.js";

// Panel's key → what was said, and what is typed and not sent: a view opened later goes on there
const kept = new Map();
const fresh = () => ({ chat: null, box: "", drafts: new Map(), settings: new Map(), sending: null, settled: new Map() });
const unique = () => Math.random().toString(36).slice(2) + Date.now().toString(36);

class Chat {
  constructor({ model, el }) {
    this.p = mount({ model, el }, "Chat");
    const key = model.get("key");
    this.mem = kept.get(key) ?? kept.set(key, fresh()).get(key);
    Object.assign(this, { el, chat: null, shown: [], held: false, heard: new Set(this.mem.settled.keys()) });
    this.frame();
    this.keys = (e) => this.press(e);
    this.came = () => this.hold();
    this.left = () => setTimeout(() => this.rest(), 200);
    for (const [kind, f] of this.listeners()) el.addEventListener(kind, f);
    if (this.mem.chat) this.p.mine.set("chat", this.mem.chat);
    this.p.hear({ chat: (m) => this.said(m), more: (m) => this.said(m), failed: () => this.draw(), refused: () => this.draw() });
  }
  listeners() { return [["keydown", this.keys], ["focusin", this.came], ["focusout", this.left]]; }
  frame() {
    this.talk = h("div", { class: "talk", tabindex: 0, role: "group", "aria-label": "Conversation", "data-at": "talk" });
    this.spoken = h("div", { class: "sr", "aria-live": "polite" }); // whole answers only
    this.settings = new Settings(this.mem.settings, { set: (settings) => this.p.ask({ kind: "set", settings }),
      system: (text) => this.p.ask({ kind: "system", text }) });
    this.box = h("textarea", { rows: 2, class: "grow", "aria-label": "Your message", placeholder: "Enter sends, Shift+Enter begins a new line",
      oninput: () => { this.mem.box = this.box.value; this.state(); },
      onkeydown: (e) => { if (sends(e)) { e.preventDefault(); this.send(); } } });
    this.box.value = this.mem.box;
    this.go = h("button", { class: "main", onclick: () => this.send() }, "Send");
    this.halt = h("button", { class: "danger", hidden: true, onclick: () => this.stop() }, "Stop", h("kbd", {}, "Esc"));
    this.anew = h("button", { class: "plain", title: "Begin a new conversation", onclick: () => this.begin() }, "New");
    this.shut = h("button", { class: "plain", title: "End its process; what was said stays", onclick: () => this.p.ask({ kind: "close" }) }, "Close");
    this.sure = h("div");
    this.p.tools.append(this.anew, this.shut);
    this.p.body.append(h("div", { class: "chat stack" }, this.sure, this.settings.view, this.talk, h("div", { class: "row say" }, this.box, this.go, this.halt)),
      this.spoken);
  }

  // ---- what the reader does
  send() {
    const text = this.box.value, before = this.mem.sending;
    if (!text.trim()) return;
    const key = before?.text === text ? before.key : unique(); // pressed twice: asked once
    this.mem.sending = { key, text };
    this.p.say(""); // what was said of the message before
    this.p.ask({ kind: "say", text, key });
  }
  stop() { this.p.ask({ kind: "stop" }); }
  begin(on = true) { // it is said before what goes
    const go = () => { this.begin(false); this.p.ask({ kind: "clear" }); };
    refill(this.sure, on && h("div", { class: "note warn row" }, h("span", { class: "grow" }, `This conversation goes; what was kept of it stays in its file.`),
      h("button", { class: "main", onclick: go }, "Begin anew"), h("button", { onclick: () => this.begin(false) }, "Cancel")));
    if (on) this.sure.querySelector("button").focus(); else this.box.focus();
  }
  acts = {
    edit: (n, text) => { this.mem.editing = { n, key: unique() }; this.p.ask({ kind: "edit", n, text, key: this.mem.editing.key }); },
    retry: () => this.p.ask({ kind: "retry", key: unique() }),
    keep: (n, side, what, text) => this.p.ask({ kind: "keep", n, side, what, text, key: unique() }),
    draw: (at) => { this.draw(); this.find(at)?.focus(); },
  };
  press(e) {
    if (e.key === "Escape" && this.chat?.state === "answering" && !composes(e)) { e.preventDefault(); this.stop(); }
    e.stopPropagation(); // or the notebook runs a cell, or leaves this one
  }
  hold() { // a new picture redraws the output: never under one's hands
    if (this.held) return;
    this.held = true;
    this.p.ask({ kind: "held" }, "");
  }
  rest() {
    if (!this.held || !document.hasFocus() || !this.el.isConnected || this.el.contains(document.activeElement)) return;
    this.held = false;
    this.p.ask({ kind: "rest" }, "");
  }

  // ---- what python says
  said(m) {
    const before = this.chat;
    this.chat = reduce(before, m);
    if (!this.chat) return;
    this.mem.chat = this.chat;
    if (!m.piece) this.forget((n) => n >= this.chat.turns.length);
    this.p.mine.set("chat", this.chat);
    if (m.piece) return this.grow(before, m);
    for (const key of m.taken ?? []) this.taken(key);
    if (m.set) this.settings.taken(m.set, m.errors);
    if (m.kept) this.kept(m.kept);
    if (m.unsent === this.mem.sending?.key) this.mem.sending = null;
    if (m.back && !this.box.value) this.box.value = this.mem.box = m.back;
    this.draw();
    if (m.why) this.p.say("warn", m.why);
    if (m.done !== undefined) this.spoken.textContent = aloud(m.turn, this.chat.sides);
  }
  taken(key) { // what was typed is in python's hands; each view hears it, and has a box of its own
    const { sending, editing, settled } = this.mem;
    if (sending?.key === key) {
      settled.set(key, sending.text);
      if (this.mem.box === sending.text) this.mem.box = "";
      this.mem.sending = null;
    }
    if (editing?.key === key) {
      settled.set(key, null);
      this.forget((n) => n >= editing.n);
      this.mem.editing = null;
    }
    if (!settled.has(key) || this.heard.has(key)) return;
    this.heard.add(key);
    if (this.box.value === settled.get(key)) this.box.value = "";
    this.p.say("");
    this.bottom();
  }
  forget(gone) { // what was typed into turns that are no more
    for (const at of this.mem.drafts.keys()) if (gone(Number(at.split("/")[1]))) this.mem.drafts.delete(at);
  }
  kept([what, n, i]) { // a correction that is on disk is no draft any more
    if (what === "correction") this.mem.drafts.delete(`correct/${n}/${i}`);
    this.spoken.textContent = this.chat.turns[n].kept[i].at(-1)[1];
  }

  // ---- on the page
  find(at) { return this.el.querySelector(`[data-at="${at}"]`); }
  atBottom() { return this.talk.scrollHeight - this.talk.scrollTop - this.talk.clientHeight < 40; }
  bottom() { this.stick = true; }
  keeping(draw) { // the place, the focus and the caret
    const was = document.activeElement, at = this.talk.contains(was) && was.dataset.at, stick = this.stick || this.atBottom();
    const top = this.talk.scrollTop, caret = was?.tagName === "TEXTAREA" && [was.selectionStart, was.selectionEnd];
    draw();
    const now = at && this.find(at);
    if (now && now !== was) { now.focus({ preventScroll: true }); if (caret) now.setSelectionRange(...caret); }
    else if (at && !now) this.box.focus();
    this.talk.scrollTop = stick ? this.talk.scrollHeight : top;
    this.stick = false;
  }
  grow(before, { n, piece }) {
    if (this.chat === before) return;
    const live = this.talk.querySelectorAll(`[data-n="${n}"] [data-live]`);
    this.keeping(() => piece.forEach((text, i) => live[i]?.append(text)));
  }
  draw() {
    const { chat } = this;
    if (!chat) return;
    const free = !chat.busy && chat.state !== "closed", of = chat.turns.length;
    const view = { sides: chat.sides, drafts: this.mem.drafts, acts: this.acts, free, of };
    const empty = { loading: "The model is being loaded. A message can be written meanwhile.", ready: "Nothing said yet." }[chat.state] ?? "";
    this.keeping(() => this.talk.replaceChildren(...chat.turns.map((t, n) => turnView(t, chat.turns[n - 1], view)),
      ...(of || !empty ? [] : [h("div", { class: "empty" }, empty)])));
    this.settings.draw(chat);
    this.state();
  }
  state() {
    const { chat } = this;
    if (!chat) return;
    const { state, busy, trouble, place } = chat, over = state === "closed";
    this.p.state(lookOf(state), state, place);
    this.halt.hidden = state !== "answering";
    this.go.hidden = !this.halt.hidden;
    this.go.disabled = busy || over || !this.box.value.trim();
    this.anew.disabled = busy || !chat.turns.length;
    this.shut.disabled = over;
    if (this.broken && state !== "failed") this.p.say("");
    this.broken = state === "failed" && !busy;
    if (this.broken) this.p.say("failed", h("b", {}, trouble), "\nThe next message begins a new process.");
    if (over) this.p.say("", "The conversation is closed. To go on, run the cell again.");
  }
  close() {
    for (const [kind, f] of this.listeners()) this.el.removeEventListener(kind, f);
    this.p.close();
  }
}

function render(context) {
  const chat = new Chat(context);
  return () => chat.close();
}
export default { render };
