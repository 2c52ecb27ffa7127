// keys.js: what each key does, and the box that says so.
import { h } from "../panel.js";
import { kbd, VERDICTS } from "./detail.js";

const MOVES = { ArrowDown: 1, j: 1, ArrowUp: -1, p: -1 };
const NAMED = { n: "next", e: "edit", c: "comment", l: "relabel", z: "undo", "/": "search", "?": "help" };
const HELP = [["k d f u", "keep, drop, fix, unsure; then the next row"], ["↓ j", "next row"], ["↑ p", "previous row"],
  ["n", "next row without a verdict"], ["[ ]", "previous and next page"],
  ["e", "edit in place: Ctrl+Enter saves, Esc leaves"], ["c", "comment: Enter saves"],
  ["l", "another label: Enter takes the marked one"], ["z", "take the last decision back"],
  ["/", "search: Esc goes back to the rows"], ["?", "these keys"]];

/** What a key means, as `[what, argument]`, or null. A key held down moves, but never decides. */
export function meaning(pressed, held = false) {
  const k = pressed.length === 1 ? pressed.toLowerCase() : pressed;
  if (VERDICTS[k]) return [held ? "nothing" : "judge", VERDICTS[k]];
  if (MOVES[k]) return ["go", MOVES[k]];
  if (k === "[" || k === "]") return ["page", k === "]" ? 1 : -1];
  if (k === "Escape") return ["escape"];
  if (!NAMED[k]) return null;
  return [k === "z" && held ? "nothing" : NAMED[k]];
}

export class Help {
  constructor(back) {
    this.back = back;
    const line = ([keys, what]) => [h("span", {}, keys.split(" ").map((o) => h("kbd", {}, o))), h("span", {}, what)];
    this.el = h("div", { class: "help", hidden: true, role: "dialog", "aria-label": "Keys", tabindex: -1 }, HELP.map(line));
    this.button = h("button", { class: "plain", "aria-expanded": false, onclick: () => this.show(this.el.hidden) },
      "Keys ", kbd("?"));
  }
  show(on) {
    this.el.hidden = !on;
    this.button.setAttribute("aria-expanded", on);
    if (on) this.el.focus(); else this.back();
  }
}
