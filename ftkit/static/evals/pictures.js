// pictures.js: labels and fields one by one, how sure a model is, and how long answers are.
import { h } from "../panel.js";
import { heights } from "../numbers.js";
import { names, rate, rest, title } from "./metrics.js";
import { pieces } from "./rows.js";

const box = (label, ...kids) => h("div", { class: "scroll", tabindex: 0, role: "group", "aria-label": label }, kids);

/** How well each label is found; its name shows the rows that have it. */
export function classes(m, open, ask) {
  const parts = ["precision", "recall", "f1"], heads = m.models.flatMap((o) => parts.map((k) => `${title(o)}: ${k}`));
  const line = (o) => h("tr", {}, h("td", {}, h("button", { class: "plain", "data-at": `${o.n} -1`, "aria-pressed": false,
    onclick: () => ask({ kind: "cell", wanted: o.n, given: -1 }) }, o.name)), h("td", { class: "num" }, o.support.toLocaleString("en")),
  m.models.flatMap((of) => parts.map((k) => h("td", {}, rate(o[of]?.[k], of)))));
  return m.classes.length > 0 && h("details", { class: "fold", open }, h("summary", {}, `label by label (${m.classes.length})`),
    box("Labels one by one", h("table", { class: "wide" }, names("label", "rows", ...heads), h("tbody", {}, m.classes.map(line)))),
    rest(m.rest.classes));
}

/** How well each field is found, and what is wrong with it; its name shows the rows in which it is. */
export function fields(m, ask) {
  const kinds = ["missing", "invented", "wrong"], heads = m.models.flatMap((o) => [title(o), kinds.join(" · ")]);
  const line = (o) => h("tr", {}, h("td", {}, h("button", { class: "plain", "data-field": o.path, "aria-pressed": false,
    title: "rows in which it is wrong", onclick: () => ask({ kind: "field", field: o.path }) }, o.name)),
  m.models.flatMap((of) => [h("td", {}, rate(o[of]?.score, of)),
    h("td", {}, o[of] ? kinds.map((k) => o[of][k]).join(" · ") : "–")]));
  return m.fields.length > 0 && [h("h4", {}, "fields"),
    box("Fields one by one", h("table", { class: "wide" }, names("field", ...heads), h("tbody", {}, m.fields.map(line)))),
    rest(m.rest.fields)];
}

/** Of the rows about which a model is so sure: how many it is right in. The tick is where a bar should end. */
export function reliable(m) {
  const one = ([model, o]) => h("section", { "aria-label": `How sure ${model} is` }, h("h4", {}, `${title(model)}: how sure, and how often right`),
    h("table", {}, names("is sure by", "is right in", "rows"), h("tbody", {}, o.bins.map((b) => h("tr", {}, h("td", { class: "num" }, b.said),
      h("td", {}, rate(b, model)), h("td", { class: "num" }, b.n))))), o.words.map((w) => h("p", { class: "muted small" }, w)));
  const all = Object.entries(m.reliable);
  return all.length > 0 && h("details", { class: "fold" }, h("summary", {}, "how sure the models are of their labels"),
    h("div", { class: "two" }, all.map(one)));
}

/** Answers to prompts without their context, with what they can only remember. */
export function recited(m) {
  const line = (o) => h("tr", {}, h("td", {}, o.model), h("td", {}, h("div", { class: "clip" }, o.prompt)), h("td", {}, pieces(o.parts)));
  return m.recited.length > 0 && h("details", { class: "fold" }, h("summary", {}, `training rows recited without a context (${m.recited.length})`),
    box("Recited without a context", h("table", {}, names("model", "asked", "answer"), h("tbody", {}, m.recited.map(line)))));
}

/** Histograms of words, on one scale. */
export function lengths(m) {
  const top = m.lengths?.top, bar = (n, to, i, all) => h("span", { title: `${Math.round((top * i) / all.length)} words or more: ${n}` },
    h("i", { style: `height: ${to}%` }));
  const part = (o) => h("section", { "aria-label": `Length of ${o.name}` }, h("h4", {}, title(o.name)),
    h("div", { class: "bars", role: "img", "aria-label": `Half of them have ${o.median} words or more` },
      heights(o.bars).map((to, i, all) => bar(o.bars[i], to, i, all))),
    h("div", { class: "row small muted" }, h("span", { class: "grow" }, "0"), `${top} words or more`),
    h("p", { class: "small muted" }, `median ${o.median}`));
  return m.lengths && h("div", { class: "figures" }, m.lengths.parts.map(part));
}
