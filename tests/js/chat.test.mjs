// The helpers of the chat panel that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { aloud, composes, goes, legible, lookOf, otherwise, reduce, sends } from "../../ftkit/static/chat/state.js";

const stands = { state: "ready", busy: false, trouble: "", system: "", how: "greedy", settings: {}, errors: {} };
const turn = (n, more) => ({ n, text: `q${n}`, system: "", how: "greedy", live: false, at: 0, answers: [{ text: "a" }, { text: "b" }], kept: [[], []], ...more });
const live = (n, more) => turn(n, { live: true, answers: [{ text: "" }, { text: "" }], ...more });
const begun = (...turns) => reduce(null, { kind: "chat", sides: ["tuned", "base"], turns, ...stands });

test("pieces are added in their order, once, and to the turn that they are of", () => {
  let s = begun(live(0));
  const one = { kind: "more", piece: ["In ", ""], n: 0, at: 1 };
  s = reduce(s, one);
  assert.equal(reduce(s, one), s); // a second view of the page heard it too
  assert.equal(reduce(s, { ...one, at: 3 }), s); // one was missed: the end brings all
  s = reduce(s, { ...one, piece: ["Oslo", "I "], at: 2 });
  assert.deepEqual(s.turns[0].answers.map((o) => o.text), ["In Oslo", "I "]);
  assert.equal(reduce(begun(turn(0)), one).turns[0].answers[0].text, "a");
  assert.equal(reduce(null, one), null);
});

test("an edited turn takes the later ones with it, and a complete one comes whole", () => {
  let s = begun(turn(0), turn(1), turn(2));
  s = reduce(s, { kind: "more", ...stands, state: "answering", busy: true, turn: live(1), of: 2 });
  assert.deepEqual([s.turns.length, s.state, s.busy], [2, "answering", true]);
  s = reduce(s, { kind: "more", ...stands, turn: turn(1), of: 2, done: 1 });
  assert.deepEqual([s.turns[1].live, s.state, s.sides.length], [false, "ready", 2]);
  assert.equal(reduce(begun(), { kind: "more", ...stands, turn: turn(5), of: 6 }).turns.length, 0); // all of it is on its way
});

test("Enter sends, unless it is held with Shift or ends a word that is composed", () => {
  const pressed = (o) => sends({ key: "Enter", ...o });
  assert.deepEqual([pressed(), pressed({ shiftKey: true }), pressed({ isComposing: true }), pressed({ keyCode: 229 }), sends({ key: "a" })],
    [true, false, false, false, false]);
  assert.ok(composes({ keyCode: 229 }));
});

test("a turn says what was otherwise, and an edit what it takes away", () => {
  assert.deepEqual([otherwise(turn(0)), otherwise(turn(0, { how: "temperature 1" })), otherwise(turn(1, { how: "temperature 1" }), turn(0, { how: "temperature 1" })),
    otherwise(turn(1, { system: "x" }), turn(0)), otherwise(turn(1), turn(0, { system: "x" }))], ["", "temperature 1", "", "another system prompt", "no system prompt"]);
  assert.deepEqual([goes(2, 3), goes(1, 3), goes(0, 3)],
    ["It is asked anew.", "Sending it removes the turn after it.", "Sending it removes the 2 turns after it."]);
  assert.deepEqual(["ready", "failed", "closed"].map(lookOf), ["done", "failed", ""]);
  assert.deepEqual(["", "\n\n", " a"].map(legible), ["(empty)", "(white space only)", " a"]);
  assert.equal(aloud(turn(0, { answers: [{ text: "In Oslo.", ended: "3 tokens" }] }), ["tuned"]), "tuned: In Oslo. (3 tokens)");
});
