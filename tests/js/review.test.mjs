// The helpers of the review panel that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { counted, diff, estimate, keeper, matching, restored, timing, visible } from "../../ftkit/static/review.js";

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
});
