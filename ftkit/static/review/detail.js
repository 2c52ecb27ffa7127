// detail.js: the chosen row: its turns, what was found in it, what was said of it, and the row it is like.
import { count, h, mark } from "../panel.js";
import { visible } from "../text.js";
import { diff } from "./diff.js";
import { current, saidOf, standing } from "./state.js";

export const VERDICTS = { k: "keep", d: "drop", f: "fix", u: "unsure" };
const TAGS = { gone: "del", new: "ins" };

/** What of a turn may be edited. */
export const own = (t) => t.own ?? t.parts.map(([s]) => s).join("");
export const kbd = (k) => h("kbd", { "aria-hidden": "true" }, k);
const piece = ([kind, text]) => (TAGS[kind] ? h(TAGS[kind], {}, visible(text)) : visible(text));

/** One turn, told by `kids`; a system turn is folded unless `open`, for it is the same in many rows. */
function messageBlock(role, kids, text, open, tag) {
  const says = h("div", { class: `says ${/^\s*[{[]/.test(text) ? "mono" : ""}` }, kids);
  const title = [h("h4", { class: "inline" }, visible(role)), tag && h("span", { class: "tag" }, tag)];
  if (role === "system") return h("details", { class: "turn", open }, h("summary", {}, title), says);
  const look = role === "assistant" ? "turn assistant" : "turn";
  return h("div", { class: look }, h("div", { class: "row tight" }, title), says);
}

const rest = (n, whole) => n > 0 && h("button", { class: "plain", onclick: whole }, `… ${count(n, "more character")}`);

function turn(t, edited, whole) {
  const marked = ([text, s]) => (s ? h("mark", { class: s, title: s }, visible(text)) : visible(text));
  const shown = edited !== null ? diff(own(t), edited).map(piece) : t.parts.map(marked);
  const empty = !shown.length && h("span", { class: "muted" }, "(empty)");
  const open = edited !== null || t.parts.some(([, s]) => s);
  return messageBlock(t.role, [shown, empty, rest(t.more, whole)], own(t), open, edited !== null && "edited");
}

/** The row that this one is like: what only this row says is struck out, what only the other says is underlined. */
function beside(row, whole) {
  const { line, score, turns } = row.partner, place = line ? `line ${line}` : `id ${visible(row.partner.id)}`;
  return h("section", { class: "beside", "aria-label": "The similar row" },
    h("p", { class: "muted small" }, h("b", {}, place), score ? `, ${Math.round(100 * score)} % alike` : "",
      " · ", h("del", {}, "only here"), " ", h("ins", {}, `only in ${place}`)),
    turns.map(([role, text, more], i) => {
      const mine = row.turns[i]?.role === role ? row.turns[i] : null;
      const says = mine ? diff(mine.parts.map(([s]) => s).join(""), text) : [["new", text]];
      return messageBlock(role, [says.map(piece), rest(more, whole)], text, says.length > 1);
    }));
}

/** `acts`: `decide`, `edit`, `comment`, `relabel`, `undo`, `whole`. */
function toolbar(now, acts) {
  const judge = ([k, v]) => h("button", { class: `act ${v}`, "aria-pressed": now?.verdict === v,
    "aria-keyshortcuts": k, onclick: () => acts.decide({ verdict: v }, true) }, v, kbd(k));
  const plain = (k, verb, onclick) => h("button", { class: "plain", onclick, "aria-keyshortcuts": k }, verb, kbd(k));
  return h("div", { class: "acts", role: "toolbar", "aria-label": "Decide" },
    Object.entries(VERDICTS).map(judge), h("span", { class: "grow" }), plain("e", "edit", acts.edit),
    plain("c", "comment", acts.comment), plain("l", "label", acts.relabel), plain("z", "undo", acts.undo));
}

function facts(row, now, acts) {
  const places = [row.line && `line ${row.line}`, row.split && visible(row.split), `id ${visible(row.id)}`];
  const given = row.label !== null && visible(row.label), other = now?.label && visible(now.label);
  const label = other ? [given && h("del", {}, given), " ", h("ins", {}, other)] : given && h("b", {}, given);
  const back = () => acts.decide({ texts: null, label: null });
  return h("p", { class: "facts" }, label && h("span", {}, "label ", label),
    h("span", { class: "muted" }, places.filter(Boolean).join(" · ")),
    (now?.texts || now?.label) && h("button", { class: "plain", onclick: back }, "back to the original"));
}

function notes(row, said, now) {
  const issue = (o) => h("div", { class: "issue" }, mark(o), h("span", {}, o.message));
  return [
    said?.changed && h("div", { class: "note warn" }, `Judged ${said.verdict} before its content changed. Decide again.`),
    now?.comment && h("div", { class: "note" }, h("b", {}, "comment "), visible(now.comment)),
    row.issues.length && h("div", { class: "issues" }, row.issues.map(issue))].filter(Boolean);
}

export class Detail {
  constructor(acts) {
    this.acts = acts;
    this.el = h("div", { class: "detail", tabindex: 0, role: "group", "aria-label": "The chosen example" });
    this.spoken = h("div", { class: "sr", "aria-live": "polite" });
  }
  show(state) {
    const row = current(state);
    if (!row) return this.el.replaceChildren(state.view.n ? h("div", { class: "empty" }, "Loading this row …") : "");
    const said = saidOf(state, row.id), now = standing(state, row.id), whole = () => this.acts.whole(row.id);
    const turns = row.turns.map((t, i) => turn(t, now?.texts?.[i] ?? null, whole));
    const title = row.partner && h("p", { class: "muted small" }, h("b", {}, "this row"));
    this.el.replaceChildren(toolbar(now, this.acts), facts(row, now, this.acts), ...notes(row, said, now),
      h("div", { class: row.partner ? "pair" : "" }, h("section", {}, title, turns), row.partner && beside(row, whole)));
    this.say(`Row ${state.at + 1} of ${state.view.n}${now?.verdict ? `, ${now.verdict}` : ""}. ${row.asks}`);
  }
  say(words) { if (this.spoken.textContent !== words) this.spoken.textContent = words; }
}
