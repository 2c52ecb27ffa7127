// turn.js: one turn on the page: what was asked, one answer or two, and what can be done with them.
import { h } from "../panel.js";
import { composes, goes, legible, otherwise, sends } from "./state.js";

const chip = (at, word, onclick, more) => h("button", { class: "chip", "data-at": at, onclick, ...more }, word);

/** A box to write in, with a button that takes it; `by` says which key does. */
export function writer({ at, label, text, word, hint, by = sends, save, back, typed }) {
  const box = h("textarea", { "data-at": at, "aria-label": label, rows: 3, oninput: () => typed(box.value), onkeydown: (e) => {
    if (by(e) && box.value.trim()) { e.preventDefault(); save(box.value); }
    else if (e.key === "Escape" && !composes(e)) { e.preventDefault(); e.stopPropagation(); back(); }
  } });
  box.value = text;
  return h("div", { class: "asking" }, box, h("div", { class: "row small" },
    h("button", { class: "main", "data-at": `${at}/save`, onclick: () => box.value.trim() && save(box.value) }, word),
    h("button", { "data-at": `${at}/back`, onclick: back }, "Cancel"), h("span", { class: "muted" }, hint)));
}

const saved = (e) => e.key === "Enter" && (e.ctrlKey || e.metaKey) && !composes(e);

const UNFAIR = "The two had said different things before, so they were not asked the same: compare in a new conversation";

function corrected(t, i, side, drafts, acts) {
  const at = `correct/${t.n}/${i}`, forget = () => { drafts.delete(at); acts.draw(`${at}/open`); };
  return writer({ at, label: `A better answer than ${side}'s`, text: drafts.get(at), word: "Keep correction", hint: "Ctrl+Enter keeps it",
    by: saved, save: (text) => acts.keep(t.n, i, "correction", text), back: forget, typed: (text) => drafts.set(at, text) });
}

function buttons(t, i, { sides, drafts, acts }) {
  const o = t.answers[i], side = sides[i], whose = (word) => ({ "aria-label": `${word}: ${side}, turn ${t.n + 1}` });
  const had = (what) => (t.kept[i] ?? []).some(([w]) => w === what), at = `correct/${t.n}/${i}`;
  const correct = () => { drafts.set(at, o.raw ?? o.text); acts.draw(at); };
  const keep = (what, word, no, more) => chip(`${what}/${t.n}/${i}`, word, (e) => {
    e.currentTarget.disabled = true; // one click, one line in the file
    acts.keep(t.n, i, what, "");
  }, { ...whose(word), disabled: no || had(what), ...more });
  return h("div", { class: "row tight" }, keep("example", "Keep as example"),
    chip(`${at}/open`, "Correct", correct, { ...whose("Correct"), disabled: drafts.has(at) }),
    sides.length > 1 && keep("preference", "Prefer", !t.fair, !t.fair && { title: UNFAIR }));
}

function answer(t, i, view) {
  const o = t.answers[i], side = view.sides[i], at = `correct/${t.n}/${i}`;
  const look = { failed: "bad", length: "warn", stopped: "warn" }[o.end] ?? "muted";
  const text = t.live ? h("div", { class: "says", "data-live": i }, o.text) : h("div", { class: "says" }, legible(o.text));
  const kept = (t.kept[i] ?? []).map(([, words]) => h("p", { class: "small good" }, `✓ ${words}`));
  return h("div", { class: `turn assistant${t.live ? " live" : ""}`, role: "group", "aria-label": `${side}, turn ${t.n + 1}` }, h("h4", {}, side), text,
    !t.live && [h("p", { class: `small ${look}` }, o.ended), kept, o.end !== "failed" && buttons(t, i, view),
      view.drafts.has(at) && corrected(t, i, side, view.drafts, view.acts)]);
}

function asked(t, { drafts, acts, free, of }) {
  const at = `edit/${t.n}`, raw = t.raw ?? t.text;
  if (drafts.has(at)) return writer({ at, label: `Message of turn ${t.n + 1}`, text: drafts.get(at), word: "Send", hint: goes(t.n, of),
    save: (text) => acts.edit(t.n, text), back: () => { drafts.delete(at); acts.draw(`${at}/open`); }, typed: (text) => drafts.set(at, text) });
  const edit = () => { drafts.set(at, raw); acts.draw(at); };
  return [h("div", { class: "says" }, t.text), free && h("div", { class: "row tight" },
    chip(`${at}/open`, "Edit", edit, { "aria-label": `Edit the message of turn ${t.n + 1}` }),
    t.n === of - 1 && chip("retry", "Retry", acts.retry, { title: "Ask this turn once more" }))];
}

/** A turn; `view` has `sides`, `drafts`, `acts`, and whether one is `free` to ask. */
export function turnView(t, before, view) {
  const other = otherwise(t, before);
  return h("div", { class: "exchange", "data-n": t.n }, other && h("p", { class: "small muted" }, other),
    h("div", { class: "turn user" }, h("h4", {}, "You"), asked(t, view)),
    h("div", { class: view.sides.length > 1 ? "two" : "" }, view.sides.map((_, i) => answer(t, i, view))));
}
