// state.js: a conversation as python tells it, piece by piece, and what keys mean in it.

function pieced(chat, { n, at, piece }) {
  const t = chat.turns[n];
  if (!t?.live || at !== t.at + 1) return chat; // told already; or missed, and the end brings all of it
  const answers = t.answers.map((o, i) => ({ ...o, text: o.text + piece[i] }));
  return { ...chat, turns: chat.turns.with(n, { ...t, at, answers }) };
}

/** The conversation after one more message: `chat` is all there is, `more` is what has changed. */
export function reduce(chat, m) {
  if (m.kind === "chat") return m;
  if (!chat) return chat;
  if (m.piece) return pieced(chat, m);
  const { state, busy, trouble, system, how, settings, errors, turn, of } = m, turns = [...chat.turns];
  if (turn && turn.n <= turns.length) turns[turn.n] = turn;
  return { ...chat, state, busy, trouble, system, how, settings, errors, turns: turns.slice(0, of ?? turns.length) };
}

const LOOKS = { loading: "busy", ready: "done", answering: "busy", failed: "failed" };
/** The look of the state pill. */
export const lookOf = (state) => LOOKS[state] ?? "";

/** Does this key send? Not with Shift, and not where it ends a word that is being composed. */
export function sends(e) {
  return e.key === "Enter" && !e.shiftKey && !composes(e);
}
export function composes(e) {
  return Boolean(e.isComposing) || e.keyCode === 229;
}

/** What was otherwise in the turn before: nothing to say where all is as it was, or as it usually is. */
export function otherwise(turn, before) {
  const settings = turn.how !== (before?.how ?? "greedy") && turn.how;
  const system = turn.system !== (before?.system ?? turn.system) && (turn.system ? "another system prompt" : "no system prompt");
  return [settings, system].filter(Boolean).join(" · ");
}

/** What editing turn `n` of `of` takes away. */
export function goes(n, of) {
  const later = of - n - 1;
  return later > 0 ? `Sending it removes the ${later === 1 ? "turn" : `${later} turns`} after it.` : "It is asked anew.";
}

/** An answer as it is read: one of nothing but white space would be an empty box. */
export function legible(text) {
  if (text.trim()) return text;
  return text ? "(white space only)" : "(empty)";
}

/** What is read aloud of a turn that is complete. */
export function aloud(turn, sides) {
  return turn.answers.map((o, i) => `${sides[i]}: ${legible(o.text)} (${o.ended})`).join("\n");
}
