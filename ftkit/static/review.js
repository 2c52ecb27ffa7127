// review.js: examples read one by one; a key is a verdict, the next row is here already, python says what is on disk.
import { h, count, later, mark, mount, pager } from "./panel.js";

const VERDICTS = { k: "keep", d: "drop", f: "fix", u: "unsure" };
const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, p: -1 };
const HELP = [["k d f u", "keep, drop, fix, unsure; then the next row"], ["↓ j", "next row"], ["↑ p", "previous row"],
  ["n", "next row without a verdict"], ["[ ]", "previous and next page"],
  ["e", "edit in place: Ctrl+Enter saves, Esc leaves"], ["c", "comment: Enter saves"],
  ["l", "another label: Enter takes the marked one"], ["z", "take the last decision back"],
  ["/", "search: Esc goes back to the rows"], ["?", "these keys"]];
const ORDERS = { random: "random order", worst: "worst first", cluster: "by cluster", file: "file order" };
const STATES = { none: "not reviewed", keep: "keep", drop: "drop", fix: "fix", unsure: "unsure",
  changed: "changed since" };
const LENGTHS = { short: "shortest tenth", middle: "middle lengths", long: "longest tenth" };

/** Text in which nothing is hidden: `⟨U+202E⟩` for what cannot be seen. Windows ends its lines with `\r\n`. */
export function visible(text) {
  return text.replace(/\r\n?/g, "\n").replace(HIDDEN, (c) => `⟨U+${c.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}⟩`);
}
const HIDDEN = new RegExp("[\\0-\\x08\\x0b-\\x1f\\x7f-\\x9f\\xad\\u061c\\u200b\\u200e\\u200f\\u2028-\\u202e" +
  "\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb\\ud800-\\udfff\\u{e0000}-\\u{e007f}]", "gu");

/** What became of `a` in `b`, word by word: `[["same" | "gone" | "new", text], …]`; a long change is one piece. */
export function diff(a, b, most = 1e6) {
  const words = (s) => s.match(/[\p{L}\p{N}_]+|\s+|[^\p{L}\p{N}_\s]/gu) ?? [];
  const x = words(a), y = words(b), n = Math.min(x.length, y.length), out = [];
  let i = 0, j = 0;
  while (i < n && x[i] === y[i]) i++;
  while (j < n - i && x[x.length - 1 - j] === y[y.length - 1 - j]) j++;
  const u = x.slice(i, x.length - j), v = y.slice(i, y.length - j), w = v.length + 1;
  const put = (kind, text) => {
    if (out.at(-1)?.[0] === kind) out.at(-1)[1] += text; else if (text) out.push([kind, text]);
  };
  put("same", x.slice(0, i).join(""));
  let p = 0, q = 0;
  if (u.length * v.length <= most) { // longest common run of words, from the end
    const t = new Uint32Array((u.length + 1) * w);
    for (p = u.length - 1; p >= 0; p--) for (q = v.length - 1; q >= 0; q--) {
      t[p * w + q] = u[p] === v[q] ? t[(p + 1) * w + q + 1] + 1 : Math.max(t[(p + 1) * w + q], t[p * w + q + 1]);
    }
    for (p = 0, q = 0; p < u.length && q < v.length;) {
      if (u[p] === v[q]) { put("same", u[p++]); q++; }
      else if (t[(p + 1) * w + q] >= t[p * w + q + 1]) put("gone", u[p++]);
      else put("new", v[q++]);
    }
  }
  put("gone", u.slice(p).join(""));
  put("new", v.slice(q).join(""));
  put("same", x.slice(x.length - j).join(""));
  return out;
}

/**
 * The text that a person means who made `value` of `raw` in a text field, which turns all line breaks into \n:
 * what was not touched is `raw`'s, to the byte. null if nothing was touched.
 */
export function restored(raw, value) {
  const plain = raw.replace(/\r\n?/g, "\n"), n = Math.min(plain.length, value.length);
  if (value === plain) return null;
  let i = 0, j = 0;
  while (i < n && plain[i] === value[i]) i++;
  while (j < n - i && plain[plain.length - 1 - j] === value[value.length - 1 - j]) j++;
  const at = (m) => { let k = 0; while (m-- > 0) k += raw.startsWith("\r\n", k) ? 2 : 1; return k; };
  const crlf = raw.includes("\r\n") && !/(^|[^\r])\n/.test(raw);
  const middle = value.slice(i, value.length - j);
  return raw.slice(0, at(i)) + (crlf ? middle.replaceAll("\n", "\r\n") : middle) + raw.slice(at(plain.length - j));
}

/** Python's progress with what is not saved yet counted in. */
export function counted(progress, waiting) {
  const res = { ...progress, counts: { ...progress.counts } };
  const add = (said, sign, sampled) => {
    if (!said?.verdict || said.changed) return;
    res.reviewed += sign;
    res.counts[said.verdict] += sign;
    if (sampled) res.in_sample += sign;
    if (said.chance) res.chance += sign;
    if (said.chance && said.verdict === "drop") res.chance_drop += sign;
  };
  for (const o of waiting) { add(o.before, -1, o.sampled); add(o.after, 1, o.sampled); }
  return res;
}

/** Share dropped with Wilson's 95 % interval, in words; nothing reached at random is not an estimate. */
export function estimate(k, n) {
  if (!n) return "share dropped: not an estimate";
  const z = 1.959964, mid = (k + z * z / 2) / (n + z * z);
  const half = z / (n + z * z) * Math.sqrt(k * (n - k) / n + z * z / 4);
  const pct = (x) => `${(100 * Math.min(1, Math.max(0, x))).toFixed(1)}`;
  return `${pct(k / n)} % dropped (95 %: ${pct(mid - half)}–${pct(mid + half)})`;
}

/** Pace and time left, in words; empty before there is a pace. */
export function timing({ pace, size, in_sample }) {
  if (!pace) return "";
  const left = Math.ceil((size - in_sample) / pace);
  return `${pace < 10 ? pace.toFixed(1) : Math.round(pace)} rows/min` + (left > 0 ? ` · ${left} min left` : "");
}

/** Known labels that contain what was typed, those that begin with it first; what is new comes last. */
export function matching(labels, typed, most = 9) {
  const t = typed.trim().toLowerCase();
  const rank = (o) => (o.toLowerCase() === t ? 0 : o.toLowerCase().startsWith(t) ? 1 : 2);
  const found = labels.filter((o) => o.toLowerCase().includes(t)).sort((a, b) => rank(a) - rank(b)).slice(0, most);
  return t && !labels.includes(typed.trim()) ? [...found, typed.trim()] : found;
}

/** What this browser keeps of one reviewer's decisions for one review file until they are on disk, oldest first. */
export function keeper(storage, file, reviewer) {
  const prefix = `ftkit/review/${file}/${reviewer}/`;
  const read = (k) => { try { return JSON.parse(storage.getItem(k)); } catch { return null; } };
  const all = () => Array.from({ length: storage.length }, (_, i) => storage.key(i));
  const keys = () => all().filter((k) => k?.startsWith(prefix));
  return {
    all: () => keys().map(read).filter((o) => o?.m?.key && o.m.id).sort((a, b) => a.n - b.n),
    put: (o) => storage.setItem(prefix + o.m.key, JSON.stringify(o)),
    drop: (key) => storage.removeItem(prefix + key),
  };
}

/** This page's storage; where it is forbidden or full, memory, which lasts as long as the page. */
function storageOf() {
  try {
    localStorage.setItem("ftkit/review", "");
    localStorage.removeItem("ftkit/review");
    return { storage: localStorage, lasting: true };
  } catch {
    const m = new Map();
    return { lasting: false, storage: { getItem: (k) => m.get(k) ?? null, setItem: (k, v) => m.set(k, v),
      removeItem: (k) => m.delete(k), key: (i) => [...m.keys()][i], get length() { return m.size; } } };
  }
}

const TAGS = { gone: "del", new: "ins" };
const piece = ([kind, text]) => (TAGS[kind] ? h(TAGS[kind], {}, visible(text)) : visible(text));
const own = (t) => t.own ?? t.parts.map(([s]) => s).join(""); // what of a turn may be edited
const key = () => Math.random().toString(36).slice(2) + Date.now().toString(36);
const kbd = (k) => h("kbd", { "aria-hidden": "true" }, k);
const badge = (said, pending) => h("span", { class: `badge ${said?.changed ? "changed" : said?.verdict ?? ""}`,
  "data-pending": pending, title: said?.changed ? "its content changed since the verdict" : said?.verdict ?? "" },
said?.changed ? "≠" : said?.verdict ? said.verdict[0].toUpperCase() : "");

function item(row, at, said, pending, press) {
  const marks = row.marks.map((m) => mark(m, m.n));
  const notes = [said?.texts && "edited", said?.label && `label ${visible(said.label)}`, said?.comment && "comment"];
  const told = notes.filter(Boolean);
  return h("div", { class: "item", role: "option", "data-at": at, "data-id": row.id, onclick: press },
  h("div", { class: "lead" }, badge(said, pending),
    h("span", { class: "line", title: "line in the file" }, row.line || row.n)),
  h("div", {}, h("div", { class: "one" }, row.asks || "(no text)"),
    h("div", { class: "one muted small" }, row.says || "(no answer)"),
    (marks.length > 0 || told.length > 0) && h("div", { class: "marks" }, marks,
      told.map((o) => h("span", { class: "small" }, o)))));
}

/** One turn, told by `kids`; a system turn is folded unless `open`, for it is the same in many rows. */
function messageBlock(role, kids, text, open, tag) {
  const says = h("div", { class: `says ${/^\s*[{[]/.test(text) ? "mono" : ""}` }, kids);
  const title = [h("h4", { class: "inline" }, visible(role)), tag && h("span", { class: "tag" }, tag)];
  if (role === "system") return h("details", { class: "turn", open }, h("summary", {}, title), says);
  const look = role === "assistant" ? "turn assistant" : "turn";
  return h("div", { class: look }, h("div", { class: "row tight" }, title), says);
}

function turn(t, edited, whole) {
  const shown = edited !== null ? diff(own(t), edited).map(piece)
    : t.parts.map(([text, s]) => (s ? h("mark", { class: s, title: s }, visible(text)) : visible(text)));
  const more = t.more > 0 && h("button", { class: "plain", onclick: whole }, `… ${count(t.more, "more character")}`);
  const empty = !shown.length && h("span", { class: "muted" }, "(empty)");
  const open = edited !== null || t.parts.some(([, s]) => s);
  return messageBlock(t.role, [shown, empty, more], own(t), open, edited !== null && "edited");
}

/** The row that this one is like: what only this row says is struck out, what only the other says is underlined. */
function beside(row) {
  const { line, score, turns } = row.partner;
  return h("section", { class: "beside", "aria-label": "The similar row" },
    h("p", { class: "muted small" }, h("b", {}, `line ${line}`), score ? `, ${Math.round(100 * score)} % alike` : "",
      " · ", h("del", {}, "only here"), " ", h("ins", {}, `only in line ${line}`)),
    turns.map(([role, text], i) => {
      const mine = row.turns[i]?.role === role ? row.turns[i] : null;
      const says = mine ? diff(mine.parts.map(([s]) => s).join(""), text) : [["new", text]];
      return messageBlock(role, says.map(piece), text, says.length > 1);
    }));
}

function select(label, options, value, change) {
  const el = h("select", { "aria-label": label, onchange: () => change(el.value) },
    options.map(([v, word]) => h("option", { value: v, selected: v === value }, word)));
  el.classList.toggle("set", value !== options[0][0]);
  return el;
}

const KEPT = (n, lasting) => `The kernel does not answer: ${count(n, "decision")} ${n === 1 ? "is" : "are"} kept in ` +
  (lasting ? "this browser and handed over when it does. Go on reading. After a restart of it, run this cell again."
    : "this page only: leave it open until they are saved.");
const desks = new Map(); // panel's key → what it has on screen: a view opened later goes on there

function render({ model, el }) {
  const p = mount({ model, el }, "Review");
  const reopened = desks.has(model.get("key"));
  const S = desks.get(model.get("key")) ?? { rows: new Map(), at: 0, trail: [], head: null, progress: null,
    view: { view: 0, n: 0, request: {}, chance: false } };
  desks.set(model.get("key"), S);
  const uid = `ft${key()}`, waiting = new Map(); // key → decision that is not on disk yet
  let store = null, lasting = true, live = false, begun = reopened, asked = 0; // `asked`: the view that rows were asked for
  let editor = null, wantEdit = "", since = Date.now(), shownAt = -1; // `shownAt`: the first row of the page on screen

  // ---- the frame
  const prog = h("div", { class: "prog" }), late = h("div", { class: "note warn", hidden: true });
  const filters = h("div", { class: "filters" }), lost = h("div");
  const search = h("input", { type: "search", placeholder: "Search  /", "aria-label": "Search the text" });
  const list = h("div", { class: "list", role: "listbox", tabindex: 0, "aria-label": "Examples" });
  const side = h("div", { class: "detail", tabindex: 0, "aria-label": "The chosen example" });
  const foot = h("div", { class: "foot" }), spoken = h("div", { class: "sr", "aria-live": "polite" });
  const help = h("div", { class: "help", hidden: true, role: "dialog", "aria-label": "Keys", tabindex: -1 },
    HELP.map(([k, what]) => [h("span", {}, k.split(" ").map((o) => h("kbd", {}, o))),
      h("span", {}, what)]));
  const toHelp = h("button", { class: "plain", "aria-expanded": false, onclick: () => showHelp(help.hidden) },
    "Keys ", kbd("?"));
  const again = h("button", { hidden: true, onclick: () => handOver([...waiting.values()]) }, "Send again");
  p.tools.append(again, toHelp);
  p.body.append(prog, late, lost, help, filters, h("div", { class: "sides review" }, list, side), foot, spoken);
  const showHelp = (on) => {
    help.hidden = !on;
    toHelp.setAttribute("aria-expanded", on);
    (on ? help : list).focus();
  };

  // ---- decisions: on screen at once, in this browser's storage, handed over; settled when python says "saved"
  const newest = (id) => [...waiting.values()].filter((o) => o.m.id === id).at(-1);
  const rowOf = (id) => [...S.rows.values()].find((r) => r.id === id);
  const saidOf = (id) => { const o = newest(id); return o ? o.after : rowOf(id)?.said ?? null; };
  const handOver = (all) => all.forEach((o) => { try { model.send(o.m); } catch { /* no kernel: it stays here */ } });
  const queue = (m, before, after, sampled) => {
    const last = [...waiting.values()].at(-1)?.n ?? 0;
    const o = { m, before, after, sampled, n: Math.max(Date.now(), last + 1) };
    waiting.set(m.key, o);
    try { store?.put(o); } catch { lasting = false; }
    handOver([o]);
    tell();
    setTimeout(tell, 800);
    setTimeout(tell, 3000);
  };
  const settle = (k) => { waiting.delete(k); store?.drop(k); };
  const decide = (news, on) => {
    const row = S.rows.get(S.at);
    if (!row) return;
    const before = saidOf(row.id), old = before && !before.changed ? before : null;
    const after = { verdict: "", comment: "", label: null, texts: null, ...old, ...news, changed: false,
      chance: before ? before.chance : S.view.chance };
    const seconds = Math.min(86400, Math.round((Date.now() - since) / 100) / 10);
    const m = { kind: "decide", key: key(), id: row.id, hash: row.hash, verdict: after.verdict, comment: after.comment,
      label: after.label, texts: after.texts, seconds, t: Date.now() / 1000,
      order: S.view.chance ? "random" : "other" };
    S.trail.push({ key: m.key, id: row.id, before });
    queue(m, before, after, row.sampled);
    redraw(row.id);
    if (on) go(1); else detail();
  };
  const undo = () => {
    const last = S.trail.pop();
    if (!last) { spoken.textContent = "Nothing to undo."; return; }
    const m = { kind: "undo", key: key(), of: last.key, id: last.id };
    queue(m, saidOf(last.id), last.before, rowOf(last.id)?.sampled);
    redraw(last.id);
    const at = [...S.rows].find(([, r]) => r.id === last.id)?.[0];
    if (at === undefined) p.ask({ kind: "find", id: last.id }); else pick(at, true);
  };
  const open = (m) => { // what an earlier view or kernel could not hand over
    if (store) return;
    const o = storageOf();
    lasting = o.lasting;
    store = keeper(o.storage, m.file, m.reviewer);
    store.all().forEach((w) => waiting.set(w.m.key, w));
    if (live) handOver([...waiting.values()]);
  };
  const retrace = (trail) => { // what python knows of, and what it does not know yet
    for (const { m, before } of waiting.values()) {
      if (m.kind === "undo") trail = trail.filter((o) => o.key !== m.of);
      else if (!trail.some((o) => o.key === m.key)) trail.push({ key: m.key, id: m.id, before });
    }
    S.trail = trail;
  };

  // ---- what is said above the rows
  const tell = () => {
    if (!S.progress) return;
    const n = waiting.size, first = [...waiting.values()].find((o) => !o.refused);
    const age = first ? Date.now() - first.n : 0; // one that python refused does not wait for an answer
    const o = counted(S.progress, waiting.values());
    if (!n) p.state(o.reviewed ? "done" : "", o.reviewed ? "all saved" : "nothing decided yet", S.head.place);
    else if (age > 700 || !first) p.state("warn", `${n} not saved yet`, S.head.place);
    again.hidden = late.hidden = age < 2900;
    if (!late.hidden) late.textContent = KEPT(n, lasting);
    const parts = Object.entries(o.counts).filter(([, k]) => k)
      .map(([v, k]) => h("span", { class: `say ${v}` }, `${k} ${v}`));
    const width = `width:${o.size ? Math.min(100, 100 * o.in_sample / o.size) : 0}%`;
    prog.replaceChildren(...[
      h("div", { class: "bar", role: "progressbar", "aria-label": "Reviewed", "aria-valuemin": 0,
        "aria-valuemax": o.size, "aria-valuenow": o.in_sample }, h("i", { style: width })),
      h("b", {}, `${o.in_sample} of ${o.size.toLocaleString("en")}`), h("span", { class: "muted" },
        o.reviewed > o.in_sample ? `reviewed, and ${count(o.reviewed - o.in_sample, "other row")}` : "reviewed"),
      ...parts, h("span", { title: "Counts only rows reached in random order, without a filter" },
        estimate(o.chance_drop, o.chance)),
      timing(o) && h("span", { class: "muted" }, timing(o))].filter(Boolean));
  };
  const request = (news) => p.ask({ kind: "request", ...S.view.request, ...news });
  const bar = () => {
    const m = S.head, w = S.view.request, named = (o) => Object.entries(o);
    const able = { worst: m.checks.length > 0, cluster: m.clusters };
    const orders = named(ORDERS).filter(([k]) => able[k] !== false);
    const labels = m.labels.map((o) => [o, visible(o)]), splits = m.splits.map((o) => [o, visible(o)]);
    const checks = m.checks.map((o) => [o.check, `${visible(o.check)} (${o.n.toLocaleString("en")})`]);
    const boxes = [["Order", "order", orders], ["Finding", "check", [["", "any finding"], ...checks]],
      ["Verdict", "verdict", [["", "any verdict"], ...named(STATES)]],
      ["Label", "label", [["", "any label"], ...labels]], ["Split", "split", [["", "any split"], ...splits]],
      ["Length", "length", [["", "any length"], ...named(LENGTHS)]]];
    const at = [...filters.children].indexOf(document.activeElement);
    filters.replaceChildren(...boxes.filter(([, k, all]) => all.length > 1 || w[k])
      .map(([name, k, all]) => select(name, all, w[k], (v) => request({ [k]: v }))), search);
    if (at >= 0) filters.children[at]?.focus();
    lost.replaceChildren(...m.unread.length ? [h("details", { class: "note warn" },
      h("summary", {}, `${count(m.unread_n, "line")} of the review file without a decision`),
      h("div", {}, m.unread.join("\n")))] : []);
  };

  // ---- rows: a page on screen, the next ones already here
  const size = () => S.head?.page ?? 20;
  const start = () => Math.floor(S.at / size()) * size();
  const ahead = () => {
    if (!live || asked || !S.view.n) return;
    for (let k = start(); k < Math.min(S.view.n, start() + 3 * size()); k++) {
      if (!S.rows.has(k)) {
        asked = S.view.view;
        p.ask({ kind: "rows", view: asked, start: k, n: start() + 3 * size() - k }, S.rows.has(S.at) ? "" : undefined);
        return;
      }
    }
    for (const k of S.rows.keys()) if (Math.abs(k - S.at) > 10 * size()) S.rows.delete(k);
  };
  const itemAt = (at) => {
    const row = S.rows.get(at), press = () => { pick(at); list.focus(); };
    const o = item(row, at, saidOf(row.id), Boolean(newest(row.id)), press);
    o.id = `${uid}-${at}`;
    o.setAttribute("aria-selected", at === S.at);
    return o;
  };
  const draw = () => {
    const from = start(), to = Math.min(S.view.n, from + size());
    shownAt = from;
    list.replaceChildren(...Array.from({ length: Math.max(0, to - from) }, (_, i) => {
      const row = S.rows.get(from + i);
      return row ? itemAt(from + i) : h("div", { class: "item waits", "data-at": from + i }, "…");
    }));
    if (!S.view.n) list.append(h("div", { class: "empty" },
      S.progress?.n ? "Nothing found. Clear the search or the filters." : "No examples."));
    foot.replaceChildren(pager({ first: S.view.n ? from + 1 : 0, last: to, n: S.view.n }, page));
    choose();
  };
  const choose = () => {
    [...list.children].forEach((o) => o.setAttribute("aria-selected", Number(o.dataset.at) === S.at));
    list.setAttribute("aria-activedescendant", `${uid}-${S.at}`);
    const o = list.children[S.at - shownAt]; // by hand: scrollIntoView would move the notebook, too
    if (o && o.offsetTop < list.scrollTop) list.scrollTop = o.offsetTop;
    if (o && o.offsetTop + o.offsetHeight > list.scrollTop + list.clientHeight) {
      list.scrollTop = o.offsetTop + o.offsetHeight - list.clientHeight;
    }
  };
  const redraw = (id) => {
    const at = [...S.rows].find(([, r]) => r.id === id)?.[0], old = list.children[at - shownAt];
    if (at !== undefined) old?.replaceWith(itemAt(at));
  };
  const pick = (at, force) => {
    if (at !== S.at) leave();
    if (at !== S.at || force) since = Date.now();
    S.at = Math.max(0, Math.min(at, S.view.n - 1));
    if (start() !== shownAt) draw(); else choose();
    detail();
    side.scrollTop = 0;
    ahead();
  };
  const go = (by) => pick(S.at + by);
  const page = (by) => pick(start() + by * size());
  const next = () => { // the next row without a verdict, as far as rows are here
    for (let at = S.at + 1; at < S.view.n; at++) {
      const row = S.rows.get(at), said = row && saidOf(row.id);
      if (!row || !said?.verdict || said.changed) return pick(at);
    }
  };

  const begin = () => { // python does not know yet of what is handed over just now: go on after it
    const row = S.rows.get(S.at);
    if (begun || !row) return;
    begun = true;
    if (waiting.size && saidOf(row.id)?.verdict) next();
  };

  // ---- the chosen row
  const detail = () => {
    if (editor) return;
    const row = S.rows.get(S.at), said = row && saidOf(row.id);
    if (!row) return side.replaceChildren(S.view.n ? h("div", { class: "empty" }, "Loading this row …") : "");
    const whole = () => p.ask({ kind: "whole", id: row.id }), now = said?.changed ? null : said;
    const judge = ([k, v]) => h("button", { class: `act ${v}`, "aria-pressed": now?.verdict === v,
      "aria-keyshortcuts": k, onclick: () => { decide({ verdict: v }, true); list.focus(); } }, v, kbd(k));
    const plain = (k, verb, f) => h("button", { class: "plain", onclick: f, "aria-keyshortcuts": k }, verb, kbd(k));
    const facts = [row.line && `line ${row.line}`, row.split && visible(row.split), `id ${visible(row.id)}`];
    const given = row.label !== null && visible(row.label), other = now?.label && visible(now.label);
    const label = other ? [given && h("del", {}, given), " ", h("ins", {}, other)] : given && h("b", {}, given);
    side.replaceChildren(
      h("div", { class: "acts", role: "toolbar", "aria-label": "Decide" },
        Object.entries(VERDICTS).map(judge), h("span", { class: "grow" }), plain("e", "edit", edit),
        plain("c", "comment", comment), plain("l", "label", relabel), plain("z", "undo", undo)),
      h("p", { class: "facts" }, label && h("span", {}, "label ", label),
        h("span", { class: "muted" }, facts.filter(Boolean).join(" · ")), (now?.texts || now?.label) &&
        h("button", { class: "plain", onclick: () => decide({ texts: null, label: null }) }, "back to the original")),
      said?.changed ? h("div", { class: "note warn" },
        `Judged ${said.verdict} before its content changed. Decide again.`) : "",
      now?.comment ? h("div", { class: "note" }, h("b", {}, "comment "), visible(now.comment)) : "",
      row.issues.length ? h("div", { class: "issues" }, row.issues.map((o) => h("div", { class: "issue" }, mark(o),
        h("span", {}, o.message)))) : "",
      h("div", { class: row.partner ? "pair" : "" },
        h("section", {}, row.partner && h("p", { class: "muted small" }, h("b", {}, "this row")),
          row.turns.map((t, i) => turn(t, now?.texts?.[i] ?? null, whole))), row.partner && beside(row)));
    const state = now?.verdict ? `, ${now.verdict}` : "";
    const words = `Row ${S.at + 1} of ${S.view.n}${state}. ${row.asks}`;
    if (spoken.textContent !== words) spoken.textContent = words;
  };

  // ---- edit, comment, label: each takes the place of something in the detail, and gives it back
  const close = () => {
    const here = editor && (el.contains(document.activeElement) || document.activeElement === document.body);
    editor = null;
    detail();
    if (here) list.focus();
  };
  const leave = () => { // what was typed is not thrown away
    if (editor?.leave) editor.save(); else if (editor) close();
  };
  const form = (name, box, save, ...more) => { // Enter or Ctrl+Enter saves, Esc leaves
    editor = { save, leave: name !== "label" };
    box.addEventListener("keydown", (e) => {
      const enter = e.key === "Enter" && !e.isComposing && (e.ctrlKey || e.metaKey || e.target.tagName !== "TEXTAREA");
      if (e.key === "Escape") { close(); } else if (enter && e.target.tagName !== "BUTTON") save(); else return;
      e.preventDefault();
      e.stopPropagation();
    });
    box.append(h("div", { class: "row" }, h("button", { class: "main", onclick: save }, "Save"),
      h("button", { onclick: close }, "Cancel"), more));
    return box;
  };
  const asking = (name, kids, save) =>
    side.querySelector(".acts").after(form(name, h("div", { class: "asking" }, h("h4", {}, name), kids), save));
  const edit = () => {
    const row = S.rows.get(S.at), said = row && saidOf(row.id), old = said?.changed ? null : said?.texts;
    if (!row || editor) return;
    if (row.turns.some((t) => t.more)) {
      wantEdit = row.id;
      return p.ask({ kind: "whole", id: row.id });
    }
    const areas = row.turns.map((t, i) => {
      const text = old?.[i] ?? own(t), lines = text.split("\n").reduce((n, s) => n + 1 + Math.floor(s.length / 90), 0);
      const rows = Math.min(20, Math.max(2, lines));
      const area = h("textarea", { "aria-label": `Turn ${i + 1}, ${visible(t.role)}`, rows });
      area.value = text;
      return area;
    });
    const save = () => {
      const texts = row.turns.map((t, i) => {
        const from = old?.[i] ?? own(t), to = restored(from, areas[i].value) ?? from;
        return to === own(t) ? null : to;
      });
      const news = texts.some((t) => t !== null) ? texts : null, was = said?.changed ? "" : said?.verdict ?? "";
      const same = JSON.stringify(news) === JSON.stringify(old ?? null);
      if (!same) decide({ texts: news, verdict: news && was !== "keep" ? "fix" : was });
      close();
    };
    const odd = (text) => [...new Set(text.match(HIDDEN) ?? [])].map(visible).join(" ");
    const box = h("div", { class: "editing" }, row.turns.map((t, i) => h("div", { class: "turn" },
      h("h4", {}, visible(t.role)), areas[i], odd(own(t)) &&
      h("p", { class: "muted small" }, `Hidden characters stay where they are: ${odd(own(t))}`))));
    side.replaceChildren(form("edit", box, save, h("span", { class: "muted small" }, "Ctrl+Enter saves, Esc leaves")));
    const last = areas.findLast((_, i) => row.turns[i].role === "assistant") ?? areas.at(-1);
    last?.focus();
    last?.setSelectionRange(last.value.length, last.value.length);
  };
  const comment = () => {
    const row = S.rows.get(S.at);
    if (!row || editor) return;
    const said = saidOf(row.id), input = h("input", { type: "text", "aria-label": "Comment", maxlength: 10000 });
    input.value = said?.changed ? "" : said?.comment ?? "";
    const old = input.value;
    const save = () => {
      if (input.value.trim() !== old) decide({ comment: input.value.trim() });
      close();
    };
    asking("comment", [input], save);
    input.focus();
  };
  const relabel = () => {
    const row = S.rows.get(S.at);
    if (!row || editor) return;
    const input = h("input", { type: "text", role: "combobox", "aria-label": "Label", "aria-expanded": true,
      "aria-controls": `${uid}-labels`, "aria-autocomplete": "list", maxlength: 1000 });
    const box = h("div", { class: "labels", role: "listbox", id: `${uid}-labels`, "aria-label": "Labels" });
    let found = [], at = 0;
    const show = () => {
      found = matching(S.head.labels, input.value);
      at = Math.max(0, Math.min(at, found.length - 1));
      box.replaceChildren(...found.map((o, i) => h("button", { class: "chip", role: "option", tabindex: -1,
        "aria-selected": i === at, id: `${uid}-label-${i}`, onclick: () => { at = i; save(); } }, visible(o),
      !S.head.labels.includes(o) && h("span", { class: "n" }, "new"))));
      input.setAttribute("aria-activedescendant", `${uid}-label-${at}`);
    };
    const save = () => {
      const label = found[at];
      if (label === undefined) return;
      const said = saidOf(row.id), now = said?.changed ? null : said, back = label === row.label;
      if (!S.head.labels.includes(label)) S.head.labels.push(label);
      if (label !== (now?.label ?? row.label)) {
        decide({ label: back ? null : label, verdict: back || now?.verdict === "keep" ? now?.verdict ?? "" : "fix" });
      }
      close();
    };
    input.oninput = () => { at = 0; show(); };
    input.onkeydown = (e) => {
      const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
      if (!by || (e.key.match(/Left|Right/) && input.value)) return;
      at = (at + by + found.length) % Math.max(1, found.length);
      show();
      e.preventDefault();
    };
    show();
    asking("label", [input, box], save);
    input.focus();
  };

  // ---- keys
  search.oninput = later(() => request({ text: search.value }));
  filters.addEventListener("keydown", (e) => {
    if (e.key !== "Escape" && !(e.key === "Enter" && e.target === search)) return;
    list.focus();
    e.preventDefault();
    e.stopPropagation();
  });
  const keys = (e) => {
    const k = e.key.length === 1 ? e.key.toLowerCase() : e.key;
    if (/INPUT|TEXTAREA|SELECT/.test(e.target.tagName) || e.ctrlKey || e.metaKey || e.altKey) return;
    const calm = !e.repeat; // a key held down moves, but never decides
    if (k === "Escape" && (!help.hidden || editor)) { if (editor) close(); showHelp(false); }
    else if (VERDICTS[k]) { if (calm && !editor) decide({ verdict: VERDICTS[k] }, true); }
    else if (MOVES[k]) go(MOVES[k]);
    else if (k === "n") next();
    else if (k === "[" || k === "]") page(k === "]" ? 1 : -1);
    else if (k === "e") edit();
    else if (k === "c") comment();
    else if (k === "l") relabel();
    else if (k === "z") { if (calm) undo(); }
    else if (k === "/") search.focus();
    else if (k === "?") showHelp(help.hidden);
    else return;
    e.preventDefault();
    e.stopPropagation();
  };
  el.addEventListener("keydown", keys);
  el.addEventListener("focusout", () => setTimeout(() => { // a new picture redraws the output: never under one's hands
    if (document.hasFocus() && el.isConnected && !el.contains(document.activeElement)) p.ask({ kind: "rest" }, "");
  }, 200));

  // ---- what python says
  if (reopened) { bar(); draw(); detail(); }
  p.hear({
    head: (m) => {
      S.head = m;
      S.progress = m.progress;
      open(m);
      retrace([...m.trail]);
      tell();
      if (S.view.view) bar();
    },
    view: (m) => {
      const same = m.view === S.view.view;
      if (!same) leave();
      S.view = m;
      asked = m.follows ? m.view : 0;
      bar();
      if (search.value !== m.request.text && document.activeElement !== search) search.value = m.request.text;
      if (same) return ahead();
      S.rows.clear();
      S.at = m.at;
      shownAt = -1;
      since = Date.now();
      draw();
      detail();
      ahead();
    },
    rows: (m) => {
      if (!live && reopened) return;
      asked = 0;
      if (m.view !== S.view.view) return ahead();
      m.rows.forEach((r, i) => S.rows.set(m.start + i, r));
      if (m.start < start() + size() && m.start + m.rows.length > start()) draw();
      if (m.start <= S.at && S.at < m.start + m.rows.length) detail();
      if (live) begin();
      ahead();
    },
    row: (m) => {
      for (const [at, r] of S.rows) if (r.id === m.row.id) S.rows.set(at, m.row);
      if (S.rows.get(S.at)?.id !== m.row.id) return;
      detail();
      if (wantEdit === m.row.id) { wantEdit = ""; edit(); }
    },
    at: (m) => { if (live && m.at !== null) pick(m.at, true); },
    saved: (m) => {
      if (!live) return;
      settle(m.key);
      S.progress = m.progress;
      for (const r of S.rows.values()) if (r.id === m.id) r.said = m.said;
      redraw(m.id);
      tell();
    },
    unsaved: (m) => {
      if (!live) return;
      if (waiting.has(m.key)) waiting.get(m.key).refused = true; // it stays in this browser
      p.say("failed", m.what);
      tell();
    },
  });
  live = true;
  begin();
  handOver([...waiting.values()]);
  if (reopened) { asked = S.view.view; p.ask({ kind: "rows", view: asked, start: start(), n: 3 * size() }); }
  ahead();
  return () => { leave(); el.removeEventListener("keydown", keys); p.close(); };
}
export default { render };
