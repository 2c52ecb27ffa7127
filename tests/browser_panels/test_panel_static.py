"""What is left in a saved notebook, on a bare page without our style sheet; hostile rows stay text."""
import os
from pathlib import Path
import ftkit.base.system, pytest
from ftkit.data.checks.report import check
from ftkit.config.settings import RunConfig
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.data.read.load import load
from ftkit.panels.chat import ChatPanel
from ftkit.panels.data import DataPanel
from ftkit.panels.evals import EvalsPanel
from ftkit.panels.form.panel import FormPanel
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.panels.tokens import TokenView
from ftkit.model.rows import IGNORE, Row
import every, test_panel_chat, test_panel_evals, test_panel_monitor

def tokens(text='<|im_start|>'):
    pieces = [text, 'user', '\n', 'where', ' is', ' my', ' kettle', '?', '<|im_end|>', '\n', '<|im_start|>',
              'assistant', '\n', '{"', 'category', '":', ' "', 'delivery', '"}', '<|im_end|>', '\n']
    labels = [IGNORE]*13 + [1]*7 + [IGNORE]
    special = [int(o.startswith('<|')) for o in pieces]
    how = 'what the template adds for each assistant turn'
    row = Row('ab12', list(range(300, 321)), labels, pieces, ['user']*10+['assistant']*11, 0, False, how,
              special)
    return TokenView(row, 'tiny')

def rows(bad):
    bad_ex = Example([dict(role='user', content=bad), dict(role='assistant', content=bad)])
    return examples_of([bad_ex]) if bad else load(ftkit.base.system.sample('tickets_dirty'))

def monitor(bad):
    run = test_panel_monitor.Run(bad or '2026-11-22-tickets')
    run.go(1, 120)
    reason = bad or 'No lower validation loss for 3 looks: stopped at step 100, kept step 70.'
    run.state = dict(state='finished', step=120, of=120, reason=reason)
    return MonitorPanel(run).static_html()

def chat(bad):
    told = test_panel_chat.Told(name=bad or 'faq-run')
    said = dict(answer=bad or 'It waits in Bremen.\nShall I send it?', end='length', tokens=7, seconds=.5)
    told.turns = [dict(user=bad or 'Where is my parcel?', system=bad, settings=told.settings,
                       answers={o:said for o in told.sides})]*2
    return ChatPanel(told).static_html()

PICTURES = dict( # Of each panel, with rows of ours or a hostile one
    data=lambda bad, _: DataPanel(rows(bad), check(rows(bad))).static_html(),
    form=lambda bad, _: FormPanel(RunConfig(bad or 'smollm2-135m-instruct', 'train.jsonl', 'validation.jsonl',
                                            learning_rate=1e-3)).static_html(),
    monitor=lambda bad, _: monitor(bad), chat=lambda bad, _: chat(bad or ''),
    evals=lambda bad, folder: EvalsPanel(test_panel_evals.Run(folder,
                                                              rows(bad) if bad
                                                              else rows(bad)[:30])).static_html(),
    tokens=lambda bad, _: tokens(bad or '<|im_start|>')._repr_html_())

# As GitHub, nbviewer and VS Code show it: without styles and classes. Words that then run into one another
GLUED = """() => {
  for (const o of document.querySelectorAll("style, script")) o.remove();
  for (const o of document.querySelectorAll("#el *")) ["class", "style"].forEach((k) => o.removeAttribute(k));
  const walk = document.createTreeWalker(document.getElementById("el"), NodeFilter.SHOW_TEXT), res = [];
  const inline = (e) => e.id !== "el" && getComputedStyle(e).display.startsWith("inline");
  const block = (e) => inline(e) ? block(e.parentElement) : e;
  // Drawn, or a part of a text that is marked
  const apart = (e) => e.closest("svg, del, ins, mark, [title$=learned], [title$=only]");
  let last = null;
  for (let t; (t = walk.nextNode()); last = t) {
    if (!last || apart(last.parentElement) || apart(t.parentElement)) continue;
    if (block(last.parentElement) !== block(t.parentElement)) continue;
    if (!/[\\p{L}\\p{N}%]$/u.test(last.data) || !/^[\\p{L}\\p{N}]/u.test(t.data)) continue;
    res.push(last.data + "|" + t.data);
  }
  return res;
}"""
SAYS = dict(look=['rows by label', 'line 11 dropped', '1 with errors'], review=['of 39 reviewed'],
            columns=['first value', 'Frage', "columns={'prompt': 'Frage'"], tokens=['assistant', 'learned ·'],
            form=['learning_rate', '0.001'], monitor=['step 60 of 120', 'Validation loss', 'ended by itself'],
            runs=['lr-2e-4', 'The loss is not a number since step 80.'],
            evals=['tuned against base', 'missing · invented · wrong'], labels=['intent_3', 'not a label'],
            judge=['0 of 4 judged'], grade=['0 of 4 judged'], sentences=['0 of 4 judged'],
            chat=['You: Where is my parcel?', 'cut off at 7 tokens'], worst=['0 of 3 reviewed'])

@pytest.mark.parametrize('name', every.PANELS)
def test_it_can_be_read_where_styles_are_taken_out(pages, tmp_path, name):
    page = pages.take()
    html = every.PANELS[name][0](tmp_path).static_html()
    page.set_content(f'<!doctype html><body><div id="el">{html}</div></body>')
    glued = page.evaluate(GLUED)
    assert glued==[], glued
    text = page.inner_text('#el')
    assert all(o in text for o in SAYS[name]), text
    if name=='runs': # Which of them a curve is: colours that are no styles stay
        inks = 'os => os.map((o) => o.getAttribute("fill"))'
        some = page.locator('td svg rect').evaluate_all(inks)
        assert len({*some})==2 and all(o in html.partition('</table>')[2] for o in some)
    if name=='tokens': assert ''.join(page.locator('mark').all_inner_texts()[1:])=='It␣is␣0.<|im_end|>'
    pages.give(page)

def test_answers_side_by_side_have_room(pages):
    "However long one of them is: none of the columns is squeezed to a few letters"
    run = test_panel_monitor.Run()
    run.go(1, 30, samples=False)
    for step,said in ((0, 'I am sorry to hear that. '*40), (30, 'In Oslo.')):
        run.log.append(dict(kind='sample', step=step, id='k', prompt='Where?', answer=said, stopped=True,
                            tokens=9))
    page = pages.take()
    page.set_viewport_size(dict(width=1000, height=800))
    page.set_content(f'<!doctype html><body>{MonitorPanel(run).static_html()}</body>')
    cells = page.locator('table').last.locator('tbody td')
    widths = [o.bounding_box()['width'] for o in cells.all()]
    assert len(widths)==3 and min(widths)>250, widths
    pages.give(page)

@pytest.mark.parametrize('name', PICTURES)
def test_static(browser, theme, tmp_path, hostile, name):
    page,faults = browser.new_page(viewport=dict(width=1000, height=800)),[]
    page.on('request', lambda r: None if r.url.startswith(('data:', 'about:')) else faults.append(r.url))
    page.on('console', lambda m: faults.append(m.text) if m.type=='error' else None)
    ink = 'background:#111;color:#e3e6e9' if theme=='dark' else 'background:#fff;color:#1f2429'
    for bad in (hostile.replace('\ud800', ''), None):
        html = PICTURES[name](bad, tmp_path/str(bool(bad)))
        assert len(html.encode())<50_000
        page.set_content(f'<!doctype html><body style="margin:16px;{ink}"><div id="el">{html}</div></body>')
        assert page.evaluate('window.ran') is None and not page.locator(
            'script, img').count() and not faults, faults
        if bad: assert '⟨U+202E⟩' in page.inner_text('#el')
    if folder := os.environ.get('FTKIT_SHOTS'):
        page.locator('#el').screenshot(path=Path(folder)/f'static-{name}-{theme}.png')
    page.close()
