// keys.js: what each key does in judging. Which keys mean which verdict is said by python, since it depends on what is judged.

const NAMED = { z: "undo", c: "comment", d: "differences", g: "marks", "[": "previous", "]": "next", p: "previous", n: "next", "?": "help" };
const HELP = [["c", "comment: Enter saves, Esc leaves"], ["z", "take the last judgement back"],
  ["[ ]", "previous and next"], ["d", "mark what differs, or not"], ["g", "marks of what the source lacks, or not"], ["?", "these keys"]];
const SHOWN = { ArrowLeft: "←", ArrowRight: "→", ArrowUp: "↑", ArrowDown: "↓" };

/** Are two answers side by side, so that differences can be marked? */
export const compares = (head) => Object.keys(head.sides).length > 1;

/** A key as it is shown. */
export const shown = (k) => SHOWN[k] ?? k;

/** What a key means, as `[what, argument, …]`, or null. A key held down moves, but never judges. `code` names the key, whatever it types. */
export function meaning(pressed, head, held = false, { code = "", shift = false } = {}) {
  const k = pressed.length === 1 ? pressed.toLowerCase() : pressed;
  const choice = head.choices.find((o) => o.keys.includes(k));
  if (choice) return [held ? "nothing" : "judge", choice.verdict];
  const digit = /^Digit([1-9])$/.exec(code) ?? /^([1-9])$/.exec(k), at = digit ? Number(digit[1]) - 1 : -1;
  const side = Object.keys(head.sides)[shift ? 1 : 0];
  if (at >= 0) return at < head.tags.length && side ? [held ? "nothing" : "tag", side, head.tags[at]] : null;
  if (k === "Escape") return ["escape"];
  if (!NAMED[k] || (k === "d" && !compares(head))) return null;
  return [k === "z" && held ? "nothing" : NAMED[k]];
}

/** Lines of help, `[keys, what]`. */
export function helpOf(head) {
  const [first, second] = Object.values(head.sides);
  const tags = [["1 2 3 …", `what is wrong with ${first}, before or after the verdict`], second && ["⇧1 ⇧2 …", `what is wrong with ${second}`]];
  const rest = HELP.filter(([k]) => k !== "d" || compares(head));
  return [...head.choices.map((o) => [o.keys.map(shown).join(" "), o.words]), ...tags.filter(Boolean), ...rest];
}
