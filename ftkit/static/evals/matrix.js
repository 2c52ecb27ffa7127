// matrix.js: references from top to bottom, answers from left to right; every count and every name can be clicked.
import { count, h } from "../panel.js";
import { rest, title } from "./metrics.js";

const ANY = -1;

/** How strong a cell's colour is, in per cent: the share of its row. */
export const shade = (n, of) => (n && of ? Math.round(8 + (37 * n) / of) : 0);

function cell(m, i, j, n, of, ask) {
  if (!n) return h("td", { class: "none" }, "·");
  const ink = i === j ? "--ft-accent" : "--ft-bad", label = `reference ${m.labels[i]}, answer ${m.columns[j]}: ${count(n, "row")}`;
  return h("td", {}, h("button", { "data-at": `${i} ${j}`, "aria-pressed": false, "aria-label": label, title: label,
    style: `background: color-mix(in srgb, var(${ink}) ${shade(n, of)}%, transparent)`,
    onclick: () => ask({ kind: "cell", wanted: i, given: j }) }, n.toLocaleString("en")));
}

function heads(m, ask) {
  const head = (name, j) => h("th", { scope: "col" }, h("button", { class: "plain", "data-at": `${ANY} ${j}`,
    "aria-pressed": false, title: `all answered ${name}`, onclick: () => ask({ kind: "cell", wanted: ANY, given: j }) },
  h("span", {}, name)));
  return h("thead", {}, h("tr", {}, h("th", { class: "small" }, "reference ↓  answer →"), m.columns.map(head)));
}

function line(m, i, ask) {
  const row = m.counts[i], of = row.reduce((a, b) => a + b, 0);
  const name = h("button", { class: "plain", "data-at": `${i} ${ANY}`, "aria-pressed": false, title: `all whose reference is ${m.labels[i]}`,
    onclick: () => ask({ kind: "cell", wanted: i, given: ANY }) }, m.labels[i], h("span", { class: "n" }, of.toLocaleString("en")));
  return h("tr", {}, h("th", { scope: "row" }, name), row.map((n, j) => cell(m, i, j, n, of, ask)));
}

/** The matrix of one model as a table that scrolls both ways, its names in sight. */
export function table(m, ask) {
  const wall = m.labels.length > 8 || m.labels.some((o) => o.length > 14);
  return h("div", { class: "scroll matrix", tabindex: 0, role: "group", "aria-label": "Confusion matrix" },
    h("table", { class: wall ? "upright" : "" }, heads(m, ask), h("tbody", {}, m.labels.map((_, i) => line(m, i, ask)))));
}

function mistakes(m, ask) {
  const one = (o) => h("button", { class: "chip", "data-at": `${o.wanted} ${o.given}`, "aria-pressed": false,
    onclick: () => ask({ kind: "cell", wanted: o.wanted, given: o.given }) }, o.text, h("span", { class: "n" }, `${o.n} of ${o.of}`));
  return m.mistakes.length > 0 && h("div", { class: "row mistakes", role: "group", "aria-label": "Commonest mistakes" },
    h("span", { class: "muted small" }, "commonest mistakes"), m.mistakes.map(one), rest(m.rest));
}

/** All that is known of which label is taken for which, for one of the models. */
export function confusion(m, models, ask) {
  const of = (name) => h("button", { class: "chip", "aria-pressed": name === m.model,
    onclick: () => ask({ kind: "model", model: name }) }, title(name));
  return [h("div", { class: "row" }, h("h4", {}, "which label is taken for which"),
    h("span", { class: "row", role: "group", "aria-label": "Whose answers" }, models.map(of))),
  m.matrix ? table(m.matrix, ask) : rest(m.undrawn), mistakes(m, ask)];
}

/** Show which cell or name is chosen. */
export function press(box, pick) {
  for (const o of box.querySelectorAll("[data-at]")) o.setAttribute("aria-pressed", o.dataset.at === `${pick.wanted} ${pick.given}`);
}
