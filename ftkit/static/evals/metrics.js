// metrics.js: values as bars with their 95 % intervals, and tables of them.
import { h } from "../panel.js";

const TITLES = { base: "Base", tuned: "Tuned", reference: "References", commonest: "Commonest answer" };
export const title = (name) => (Object.hasOwn(TITLES, name) ? TITLES[name] : name);

/** A value's bar and whisker in per cent of the width, kept inside it; no whisker where there is no interval. */
export function spans({ rate, low, high }) {
  const pc = (x) => Math.min(100, Math.max(0, 100 * x)), known = low !== null && low !== undefined;
  return { bar: pc(rate), from: known ? pc(low) : null, width: known ? pc(high) - pc(low) : null };
}

/** A value as number, bar and whisker; `sure` is a tick where the bar should end. */
export function rate(r, model) {
  if (!r) return h("span", { class: "muted" }, "–");
  const s = spans(r), said = `${r.text}, ${r.span}`, n = typeof r.n === "number" ? `, n = ${r.n.toLocaleString("en")}` : "";
  return h("div", { class: "rate", title: said + n }, h("span", { class: "num" }, r.text),
    h("div", { class: `whisk ${model}`, role: "img", "aria-label": said },
      h("i", { style: `width: ${s.bar}%` }), s.from !== null && h("b", { style: `left: ${s.from}%; width: ${s.width}%` }),
      typeof r.sure === "number" && h("u", { style: `left: ${100 * r.sure}%` })));
}

/** Names on top of columns. */
export const names = (...all) => h("thead", {}, h("tr", {}, all.map((n) => h("th", { scope: "col" }, n))));
export const small = (text) => text && h("span", { class: "muted small" }, `  ${text}`);

/** What a list leaves out, and what gives all of it, in python's words. */
export const rest = (text) => text && h("p", { class: "muted small" }, text);

/** The difference of two values; the words are those of python. */
export const gain = (d) => (d ? h("span", { title: d.words }, h("b", {}, d.text), small(d.span)) : "–");

function line(o, columns) {
  return h("tr", {}, h("td", { title: o.says }, o.name, small(o.sub)), columns.map((c) => h("td", {}, rate(o[c], c))),
    h("td", {}, gain(o.difference)));
}

/** All values of one evaluation, the headline first; what is of a field is folded. */
export function metrics(m) {
  const shown = m.columns.filter((c) => m.lines.some((o) => !o.flag && o[c]));
  const table = (some) => h("div", { class: "scroll open", tabindex: 0, role: "group", "aria-label": "Metrics" },
    h("table", { class: "metrics" }, names("", ...shown.map(title), "Difference"),
      h("tbody", {}, some.map((o) => line(o, shown)))));
  const plain = m.lines.filter((o) => !o.flag && !o.sub), parts = m.lines.filter((o) => !o.flag && o.sub);
  return [table(plain), parts.length > 0 && h("details", { class: "fold" },
    h("summary", {}, `metrics of fields (${parts.length})`), table(parts))];
}
