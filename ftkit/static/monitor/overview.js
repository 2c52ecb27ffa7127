// overview.js: how runs stand: a table of several, and the bar, stages, tiles and trouble of the chosen one.
import { h } from "../panel.js";
import { short } from "../numbers.js";
import { colourOf } from "./charts.js";

const keyOf = (i) => h("span", { class: "key", style: `--key: var(${colourOf(i)})` });

function stage([name, far, share]) {
  const look = share === null ? "unknown" : share >= 1 ? "done" : "busy";
  const progress = h("div", { class: `bar ${look}`, role: "progressbar", "aria-label": name, "aria-valuemin": 0,
    "aria-valuemax": 1, "aria-valuenow": share }, h("i", { style: `width: ${100 * (share ?? 1)}%` }));
  return h("div", { class: "stage" }, h("span", {}, name), progress, h("span", { class: "muted" }, far));
}

function tile([name, value, more]) {
  const small = (text) => h("div", { class: "muted small" }, text);
  return h("div", { class: "tile" }, small(name), h("div", { class: "big" }, value), small(more));
}

/** The key figures of several runs, a line each: `{ names, rows: [[run, [value, more], …], …] }`; a dash is none. */
export function figures(runs) {
  const names = [...new Set(runs.flatMap((r) => r.story.tiles.map(([name]) => name)))];
  const of = (r, name) => (r.story.tiles.find(([o]) => o === name) ?? ["", "–", ""]).slice(1);
  return { names, rows: runs.map((r) => [r.story.place, ...names.map((name) => of(r, name))]) };
}

function figuresTable(runs) {
  const { names, rows } = figures(runs), small = (o) => o && h("div", { class: "muted small" }, o);
  const line = ([name, ...values], i) => h("tr", {}, h("th", { scope: "row" }, keyOf(i), name),
    values.map(([value, more]) => h("td", {}, value, small(more))));
  return h("table", {}, h("thead", {}, h("tr", {}, ["run", ...names].map((o) => h("th", { scope: "col" }, o)))),
    h("tbody", {}, rows.map(line)));
}

/** The chosen run, and the key figures of all of them. */
export class Overview {
  constructor() {
    this.bar = h("div", { class: "bar", role: "progressbar", "aria-label": "Steps done", "aria-valuemin": 0 }, h("i"));
    this.line = h("p", { class: "muted small", style: "margin-top: 6px", "aria-live": "polite" });
    [this.stages, this.tiles] = ["stages", "tiles"].map((o) => h("div", { class: o }));
    this.trouble = h("div", { class: "note failed", role: "alert", hidden: true });
    this.empty = h("div", { class: "empty" });
    this.figures = h("div", { class: "figures-of", tabindex: 0, role: "group", "aria-label": "Key figures", hidden: true });
  }
  all(runs) { this.figures.replaceChildren(figuresTable(runs)); }
  show(s, named) { // `named`: it is one of several
    const said = named ? [s.place, s.line].filter(Boolean).join(" · ") : s.line;
    this.bar.className = `bar ${s.look}`;
    this.bar.firstChild.style.width = `${s.of ? Math.min(100, (100 * s.step) / s.of) : 0}%`;
    this.bar.setAttribute("aria-valuenow", s.step);
    this.bar.setAttribute("aria-valuemax", s.of || 0);
    if (this.line.textContent !== said) this.line.textContent = said;
    this.stages.hidden = !s.live;
    this.stages.replaceChildren(...s.stages.map(stage));
    this.empty.textContent = s.empty;
    this.tiles.replaceChildren(...s.tiles.map(tile));
    this.trouble.hidden = !s.trouble;
    this.trouble.replaceChildren(...(s.trouble ? [h("b", {}, s.trouble[0]), `\n${s.trouble[1]}`] : []));
  }
}

/** A line of the table of several runs; a click on its name shows it below. */
export class RunLine {
  constructor(i, verbs, look) {
    this.name = h("button", { class: "plain name", onclick: () => look(i) });
    this.cells = ["span", "span", "span", "span"].map((o) => h(o));
    this.el = h("tr", {}, h("td", {}, keyOf(i), this.name),
      this.cells.map((c, j) => h("td", { "data-name": ["", "step", "best validation loss", ""][j] || null }, c)), h("td", {}, verbs.el));
  }
  show({ story: s, best }, chosen) {
    const [pill, step, loss, says] = this.cells, n = (x) => x.toLocaleString("en");
    this.name.textContent = s.place;
    this.name.setAttribute("aria-pressed", chosen);
    pill.className = `pill ${s.look}`;
    pill.textContent = s.word;
    step.textContent = s.of ? `${n(s.step)} of ${n(s.of)}` : "–";
    loss.textContent = best ? `${short(best[1])} at step ${n(best[0])}` : "–";
    says.textContent = s.trouble ? s.trouble[0] : "";
    says.className = "small bad";
  }
}

export function runsTable(lines) {
  const heads = ["run", "state", "step", "best validation loss", "", ""].map((o) => h("th", {}, o));
  return h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, lines.map((o) => o.el)));
}

/** The state pill over several runs, as `[look, word, place]`. */
export function together(runs) {
  const live = runs.filter((r) => r.story.live).length, rest = runs.some((r) => r.story.word === "created");
  return [live ? "busy" : "", live ? `${live} running` : rest ? "none running" : "all ended", `${runs.length} runs`];
}
