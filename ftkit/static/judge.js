// judge.js: answers judged blind, one item after the other; python says what is on disk, and names nobody before the end.
import { h, mount, refill } from "./panel.js";
import { unsaved } from "./review/progress.js";
import { Courier, settledBy } from "./review/courier.js";
import { keeper, storageOf } from "./review/storage.js";
import { answers, asked, choices, commentBox, noted } from "./judge/item.js";
import { compares, helpOf, meaning } from "./judge/keys.js";
import { counted, current, nextAt, opened, placeOf, reasons, reduce, saidOf, toggled, wanted } from "./judge/state.js";

const kept = new Map(); // panel's key → the state that it had: a view opened later goes on there
const unique = () => Math.random().toString(36).slice(2) + Date.now().toString(36);
const KEPT = (n, lasting) => `The kernel does not answer: ${n} judgement${n === 1 ? " is" : "s are"} kept in ` +
  (lasting ? "this browser and handed over when it does. Go on judging. After a restart of it, run this cell again."
    : "this page only: leave it open until they are saved.");

class Judge {
  constructor({ model, el }) {
    this.p = mount({ model, el }, "Judging");
    Object.assign(this, { model, el, key: model.get("key"), store: null, lasting: true, since: Date.now(), commenting: false });
    this.look = { differences: true, marks: true };
    const before = kept.get(this.key);
    this.state = before ? { ...before, waiting: new Map(), asked: false } : opened();
    this.courier = new Courier((m) => model.send(m), () => this.state.waiting);
    this.frame();
    this.keys = (e) => this.press(e);
    el.addEventListener("keydown", this.keys);
    const rest = () => { // a new picture redraws the output: never under one's hands
      const here = el.contains(document.activeElement);
      if (document.hasFocus() && el.isConnected && !here) this.p.ask({ kind: "rest" }, "");
    };
    el.addEventListener("focusout", () => setTimeout(rest, 200));
    this.p.hear({ head: (m) => this.head(m), items: (m) => this.items(m), item: (m) => this.items({ start: m.at, items: [m.item] }),
      at: (m) => this.pick(m.at), saved: (m) => this.saved(m), unsaved: (m) => this.unsaved(m), revealed: (m) => this.revealed(m) });
  }
  dispatch(m) {
    this.state = reduce(this.state, m);
    kept.set(this.key, this.state);
  }
  frame() {
    [this.prog, this.question, this.before, this.answers, this.reasons, this.end] = Array.from({ length: 6 }, () => h("div"));
    this.prog.className = "prog";
    this.late = h("div", { class: "note warn", hidden: true });
    this.spoken = h("div", { class: "sr", "aria-live": "polite" });
    this.help = h("div", { class: "help", hidden: true, role: "dialog", "aria-label": "Keys", tabindex: -1 });
    this.box = h("div", { class: "judge stack", tabindex: 0, role: "group", "aria-label": "What is judged" }, this.question, this.before,
      this.answers, this.reasons);
    const button = h("button", { class: "plain", onclick: () => this.helped() }, "Keys ", h("kbd", {}, "?"));
    this.p.tools.append(button);
    this.p.body.append(this.prog, this.late, this.help, this.end, this.box, this.spoken);
  }

  // ---- judgements: on screen at once, in this browser's storage, handed over; settled when python says "saved"
  queued() {
    const o = [...this.state.waiting.values()].at(-1);
    try { this.store?.put(o); } catch { this.lasting = false; }
    this.courier.next();
    this.tell();
    for (const ms of [800, 3000]) setTimeout(() => this.tell(), ms);
  }
  judge(verdict, on = true) {
    if (!current(this.state) || this.state.revealed) return;
    this.dispatch({ kind: "decide", verdict, key: unique(), now: Date.now(), since: this.since });
    this.queued();
    const at = nextAt(this.state);
    if (on && at !== this.state.at) this.pick(at); else this.draw();
  }
  undo() {
    const last = this.state.trail.at(-1);
    if (!last || this.state.revealed) return this.say("Nothing to take back.");
    this.dispatch({ kind: "undo", key: unique(), now: Date.now() });
    this.queued();
    const at = placeOf(this.state, last.item);
    if (at === undefined) this.p.ask({ kind: "find", item: last.item }); else this.pick(at);
  }
  reason(news) {
    const id = current(this.state)?.item;
    if (!id || this.state.revealed) return;
    this.dispatch({ kind: "draft", item: id, news });
    const said = saidOf(this.state, id);
    if (said) this.judge(said.verdict, false); else this.draw();
  }
  tag(side, name) {
    const { tags } = reasons(this.state, current(this.state)?.item);
    this.reason({ tags: toggled(tags, side, name) });
  }
  comment() {
    const id = current(this.state)?.item;
    if (!id || this.state.revealed) return;
    this.commenting = true;
    const back = () => { this.commenting = false; this.draw(); this.box.focus(); };
    const save = (text) => { this.commenting = false; this.reason({ comment: text.trim() }); this.box.focus(); };
    const box = commentBox(reasons(this.state, id).comment, save, back);
    this.reasons.replaceChildren(box);
    box.focus();
  }

  // ---- moves
  ahead() {
    const ask = wanted(this.state);
    if (!ask) return;
    this.dispatch({ kind: "asked" });
    this.p.ask({ kind: "items", ...ask }, current(this.state) ? "" : undefined);
  }
  pick(at) {
    this.since = Date.now();
    this.commenting = false;
    this.dispatch({ kind: "pick", at });
    this.draw();
    this.ahead();
  }
  helped(on = this.help.hidden) {
    this.help.hidden = !on;
    if (on) this.help.focus(); else this.box.focus();
  }
  turned(what) {
    this.look[what] = !this.look[what];
    this.draw();
  }
  press(e) {
    const { head, at } = this.state;
    if (!head || /INPUT|TEXTAREA|SELECT/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    if (e.target.tagName === "BUTTON" && [" ", "Enter"].includes(e.key)) return;
    const [what, ...o] = meaning(e.key, head, e.repeat, { code: e.code, shift: e.shiftKey }) ?? [];
    if (!what || (what === "escape" && this.help.hidden)) return;
    if (what === "escape") this.helped(false);
    else if (what === "help") this.helped();
    else if (what === "previous" || what === "next") this.pick(at + (what === "next" ? 1 : -1));
    else if (what === "differences" || what === "marks") this.turned(what);
    else if (what !== "nothing") this[what](...o);
    e.preventDefault();
    e.stopPropagation();
  }

  // ---- on the page
  say(words) { this.spoken.textContent = words; }
  tell() {
    const { progress, head, waiting, revealed } = this.state;
    if (!progress || !head) return;
    const { n, age } = unsaved(waiting, Date.now()), o = counted(progress, waiting.values());
    if (!n) this.p.state(o.judged ? "done" : "", revealed ? "revealed" : o.judged ? "all saved" : "nothing judged yet", head.place);
    else if (age > 700 || age < 0) this.p.state("warn", `${n} not saved yet`, head.place);
    this.late.hidden = age < 2900;
    if (!this.late.hidden) this.late.replaceChildren(KEPT(n, this.lasting), " ",
      h("button", { onclick: () => this.courier.all() }, "Send again"));
    const bar = h("div", { class: "bar", role: "progressbar", "aria-label": "Judged", "aria-valuemin": 0, "aria-valuemax": head.n,
      "aria-valuenow": o.judged }, h("i", { style: `width:${head.n ? Math.min(100, (100 * o.judged) / head.n) : 0}%` }));
    const pace = o.pace ? `${o.pace < 10 ? o.pace.toFixed(1) : Math.round(o.pace)} a minute` : "";
    const reveal = head.finish && !revealed && h("button", { "data-reveal": true, disabled: !o.judged, title: head.ends, onclick: () => this.reveal() }, head.finish);
    refill(this.prog, bar, h("b", {}, `${o.judged} of ${head.n}`), h("span", { class: "muted" }, "judged"),
      pace && h("span", { class: "muted" }, pace), o.words && !revealed && h("span", {}, o.words), reveal);
  }
  reveal() {
    if (this.state.waiting.size) return this.say("Some judgements are not saved yet.");
    if (this.sure) return this.p.ask({ kind: "reveal" });
    this.sure = true;
    refill(this.end, h("div", { class: "note warn row" }, h("span", { class: "grow" }, this.state.head.ends),
      h("button", { class: "main", "data-reveal-now": true, onclick: () => { refill(this.end); this.reveal(); } }, this.state.head.finish),
      h("button", { onclick: () => { this.sure = false; refill(this.end); } }, "Go on judging")));
  }
  draw() {
    const { head, at } = this.state, item = current(this.state);
    if (!head || this.commenting) return;
    if (!head.n) return refill(this.question, h("div", { class: "empty" }, "There is nothing to judge."));
    const step = (by, sign, name) => h("button", { class: "plain", "aria-label": name, title: name, disabled: at + by < 0 || at + by >= head.n,
      onclick: () => this.pick(at + by) }, sign);
    const toggle = (what) => h("button", { class: "chip", "aria-pressed": this.look[what], onclick: () => this.turned(what) }, what);
    refill(this.question, h("div", { class: "row" }, h("h4", { class: "grow inline" }, `${at + 1} of ${head.n}`),
      compares(head) && toggle("differences"), toggle("marks"), step(-1, "‹", "Previous ([)"), step(1, "›", "Next (])")));
    if (!item) { [this.answers, this.reasons].forEach((o) => refill(o)); return refill(this.before, h("div", { class: "empty" }, "Loading …")); }
    const said = saidOf(this.state, item.item), whole = () => this.p.ask({ kind: "whole", item: item.item });
    refill(this.before, ...asked(item.turns, whole).flat());
    const { tags, comment } = reasons(this.state, item.item);
    refill(this.answers, answers(item, head, this.look, tags, { whole, tag: (...o) => this.tag(...o) }));
    refill(this.reasons, h("p", { class: "first" }, head.question), choices(head, said, (v) => this.judge(v)),
      noted(comment, () => this.comment()));
    this.say(`${at + 1} of ${head.n}${said ? `, judged ${said.verdict}` : ""}`);
  }

  // ---- what python says
  head(m) {
    if (!this.store) { // what an earlier view or kernel could not hand over
      const { storage, lasting } = storageOf();
      this.lasting = lasting;
      this.store = keeper(storage, m.file, m.reviewer);
      this.dispatch({ kind: "kept", list: this.store.all() });
      this.begun = !this.state.waiting.size;
    }
    this.dispatch(m);
    this.courier.all();
    const line = ([keys, what]) => [h("span", {}, keys.split(" ").map((o) => h("kbd", {}, o))), h("span", {}, what)];
    this.help.replaceChildren(...helpOf(m).flatMap(line));
    if (m.unread) this.p.say("warn", m.unread);
    this.tell();
    this.draw();
    this.ahead();
  }
  items(m) {
    const known = current(this.state);
    this.dispatch({ kind: "items", ...m });
    if (!this.begun && current(this.state)) this.begin();
    else if (current(this.state) !== known) this.draw();
    this.ahead();
  }
  begin() { // python does not know yet of what is handed over just now: go on after it
    this.begun = true;
    let at = this.state.at;
    while (saidOf(this.state, this.state.items.get(at)?.item) && this.state.items.has(at + 1)) at++;
    this.pick(at);
  }
  saved(m) {
    settledBy(this.state.waiting, m.key).forEach((key) => this.store?.drop(key));
    this.dispatch({ kind: "saved", ...m });
    this.courier.answered(m.key);
    this.tell();
  }
  unsaved(m) {
    this.dispatch({ kind: "unsaved", ...m });
    this.courier.answered(m.key, true);
    this.p.say("failed", m.what);
    this.tell();
  }
  revealed(m) {
    this.dispatch({ kind: "revealed", ...m });
    this.box.hidden = true;
    const cell = (o) => h("td", {}, String(o));
    refill(this.end, ...m.lines.map((o, i) => h("p", { class: i ? "small" : "first" }, o)), m.rows.length > 0 &&
      h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": "What was judged" }, h("table", {},
        h("thead", {}, h("tr", {}, m.columns.map((o) => h("th", {}, o)))), h("tbody", {}, m.rows.map((r) => h("tr", {}, r.map(cell)))))));
    this.tell();
  }
  close() {
    this.el.removeEventListener("keydown", this.keys);
    this.courier.close();
    this.p.close();
  }
}

function render(context) {
  const judge = new Judge(context);
  return () => judge.close();
}
export default { render };
