// The token panel's helpers that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { bars, moved, share, tally, tokensAt } from "../../ftkit/static/tokens/lengths.js";
import { step, told, turnsOf } from "../../ftkit/static/tokens/row.js";

// four rows of 10, 20, 30, 30 tokens; learned from 6 to 10, from 6 to 20, from 26 to 29, and nothing
const bins = { step: 10, longest: 30, n: [1, 1, 2], first: [2, 0, 1], last: [1, 1, 1], none: 1 };

test("what a cut does", () => {
  assert.deepEqual(tally(bins, 4, 10), { max_length: 10, rows: 4, cut: 3, answers: 1, idle: 2 });
  assert.deepEqual(tally(bins, 4, 20), { max_length: 20, rows: 4, cut: 2, answers: 0, idle: 2 });
  assert.deepEqual(tally(bins, 4, 30), { max_length: 30, rows: 4, cut: 0, answers: 0, idle: 1 });
  assert.deepEqual(tally(bins, 4, 2048), { max_length: 2048, rows: 4, cut: 0, answers: 0, idle: 1 });
});

test("a place on the axis is a whole number of steps", () => {
  assert.deepEqual([-1, 0, 0.4, 0.9, 2].map((x) => tokensAt(x, bins)), [10, 10, 10, 30, 30]);
});

test("keys move the cut", () => {
  assert.equal(moved("ArrowRight", 10, bins), 20);
  assert.equal(moved("ArrowLeft", 10, bins), 10);
  assert.equal(moved("ArrowLeft", 25, bins), 20);
  assert.equal(moved("ArrowRight", 25, bins), 30);
  assert.equal(moved("ArrowRight", 2048, bins), 2048); // beyond the longest row there is nothing to find
  assert.equal(moved("ArrowLeft", 2048, bins), 2040);
  assert.equal(moved("End", 10, bins), 30);
  assert.equal(moved("Home", 30, bins), 10);
  assert.equal(moved("x", 30, bins), null);
});

test("bars, shares and words", () => {
  assert.deepEqual(bars([1, 0, 4]), [[1, 25], [0, 0], [4, 100]]);
  assert.equal(bars(Array(480).fill(1)).length, 60);
  assert.equal(share(12, 300), "12 (4.0 %)");
  assert.equal(share(0, 0), "0 (0.0 %)");
  assert.match(told([7, "␣a", 1, 0, 0], 3, "assistant", 10), /^token 4 · id 7 · assistant · learned/);
  assert.match(told([7, "<x>", 1, 0, 1], 10, "", 10), /id 7 · template · beyond the cut · control token/);
});

test("tokens in turns", () => {
  const t = (role) => [1, "a", 0, role, 0, 0];
  assert.deepEqual(turnsOf([t(0), t(0), t(1)], 5).map(([r, o]) => [r, o.map(([, at]) => at)]), [[0, [5, 6]], [1, [7]]]);
  assert.deepEqual(turnsOf([], 0), []);
});

test("keys go from token to token, and stop at either end", () => {
  assert.deepEqual(["ArrowRight", "ArrowUp", "ArrowDown", "End", "x"].map((k) => step(k, 3, 9)), [4, 0, 8, 8, null]);
  assert.equal(step("Home", -1, 9), null); // the focus is on no token
});
