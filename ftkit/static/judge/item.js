// item.js: one item on the page: what was asked, what was answered, who is better or whether it is good, and why.
import { h } from "../panel.js";
import { visible } from "../text.js";
import { shown } from "./keys.js";

const more = (n) => n > 0 && h("span", { class: "muted" }, ` … ${n.toLocaleString("en")} more characters`);
const kbd = (k) => h("kbd", {}, shown(k));

/** An answer's text: what the other has not, and what is marked; each can be left out. */
export function pieces(parts, { differences, marks }) {
  return parts.map(([text, kind, why]) => {
    const words = kind === "new" && differences ? h("span", { class: "differs" }, text) : text;
    return why && marks ? h("mark", { title: why }, words) : words;
  });
}

function tagged(head, o, tags, tag) {
  const name = head.sides[o.name];
  const one = (word) => h("button", { class: "chip", "data-tag": word, "aria-pressed": (tags[o.name] ?? []).includes(word),
    "aria-label": `${name}: ${visible(word)}`, onclick: () => tag(o.name, word) }, visible(word));
  return h("div", { class: "row tags", role: "group", "aria-label": `What is wrong with ${name}` }, head.tags.map(one));
}

function side(o, head, look, tags, acts) {
  const text = o.parts.length ? pieces(o.parts, look) : h("span", { class: "muted" }, "(empty)"), name = head.sides[o.name];
  const why = look.marks ? o.whys.map((w) => h("p", { class: "small warn" }, `marked: ${w}`)) : [];
  return h("section", { class: "turn", "aria-label": name, "data-side": o.name }, h("h4", {}, name),
    h("div", { class: "says", tabindex: 0 }, text, more(o.more)),
    o.more > 0 && h("button", { class: "plain", onclick: acts.whole }, "whole text"), why, tagged(head, o, tags, acts.tag));
}

/** The conversation before the answer: its last turn open, the rest folded. */
export function asked(turns, whole) {
  const one = (t) => h("div", { class: "turn" }, h("h4", {}, t.role), h("div", { class: "says" }, t.text || "(empty)", more(t.more)),
    t.more > 0 && h("button", { class: "plain", onclick: whole }, "whole text"));
  const before = turns.slice(0, -1);
  return [before.length > 0 && h("details", { class: "fold" }, h("summary", {}, `${before.length} earlier turn${before.length > 1 ? "s" : ""}`),
    before.map(one)), turns.slice(-1).map(one)];
}

/** The answers, one or two, each with what is wrong with it. */
export function answers(item, head, look, tags, acts) {
  return h("div", { class: item.sides.length > 1 ? "pair" : "" }, item.sides.map((o) => side(o, head, look, tags, acts)));
}

/** The verdicts as buttons, with their keys. */
export function choices(head, said, judge) {
  const one = (o) => h("button", { "data-verdict": o.verdict, "aria-pressed": said?.verdict === o.verdict,
    class: said?.verdict === o.verdict ? "main" : "", onclick: () => judge(o.verdict) }, o.words, " ", kbd(o.keys[0]));
  return h("div", { class: "row verdictbar", role: "group", "aria-label": head.question }, head.choices.map(one));
}

/** The comment, and a button that changes it. */
export function noted(comment, change) {
  return h("button", { class: "plain", "data-comment": true, onclick: change }, comment ? "comment: " : "comment ", comment ? h("i", {}, comment) : kbd("c"));
}

/** A field for the comment: Enter saves, Esc leaves. */
export function commentBox(text, save, leave) {
  const box = h("input", { "aria-label": "Comment", value: text, maxlength: 10000 });
  box.addEventListener("keydown", (e) => {
    if (e.isComposing || !["Enter", "Escape"].includes(e.key)) return;
    e.preventDefault();
    e.stopPropagation();
    if (e.key === "Enter") save(box.value); else leave();
  });
  return box;
}
