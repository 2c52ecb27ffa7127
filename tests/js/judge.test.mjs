// The helpers of the judging panel that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { helpOf, meaning } from "../../ftkit/static/judge/keys.js";
import { counted, current, nextAt, opened, reasons, reduce, saidOf, toggled, wanted } from "../../ftkit/static/judge/state.js";

const choices = [{ verdict: "left", words: "left is better", keys: ["ArrowLeft", "l"] }, { verdict: "tie", words: "alike", keys: ["t"] }];
const head = { kind: "head", n: 9, at: 0, choices, tags: ["wrong", "invented"], sides: { left: "Left", right: "Right" }, trail: [], progress: { counts: { left: 2 } } };
const items = (start, n) => ({ kind: "items", start, items: Array.from({ length: n }, (_, i) => ({ item: `i${start + i}`, said: null })) });
const begun = () => [head, items(0, 4)].reduce(reduce, opened());
const decide = (verdict, key, now = 5000) => ({ kind: "decide", verdict, key, now, since: 2000 });

test("a key means what python says it means, and one held down never judges", () => {
  assert.deepEqual(["ArrowLeft", "L", "t", "1", "2", "3", "z", "?", "x", "[", "Escape"].map((k) => meaning(k, head)),
    [["judge", "left"], ["judge", "left"], ["judge", "tie"], ["tag", "left", "wrong"], ["tag", "left", "invented"], null, ["undo"], ["help"], null,
      ["previous"], ["escape"]]);
  assert.deepEqual(["t", "1", "z", "]"].map((k) => meaning(k, head, true)[0]), ["nothing", "nothing", "nothing", "next"]);
  assert.deepEqual(meaning('"', head, false, { code: "Digit2", shift: true }), ["tag", "right", "invented"]); // on a German keyboard
  assert.equal(meaning("2", { ...head, sides: { answer: "Answer" } }, false, { code: "Digit2", shift: true }), null);
  assert.deepEqual(helpOf(head)[0], ["← l", "left is better"]);
  const single = { ...head, sides: { answer: "Answer" } }, ofDifferences = (o) => helpOf(o).some(([k]) => k === "d");
  assert.deepEqual([meaning("d", head), meaning("d", single), ofDifferences(head), ofDifferences(single)], [["differences"], null, true, false]);
});

test("items are asked for before they are looked at, once", () => {
  let s = reduce(opened(), head);
  assert.deepEqual(wanted(s), { start: 0, n: 9 });
  assert.deepEqual(wanted({ ...s, head: { n: 99 } }), { start: 0, n: 10 });
  assert.equal(wanted(reduce(s, { kind: "asked" })), null);
  s = reduce(begun(), { kind: "pick", at: 2 });
  assert.deepEqual(wanted(s), { start: 4, n: 5 });
  assert.equal(current(reduce(s, { kind: "pick", at: 99 })), undefined);
  assert.equal(reduce(s, { kind: "pick", at: 99 }).at, 8);
});

test("reasons given before the verdict go with it", () => {
  let s = reduce(begun(), { kind: "draft", item: "i0", news: { tags: toggled({}, "left", "wrong") } });
  s = reduce(s, { kind: "draft", item: "i0", news: { comment: "off" } });
  assert.deepEqual(reasons(s, "i0"), { tags: { left: ["wrong"] }, comment: "off" });
  s = reduce(s, decide("left", "k"));
  const [{ m }] = [...s.waiting.values()];
  assert.deepEqual(m, { kind: "decide", key: "k", item: "i0", verdict: "left", tags: { left: ["wrong"] }, comment: "off", seconds: 3, t: 5 });
  assert.deepEqual([saidOf(s, "i0").verdict, s.drafts.size], ["left", 0]);
});

test("a judgement waits until python has it on disk, is counted, and can be taken back", () => {
  let s = reduce(begun(), decide("tie", "k"));
  assert.deepEqual([counted(s.progress, s.waiting.values()).judged, s.trail.length], [3, 1]);
  const back = reduce(s, { kind: "undo", key: "u", now: 6000 });
  assert.deepEqual([saidOf(back, "i0"), counted(back.progress, back.waiting.values()).judged, back.trail.length], [null, 2, 0]);
  assert.equal([...back.waiting.values()].at(-1).m.of, "k");
  s = reduce(s, { kind: "saved", key: "k", item: "i0", said: { verdict: "tie", tags: [], comment: "" }, progress: { counts: { left: 2, tie: 1 } } });
  assert.deepEqual([s.waiting.size, saidOf(s, "i0").verdict, counted(s.progress, []).judged], [0, "tie", 3]);
});

test("what python does not take stays, and what an earlier page kept is there again", () => {
  let s = reduce(begun(), decide("tie", "k"));
  s = reduce(s, { kind: "unsaved", key: "k" });
  assert.equal(s.waiting.get("k").refused, true);
  const later = reduce(reduce(begun(), { kind: "kept", list: [...s.waiting.values()] }), head);
  assert.deepEqual([saidOf(later, "i0").verdict, later.trail.map((o) => o.key)], ["tie", ["k"]]);
  assert.equal(reduce(reduce(later, { kind: "pick", at: 3 }), head).at, 3); // where one was, after a new head
});

test("what was refused and then taken back waits no more", () => {
  let s = reduce(reduce(begun(), decide("tie", "k")), { kind: "unsaved", key: "k" });
  s = reduce(s, { kind: "undo", key: "u", now: 6000 });
  s = reduce(s, { kind: "saved", key: "u", item: "i0", said: null, progress: { counts: {} } });
  assert.deepEqual([s.waiting.size, saidOf(s, "i0")], [0, null]);
});

test("reasons belong to a side, and go when they are named again", () => {
  const once = toggled(toggled({}, "left", "wrong"), "right", "invented");
  assert.deepEqual(once, { left: ["wrong"], right: ["invented"] });
  assert.deepEqual(toggled(once, "left", "wrong"), { left: [], right: ["invented"] });
});

test("after the last item comes the first that is open, and skipped ones count as open", () => {
  const all = [{ ...head, progress: { counts: {}, open: [1, 3, 8] } }, items(0, 9), { kind: "pick", at: 8 }].reduce(reduce, opened());
  assert.deepEqual([nextAt(reduce(all, { kind: "pick", at: 4 })), nextAt(reduce(all, decide("tie", "k")))], [5, 1]);
  const skipped = reduce(reduce(all, { kind: "pick", at: 1 }), decide("skip", "s"));
  assert.deepEqual([nextAt({ ...skipped, at: 8 }), counted(skipped.progress, skipped.waiting.values()).judged], [1, 0]);
  assert.equal(nextAt({ ...reduce(reduce(all, { kind: "pick", at: 1 }), decide("tie", "s")), at: 8 }), 3);
});
