// form.js: one input per config field, and beside them what follows: plan, memory, differences, YAML and code.
import { count, h, later, mount, refill, tabs } from "./panel.js";

/** What stands under a field: the fault if there is one, else its help, and what it goes back to where it was left. */
export function below({ error, help, changed, fallback, preset }) {
  return error || (changed ? `${help} ${preset ? "Preset" : "Default"}: ${fallback || "none"}.` : help);
}

/** What a fold says about the fields in it. */
export function folded(fields) {
  const wrong = fields.filter((f) => f.error).length, changed = fields.filter((f) => f.changed).length;
  return [wrong && `${wrong} to fix`, changed && `${changed} changed`].filter(Boolean).join(", ");
}

/** Shares of a bar in percent, of the larger of what is needed and what there is. */
export function shares(parts, room) {
  const total = parts.reduce((sum, o) => sum + o.bytes, 0), whole = Math.max(total, room, 1);
  return { parts: parts.map((o) => (100 * o.bytes) / whole), room: (100 * room) / whole };
}

/** The fields that YAML would change, as a sentence. */
export function announce({ error, changes }) {
  if (error) return error;
  if (!changes.length) return "The same as the fields.";
  const few = changes.slice(0, 6).join(", ") + (changes.length > 6 ? ", …" : "");
  return `Apply changes ${count(changes.length, "field")}: ${few}.`;
}

/** What a button says that sets what a plan offers; empty where it offers nothing. */
export function offered(offer) {
  const some = Object.entries(offer ?? {}).map(([name, text]) => `${name} ${text}`);
  return some.length ? `Set ${some.join(", ")}` : "";
}

function control(f, shared, edit) {
  if (f.bool) {
    const box = h("input", { ...shared, type: "checkbox", onchange: () => edit(f.name, String(box.checked)) });
    return box;
  }
  if (f.choices.length) {
    const box = h("select", { ...shared, onchange: () => edit(f.name, box.value) },
      f.choices.map((c) => h("option", { value: c }, c)));
    return box;
  }
  const box = h("input", { ...shared, type: "text", spellcheck: "false", autocomplete: "off",
    oninput: () => edit(f.name, box.value) });
  return box;
}

function field(f, edit, waits) {
  const id = `ft-${Math.random().toString(36).slice(2)}`, says = h("div", { class: "says", id: `${id}-says` });
  const shared = { id, name: f.name, "aria-describedby": `${id}-says`, "aria-required": f.bool ? null : f.required };
  const input = control(f, shared, edit), note = h("div", { class: "says note-below" });
  const set = (text) => { if (f.bool) input.checked = text === "true"; else input.value = text; };
  set(f.value);
  const reset = h("button", { class: "plain", onclick: () => { set(f.fallback); edit(f.name, f.fallback); } }, "↺");
  const label = h("label", { for: id }, f.label, f.required && h("span", { class: "muted small" }, "needed"));
  const box = f.bool
    ? h("div", {}, h("div", { class: "control check" }, input, label, reset), says, note)
    : h("div", {}, label, h("div", { class: "control" }, input, reset), says, note);
  const draw = (news) => {
    Object.assign(f, news);
    box.className = `field ${f.changed ? "changed" : ""} ${f.name === "lora.target_modules" ? "wide" : ""}`;
    reset.hidden = !f.changed;
    reset.title = f.preset ? "Back to the preset" : "Back to the default";
    reset.setAttribute("aria-label", `${f.label}: back to the ${f.preset ? "preset" : "default"}`);
    if (news.value !== undefined && document.activeElement !== input && !waits(f.name)) set(f.value);
    input.setAttribute("aria-invalid", Boolean(f.error));
    says.className = `says ${f.error ? "bad" : ""}`;
    says.textContent = below(f);
    note.textContent = f.note ?? "";
    note.hidden = !f.note;
  };
  draw({});
  return { box, draw, f };
}

function group({ name, folded: shut, fields }, made) {
  const inside = h("div", { class: "fields" }, fields.map((f) => made[f.name].box));
  if (!shut) return { box: h("fieldset", {}, h("legend", {}, name), inside), draw: () => {} };
  const says = h("span", { class: "small" });
  let said = false;
  const box = h("details", { class: "fold" }, h("summary", {}, h("b", {}, name), " ", says), inside);
  const draw = () => {
    const now = fields.map((f) => made[f.name].f);
    if (now.some((f) => f.error) && !said) box.open = said = true; // once: whoever shuts it again knows
    says.textContent = folded(now) || now.map((f) => f.label).join(", ");
    says.className = `small ${now.some((f) => f.error) ? "bad" : now.some((f) => f.changed) ? "accent" : ""}`;
  };
  return { box, draw };
}

function copier(from) {
  const copy = h("button", { onclick: async () => {
    try { await navigator.clipboard.writeText(from.value ?? from.textContent); copy.textContent = "Copied"; }
    catch {
      if (from.select) from.select(); else getSelection().selectAllChildren(from);
      copy.textContent = "Selected: press Ctrl+C";
    }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  } }, "Copy");
  return copy;
}

/** Two choices, a place and a task, with what each is for and why it says what it says. */
function chooser(kind, label, presets, choose) {
  const id = `ft-${Math.random().toString(36).slice(2)}`, some = presets.filter((o) => o.kind === kind);
  const says = h("div", { class: "says", id: `${id}-says` }), why = h("ul", { class: "why" });
  const more = h("details", {}, h("summary", {}, "Why"), why);
  const box = h("select", { id, name: `preset-${kind}`, "aria-describedby": `${id}-says`, onchange: choose },
    h("option", { value: "" }, "none"), some.map((o) => h("option", { value: o.name }, o.name)));
  const draw = (names) => {
    const o = some.find((p) => names.includes(p.name));
    box.value = o?.name ?? "";
    says.textContent = o ? `${o.help}.` : "";
    why.replaceChildren(...(o?.why ?? []).map((w) => h("li", {}, w)));
    more.hidden = !o?.why.length;
  };
  return { box, draw, view: h("div", { class: "field" }, h("label", { for: id }, label), box, says, more) };
}

function memoryView(ask) {
  const says = h("p"), bar = h("div", { class: "membar", role: "img" }), legend = h("ul", { class: "legend" });
  const place = h("select", { name: "place", "aria-label": "Memory of", onchange: () => ask({ kind: "place", name: place.value }) });
  const check = h("button", { onclick: () => ask({ kind: "measure" }) }, "Preflight");
  check.title = "Tries the longest rows in a separate process, and measures memory";
  const measured = h("p", { class: "small", role: "status" });
  const view = h("section", { class: "follows" },
    h("div", { class: "row" }, h("h4", {}, "Memory"), h("span", { class: "small muted grow" }, "an estimate"),
      place, check), says, bar, legend, measured);
  const draw = ({ memory: m, measured: text, place: now, valid }) => {
    says.textContent = m.says;
    says.className = { yes: "good", changed: "warn", no: "bad" }[m.fits] ?? "muted";
    const { parts, room } = shares(m.parts, m.room ?? 0);
    bar.hidden = legend.hidden = !m.parts.length;
    bar.setAttribute("aria-label", m.says);
    bar.replaceChildren(...m.parts.map((o, i) => h("i", { class: o.name, style: `width:${parts[i]}%`, title: `${o.text} ${o.size}` })),
      h("b", { style: `left:${room}%` }));
    legend.replaceChildren(...m.parts.map((o) => h("li", { class: o.name }, `${o.text} `, h("b", {}, o.size))));
    measured.textContent = text;
    measured.hidden = !text;
    check.disabled = !valid || text.endsWith("…");
    if (document.activeElement !== place) place.value = now;
  };
  return { view, draw, places: (names) => place.replaceChildren(...names.map((o) => h("option", { value: o }, o))) };
}

function render({ model, el }) {
  const p = mount({ model, el }, "Run configuration");
  const edits = h("div"), fields = {}, groups = [];
  const yaml = h("textarea", { class: "mono", rows: 24, spellcheck: "false", "aria-label": "The configuration as YAML",
    oninput: () => { dirty = true; apply.disabled = true; readSoon(); } });
  const yamlSays = h("div", { class: "says", role: "status" });
  const apply = h("button", { class: "main", disabled: true,
    onclick: () => p.ask({ kind: "yaml", text: yaml.value, apply: true }) }, "Apply");
  const undo = h("button", { hidden: true, onclick: () => { dirty = false; yaml.value = last; settle(); } }, "Discard");
  const code = h("pre", { tabindex: 0, "aria-label": "The code that does the same" });
  const differ = h("div");
  const save = h("button", { hidden: true, onclick: () => p.ask({ kind: "save" }) }, "Save");
  const begin = h("button", { class: "main", onclick: () => { begin.disabled = true; p.ask({ kind: "start" }); } }, "Start run");
  const ran = h("div", { class: "note", role: "status", hidden: true });
  const top = h("div", { class: "presets" }), plan = h("div"), memory = memoryView(p.ask);
  p.tools.append(save, begin);

  let pending = {}, dirty = false, last = "", valid = false, choosers = [], looking;
  const settle = () => { undo.hidden = !dirty; if (!dirty) { yamlSays.textContent = ""; apply.disabled = true; } };
  const readSoon = later(() => { settle(); p.ask({ kind: "yaml", text: yaml.value, apply: false }); });
  const send = () => {
    if (!Object.keys(pending).length) return;
    const edits = pending;
    pending = {};
    p.ask({ kind: "edit", edits });
  };
  const flush = later(send);
  const edit = (name, text) => { pending[name] = text; p.state("busy", "checking"); flush(); };
  const choose = () => p.ask({ kind: "preset", names: choosers.map((o) => o.box.value).filter(Boolean) });
  const reset = h("button", { onclick: () => p.ask({ kind: "reset" }) }, "Reset");
  reset.title = "Back to how the form was opened";

  const pages = tabs({ Fields: edits, Differences: differ,
    YAML: h("div", { class: "stack" }, h("div", { class: "row" }, copier(yaml), apply, undo, yamlSays), yaml),
    Code: h("div", { class: "stack" }, h("div", { class: "row" }, copier(code),
      h("span", { class: "small muted" }, "transformers, peft and trl alone; trains the same weights")), code) });
  const heads = [...pages.querySelectorAll("[role=tab]")];
  p.body.append(ran, top, h("div", { class: "follow" }, plan, memory.view), pages);

  const drawPlan = (m) => plan.replaceChildren(h("section", { class: "follows" }, h("h4", {}, "Plan"), h("p", {}, m.plan),
    m.notes.map((o) => h("p", { class: "warn" }, `⚠ ${o}`)), offered(m.offer) && h("button",
      { onclick: () => p.ask({ kind: "edit", edits: m.offer }) }, offered(m.offer))));
  const drawDiffer = (m) => {
    heads[1].textContent = m.differences.length ? `Differences (${m.differences.length})` : "Differences";
    const from = m.presets.length ? `the ${m.presets.length > 1 ? "presets" : "preset"} ${m.presets.join(" and ")}` : "the defaults";
    if (!m.differences.length) return refill(differ, h("p", { class: "muted" }, `Nothing differs from ${from}.`));
    refill(differ, h("p", { class: "muted" }, `Compared with ${from}:`), h("table", {},
      h("thead", {}, h("tr", {}, ["field", "there", "here", ""].map((o) => h("th", {}, o)))),
      h("tbody", {}, m.differences.map((o) => h("tr", {}, h("td", {}, o.name), h("td", {}, o.old || "none"),
        h("td", {}, h("b", {}, o.new || "none")), h("td", { class: "num" },
          h("button", { class: "chip-back", "aria-label": `${o.name}: take ${o.old || "none"} back`,
            onclick: () => p.ask({ kind: "edit", edits: { [o.name]: fields[o.name].f.fallback } }) }, "Go back")))))));
  };
  p.hear({
    fields: (m) => {
      if (Object.keys(fields).length) return; // made already; what is typed is not lost
      const waits = (name) => name in pending;
      for (const f of m.groups.flatMap((g) => g.fields)) fields[f.name] = field(f, edit, waits);
      groups.push(...m.groups.map((g) => group(g, fields)));
      edits.replaceChildren(...groups.map((g) => g.box));
      choosers = [chooser("place", "Where it runs", m.presets, choose), chooser("task", "What it is for", m.presets, choose)];
      top.replaceChildren(...choosers.map((o) => o.view), reset);
      memory.places(m.places);
    },
    checked: (m) => {
      for (const [name, news] of Object.entries(m.fields)) fields[name]?.draw(news);
      groups.forEach((g) => g.draw());
      choosers.forEach((o) => o.draw(m.presets));
      last = m.yaml;
      if (!dirty) { yaml.value = m.yaml; yaml.placeholder = "Fix the marked fields first, or paste YAML here."; }
      code.textContent = m.code;
      drawPlan(m);
      memory.draw(m);
      drawDiffer(m);
      valid = m.ready;
      save.hidden = !m.path;
      save.disabled = !m.valid || m.look === "done";
      begin.disabled = !m.ready || looking;
      p.state(m.look, m.word, m.path);
      if (m.error) p.say("failed", m.error); else p.say("");
    },
    yaml: (m) => {
      yamlSays.textContent = m.applied ? "Applied." : announce(m);
      yamlSays.className = `says ${m.error ? "bad" : ""}`;
      yaml.setAttribute("aria-invalid", Boolean(m.error));
      apply.disabled = Boolean(m.error) || m.applied || !m.changes.length;
      if (m.applied) { dirty = false; yaml.value = last; undo.hidden = true; }
    },
    run: (m) => {
      ran.className = `note ${m.state === "failed" || m.state === "lost" ? "failed" : ""}`;
      ran.hidden = false;
      ran.replaceChildren(h("b", {}, m.text), `\nIt is in ${m.where}. To watch it: `, h("code", { class: "mono" }, m.how));
      clearTimeout(looking);
      looking = m.alive ? setTimeout(() => p.ask({ kind: "look" }, ""), 1500) : undefined;
      begin.disabled = !valid || m.alive;
    },
  });
  model.on("msg:custom", (m) => { if (m.kind === "failed") begin.disabled = !valid; });
  return () => { clearTimeout(looking); p.close(); };
}
export default { render };
