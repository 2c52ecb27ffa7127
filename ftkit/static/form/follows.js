// follows.js: what follows from the fields: plan, memory, differences, and what is chosen above them.
import { h, refill } from "../panel.js";

/** Shares of a bar in percent, of the larger of what is needed and what there is. */
export function shares(parts, room) {
  const total = parts.reduce((sum, o) => sum + o.bytes, 0), whole = Math.max(total, room, 1);
  return { parts: parts.map((o) => (100 * o.bytes) / whole), room: (100 * room) / whole };
}

/** What a button says that sets what a plan offers; empty where it offers nothing. */
export function offered(offer) {
  const some = Object.entries(offer ?? {}).map(([name, text]) => `${name} ${text}`);
  return some.length ? `Set ${some.join(", ")}` : "";
}

/** One choice, of a place or a task, with what each is for and why it says what it says. */
export class Chooser {
  constructor(kind, label, presets, choose) {
    const id = `ft-${Math.random().toString(36).slice(2)}`;
    this.some = presets.filter((o) => o.kind === kind);
    this.says = h("div", { class: "says", id: `${id}-says` });
    this.why = h("ul", { class: "why" });
    this.more = h("details", {}, h("summary", {}, "Why"), this.why);
    this.box = h("select", { id, name: `preset-${kind}`, "aria-describedby": `${id}-says`, onchange: choose },
      h("option", { value: "" }, "none"), this.some.map((o) => h("option", { value: o.name }, o.name)));
    this.view = h("div", { class: "field" }, h("label", { for: id }, label), this.box, this.says, this.more);
  }
  draw(names) {
    const o = this.some.find((p) => names.includes(p.name));
    this.box.value = o?.name ?? "";
    this.says.textContent = o ? `${o.help}.` : "";
    this.why.replaceChildren(...(o?.why ?? []).map((w) => h("li", {}, w)));
    this.more.hidden = !o?.why.length;
  }
}

const FITS = { yes: "good", changed: "warn", no: "bad" };

export class Memory {
  constructor(ask) {
    this.says = h("p");
    this.bar = h("div", { class: "membar", role: "img" });
    this.legend = h("ul", { class: "legend" });
    this.place = h("select", { name: "place", "aria-label": "Memory of",
      onchange: () => ask({ kind: "place", name: this.place.value }) });
    this.check = h("button", { title: "Tries the longest rows in a separate process, and measures memory",
      onclick: () => ask({ kind: "measure" }) }, "Preflight");
    this.measured = h("p", { class: "small", role: "status" });
    const estimate = h("span", { class: "small muted grow" }, "an estimate");
    this.view = h("section", { class: "follows" }, h("div", { class: "row" }, h("h4", {}, "Memory"), estimate,
      this.place, this.check), this.says, this.bar, this.legend, this.measured);
  }
  places(names) { this.place.replaceChildren(...names.map((o) => h("option", { value: o }, o))); }
  draw({ memory: m, measured: text, place: now, valid }) {
    const { parts, room } = shares(m.parts, m.room ?? 0);
    const piece = (o, i) => h("i", { class: o.name, style: `width:${parts[i]}%`, title: `${o.text} ${o.size}` });
    this.says.textContent = m.says;
    this.says.className = FITS[m.fits] ?? "muted";
    this.bar.hidden = this.legend.hidden = !m.parts.length;
    this.bar.setAttribute("aria-label", m.says);
    this.bar.replaceChildren(...m.parts.map(piece), h("b", { style: `left:${room}%` }));
    this.legend.replaceChildren(...m.parts.map((o) => h("li", { class: o.name }, `${o.text} `, h("b", {}, o.size))));
    this.measured.textContent = text;
    this.measured.hidden = !text;
    this.check.disabled = !valid || text.endsWith("…");
    if (document.activeElement !== this.place) this.place.value = now;
  }
}

/** The plan, what it warns of, and a button that sets what it offers. */
export function plan(m, set) {
  const button = offered(m.offer) && h("button", { onclick: () => set(m.offer) }, offered(m.offer));
  return h("section", { class: "follows" }, h("h4", {}, "Plan"), h("p", {}, m.plan),
    m.notes.map((o) => h("p", { class: "warn" }, `⚠ ${o}`)), button);
}

/** Fields that differ from the presets or the defaults; `back(name)` takes one back. */
export function differences(box, { differences: some, presets }, back) {
  const named = `the ${presets.length > 1 ? "presets" : "preset"} ${presets.join(" and ")}`;
  const from = presets.length ? named : "the defaults";
  if (!some.length) return refill(box, h("p", { class: "muted" }, `Nothing differs from ${from}.`));
  const row = (o) => h("tr", {}, h("td", {}, o.name), h("td", {}, o.old || "none"), h("td", {}, h("b", {}, o.new || "none")),
    h("td", { class: "num" }, h("button", { class: "chip-back", "aria-label": `${o.name}: take ${o.old || "none"} back`,
      onclick: () => back(o.name) }, "Go back")));
  const heads = ["field", "there", "here", ""].map((o) => h("th", {}, o));
  refill(box, h("p", { class: "muted" }, `Compared with ${from}:`),
    h("table", {}, h("thead", {}, h("tr", {}, heads)), h("tbody", {}, some.map(row))));
}
