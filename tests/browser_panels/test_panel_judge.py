"Answers judged blind, in a browser: by keyboard, with a kernel that dies, and no name before the end."
import json

import pytest
from ftkit.evaluation.judgements import Judgements, key_of, start_session
from ftkit.panels.judge import JudgePanel
from pages import Fresh
from test_panel_review import Storing, settled

NAMES = ('tuned', 'base', 'faq-run')
LONG = 'The parcel left on Monday and waits at the depot in Bremen, where it can be fetched. '*6

@pytest.fixture
def storing(browser): return Storing(browser)

@pytest.fixture
def pages(storing): return Fresh(storing)

def pair(i, text=''):
    messages = [dict(role='user', content=text or f'Where is order {i}?')]
    left = text or f'{LONG}Order {i} is on its way.'
    place = len(f'{LONG}Order {i} is in ')
    marks = dict(left=[], right=[[place, place+4, 'no such place']])
    return dict(v=1, item=f'p{i}', row=f'r{i}', hash=f'h{i}', messages=messages, left=left,
                right=f'{LONG}Order {i} is in Oslo.{text}', marks=marks)

def session(path, n=40, items=None, **more):
    sides = {f'p{i}':dict(zip(('left', 'right'), (['tuned'], ['base'])[::(-1)**i])) for i in range(n)}
    sources = [dict(name='tuned', run='faq-run'), dict(name='base', run='faq-run')]
    key = dict(sources=sources, sides=sides, same=[['tuned', 'base', 2]], rows=n+2)
    start_session(path, 'pairs', items or [pair(i) for i in range(n)], key, **more)
    return path

def opened(stage, path, who='ann', **kw):
    s = stage(JudgePanel(Judgements(path, who)), **kw)
    s.page.locator('.judge [data-verdict=left]').wait_for()
    s.page.locator('.judge').focus()
    return s

def at(s): return int(s.page.locator('.judge h4').first.inner_text().split()[0])-1
def wait_at(s, n):
    place = 'n => document.querySelector(".judge h4").textContent.startsWith(`${n+1} of`)'
    s.page.wait_for_function(place, arg=n)
def said(path, who='ann'): return {k:o['verdict'] for k,o in Judgements(path, who).decisions.items()}

def test_looks(stage, theme, tmp_path):
    path = session(tmp_path/'test-1.jsonl', rubric='Which one would you send to a customer?')
    s = opened(stage, path, theme=theme)
    s.page.keyboard.press('2')
    s.page.locator('[data-side=left] [data-tag=invented][aria-pressed=true]').wait_for()
    s.page.locator('mark').first.wait_for()
    s.shot(f'judge-{theme}')
    s.page.keyboard.press('?')
    s.page.locator('.help kbd').first.wait_for()
    s.shot(f'judge-help-{theme}')
    s.page.keyboard.press('Escape')
    for k in ('ArrowLeft', 'ArrowRight', 't', 'b', 's'): s.page.keyboard.press(k)
    settled(s)
    s.wait('4 of 40')
    s.page.locator('[data-reveal]').click()
    s.wait('ends the session')
    s.page.locator('[data-reveal-now]').click()
    s.wait('tuned against base')
    s.shot(f'judge-revealed-{theme}')

def test_every_key(stage, tmp_path):
    path = session(tmp_path/'test-1.jsonl')
    s = opened(stage, path)
    key = s.page.keyboard.press
    for i,k in enumerate(('ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown', 'l', 'r', 't', 'b', 's')):
        wait_at(s, i)
        key(k)
    wait_at(s, 9)
    settled(s)
    s.wait('a minute') # The pace
    assert [*said(path).values()]==['left', 'right', 'tie', 'both bad']*2+['']
    key('['); wait_at(s, 8)
    key('n'); wait_at(s, 9)
    key('1'); key('Shift+Digit2'); key('c')
    s.page.keyboard.type('no such order')
    key('Enter')
    key('l')
    settled(s)
    o = Judgements(path, 'ann').decision('p9')
    assert o['tags']==dict(left=['wrong'], right=['invented'])
    assert o['comment']=='no such order' and o['seconds']<60
    key('z') # Taken back, and shown again
    wait_at(s, 9)
    settled(s)
    assert 'p9' not in said(path)
    assert s.page.locator('.differs').count() and s.page.locator('mark').count()
    key('d'); key('g')
    s.page.wait_for_function('!document.querySelector(".differs") && !document.querySelector("mark")')
    s.page.keyboard.down('t'); s.page.keyboard.down('t') # Held down: judged once
    s.page.keyboard.up('t')
    wait_at(s, 10)
    settled(s)
    assert said(path)['p9']=='tie' and 'p10' not in said(path)

def test_forty_pairs_with_a_kernel_killed_in_the_middle(stage, storing, tmp_path):
    path = session(tmp_path/'test-1.jsonl')
    s = opened(stage, path)
    here,some = [],s.panel.some
    s.panel.some = lambda a, n: here.append(a+n) or some(a, n)
    for i in range(20):
        wait_at(s, i)
        s.page.keyboard.press('ArrowLeft')
    settled(s)
    wait_at(s, 20)
    while max(here)<40: s.page.wait_for_timeout(20) # Items are here before they are looked at
    s.page.evaluate('() => { window.toPython = () => new Promise(() => {}); }') # Killed: nobody listens
    for i in range(20, 23):
        s.page.keyboard.press('ArrowRight')
        wait_at(s, i+1)
    s.wait('3 not saved yet')
    s.wait('3 judgements are kept in this browser')
    s.shot('judge-killed')
    storing.keeps = s.page.evaluate('window.keeps()')
    assert len(said(path))==20
    t = opened(stage, path) # A new kernel: the cell is run again
    settled(t)
    assert len(said(path))==23
    for i in range(23, 40):
        wait_at(t, i)
        t.page.keyboard.press('t')
    settled(t)
    assert [*said(path).values()]==['left']*20+['right']*3+['tie']*17
    t.wait('40 of 40')

def test_no_name_before_the_end(stage, storing, tmp_path):
    path,sent = session(tmp_path/'test-1.jsonl'),[]
    s = opened(stage, path)
    s.page.expose_function('noted', lambda m: sent.append(m))
    s.page.evaluate("""() => { const f = window.toPython;
        window.toPython = (m) => { window.noted(JSON.stringify(m)); return f(m); }; }""")
    for k in ('ArrowLeft', 'b', 'ArrowRight', 'z', '1', 't'): s.page.keyboard.press(k)
    settled(s)
    panel = s.panel
    state = json.dumps({k:v for k,v in panel.get_state().items() if k not in ('_esm', '_css')}, default=str)
    seen = [s.page.inner_html('#el'), *sent, s.page.evaluate('JSON.stringify(window.keeps())'), state,
            panel.static_html(), panel.static_text(), json.dumps(panel.opening()), path.read_text()]
    assert len(sent)>=6 and not [(o, i) for i,text in enumerate(seen) for o in NAMES if o in text]
    s.page.locator('[data-reveal]').click()
    s.page.locator('[data-reveal-now]').click()
    s.wait('tuned against base')
    assert 'tuned' in panel.static_html() and s.page.locator('.judge').is_hidden()

def test_revealing_can_be_thought_better_of(stage, tmp_path):
    path = session(tmp_path/'test-1.jsonl')
    s = opened(stage, path)
    s.page.keyboard.press('t')
    settled(s)
    s.page.locator('[data-reveal]').click()
    s.page.locator('button', has_text='Go on judging').click()
    assert not Judgements(path).revealed
    s.page.locator('.judge').focus()
    s.page.keyboard.press('t')
    settled(s)
    assert len(said(path))==2

def test_disk_full_is_said_and_nothing_lost(stage, tmp_path):
    path = session(tmp_path/'test-1.jsonl')
    s = opened(stage, path)
    s.decided_on_a_full_disk(s.panel.session, 'l')
    settled(s)
    assert said(path)==dict(p0='left')

def test_hostile_text(stage, hostile, tmp_path):
    safe = hostile.replace('\ud800', '')
    path = session(tmp_path/'test-1.jsonl', items=[pair(0, safe), pair(1)], rubric=safe, tags=[safe, 'wrong'])
    key = key_of(path).read_text()
    key_of(path).write_text(key.replace('"base"', json.dumps(safe))) # The name of another run
    s = opened(stage, path, who=safe)
    s.wait('⟨U+202E⟩')
    s.page.keyboard.press('1')
    s.page.keyboard.press('c')
    s.page.keyboard.insert_text(safe)
    s.page.keyboard.press('Enter')
    s.page.keyboard.press('l')
    settled(s)
    assert '<script>' in s.text() and '\u202e' not in s.text()
    assert '<img' not in s.panel.static_html() and '\u202e' not in s.panel.static_html()
    assert Judgements(path, safe).decision('p0')['comment']==safe.strip()
    s.page.locator('[data-reveal]').click()
    s.page.locator('[data-reveal-now]').click()
    s.wait('tuned against <script>')
    assert '\u202e' not in s.text() and '<img' not in s.panel.static_html()

def single(path, kind, n=4):
    "A session of single answers, or of sentences"
    def item(i):
        o = dict(v=1, item=f'p{i}', row=f'r{i}', hash=f'h{i}', answer=f'{LONG}Order {i} is in Oslo.',
                 messages=[dict(role=r, content=f'Order {i}?') for r in ('user', 'assistant', 'user')])
        at = dict(start=len(LONG), end=len(LONG)+19)
        return o|(dict(marks=[[3, 9, 'not in the source']], order='random') if kind=='answers' else at)
    key = dict(sources=[dict(name='tuned', model='tuned')])
    flags = dict(flags={f'p{i}':['unsupported_numbers']*(i%2) for i in range(n)}, population=[3, 9])
    start_session(path, kind, [item(i) for i in range(n)], key|(flags if kind=='sentences' else {}))
    return path

@pytest.mark.parametrize('kind,theme', [('pairs', 'dark'), ('pairs', 'light'), ('answers', 'dark'),
                                        ('sentences', 'light')])
def test_everything_is_named_legible_and_done_by_keyboard(stage, kind, theme, tmp_path):
    path = tmp_path/'test-1.jsonl'
    (session(path, 4) if kind=='pairs' else single(path, kind))
    s = stage(JudgePanel(Judgements(path, 'ann')), width=360, theme=theme)
    s.page.locator('.judge [data-verdict]').first.wait_for()
    key,hears = s.page.keyboard.press,s.is_for_all
    s.reach('.judge')
    hears()
    key('1'); key('c')
    s.page.locator('.judge input').wait_for()
    hears()
    s.page.keyboard.type('no such order')
    key('Enter'); key('?')
    s.page.locator('.help kbd').first.wait_for()
    assert ('mark what differs' in s.text())==(kind=='pairs')
    hears()
    key('Escape')
    for i,k in enumerate(('ArrowLeft', 'ArrowRight', 's')):
        key(k)
        wait_at(s, i+1)
    settled(s)
    key('[')
    hears()
    s.shot(f'judge-narrow-{kind}-{theme}')
    assert [*said(path).values()]==dict(pairs=['left', 'right'], answers=['fail', 'pass'],
                                        sentences=['fault', 'fine'])[kind]+['']
    o = Judgements(path, 'ann').decision('p0')
    assert (o['comment'], [*o['tags'].values()])==('no such order', [['wrong']])
    assert s.page.locator('mark').count() and bool(s.page.locator('.differs').count())==(kind=='pairs')
    s.page.evaluate('document.activeElement.blur()')
    s.reach('[data-reveal]'); key('Enter')
    s.reach('[data-reveal-now]')
    hears()
    key('Enter')
    s.wait(dict(pairs='tuned against base', answers='1 passed and 1 failed',
                sentences='precision of flags')[kind])
    hears()
    s.page.evaluate('document.querySelector("#el h3").style.color = "rgb(128 128 128 / 60%)"')
    assert len(s.unheard())==1 # It would be found

def test_labels_for_screen_readers(stage, tmp_path):
    s = opened(stage, session(tmp_path/'test-1.jsonl'))
    s.page.keyboard.press('t')
    s.page.keyboard.press('[')
    spoken = 'w => [...document.querySelectorAll("[aria-live=polite]")].some(o => o.innerText.includes(w))'
    s.page.wait_for_function(spoken, arg='1 of 40, judged tie')
    unnamed = 'select:not([aria-label]), input:not([aria-label]), textarea:not([aria-label])'
    assert not s.page.locator(unnamed).count()
    assert s.page.locator('[role=group][aria-label="What is wrong with Left"] button').count()==5
    s.page.keyboard.press('Tab')
    assert s.page.evaluate('document.activeElement.closest(".judge")!==null')
