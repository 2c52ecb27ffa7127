// The helpers of the review panel that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { Courier, settledBy, withKept } from "../../ftkit/static/review/courier.js";
import { diff, restored } from "../../ftkit/static/review/diff.js";
import { edited, matching, relabelled } from "../../ftkit/static/review/edit.js";
import { choices } from "../../ftkit/static/review/filters.js";
import { meaning } from "../../ftkit/static/review/keys.js";
import { counted, estimate, timing, unsaved } from "../../ftkit/static/review/progress.js";
import { newest, nextOpen, opened, reduce, saidOf, start, wanted } from "../../ftkit/static/review/state.js";
import { keeper } from "../../ftkit/static/review/storage.js";
import { visible } from "../../ftkit/static/text.js";

test("what cannot be seen is made visible, and nothing else changes", () => {
  assert.equal(visible("a\u202eb\ud800\x1b[2J\u{e0041}\0"), "a⟨U+202E⟩b⟨U+D800⟩⟨U+001B⟩[2J⟨U+E0041⟩⟨U+0000⟩");
  for (const s of ["plain", "tab\there\nline", "😀 é 日本", "👨‍👩‍👧"]) assert.equal(visible(s), s);
});

test("a diff tells words apart, and joins to both texts", () => {
  assert.deepEqual(diff("the red car", "the blue car"), [["same", "the "], ["gone", "red"], ["new", "blue"], ["same", " car"]]);
  assert.deepEqual(diff("same", "same"), [["same", "same"]]);
  assert.deepEqual([diff("", "new"), diff("old", ""), diff("", "")], [[["new", "new"]], [["gone", "old"]], []]);
  let seed = 7;
  const draw = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
  for (let i = 0; i < 300; i++) {
    const text = () => Array.from({ length: draw(12) }, () => ["a", "b", " ", "\n", "😀", "\ud800", ","][draw(7)]).join("");
    const a = text(), b = text(), d = diff(a, b, i % 2 ? 1e6 : 4);
    const side = (kind) => d.filter(([k]) => k === "same" || k === kind).map(([, s]) => s).join("");
    assert.deepEqual([side("gone"), side("new")], [a, b]);
  }
});

test("a diff of long texts is quick", () => {
  const words = (n, w) => Array.from({ length: n }, (_, i) => w + i).join(" "), start = performance.now();
  diff(words(3000, "a"), words(3000, "b"));
  diff(words(400, "a"), words(400, "b"));
  assert.ok(performance.now() - start < 500);
});

test("an edit gives back every character that was not touched", () => {
  assert.equal(restored("a\r\nb\u202e", "a\nb\u202e"), null);
  assert.equal(restored("a\r\nb\r\nc", "a\nb!\nc"), "a\r\nb!\r\nc");
  assert.equal(restored("a\r\nb", "a\nx\nb"), "a\r\nx\r\nb"); // only \r\n there: a new line is one, too
  assert.equal(restored("a\r\nb\nc\rd", "a\nb\nc\ndX"), "a\r\nb\nc\rdX");
  assert.equal(restored("⟨U+202E⟩\u202e", "⟨U+202E⟩\u202ex"), "⟨U+202E⟩\u202ex");
  assert.equal(restored("aaa", "aa"), "aa");
  assert.equal(restored("", "x"), "x");
  assert.equal(restored("x\r\n", ""), "");
});

test("what is not saved yet counts in the progress", () => {
  const p = { reviewed: 3, in_sample: 2, counts: { keep: 2, drop: 1, fix: 0, unsure: 0 }, chance: 2, chance_drop: 1 };
  const drop = { verdict: "drop", chance: true }, keep = { verdict: "keep", chance: true };
  const a = counted(p, [{ before: null, after: drop, sampled: true }]);
  assert.deepEqual([a.reviewed, a.in_sample, a.counts.drop, a.chance, a.chance_drop], [4, 3, 2, 3, 2]);
  const b = counted(p, [{ before: drop, after: keep, sampled: true }, { before: keep, after: null, sampled: true }]);
  assert.deepEqual([b.reviewed, b.in_sample, b.counts.keep, b.chance, b.chance_drop], [2, 1, 2, 1, 0]);
  const c = counted(p, [{ before: { verdict: "drop", changed: true }, after: { verdict: "", comment: "x" } }]);
  assert.deepEqual([c.reviewed, c.counts], [3, p.counts]);
  assert.equal(p.reviewed, 3);
});

test("an estimate has its interval, and says when it is none", () => {
  assert.equal(estimate(9, 40), "22.5 % dropped (95 %: 12.3–37.5)");
  assert.equal(estimate(0, 0), "share dropped: not an estimate");
  assert.equal(estimate(0, 10), "0.0 % dropped (95 %: 0.0–27.8)");
});

test("pace and time left", () => {
  assert.equal(timing({ pace: 6, size: 300, in_sample: 60 }), "6.0 rows/min · 40 min left");
  assert.equal(timing({ pace: 12.4, size: 10, in_sample: 10 }), "12 rows/min");
  assert.equal(timing({ pace: null, size: 10, in_sample: 0 }), "");
});

test("labels that fit what was typed, and the new one last", () => {
  const all = ["card lost", "card", "lost pin"];
  assert.deepEqual(matching(all, "card"), ["card", "card lost"]);
  assert.deepEqual(matching(all, "LOST"), ["lost pin", "card lost", "LOST"]);
  assert.deepEqual(matching(all, ""), all);
  assert.deepEqual(matching([], " new "), ["new"]);
});

test("what is kept comes back in order, for this file and this reviewer alone", () => {
  const m = new Map();
  const storage = { getItem: (k) => m.get(k) ?? null, setItem: (k, v) => m.set(k, v), removeItem: (k) => m.delete(k),
    key: (i) => [...m.keys()][i] ?? null, get length() { return m.size; } };
  const ann = keeper(storage, "f1", "ann");
  ann.put({ m: { key: "k2", id: "b" }, n: 2 });
  ann.put({ m: { key: "k1", id: "a" }, n: 1 });
  keeper(storage, "f1", "bob").put({ m: { key: "k3", id: "c" }, n: 3 });
  storage.setItem("ftkit/review/f1/ann/broken", "{");
  assert.deepEqual(ann.all().map((o) => o.m.key), ["k1", "k2"]);
  ann.drop("k1");
  assert.deepEqual(keeper(storage, "f1", "ann").all().map((o) => o.m.key), ["k2"]);
  assert.deepEqual(keeper(storage, "f2", "ann").all(), []);
  keeper(storage, "f1", "ann/2").put({ m: { key: "k4", id: "d" }, n: 4 });
  assert.deepEqual(keeper(storage, "f1", "ann").all().map((o) => o.m.key), ["k2"]);
});

const keyed = (...keys) => new Map(keys.map((key, n) => [key, { m: { key }, n }]));

test("decisions are handed over one at a time, the oldest first, and again where nobody answers", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let waiting = keyed("a", "b", "c");
  const sent = [], courier = new Courier((m) => { sent.push(m.key); if (m.key === "b") throw Error("closed"); }, () => waiting);
  const answered = (key) => { waiting = new Map([...waiting].filter(([k]) => k !== key)); courier.answered(key); };
  courier.all();
  courier.next();
  assert.deepEqual(sent, ["a"]);
  t.mock.timers.tick(3000);
  t.mock.timers.tick(6000);
  t.mock.timers.tick(11000);
  assert.deepEqual(sent, ["a", "a", "a"]);
  answered("a");
  answered("a"); // Of one that was sent again
  assert.deepEqual(sent, ["a", "a", "a", "b"]);
  t.mock.timers.tick(3000);
  answered("b");
  waiting.set("d", { m: { key: "d" } });
  courier.next();
  assert.deepEqual(sent.slice(4), ["b", "c"]);
  courier.answered("c", true); // Refused: it stays, and those behind it go on
  answered("d");
  t.mock.timers.tick(1e6);
  assert.deepEqual(sent.slice(4), ["b", "c", "d"]);
  courier.all();
  courier.close();
  t.mock.timers.tick(1e6);
  assert.deepEqual(sent.slice(4), ["b", "c", "d", "c"]);
});

test("what an earlier view could not hand over goes before what is decided since", () => {
  const old = [{ m: { key: "a" }, n: 3 }, { m: { key: "b" }, n: 5 }], now = new Map([["c", { m: { key: "c" }, n: 9 }], ["b", old[1]]]);
  assert.deepEqual([...withKept(now, old).keys()], ["a", "b", "c"]);
});

// ---- the state

const row = (id, said = null) => ({ id, hash: `h${id}`, sampled: true, said });
const head = { kind: "head", page: 2, progress: {}, trail: [], labels: ["a"] };
const after = (state, ...ms) => ms.reduce((s, m) => freeze(reduce(s, m)), freeze(state));
const freeze = (s) => { Object.freeze(s); Object.values(s).forEach((o) => Object.freeze(o)); return s; };
const begun = () => after(opened(), head, { kind: "view", view: 7, n: 9, at: 0, request: {}, chance: true, follows: true },
  { kind: "rows", view: 7, start: 0, rows: ["x", "y", "z"].map((o) => row(o)) });
const drop = (key, now = 1000) => ({ kind: "decide", news: { verdict: "drop" }, key, now, since: 0 });

test("rows that come are put into their places; those of an older view are not", () => {
  const s = begun();
  assert.deepEqual([...s.rows.keys()], [0, 1, 2]);
  assert.equal(s.asked, 0);
  assert.equal(after(s, { kind: "rows", view: 6, start: 3, rows: [row("old")] }).rows.size, 3);
  assert.equal(after(s, { kind: "view", view: 8, n: 1, at: 0, request: {} }).rows.size, 0);
  assert.equal(after(s, { kind: "view", view: 7, n: 9, at: 5, request: {} }).rows.size, 3); // the same view, said again
});

test("two more pages are asked for, once", () => {
  const s = begun();
  assert.deepEqual(wanted(s), { view: 7, start: 3, n: 3 });
  assert.equal(wanted(after(s, { kind: "asked", view: 7 })), null);
  assert.equal(wanted(opened()), null);
});

test("a choice stays among the rows, and rows far away are let go", () => {
  const s = after(begun(), { kind: "pick", at: 99 });
  assert.deepEqual([s.at, start(s)], [8, 8]);
  assert.equal(after(s, { kind: "pick", at: -4 }).at, 0);
  const far = after({ ...begun(), at: 40 }, { kind: "trim" });
  assert.equal(far.rows.size, 0);
});

test("a decision counts at once, waits for python, and is settled by it", () => {
  const s = after(begun(), drop("k1"));
  const { m, sampled, n } = newest(s, "x");
  assert.deepEqual([m.verdict, m.hash, m.order, m.seconds, sampled, n], ["drop", "hx", "random", 1, true, 1000]);
  assert.equal(saidOf(s, "x").verdict, "drop");
  assert.equal(nextOpen(s), 1);
  const said = { verdict: "drop" }, saved = after(s, { kind: "saved", key: "k1", id: "x", said, progress: { n: 1 } });
  assert.deepEqual([saved.waiting.size, saidOf(saved, "x"), saved.progress], [0, said, { n: 1 }]);
});

test("one that python refuses stays, and is not waited for", () => {
  const s = after(begun(), drop("k1"), { kind: "unsaved", key: "k1" }, { kind: "unsaved", key: "other" });
  assert.equal(newest(s, "x").refused, true);
  assert.deepEqual(unsaved(s.waiting, 5000), { n: 1, age: -1 });
  assert.deepEqual(unsaved(after(begun(), drop("k1")).waiting, 5000), { n: 1, age: 4000 });
});

test("a decision that was lost or refused and is taken back is not handed over again", () => {
  const s = after(begun(), drop("k1"), { kind: "unsaved", key: "k1" }, { kind: "undo", key: "k2", now: 1000 });
  assert.deepEqual(settledBy(s.waiting, "k2"), ["k2", "k1"]);
  assert.equal(after(s, { kind: "saved", key: "k2", id: "x", said: null, progress: {} }).waiting.size, 0);
  assert.deepEqual(settledBy(after(begun(), drop("k1")).waiting, "k1"), ["k1"]);
});

test("decisions are taken back newest first, also those that python has not heard of", () => {
  const s = after(begun(), drop("k1"), { kind: "pick", at: 1 }, drop("k2"), { kind: "undo", key: "k3", now: 1000 });
  assert.equal(saidOf(s, "y"), null);
  assert.deepEqual([...s.waiting.values()].map((o) => [o.m.kind, o.n]), [["decide", 1000], ["decide", 1001], ["undo", 1002]]);
  assert.deepEqual(s.trail.map((o) => o.key), ["k1"]);
  const again = after(s, { ...head, trail: [{ key: "k0", id: "w", before: null }] });
  assert.deepEqual(again.trail.map((o) => o.key), ["k0", "k1"]);
  const empty = begun();
  assert.equal(after(empty, { kind: "undo", key: "k", now: 0 }), empty);
});

test("what is in this browser's storage waits again", () => {
  const o = { m: { key: "k9", id: "z" }, after: { verdict: "keep" }, n: 1 };
  assert.equal(saidOf(after(begun(), { kind: "kept", list: [o] }), "z").verdict, "keep");
});

test("a verdict on other content is none; a new label is known from then on", () => {
  const changed = { verdict: "keep", comment: "c", changed: true };
  const s = after(begun(), { kind: "row", row: row("x", changed) }, { kind: "decide", news: { label: "b" }, key: "k", now: 1, since: 0 });
  assert.deepEqual([saidOf(s, "x").comment, saidOf(s, "x").label, s.head.labels], ["", "b", ["a", "b"]]);
});

test("a message that is not known changes nothing", () => {
  const s = begun();
  assert.equal(after(s, { kind: "?" }), s);
});

// ---- edits and keys

const texts = (...own) => ({ label: "a", turns: own.map((o) => ({ own: o })) });

test("an edit is a fix, unless the row was kept; what is as it was is no edit", () => {
  assert.equal(edited(texts("q", "a"), null, ["q", "a"]), null);
  assert.deepEqual(edited(texts("q", "a"), null, ["q", "b"]), { texts: [null, "b"], verdict: "fix" });
  assert.equal(edited(texts("q", "a"), { verdict: "keep" }, ["q", "b"]).verdict, "keep");
  assert.deepEqual(edited(texts("q", "a"), { verdict: "fix", texts: [null, "b"] }, ["q", "a"]), { texts: null, verdict: "fix" });
});

test("another label is a fix, unless the row was kept; its own one is none", () => {
  assert.equal(relabelled({ label: "a" }, null, "a"), null);
  assert.deepEqual(relabelled({ label: "a" }, null, "b"), { label: "b", verdict: "fix" });
  assert.deepEqual(relabelled({ label: "a" }, { verdict: "keep" }, "b"), { label: "b", verdict: "keep" });
  assert.deepEqual(relabelled({ label: "a" }, { label: "b", verdict: "drop" }, "a"), { label: null, verdict: "drop" });
});

test("keys: a capital is the same key, and one that is held down decides nothing", () => {
  assert.deepEqual([meaning("K"), meaning("ArrowDown"), meaning("["), meaning("?")], [["judge", "keep"], ["go", 1], ["page", -1], ["help"]]);
  assert.deepEqual([meaning("d", true)[0], meaning("z", true)[0], meaning("j", true)[0]], ["nothing", "nothing", "go"]);
  assert.deepEqual([meaning("x"), meaning("Enter")], [null, null]);
});

test("filters that offer no choice are left out, but never one that is set", () => {
  const m = { checks: [], clusters: false, labels: [], splits: [] };
  assert.deepEqual(choices(m, {}).map(([, k]) => k), ["order", "verdict", "length"]);
  assert.deepEqual(choices(m, { label: "x" }).map(([, k]) => k), ["order", "verdict", "label", "length"]);
  assert.deepEqual(choices(m, {})[0][2].map(([k]) => k), ["random", "file"]);
  assert.deepEqual(choices({ ...m, labels: ["a"], labels_rest: "and 1 more label" }, {})[2][2].slice(1), [["a", "a"], [null, "and 1 more label"]]);
});
