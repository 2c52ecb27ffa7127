// form.js: one input per config field; python checks each edit and answers beside the field.
import { h, later, mount, tabs } from "./panel.js";

/** What stands under a field: the fault if there is one, else its help, and the default where it was left. */
export function below({ error, help, changed, fallback }) {
  return error || (changed ? `${help} Default: ${fallback}.` : help);
}

function field(f, edit, waits) {
  const id = `ft-${Math.random().toString(36).slice(2)}`, says = h("div", { class: "says", id: `${id}-says` });
  const shared = { id, name: f.name, "aria-describedby": `${id}-says`, "aria-required": f.required };
  const input = f.choices.length
    ? h("select", { ...shared, onchange: () => edit(f.name, input.value) },
      f.choices.map((c) => h("option", { value: c }, c)))
    : h("input", { ...shared, type: "text", spellcheck: "false", autocomplete: "off",
      oninput: () => edit(f.name, input.value) });
  input.value = f.value;
  const back = `${f.label}: back to the default`;
  const reset = h("button", { class: "plain", title: "Back to the default", "aria-label": back,
    onclick: () => { input.value = f.fallback ?? ""; edit(f.name, input.value); } }, "↺");
  const needed = f.required && h("span", { class: "muted small" }, "needed");
  const box = h("div", {}, h("label", { for: id }, f.label, needed),
    h("div", { class: "control" }, input, reset), says);
  const draw = (news) => {
    Object.assign(f, news);
    box.className = `field ${f.changed ? "changed" : ""}`;
    reset.hidden = !f.changed;
    if (news.value !== undefined && document.activeElement !== input && !waits(f.name)) input.value = f.value;
    input.setAttribute("aria-invalid", Boolean(f.error));
    says.className = `says ${f.error ? "bad" : ""}`;
    says.textContent = below(f);
  };
  draw({});
  return { box, draw };
}

function render({ model, el }) {
  const p = mount({ model, el }, "Run configuration");
  const edits = h("div"), yaml = h("pre", { tabindex: 0, "aria-label": "The configuration as YAML" }), fields = {};
  const copy = h("button", { onclick: async () => {
    try { await navigator.clipboard.writeText(yaml.textContent); copy.textContent = "Copied"; }
    catch { getSelection().selectAllChildren(yaml); copy.textContent = "Selected: press Ctrl+C"; }
    setTimeout(() => { copy.textContent = "Copy"; }, 2000);
  } }, "Copy");
  const save = h("button", { class: "main", hidden: true, onclick: () => p.ask({ kind: "save" }) }, "Save");
  p.tools.append(save);
  p.body.append(tabs({ Fields: edits, YAML: h("div", { class: "stack" }, h("div", { class: "row" }, copy), yaml) }));

  let pending = {};
  const flush = later(() => { const edits = pending; pending = {}; p.ask({ kind: "edit", edits }); });
  const edit = (name, text) => { pending[name] = text; p.state("busy", "checking"); flush(); };
  p.hear({
    fields: (m) => {
      if (Object.keys(fields).length) return; // made already; what is typed is not lost
      const waits = (name) => name in pending;
      for (const f of m.groups.flatMap((g) => g.fields)) fields[f.name] = field(f, edit, waits);
      edits.replaceChildren(...m.groups.map((g) => h("fieldset", {}, h("legend", {}, g.name),
        h("div", { class: "fields" }, g.fields.map((f) => fields[f.name].box)))));
    },
    checked: (m) => {
      for (const [name, news] of Object.entries(m.fields)) fields[name]?.draw(news);
      yaml.textContent = m.yaml;
      save.hidden = !m.path;
      save.disabled = !m.valid || m.look === "done";
      p.state(m.look, m.word, m.path);
      if (m.error) p.say("failed", m.error); else p.say("");
    },
  });
  return p.close;
}
export default { render };
