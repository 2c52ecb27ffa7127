// The columns panel's helpers that need no page. Run with: node --test tests/js/
import assert from "node:assert/strict";
import test from "node:test";
import { told } from "../../ftkit/static/columns.js";

test("a column's type, and how many rows have nothing there", () => {
  assert.equal(told({ type: "text", filled: 200, of: 200 }), "text");
  assert.equal(told({ type: "text", filled: 199, of: 200 }), "text, 1 row of 200 empty");
  assert.equal(told({ type: "number", filled: 0, of: 1200 }), "number, 1,200 rows of 1,200 empty");
});
