import random
import ftkit.base.system
from ftkit.base.lines import append_jsonl
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.data.read.load import load
from ftkit.evaluation.constrained import calibrated
from ftkit.evaluation.score import asked_of
from ftkit.evaluation.summary import summarize
from ftkit.evaluation.task import as_json
from ftkit.panels.evals import EvalsPanel
import numpy as np
import pytest

CHAT = 'Sure! I would be happy to help you with that. Please tell me more about your order, and I will see.'

def guesses(exs, rnd):
    "What a base model that chats and a tuned one that is mostly right would say"
    answers = [ex.answer for ex in exs]
    for ex in exs:
        says = ex.answer if rnd.random()<.8 else rnd.choice(answers)
        if as_json(ex.answer) is None:
            yield rnd.choice([CHAT, rnd.choice(answers), rnd.choice(answers)]), says
        else: yield f'{CHAT} {rnd.choice(answers)}', says

class Run:
    "A run that was evaluated: the base model chats, the tuned one is right in most rows"
    name = '2026-11-22-tickets'
    def __init__(self, path, exs, task='', **more):
        self.path,self.exs,self.s = path,exs,None
        if not len(exs): return
        a,said = asked_of(exs, exs, task),[*guesses(exs, random.Random(1))]
        given = dict(zip(('base', 'tuned'), zip(*said)))
        found = {k:a.score_all([dict(answer=o, stopped=k=='tuned', tokens=9) for o in v])
                 for k,v in given.items()}
        for k,rows in found.items():
            for o in rows: append_jsonl(path/'evals'/'test'/f'{k}.jsonl', o)
        self.s = summarize(found, a, 'test')|more
    def summary(self, split='test'): return self.s
    def judged_flags(self, split='test'): return []
    def rows(self, split): return self.exs

def intents(n, k, name=lambda i: f'intent_{i}'):
    rnd = random.Random(0)
    return load([dict(text=f'Message {i}: {rnd.random()}', label=name(i%k)) for i in range(n)])

def sure(n=120, k=6):
    rng = np.random.default_rng(0)
    truth = rng.integers(0, k, n)
    scores = 2*rng.normal(size=(n, k))+3*np.eye(k)[truth]
    return calibrated(scores, truth, (scores, truth))

def tickets(n): return load(ftkit.base.system.sample('tickets'), limit=n)

def test_compare(stage, theme, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, tickets(120))), theme=theme)
    s.wait('1–20 of 120')
    s.shot(f'evals-{theme}')
    s.page.locator('.chip', has_text='tuned wrong').click()
    s.page.locator('.chip[aria-pressed=true]', has_text='tuned wrong').wait_for()
    s.page.locator('.answers tbody tr').nth(1).focus()
    s.page.keyboard.press('Enter')
    s.page.locator('.three').wait_for()
    s.shot(f'evals-detail-{theme}')

def test_focus_and_folds_stay_where_they_are(stage, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, tickets(120))))
    s.wait('1–20 of 120')
    here = 'document.activeElement'
    def focused(): return s.page.evaluate(f'{here}.dataset.n ?? {here}.tagName')
    s.page.locator('.answers tbody tr').nth(1).focus()
    s.page.keyboard.press('Enter')
    s.page.locator('.three').wait_for()
    assert focused()=='1'
    s.page.get_by_label('Close').focus()
    s.page.keyboard.press('Enter')
    s.page.locator('.three').wait_for(state='detached')
    assert focused()=='1'
    against = s.page.get_by_label('What answers are compared with')
    against.focus()
    s.page.evaluate('window.old = document.activeElement')
    against.select_option('base')
    s.page.wait_for_function('!window.old.isConnected')
    assert focused()=='SELECT'
    s.page.get_by_text('marked answers').click()
    s.page.get_by_label('Next page (])').click()
    s.wait('21–40 of 120')
    assert s.page.get_by_label('Marked answers').is_hidden()

def test_a_view_that_is_opened_again_does_not_move_the_page(stage, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, tickets(120))))
    s.wait('1–20 of 120')
    s.page.locator('.answers tbody tr').first.click()
    s.page.wait_for_function('scrollY>0')
    s.page.evaluate('() => { scrollTo(0, 0); window.reopen(); }')
    s.page.locator('.three').wait_for()
    s.page.wait_for_timeout(300)
    assert s.page.evaluate('scrollY')==0

def test_a_cell_of_the_matrix_shows_its_rows(stage, theme, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, intents(120, 6), calibration=dict(tuned=sure()), opened=3)),
              theme=theme)
    s.wait('opened 3 times')
    s.shot(f'evals-label-{theme}')
    counts = s.panel.summary['confusion']['tuned']['counts']
    i,j,n = next((i, j, n) for i,row in enumerate(counts) for j,n in enumerate(row) if n and i!=j)
    s.page.locator(f'.matrix [data-at="{i} {j}"]').click()
    s.wait(f'of {n} row')
    assert s.page.locator('.answers tbody tr').count()==n
    assert s.page.locator('.matrix [aria-pressed=true]').count()==1
    label = s.panel.rows.labels
    assert {*s.page.locator('.answers tbody td:nth-child(2)').all_inner_texts()}=={label[i]}
    s.page.locator(f'.matrix tbody th button').nth(2).click() # All that should be this label
    s.wait(f'1–20 of 20 rows')
    s.page.locator(f'.matrix thead th button').last.click()   # All that is not a label
    s.wait('no rows')
    s.page.locator('[aria-label="Whose answers"] button', has_text='Base').click()
    none = sum(row[-1] for row in s.panel.summary['confusion']['base']['counts'])
    s.wait(f'of {none} rows')
    s.page.get_by_text('show all rows').click()
    s.wait('1–20 of 120')

def test_marks_and_differences(stage, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, intents(60, 3))))
    s.wait('1–20 of 60')
    s.page.get_by_role('button', name='not a label, Base').click()
    s.page.locator('.answers mark').first.wait_for() # `Sure!`, a preamble
    s.page.locator('.answers tbody tr').first.click()
    s.page.locator('.three').wait_for()
    assert 'marked: preamble' in s.text()
    assert 'preamble' in s.page.locator('.three mark').first.get_attribute('title')
    s.page.locator('.evals select').select_option('')
    s.page.wait_for_function("!document.querySelector('.answers ins, .answers del')")
    assert s.page.locator('.three').count()
    s.page.get_by_label('Close', exact=True).click()
    s.page.wait_for_function("!document.querySelector('.three')")

TEXT = [
    dict(
    prompt=f'Summarize: order {i} was sent on Monday to Anna in Berlin, and came back in a broken box, since '
           f'nobody was there.',
         completion=f'Order {i} came back broken.') for i in range(40)]
SEVERAL = [dict(text=f'Case {i}', label='; '.join(sorted({f'J{i%7}', f'K{i%5}'}))) for i in range(70)]

@pytest.mark.parametrize('task,rows', [('text', TEXT), ('labels', SEVERAL),
                                       ('short',
                                        [dict(prompt=f'{i}+1?', completion=str(i+1)) for i in range(30)])])
def test_other_tasks(stage, tmp_path, task, rows):
    s = stage(EvalsPanel(Run(tmp_path, load(rows), task)))
    s.wait(f'of {len(rows)}')
    s.shot(f'evals-{task}')
    if task!='text': assert 'tuned wrong' in s.text()
    else: assert 'tuned wrong' not in s.text() and s.page.locator('.bars').count()==3
    if task=='labels':
        s.page.locator('details.fold button', has_text='J0').click()
        s.wait('of 10 rows')

def test_many_labels_scroll_and_none_is_cut(stage, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, intents(400, 77))))
    s.wait('1–20 of 400')
    assert s.page.locator('.matrix tbody tr').count()==77 and s.page.locator('.matrix thead th').count()==79
    box = s.page.locator('.matrix')
    assert box.evaluate('o => o.scrollWidth>o.clientWidth && o.scrollHeight>o.clientHeight')
    last = s.page.locator('.matrix thead th').last
    last.scroll_into_view_if_needed()
    assert last.bounding_box()['x']+last.bounding_box()['width']<=1000
    s.shot('evals-77')
    text,html = s.panel.static_text(),s.panel.static_html()
    assert ' 77 intent_' in text and ' 77 intent_' in html and len(html)<50_000

def test_hostile_row(stage, tmp_path, hostile):
    safe = hostile.replace('\ud800', '')
    exs = examples_of([Example([dict(role='user', content=safe), dict(role='assistant', content=safe)])])
    run = Run(tmp_path, exs)
    append_jsonl(tmp_path/'evals'/'test'/'tuned.jsonl',
                 dict(id=exs[0].id, answer=hostile, scores={safe:False}))
    s = stage(EvalsPanel(run))
    s.wait('⟨U+202E⟩')
    s.page.locator('.answers tbody tr').click()
    s.page.locator('.three').wait_for()

def test_hostile_labels(stage, tmp_path, hostile):
    safe = hostile.replace('\ud800', '')
    run = Run(tmp_path, intents(24, 3, lambda i: f'{safe} {i}'), calibration=dict(tuned=sure()))
    for o in run.s['flags'].values():
        for f in o: f['spans'] = [[0, 5, safe], ['a', None, safe], 7]
    run.s |= dict(stale=safe, why=safe, forgetting=dict(words=safe))
    s = stage(EvalsPanel(run))
    s.wait('⟨U+202E⟩')
    for o in s.page.locator('details').all(): o.evaluate('o => { o.open = true }')
    s.page.locator('.matrix td button').first.click()
    s.page.locator('.chosen').first.wait_for()
    s.page.get_by_text('show all rows').click()
    s.page.locator('.answers tbody tr').first.click()
    s.page.locator('.three').wait_for()

@pytest.mark.parametrize('task,made', [('json', lambda: tickets(5)), ('label', lambda: intents(54, 27)),
                                       ('text', lambda: load(TEXT))])
def test_narrow(stage, tmp_path, task, made):
    """Colab, VS Code and a notebook beside a sidebar: nothing may stick out of the panel, and every column
    can be reached"""
    exs = made()
    s = stage(EvalsPanel(Run(tmp_path, exs, task)), width=480)
    s.wait(f'of {len(exs)}')
    assert s.page.evaluate('document.documentElement.scrollWidth')<=480
    for o in s.page.locator('.evals > div:not([hidden]) th[scope=col], .answers th').all():
        if not o.is_visible(): continue
        o.evaluate('o => o.scrollIntoView({ block: "center", inline: "end" })')
        box = o.bounding_box()
        assert -1<=box['x'] and box['x']+box['width']<=481, o.inner_text()
    s.shot(f'evals-narrow-{task}')

@pytest.mark.parametrize('width', [600, 360])
def test_the_tuned_answer_is_in_sight(stage, tmp_path, width):
    "With no scrolling sideways: what was answered, and at 600 pixels the values, too"
    s = stage(EvalsPanel(Run(tmp_path, tickets(30))), width=width)
    s.wait('1–20 of 30')
    tables = ['.answers'] if width<600 else ['.answers', '.metrics', '.wide', '.marks']
    box = 'o => [o.scrollWidth, o.clientWidth]'
    for o in tables:
        wide,there = s.page.locator(f'.scroll:visible:has(> {o})').first.evaluate(box)
        assert wide<=there, o
    cell = s.page.locator('.answers tbody tr').first.locator('td').last
    assert cell.evaluate('o => getComputedStyle(o, "::before").content')=='"Tuned"'
    at = cell.bounding_box()
    assert at['width']>=150 and at['x']+at['width']<=width

def test_everything_that_is_operated_has_a_name(stage, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, intents(60, 6), calibration=dict(tuned=sure()))))
    s.wait('1–20 of 60')
    unnamed = s.page.evaluate(
        """() => [...document.querySelectorAll('#el button, #el select, #el [role=img], #el [role=group]')]
      .filter((o) => !(o.textContent.trim() || o.getAttribute('aria-label'))).map((o) => o.outerHTML)""")
    assert not unnamed
    # Or no key scrolls it
    assert s.page.evaluate("[...document.querySelectorAll('#el .scroll')].every((o) => o.tabIndex===0)")

def test_not_evaluated(stage, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, examples_of([]))))
    s.wait('Not evaluated yet')
    s.shot('evals-empty')

def test_of_an_earlier_version(stage, tmp_path):
    run = Run(tmp_path, examples_of([]))
    run.s = dict(v=1)
    s = stage(EvalsPanel(run))
    s.wait('run.evaluate(again=True)')
