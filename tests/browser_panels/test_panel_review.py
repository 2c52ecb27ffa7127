import json

import pytest
from ftkit.data.checks.issue import Issue
from ftkit.data.checks.report import check
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.panels.review.panel import review
from ftkit.data.read.load import load
from ftkit.data.review import Review
from ftkit.evaluation.worst import Worst
from pages import Fresh

STORAGE = """(() => { const m = new Map(Object.entries(%s));
  Object.defineProperty(window, "localStorage", { value: {
    getItem: (k) => m.get(k) ?? null, key: (i) => [...m.keys()][i] ?? null,
    setItem: (k, v) => m.set(k, String(v)), removeItem: (k) => m.delete(k),
    get length() { return m.size; } } });
  window.keeps = () => Object.fromEntries(m); })()"""

class Storing:
    "A browser whose blank pages have a storage, which they have not by themselves"
    def __init__(self, browser): self.browser,self.keeps = browser,{}
    def new_page(self, **kw):
        page = self.browser.new_page(**kw)
        page.add_init_script(STORAGE % json.dumps(self.keeps))
        page.goto('about:blank')
        return page

@pytest.fixture
def storing(browser): return Storing(browser)

@pytest.fixture
def pages(storing): return Fresh(storing)

@pytest.fixture(scope='module')
def found(dirty):
    def issue(check, severity, i, **evidence):
        return Issue(check, severity, dirty[i].id, dirty[i].line, f'{check} it is.', evidence)
    near = dict(partner=dirty[19].id, partner_line=dirty[19].line, score=.8)
    return [issue('pii', 'warning', 5, span=[1, 0, 8]), issue('pii', 'warning', 9, span=[1, 2, 9]),
            issue('near-duplicate', 'warning', 20, **near),
            issue('leaked-marker', 'error', 30, span=[1, 0, 3])]

def saved(path): return Review(path, 'ann').decisions
def at(s): return int(s.page.locator('[aria-selected=true][role=option]').get_attribute('data-at'))
def chosen(s): return s.page.locator('.list [aria-selected=true]').get_attribute('data-id')
def pending(s): return s.page.evaluate('Object.keys(window.keeps()).length')
def settled(s): s.page.wait_for_function('!Object.keys(window.keeps()).length')

def opened(stage, examples, path, issues=None, first=True, **kw):
    p = review(examples, path, issues, 'ann')
    if first: p.first = p.opening()
    s = stage(p, **kw)
    s.page.locator('.list [aria-selected=true]').wait_for()
    s.page.locator('.list').focus()
    return s

def test_looks(stage, theme, dirty, tmp_path):
    found = check(dirty)
    s = opened(stage, dirty, tmp_path/'r.jsonl', found, theme=theme)
    s.page.get_by_label('Order').select_option('worst')
    s.page.locator('.detail .sev.error').first.wait_for()
    s.page.locator('.list').focus()
    for k in 'kdfu': s.page.keyboard.press(k)
    settled(s)
    s.wait('all saved')
    s.shot(f'review-{theme}')
    s.page.get_by_label('Finding').select_option('near-duplicate')
    s.page.locator('.beside').wait_for()
    s.shot(f'review-pair-{theme}')
    s.page.locator('.list').focus()
    s.page.keyboard.press('e')
    s.page.locator('textarea').last.wait_for()
    s.shot(f'review-edit-{theme}')
    s.page.keyboard.press('End')
    s.page.keyboard.type(' and changed')
    s.page.keyboard.press('Control+Enter')
    s.page.locator('.tag', has_text='edited').wait_for()
    s.page.keyboard.press('l')
    s.shot(f'review-label-{theme}')
    s.page.keyboard.press('Escape')
    s.page.keyboard.press('?')
    s.shot(f'review-help-{theme}')

def test_narrow(stage, dirty, found, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl', found, width=480)
    s.page.keyboard.press('d')
    assert s.page.evaluate('document.documentElement.scrollWidth')<=480
    s.shot('review-narrow')

def test_every_key(stage, dirty, found, tmp_path):
    path = tmp_path/'r.jsonl'
    s = opened(stage, dirty, path, found)
    key = s.page.keyboard.press
    rows = []
    for k in 'kdfu':
        rows.append(chosen(s))
        key(k)
        assert at(s)==len(rows) # On to the next row
    settled(s)
    assert [saved(path)[o]['verdict'] for o in rows]==['keep', 'drop', 'fix', 'unsure']
    assert all(o['order']=='random' and o['hash'] and o['seconds']<60 for o in saved(path).values())
    s.wait('25.0 % dropped')
    s.wait('4 of 300')
    key('ArrowUp'); assert at(s)==3
    key('p'); assert at(s)==2
    key('j'); assert at(s)==3
    key('ArrowDown'); assert at(s)==4
    key('p'); key('p'); key('p'); key('n'); assert at(s)==4 # The next row without a verdict
    key('z'); assert at(s)==3 and s.page.locator('.act[aria-pressed=true]').count()==0
    settled(s)
    assert rows[3] not in saved(path)
    key('z')
    settled(s)
    assert set(saved(path))==set(rows[:2])
    key(']')
    s.wait('21–40 of')
    assert at(s)==20
    key('[')
    s.wait('1–20 of')
    key('?')
    s.wait('take the last decision back')
    key('Escape')
    assert s.page.locator('.help').is_hidden()
    key('/')
    assert s.page.evaluate('document.activeElement.type')=='search'
    s.page.keyboard.type('kdfu') # Typed, not decided
    key('Escape')
    s.page.wait_for_timeout(400)
    assert len(saved(path))==2

def test_a_key_held_down_decides_once(stage, dirty, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    for _ in range(5): s.page.keyboard.down('k') # All but the first are repeats
    s.page.keyboard.up('k')
    settled(s)
    assert len(saved(tmp_path/'r.jsonl'))==1

def test_comment(stage, dirty, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    id = chosen(s)
    s.page.keyboard.press('c')
    s.page.keyboard.type('kind of odd')
    s.page.keyboard.press('Enter')
    settled(s)
    o = saved(tmp_path/'r.jsonl')[id]
    assert (o['verdict'], o['comment'], o['reviewer'])==('', 'kind of odd', 'ann')
    s.wait('0 of 300')
    s.page.keyboard.press('d')
    settled(s)
    o = saved(tmp_path/'r.jsonl')[id]
    assert (o['verdict'], o['comment'])==('drop', 'kind of odd')
    s.page.keyboard.press('ArrowUp')
    s.page.keyboard.press('c')
    s.page.keyboard.press('Escape')
    assert s.page.evaluate('document.activeElement.className')=='list' and at(s)==0

def test_edit_keeps_what_was_not_touched(stage, tmp_path):
    raw = 'one\r\ntwo \u202e three\r\nfour ⟨U+202E⟩'
    call = dict(role='assistant', content='looking', tool_calls=[dict(function=dict(name='f'))])
    exs = examples_of([Example([dict(role='user', content='go'), call, dict(role='tool', content='1'),
                                dict(role='assistant', content=raw)])])
    s = opened(stage, exs, tmp_path/'r.jsonl')
    s.page.keyboard.press('e')
    s.wait('Hidden characters')
    assert s.page.locator('textarea').nth(1).input_value()=='looking'
    s.page.keyboard.type('!')
    s.page.keyboard.press('Control+Enter')
    settled(s)
    o = saved(tmp_path/'r.jsonl')[exs[0].id]
    assert o['verdict']=='fix' and o['hash']==exs[0].hash
    assert o['messages']==[*exs[0].messages[:3], dict(role='assistant', content=raw+'!')]
    s.page.locator('ins', has_text='!').wait_for()
    s.shot('review-edited')
    s.page.keyboard.press('e')
    s.page.keyboard.press('Backspace')
    s.page.keyboard.press('Control+Enter') # As it was: no edit any more
    settled(s)
    assert 'messages' not in saved(tmp_path/'r.jsonl')[exs[0].id]
    s.page.keyboard.press('e')
    s.page.keyboard.press('Escape')
    assert s.page.locator('textarea').count()==0

def test_a_long_turn_is_whole_before_it_is_edited(stage, tmp_path):
    exs = load([dict(prompt='p', completion='word '*2000+'end')])
    s = opened(stage, exs, tmp_path/'r.jsonl')
    s.wait('more characters')
    s.page.keyboard.press('e')
    s.page.locator('textarea').last.wait_for()
    s.page.keyboard.type('.')
    s.page.keyboard.press('Control+Enter')
    settled(s)
    assert saved(tmp_path/'r.jsonl')[exs[0].id]['messages'][1]['content']=='word '*2000+'end.'

def test_a_row_like_this_one_says_where_it_is_cut(stage, tmp_path):
    def row(text): return Example([dict(role='user', content='q'), dict(role='assistant', content=text)])
    exs = examples_of([row('one'), row('one '*2000)]) # Not of a file: no line
    near = Issue('near-duplicate', 'warning', exs[0].id, None, 'alike', dict(partner=exs[1].id))
    s = opened(stage, exs, tmp_path/'r.jsonl', [near])
    s.page.locator(f'.list [data-id="{exs[0].id}"]').click()
    beside = s.page.locator('.beside')
    beside.get_by_text('4,000 more characters').click()
    beside.get_by_text('more characters').wait_for(state='detached')
    assert f'only in id {exs[1].id}' in beside.inner_text()

def test_text_from_right_to_left_begins_at_the_right(stage, tmp_path):
    s = opened(stage, load([dict(prompt='שלום עולם!', completion='تمام.')]), tmp_path/'r.jsonl')
    left = """o => [0, o.textContent.length-1].map(i => { const r = document.createRange(), t = o.firstChild;
        r.setStart(t, i); r.setEnd(t, i+1); return r.getBoundingClientRect().left; })"""
    for o in s.page.locator('.detail .says').all():
        first,last = o.evaluate(left)
        assert last<first

def test_what_was_typed_is_kept_when_one_goes_elsewhere(stage, dirty, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    id = chosen(s)
    s.page.keyboard.press('e')
    s.page.keyboard.type(' and so on')
    s.page.locator('.list .item').nth(3).click()
    settled(s)
    assert saved(tmp_path/'r.jsonl')[id]['messages'][-1]['content'].endswith(' and so on') and at(s)==3

def test_relabel(stage, dirty, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    id = chosen(s)
    s.page.keyboard.press('l')
    s.page.keyboard.type('retu')
    s.page.keyboard.press('Enter')
    settled(s)
    assert saved(tmp_path/'r.jsonl')[id]['label']=='returns'
    assert saved(tmp_path/'r.jsonl')[id]['verdict']=='fix'
    s.page.locator('.facts ins', has_text='returns').wait_for()
    s.page.keyboard.press('j')
    id = chosen(s)
    s.page.keyboard.press('l')
    s.page.keyboard.type('quite new')
    s.page.keyboard.press('Enter')
    settled(s)
    assert saved(tmp_path/'r.jsonl')[id]['label']=='quite new'

def test_filters(stage, dirty, found, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl', found)
    s.page.keyboard.press('d')
    s.page.get_by_label('Finding').select_option('pii')
    s.wait('of 2 rows')
    s.page.locator('.detail mark.warning').first.wait_for()
    s.page.locator('.list').focus()
    s.page.keyboard.press('d')
    settled(s)
    assert sorted(o['order'] for o in saved(tmp_path/'r.jsonl').values())==['other', 'random']
    s.wait('100.0 % dropped (95 %: 20.7') # Of one: the filtered one does not count
    s.page.get_by_label('Finding').select_option('')
    s.page.get_by_label('Verdict').select_option('drop')
    s.wait('of 2 rows')
    s.page.get_by_label('Verdict').select_option('')
    s.page.get_by_label('Label').select_option('returns')
    s.page.wait_for_function('[...document.querySelectorAll(".facts b")].every(o => o.innerText==="returns")')
    s.page.keyboard.press('Escape')
    s.page.keyboard.press('/')
    s.page.keyboard.type('no row says this')
    s.wait('Nothing found')
    s.shot('review-none')

def test_a_search_that_is_answered_is_not_interrupted(stage, dirty, tmp_path):
    "Whoever composes a word of several keys would lose it with the focus"
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    s.page.keyboard.press('/')
    s.page.evaluate('() => { document.activeElement.onblur = () => { window.left = true; }; }')
    s.page.keyboard.type('no row says this')
    s.wait('Nothing found')
    assert not s.page.evaluate('window.left')
    composed = 'new KeyboardEvent("keydown", {key: "Enter", bubbles: true, isComposing: true})'
    s.page.evaluate(f'document.activeElement.dispatchEvent({composed})')
    assert not s.page.evaluate('window.left')
    s.page.keyboard.press('Enter')
    assert s.page.evaluate('document.activeElement.className')=='list'

def test_busy_kernel(stage, dirty, tmp_path):
    "Decisions go on, are kept, and are settled when the kernel answers"
    s = opened(stage, dirty, tmp_path/'r.jsonl', hold=True)
    for k in 'kdkdkdkdkdkdkdkdkdkdkdkd': s.page.keyboard.press(k) # Over the end of the page
    assert at(s)==24 and pending(s)==24
    s.wait('24 of 300')
    s.wait('50.0 % dropped')
    s.wait('24 not saved yet')
    s.wait('The kernel does not answer: 24 decisions are kept in this browser')
    s.shot('review-busy')
    s.page.keyboard.press('z')
    s.hold = False
    settled(s)
    s.wait('all saved')
    assert len(saved(tmp_path/'r.jsonl'))==23

def test_handed_over_later_and_once(stage, storing, dirty, tmp_path):
    "A kernel that dies: one decision was written and not acknowledged, two never arrived"
    path = tmp_path/'r.jsonl'
    s = opened(stage, dirty, path)
    s.page.evaluate('() => { window.toPython = () => new Promise(() => {}); }') # Nobody listens any more
    rows = []
    for k in 'kdf': rows.append(chosen(s)); s.page.keyboard.press(k)
    storing.keeps = s.page.evaluate('window.keeps()')
    first = json.loads(next(v for v in storing.keeps.values() if rows[0] in v))['m']
    Review(path, 'ann').decide(first['id'], 'keep', hash=first['hash'], key=first['key'])
    assert list(saved(path))==rows[:1]
    t = opened(stage, dirty, path) # A new kernel, another widget
    settled(t)
    assert chosen(t) not in rows # It goes on after them
    assert {id:o['verdict'] for id,o in saved(path).items()}==dict(zip(rows, ['keep', 'drop', 'fix']))
    assert len(path.read_text().splitlines())==4 # The first line names the file
    t.page.keyboard.press('z')
    settled(t)
    assert len(saved(path))==2

def test_a_view_that_is_opened_again_knows_all_it_knew(stage, dirty, tmp_path):
    "Python, which is busy, told the old view how things stood before the two decisions"
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    first = chosen(s)
    for k in 'dk': s.page.keyboard.press(k)
    settled(s)
    s.hold = True
    s.page.evaluate('window.reopen()')
    s.wait('2 of 300')
    s.page.locator('.list').focus()
    s.page.keyboard.press('z') # The last one, not one before it
    s.wait('1 of 300')
    s.wait('1 not saved yet')
    assert list(saved(tmp_path/'r.jsonl'))==[first]

def test_what_no_storage_takes_is_kept_when_a_view_is_opened_again(stage, dirty, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    s.page.evaluate("""() => { window.toPython = () => new Promise(() => {});
        localStorage.setItem = () => { throw new Error('full'); }; }""")
    s.page.keyboard.press('d')
    s.wait('kept in this page only')
    s.page.evaluate('window.reopen()')
    s.wait('1 not saved yet')
    s.wait('1 of 300')

def test_an_edit_waits_for_its_data(stage, storing, dirty, tmp_path):
    path = tmp_path/'r.jsonl'
    s = opened(stage, dirty, path)
    id = chosen(s)
    s.page.evaluate('() => { window.toPython = () => new Promise(() => {}); }')
    s.page.keyboard.press('e')
    s.page.keyboard.type('!')
    s.page.keyboard.press('Control+Enter')
    storing.keeps = s.page.evaluate('window.keeps()')
    t = opened(stage, load([dict(prompt='other', completion='data')]), path)
    t.wait('it edits a row that is not in this data')
    t.wait('1 not saved yet')
    assert not saved(path) and pending(t)==1
    t = opened(stage, dirty, path)
    settled(t)
    assert saved(path)[id]['messages'][-1]['content'].endswith('!')

def test_disk_full_is_said_and_nothing_lost(stage, dirty, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    s.decided_on_a_full_disk(s.panel.review, 'k')
    settled(s)
    assert len(saved(tmp_path/'r.jsonl'))==1

def test_changed_since(stage, tmp_path):
    old = load([dict(prompt='p', completion='old')])
    Review(tmp_path/'r.jsonl', 'ann').decide(old[0], 'drop')
    new = examples_of([old[0].edit(messages=[dict(role='user', content='p'),
                                             dict(role='assistant', content='new')])])
    s = opened(stage, new, tmp_path/'r.jsonl')
    s.wait('Judged drop before its content changed')
    s.wait('0 of 1')

def test_torn_line_is_listed(stage, dirty, tmp_path):
    Review(tmp_path/'r.jsonl', 'ann').decide(dirty[0], 'keep')
    with open(tmp_path/'r.jsonl', 'a') as f: f.write('{"id": "<img src=x onerror=window.ran=3>')
    s = opened(stage, dirty, tmp_path/'r.jsonl')
    s.wait('1 line of the review file without a decision')

def test_hostile_row(stage, hostile, tmp_path):
    safe = hostile.replace('\ud800', '')
    def row(n): return Example([dict(role='user', content=safe), dict(role='assistant', content=safe+str(n))],
                               label=safe+'l'*n, id=safe+'i'*n)
    exs = examples_of([*map(row, range(3))], source=safe)
    issues = [Issue(safe, 'error', exs[0].id, 1, safe, dict(span=[1, 3, 9], partner=exs[1].id, score=.9))]
    s = opened(stage, exs, tmp_path/'r.jsonl', issues)
    s.wait('⟨U+202E⟩')
    for k in 'ccl':
        s.page.keyboard.press(k)
        s.page.keyboard.insert_text(safe)
        s.page.keyboard.press('Enter')
    s.page.keyboard.press('e')
    s.page.keyboard.type('x')
    s.page.keyboard.press('Control+Enter')
    settled(s)
    assert '<script>' in s.text() and '\u202e' not in s.text()
    assert '<img' not in s.panel.static_html() and '\u202e' not in s.panel.static_html()
    s.shot('review-hostile')

def test_bare_and_empty(stage, dirty, tmp_path):
    s = stage(review(examples_of([]), tmp_path/'r.jsonl'))
    s.wait('No examples.')
    s.page.locator('.list').focus()
    for k in 'kdfujpneclz[]': s.page.keyboard.press(k)
    s.shot('review-empty')
    s = opened(stage, dirty, tmp_path/'q.jsonl', first=False) # Nothing came with the panel: python is asked
    s.page.keyboard.press('k')
    settled(s)

def test_labels_for_screen_readers(stage, dirty, found, tmp_path):
    s = opened(stage, dirty, tmp_path/'r.jsonl', found)
    s.page.keyboard.press('d')
    s.page.keyboard.press('ArrowUp')
    spoken = 'w => document.querySelector("[aria-live=polite]").innerText.includes(w)'
    s.page.wait_for_function(spoken, arg=f'Row 1 of {len(dirty)}, drop')
    active = s.page.locator('.list').get_attribute('aria-activedescendant')
    assert s.page.locator(f'#{active}').get_attribute('aria-selected')=='true'
    unnamed = 'select:not([aria-label]), input:not([aria-label]), textarea:not([aria-label])'
    assert not s.page.locator(unnamed).count()
    assert s.page.evaluate('getComputedStyle(document.querySelector(".list")).outlineStyle')=='solid'

def worst_of(examples, at, unseen=()):
    "What `run.worst` gives: these rows first, with a reason each"
    def row(i, **more): return dict(row=i, id=examples[i].id, line=examples[i].line)|more
    why = ('loss {:.2f} a token on first sight, 2.10 above what was usual in step 3; '
           'worse than 99% of the rows')
    rows = [row(i, rank=k, value=9.-k, reasons=[why.format(9-k), HOSTILE_WORDS]) for k,i in enumerate(at, 1)]
    left = [row(i, why='it was not trained on') for i in unseen]
    return Worst(rows, left, 'train', examples, 'loss', 'faq')

HOSTILE_WORDS = 'the model writes: <img src=x onerror="window.ran=1"> \u202e'

def test_worst_first(stage, dirty, theme, tmp_path):
    """The order of a model is one to choose, and the first; the reason stands with the row; decisions are in
    the same file, count for no share, and a reload goes on where one was"""
    examples = dirty[:]
    examples.of_split = 'train'
    worst,path = worst_of(examples, [40, 7, 12], [3]),tmp_path/'review.jsonl'
    p = worst.review(path, 'ann')
    p.first = p.opening()
    s = stage(p, theme=theme)
    s.page.locator('.list [aria-selected=true]').wait_for()
    order = s.page.get_by_label('Order')
    assert order.input_value()=='model'
    assert order.locator('option').all_inner_texts()[:2]==['worst by model', 'random order']
    ids = 'os => os.slice(0, 4).map((o) => o.dataset.id)'
    shown = s.page.locator('.list [role=option]').evaluate_all(ids)
    assert shown==[examples[i].id for i in (40, 7, 12, 0)]
    assert 'loss 8.00 a token on first sight' in s.page.locator('.detail .issues').inner_text()
    assert '⟨U+202E⟩' in s.page.locator('.detail .issues').inner_text()
    s.shot(f'review-worst-{theme}')
    s.page.locator('.list').focus()
    for k in 'du': s.page.keyboard.press(k)
    settled(s)
    s.wait('2 of 3')
    s.wait('not an estimate')
    assert {k:o['verdict'] for k,o in saved(path).items()}=={examples[40].id:'drop', examples[7].id:'unsure'}
    assert {(o['order'], o['split']) for o in saved(path).values()}=={('other', 'train')}
    again = stage(worst.review(path, 'ann'), width=480)
    again.page.locator('.list [aria-selected=true]').wait_for()
    assert chosen(again)==examples[12].id
    again.shot(f'review-worst-narrow-{theme}')
    order.select_option('file')
    s.page.wait_for_function('id => document.querySelector(".list [role=option]").dataset.id===id',
                             arg=examples[0].id)
    kept,decisions = examples.apply_review(path)
    assert len(kept)==len(examples)-1 and decisions['state'].to_list()==['kept', 'dropped']
