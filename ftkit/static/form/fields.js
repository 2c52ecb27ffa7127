// fields.js: one input per config field, in groups.
import { h } from "../panel.js";

/** What stands under a field: the fault if there is one, else its help, and what it goes back to where it was left. */
export function below({ error, help, changed, fallback, preset }) {
  return error || (changed ? `${help} ${preset ? "Preset" : "Default"}: ${fallback || "none"}.` : help);
}

/** What a fold says about the fields in it. */
export function folded(fields) {
  const wrong = fields.filter((f) => f.error).length, changed = fields.filter((f) => f.changed).length;
  return [wrong && `${wrong} to fix`, changed && `${changed} changed`].filter(Boolean).join(", ");
}

function control(f, shared, edit) {
  if (f.bool) {
    const tick = h("input", { ...shared, type: "checkbox", onchange: () => edit(f.name, String(tick.checked)) });
    return tick;
  }
  if (f.choices.length) {
    const menu = h("select", { ...shared, onchange: () => edit(f.name, menu.value) },
      f.choices.map((c) => h("option", { value: c }, c)));
    return menu;
  }
  const line = h("input", { ...shared, type: "text", spellcheck: "false", autocomplete: "off",
    oninput: () => edit(f.name, line.value) });
  return line;
}

/** A field; `edit(name, text)` is told of what is typed, `waits(name)` says whether that is on its way. */
export class Field {
  constructor(f, edit, waits) {
    const id = `ft-${Math.random().toString(36).slice(2)}`;
    const shared = { id, name: f.name, "aria-describedby": `${id}-says`, "aria-required": f.bool ? null : f.required };
    Object.assign(this, { f, waits, input: control(f, shared, edit) });
    this.says = h("div", { class: "says", id: `${id}-says` });
    this.note = h("div", { class: "says note-below" });
    this.set(f.value);
    this.reset = h("button", { class: "plain", onclick: () => { this.set(f.fallback); edit(f.name, f.fallback); } }, "↺");
    const label = h("label", { for: id }, f.label, f.required && h("span", { class: "muted small" }, "needed"));
    const line = f.bool ? h("div", { class: "control check" }, this.input, label, this.reset)
      : [label, h("div", { class: "control" }, this.input, this.reset)];
    this.box = h("div", {}, line, this.says, this.note);
    this.draw({});
  }
  set(text) { if (this.f.bool) this.input.checked = text === "true"; else this.input.value = text; }
  draw(news) {
    const { f, input, reset } = this;
    Object.assign(f, news);
    const kind = f.preset ? "preset" : "default";
    this.box.className = `field ${f.changed ? "changed" : ""} ${f.name === "lora.target_modules" ? "wide" : ""}`;
    reset.hidden = !f.changed;
    reset.title = `Back to the ${kind}`;
    reset.setAttribute("aria-label", `${f.label}: back to the ${kind}`);
    if (news.value !== undefined && document.activeElement !== input && !this.waits(f.name)) this.set(f.value);
    input.setAttribute("aria-invalid", Boolean(f.error));
    this.says.className = `says ${f.error ? "bad" : ""}`;
    this.says.textContent = below(f);
    this.note.textContent = f.note ?? "";
    this.note.hidden = !f.note;
  }
}

/** Fields under one heading; those that few need are folded. */
export class Group {
  constructor({ name, folded: shut, fields }, made) {
    Object.assign(this, { shut, fields: fields.map((f) => made[f.name].f), opened: false });
    const inside = h("div", { class: "fields" }, fields.map((f) => made[f.name].box));
    this.says = h("span", { class: "small" });
    const summary = h("summary", {}, h("b", {}, name), " ", this.says);
    this.box = shut ? h("details", { class: "fold" }, summary, inside) : h("fieldset", {}, h("legend", {}, name), inside);
  }
  draw() {
    const now = this.fields, wrong = now.some((f) => f.error), changed = now.some((f) => f.changed);
    if (!this.shut) return;
    if (wrong && !this.opened) this.box.open = this.opened = true; // once: whoever shuts it again knows
    this.says.textContent = folded(now) || now.map((f) => f.label).join(", ");
    this.says.className = `small ${(wrong && "bad") || (changed && "accent") || ""}`;
  }
}
