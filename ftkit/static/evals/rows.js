// rows.js: which rows are shown, and each with both answers, what differs and what is marked.
import { h } from "../panel.js";
import { gain, names, title } from "./metrics.js";

const AGAINST = { reference: "compared with the reference", base: "compared with base", "": "as they are" };
const number = (n) => (n ?? 0).toLocaleString("en");

/** An answer: words gone and new, and marks, whose reasons stand in their titles and below. */
export function pieces(parts) {
  return parts.map(([text, kind, why]) => {
    const words = kind === "new" ? h("ins", {}, text) : kind === "gone" ? h("del", {}, text) : text;
    return why ? h("mark", { title: why }, words) : words;
  });
}

/** Right or wrong, or how far off; fields that are named as wrong say enough of an answer in which nothing is right. */
export function verdict(score, task, named = false) {
  if (score === null || score === undefined || (named && score === 0)) return null;
  if (task === "text") return h("span", { class: "muted" }, `chrF++ ${score.toFixed(1)}`);
  if (score > 0 && score < 1) return h("span", { class: "muted" }, `fields ${Math.round(100 * score)} %`);
  return h("span", { class: score === 1 ? "right" : "wrong" }, score === 1 ? "✓ right" : "✗ wrong");
}

/** What became of a row: `gained`, `lost`, or neither. */
export function became({ base, tuned }) {
  if (typeof base?.score !== "number" || typeof tuned?.score !== "number") return "";
  return tuned.score > base.score ? "gained" : tuned.score < base.score ? "lost" : "";
}

/** The fields of an answer that are wrong. */
const faults = (o) => [o.wrong.map((k) => h("span", { class: "wrong" }, `✗ ${k}`)), o.rest && h("span", { class: "muted" }, o.rest)];

/** A cell; its column's name is shown in it where the table has no room for columns. */
const named = (name, ...kids) => h("td", { "data-name": name }, kids);

function answer(name, o, task, extra) {
  if (!o) return named(name, h("span", { class: "muted" }, "–"));
  return named(name, h("div", { class: "clip" }, o.parts.length ? pieces(o.parts) : h("span", { class: "muted" }, "(empty)"), o.more > 0 && "…"),
    h("div", { class: "verdicts" }, verdict(o.score, task, o.wrong.length > 0), extra && h("b", {}, extra), faults(o), o.marks.map((k) => h("span", { class: "tag" }, k))));
}

/** A table's row. */
export function line(r, task, ask) {
  const open = () => ask({ kind: "open", n: r.n });
  return h("tr", { tabindex: 0, "data-n": r.n, onclick: open, onkeydown: (e) => { if (e.key === "Enter") open(); } },
    named("Prompt", h("div", { class: "clip" }, r.asked)), named("Reference", h("div", { class: "clip" }, r.reference),
      h("div", { class: "verdicts" }, r.marks.map((k) => h("span", { class: "tag" }, k)))),
    answer("Base", r.base, task), answer("Tuned", r.tuned, task, became(r)));
}

const more = (n) => n > 0 && h("span", { class: "muted" }, ` … ${number(n)} more characters`);

function side(name, o, task) {
  if (!o) return null;
  const sure = typeof o.sure === "number" && o.chosen !== null && `made to choose: ${o.chosen} (${Math.round(100 * o.sure)} % sure)`;
  return h("div", { class: "turn" }, h("h4", {}, name), h("div", { class: "says" }, o.parts.length ? pieces(o.parts) : "(empty)", more(o.more)),
    h("div", { class: "verdicts" }, verdict(o.score, task, o.wrong.length > 0), faults(o), o.marks.map((k) => h("span", { class: "tag" }, k))),
    sure && h("p", { class: "muted small" }, sure), o.whys.map((w) => h("p", { class: "small warn" }, `marked: ${w}`)));
}

/** One row with its whole conversation and all that was answered to it. */
export function whole(r, task, ask) {
  const close = h("button", { class: "plain", "aria-label": "Close", onclick: () => ask({ kind: "shut" }) }, "×");
  const turn = (t) => h("div", { class: "turn" }, h("h4", {}, t.role), h("div", { class: "says" }, t.text || "(empty)", more(t.more)));
  return [h("div", { class: "row", style: "margin-top: 16px" }, h("h4", { class: "grow" }, r.line ? `line ${r.line} · id ${r.id}` : `id ${r.id}`), close),
    r.turns.map(turn), h("div", { class: "three" }, h("div", { class: "turn" }, h("h4", {}, "reference"),
      h("div", { class: "says" }, r.reference || "(empty)"), h("div", { class: "verdicts" }, r.marks.map((k) => h("span", { class: "tag" }, k)))),
    side("base", r.base, task), side("tuned", r.tuned, task))];
}

/** How many answers each metric marks; a count shows them. */
export function flags(m, head, ask, open) {
  const count = (o, who) => {
    const on = m.pick.flag === o.flag && m.pick.flagged === who;
    return h("td", {}, o[who] ? h("button", { class: "chip", "aria-pressed": on, "aria-label": `${o.name}, ${title(who)}: ${o[who]}`,
      onclick: () => ask({ kind: "flag", flag: o.flag, flagged: who }) }, number(o[who])) : h("span", { class: "muted" }, "0"));
  };
  const known = new Map(head.lines.map((o) => [o.key, o])), right = m.flags.some((o) => o.judged);
  const top = ["", ...head.flagged.map(title), "Difference", ...(right ? ["Judged right"] : [])];
  const one = (o) => h("tr", {}, h("td", { title: known.get(o.flag)?.says ?? "" }, o.name), head.flagged.map((who) => count(o, who)),
    h("td", {}, gain(known.get(o.flag)?.difference)), right && h("td", {}, o.judged || "–"));
  return m.flags.length > 0 && h("details", { class: "fold", open }, h("summary", {}, "marked answers"),
    h("div", { class: "scroll open", tabindex: 0, role: "group", "aria-label": "Marked answers" },
      h("table", { class: "marks" }, names(...top), h("tbody", {}, m.flags.map(one)))));
}

/** Who was right, what else is chosen, and what answers are compared with. */
export function filters(m, ask) {
  const chip = (f) => h("button", { class: "chip", "aria-pressed": f.name === m.pick.which,
    onclick: () => ask({ kind: "filter", which: f.name }) }, f.name, h("span", { class: "n" }, number(f.n)));
  const against = h("select", { "aria-label": "What answers are compared with", onchange: () => ask({ kind: "against", against: against.value }) },
    Object.entries(AGAINST).map(([k, words]) => h("option", { value: k, selected: k === m.pick.against }, words)));
  const said = m.narrowed && h("span", { class: "row small chosen" }, m.chosen.join(" · "),
    h("button", { class: "plain", onclick: () => ask({ kind: "clear" }) }, "show all rows"));
  return [h("div", { class: "row which", role: "group", "aria-label": "Which rows" }, m.filters.map(chip), against), said];
}
