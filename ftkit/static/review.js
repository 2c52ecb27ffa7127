// review.js: examples read one by one; a key is a verdict, the next row is here already, python says what is on disk.
import { h, later, mount } from "./panel.js";
import { Courier, settledBy } from "./review/courier.js";
import { Detail } from "./review/detail.js";
import { Editor } from "./review/edit.js";
import { Filters } from "./review/filters.js";
import { Help, meaning } from "./review/keys.js";
import { List } from "./review/list.js";
import { Progress } from "./review/progress.js";
import { current, nextOpen, opened, placeOf, reduce, saidOf, size, standing, start, wanted } from "./review/state.js";
import { keeper, storageOf } from "./review/storage.js";

const kept = new Map(); // panel's key → the state that it had: a view opened later goes on there
const unique = () => Math.random().toString(36).slice(2) + Date.now().toString(36);

class Review {
  constructor({ model, el }) {
    const p = mount({ model, el }, "Review"), key = model.get("key"), before = kept.get(key);
    Object.assign(this, { model, el, p, key, reopened: Boolean(before?.head), begun: Boolean(before), live: false });
    Object.assign(this, { store: null, lasting: true, wantEdit: "", since: Date.now() });
    this.state = before ? { ...before, asked: 0 } : opened();
    this.courier = new Courier((m) => model.send(m), () => this.state.waiting);
    this.frame();
    this.listen();
    if (this.reopened && this.state.head) { this.bar(); this.list.show(this.state); this.detail(); }
    p.hear({ head: (m) => this.head(m), view: (m) => this.view(m), rows: (m) => this.rows(m), row: (m) => this.row(m),
      at: (m) => { if (this.live && m.at !== null) this.pick(m.at, true); },
      saved: (m) => this.saved(m), unsaved: (m) => this.unsaved(m) });
    this.goLive();
  }
  dispatch(m) {
    this.state = reduce(this.state, m);
    kept.set(this.key, this.state);
  }

  frame() {
    const uid = `ft${unique()}`;
    this.progress = new Progress(this.p, () => this.courier.all());
    this.filters = new Filters((news) => this.request(news));
    this.list = new List(uid, { pick: (at) => this.pick(at), page: (by) => this.page(by) });
    const acts = Object.fromEntries(["edit", "comment", "relabel", "undo"].map((o) => [o, () => this[o]()]));
    this.side = new Detail({ ...acts, whole: (id) => this.p.ask({ kind: "whole", id }),
      decide: (news, on) => { this.decide(news, on); if (on) this.list.el.focus(); } });
    this.editor = new Editor(this.side.el, uid, { decide: (news) => this.decide(news), back: (had) => this.back(had) });
    this.help = new Help(() => this.list.el.focus());
    this.p.tools.append(this.progress.again, this.help.button);
    this.p.body.append(this.progress.el, this.progress.late, this.filters.lost, this.help.el, this.filters.el,
      h("div", { class: "sides review" }, this.list.el, this.side.el), this.list.foot, this.side.spoken);
  }
  listen() {
    const { search, el: filters } = this.filters;
    search.oninput = later(() => this.request({ text: search.value }));
    filters.addEventListener("keydown", (e) => {
      if (e.key !== "Escape" && !(e.key === "Enter" && e.target === search) || e.isComposing) return;
      this.list.el.focus();
      e.preventDefault();
      e.stopPropagation();
    });
    this.keys = (e) => this.press(e);
    this.el.addEventListener("keydown", this.keys);
    const rest = () => { // a new picture redraws the output: never under one's hands
      const here = this.el.contains(document.activeElement);
      if (document.hasFocus() && this.el.isConnected && !here) this.p.ask({ kind: "rest" }, "");
    };
    this.el.addEventListener("focusout", () => setTimeout(rest, 200));
  }
  goLive() { // from now on python is answered
    const { view } = this.state;
    this.live = true;
    this.begin();
    this.courier.all();
    if (this.reopened) {
      this.dispatch({ kind: "asked", view: view.view });
      this.p.ask({ kind: "rows", view: view.view, start: start(this.state), n: 3 * size(this.state) });
    }
    this.ahead();
  }

  // ---- decisions: on screen at once, in this browser's storage, handed over; settled when python says "saved"
  queued(id) { // the newest decision, which `dispatch` put there
    const o = [...this.state.waiting.values()].at(-1);
    try { this.store?.put(o); } catch { this.lasting = false; }
    this.courier.next();
    this.tell();
    for (const ms of [800, 3000]) setTimeout(() => this.tell(), ms);
    this.list.redraw(this.state, id);
  }
  decide(news, on) {
    const row = current(this.state);
    if (!row) return;
    this.dispatch({ kind: "decide", news, key: unique(), now: Date.now(), since: this.since });
    this.queued(row.id);
    if (on) this.pick(this.state.at + 1); else this.detail();
  }
  undo() {
    const last = this.state.trail.at(-1);
    if (!last) return this.side.say("Nothing to undo.");
    this.dispatch({ kind: "undo", key: unique(), now: Date.now() });
    this.queued(last.id);
    const at = placeOf(this.state, last.id);
    if (at === undefined) this.p.ask({ kind: "find", id: last.id }); else this.pick(at, true);
  }
  openStore({ file, reviewer }) { // what an earlier view or kernel could not hand over
    if (this.store) return;
    const { storage, lasting } = storageOf();
    this.lasting = lasting;
    this.store = keeper(storage, file, reviewer);
    this.dispatch({ kind: "kept", list: this.store.all() });
    if (this.live) this.courier.all();
  }
  begin() { // python does not know yet of what is handed over just now: go on after it
    const row = current(this.state);
    if (this.begun || !row) return;
    this.begun = true;
    if (this.state.waiting.size && saidOf(this.state, row.id)?.verdict) this.next();
  }

  // ---- moves
  ahead() {
    if (!this.live || this.state.asked) return;
    const ask = wanted(this.state), here = this.state.rows.has(this.state.at);
    this.dispatch(ask ? { kind: "asked", view: ask.view } : { kind: "trim" });
    if (ask) this.p.ask({ kind: "rows", ...ask }, here ? "" : undefined);
  }
  pick(at, force) {
    if (at !== this.state.at) this.editor.leave();
    if (at !== this.state.at || force) this.since = Date.now();
    this.dispatch({ kind: "pick", at });
    if (start(this.state) !== this.list.from) this.list.show(this.state); else this.list.choose(this.state);
    this.detail();
    this.side.el.scrollTop = 0;
    this.ahead();
  }
  page(by) { this.pick(start(this.state) + by * size(this.state)); }
  next() {
    const at = nextOpen(this.state);
    if (at !== undefined) this.pick(at);
  }
  request(news) { this.p.ask({ kind: "request", ...this.state.view.request, ...news }); }

  // ---- on the page
  tell() { this.progress.show(this.state, this.lasting); }
  bar() { this.filters.show(this.state.head, this.state.view.request); }
  detail() { if (!this.editor.open) this.side.show(this.state); }
  back(had) { // from the editor
    const here = had && (this.el.contains(document.activeElement) || document.activeElement === document.body);
    this.detail();
    if (here) this.list.el.focus();
  }
  chosen() { // the row to edit, and what stands on it; null while another edit is open
    const row = current(this.state);
    return row && !this.editor.open ? [row, standing(this.state, row.id)] : null;
  }
  edit() {
    const [row, now] = this.chosen() ?? [];
    if (!row) return;
    if (!row.turns.some((t) => t.more)) return this.editor.edit(row, now);
    this.wantEdit = row.id;
    this.p.ask({ kind: "whole", id: row.id });
  }
  comment() { const o = this.chosen(); if (o) this.editor.comment(...o); }
  relabel() { const o = this.chosen(); if (o) this.editor.relabel(...o, this.state.head.labels); }
  press(e) {
    if (/INPUT|TEXTAREA|SELECT/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    const [what, o] = meaning(e.key, e.repeat) ?? [], editing = this.editor.open;
    if (!what || (what === "escape" && this.help.el.hidden && !editing)) return;
    if (what === "escape") { if (editing) this.editor.close(); this.help.show(false); }
    else if (what === "judge") { if (!editing) this.decide({ verdict: o }, true); }
    else if (what === "go") this.pick(this.state.at + o);
    else if (what === "search") this.filters.search.focus();
    else if (what === "help") this.help.show(this.help.el.hidden);
    else if (what !== "nothing") this[what](o);
    e.preventDefault();
    e.stopPropagation();
  }

  // ---- what python says
  get old() { return this.reopened && !this.live; } // heard before, and again: more is known already
  head(m) {
    this.openStore(m);
    if (!this.old) this.dispatch(m);
    this.tell();
    if (this.state.view.view) this.bar();
  }
  view(m) {
    const same = m.view === this.state.view.view, { search } = this.filters;
    if (!same) this.editor.leave();
    this.dispatch(m);
    this.bar();
    if (search.value !== m.request.text && document.activeElement !== search) search.value = m.request.text;
    if (!same) {
      this.since = Date.now();
      this.list.show(this.state);
      this.detail();
    }
    this.ahead();
  }
  rows(m) {
    if (this.old) return;
    const { at } = this.state, end = m.start + m.rows.length;
    this.dispatch(m);
    if (m.view !== this.state.view.view) return this.ahead();
    if (m.start < start(this.state) + size(this.state) && end > start(this.state)) this.list.show(this.state);
    if (m.start <= at && at < end) this.detail();
    if (this.live) this.begin();
    this.ahead();
  }
  row(m) {
    if (this.old) return;
    this.dispatch(m);
    if (current(this.state)?.id !== m.row.id) return;
    this.detail();
    if (this.wantEdit !== m.row.id) return;
    this.wantEdit = "";
    this.edit();
  }
  saved(m) {
    if (!this.live) return;
    settledBy(this.state.waiting, m.key).forEach((key) => this.store?.drop(key));
    this.dispatch(m);
    this.courier.answered(m.key);
    this.list.redraw(this.state, m.id);
    this.tell();
  }
  unsaved(m) {
    if (!this.live) return;
    this.dispatch(m);
    this.courier.answered(m.key, true);
    this.p.say("failed", m.what);
    this.tell();
  }
  close() {
    this.editor.leave();
    this.el.removeEventListener("keydown", this.keys);
    this.courier.close();
    this.p.close();
  }
}

function render(context) {
  const review = new Review(context);
  return () => review.close();
}
export default { render };
