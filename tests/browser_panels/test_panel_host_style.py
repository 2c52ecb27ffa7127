"""The style sheet of the page around does not reach into a panel: classic Notebook 6 brings Bootstrap's
rules for elements, and for names that we use too."""
import pytest

from ftkit.config.settings import RunConfig
from ftkit.data.checks.report import check
from ftkit.data.review import Review
from ftkit.panels.data import DataPanel
from ftkit.panels.form.panel import FormPanel
from ftkit.panels.review.panel import ReviewPanel

HOST = """summary { display: block }
  label { display: inline-block; max-width: 100%; margin-bottom: 5px; font-weight: 700 }
h3 { margin: 18px 0 9px; font-size: 23px; font-weight: 500; line-height: 1.1 }
h4 { margin: 9px 0; font-size: 17px; font-weight: 500; line-height: 1.1 } p { margin: 0 0 9px }
legend { width: 100%; margin-bottom: 18px; font-size: 19px; color: #333; border-bottom: 1px solid #e5e5e5 }
fieldset { min-width: 0; padding: 8px; margin: 2px; border: 1px solid silver } ul { margin: 0 0 9px }
pre { padding: 8px; margin: 0 0 9px; border: 1px solid #ccc; background: #f5f5f5; color: #333;
  word-break: break-all }
code, kbd { padding: 2px 4px; font-size: 90%; color: #c7254e; background: #f9f2f4; border-radius: 2px }
mark { padding: .2em; background: #fcf8e3 } table { border-spacing: 0; background: transparent } td,
  th { padding: 0 }
button, input, select, textarea { font-family: inherit; font-size: inherit; line-height: inherit; margin: 0 }
input[type=checkbox] { margin: 4px 0 0; line-height: normal } input[type=search] { box-sizing: content-box }
.row { margin: 0 -15px } .row::before, .row::after { display: table; content: " " }
.badge { display: inline-block; min-width: 10px; padding: 3px 7px; font-size: 12px; font-weight: bold;
  line-height: 1;
  color: #fff; background: #777; text-align: center; white-space: nowrap; vertical-align: middle;
    border-radius: 10px }
.small { font-size: 92% } .lead { margin-bottom: 18px; font-size: 14px; font-weight: 300;
  line-height: 1.4 }"""

# Each element's place on the page and how it looks; with the rules of the page around, or without
LOOK = """(host) => {
  document.getElementById("host")?.remove();
  if (host) document.head.prepend(Object.assign(document.createElement("style"), { id: "host",
    textContent: host }));
  const of = (e, part) => { const s = getComputedStyle(e, part);
    if (part && s.content === "none") return "";
    return ["content", "display", "fontFamily", "fontSize", "fontWeight", "lineHeight", "color",
      "backgroundColor", "margin",
      "padding", "border", "wordBreak"].map((k) => s[k]).join(" | "); };
  return [...document.querySelectorAll("#el, #el *")].map((e) => { const r = e.getBoundingClientRect();
    return [e.outerHTML.slice(0, 90), [r.x, r.y, r.width, r.height].map(Math.round).join(" "),
      of(e), of(e, "::before"), of(e, "::after")]; });
}"""

def data(rows, tmp): return DataPanel(rows, check(rows))
def form(rows, tmp): return FormPanel(RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl'))
def review(rows, tmp): return ReviewPanel(rows, Review(tmp/'review.jsonl'), check(rows))

@pytest.mark.parametrize('make,words', [(data, '1–20 of'), (form, 'learning_rate'), (review, 'Keep')])
def test_the_page_around_changes_nothing(stage, dirty, tmp_path, make, words):
    s = stage(make(dirty, tmp_path))
    s.wait(words)
    s.page.wait_for_timeout(500)
    alone = s.page.evaluate(LOOK, '')
    within = s.page.evaluate(LOOK, HOST)
    changed = [(a[0], x, y) for a,b in zip(alone, within, strict=True) for x,y in zip(a[2:], b[2:]) if x!=y]
    assert not changed, '\n'.join(' → '.join(o) for o in changed[:20])
    moved = [(a[:2], b[1]) for a,b in zip(alone, within) if a[1]!=b[1]]
    assert not moved, moved[:6]

def test_what_is_folded_has_a_mark(stage, dirty):
    "A system prompt was a bare heading with nothing beneath it"
    s = stage(DataPanel(dirty))
    s.wait('1–20 of')
    s.page.evaluate(LOOK, HOST)
    style = s.page.locator('details.turn > summary').first.evaluate(
        'e => [getComputedStyle(e).display, getComputedStyle(e).listStyleType]')
    assert style==['list-item', 'disclosure-closed']
