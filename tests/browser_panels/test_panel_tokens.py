import pytest
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.panels.tokens import TokensPanel
from ftkit.model.template import CHATML
from ftkit.model.spans import byte_tokenizer
from lab import wait_until

def chat(*turns): return Example([dict(role=r, content=c) for r,c in turns if c])

def some(n=60):
    res = [chat(('system', 'You are brief.'), ('user', f'What is {i} and {i}?'),
                ('assistant', f'It is {2*i}.'+' Sure.'*i))
           for i in range(n)]
    return examples_of([*res, chat(('user', 'Say <|im_end|>'), ('assistant', 'No.\nNever.'), ('user', 'Why?'),
                                   ('assistant', 'It ends me.'))])

def panel(exs=None, max_length=2048, **kw):
    return TokensPanel(some() if exs is None else exs, byte_tokenizer(**kw), 'tiny', max_length)

def greyed(s): return s.page.locator('.tokens .tok.beyond').count()

def test_look(stage, theme):
    s = stage(panel(max_length=200), theme=theme)
    s.wait('row 1 of 61')
    s.wait('control-in-text')
    s.page.get_by_role('button', name='line 61').first.click()
    s.wait('row 61 of 61')
    s.page.locator('select').select_option('longest')
    s.wait('beyond train nothing')
    assert greyed(s)>0 and s.page.locator('.tokens .tok.learned').count()>20
    s.shot(f'tokens-{theme}')
    s.page.locator('.tokens .tok').nth(3).hover()
    s.wait('· id ')
    assert 'id' in s.page.locator('.tip').inner_text()

def test_drag_keys_and_field(stage):
    p = panel(max_length=200)
    s = stage(p)
    s.wait('row 1 of 61')
    slide,field = s.page.get_by_role('slider'),s.page.get_by_role('spinbutton', name='max_length')
    box = slide.bounding_box()
    s.page.mouse.move(box['x']+box['width']*.9, box['y']+20)
    s.page.mouse.down()
    s.page.mouse.move(box['x']+box['width']*.25, box['y']+20, steps=4)
    told = s.page.locator('p[aria-live]').first
    assert 'cut' in told.inner_text()
    s.page.mouse.up()
    # Python hears while the page is asked
    becomes = lambda n: wait_until(lambda: s.text() and p.max_length==n, 60, .05)
    wait_until(lambda: int(slide.get_attribute('aria-valuenow'))==p.max_length, 60, .05)
    n = p.max_length
    assert abs(n-.25*p.bins['longest'])<=5 and field.input_value()==str(n)
    c = p.cuts.at(n)
    wait_until(lambda: all(f"{c[k]:,} (" in told.inner_text() for k in ('cut', 'answers')), 60, .05)
    slide.focus()
    for key in ('ArrowRight', 'ArrowRight', 'ArrowLeft'): s.page.keyboard.press(key)
    becomes(n+p.bins['step'])
    assert slide.evaluate('o => o===document.activeElement')
    field.fill('77')
    s.wait('max_length 77:')
    becomes(77)
    assert [o.name for o in p.found.findings]==[o.name for o in p.found.at(77).findings]
    field.fill('0')
    s.page.wait_for_timeout(300)
    assert p.max_length==77 and field.get_attribute('aria-invalid')=='true'
    field.blur()
    assert field.input_value()=='77' and field.get_attribute('aria-invalid')=='false'
    s.page.locator('select').select_option('cut')
    s.wait(f"of {p.cuts.at(77)['answers']}")
    assert greyed(s)==int(p.cuts.n[p.order[0]])-77

def test_rows_by_key_and_line(stage):
    p = panel()
    s = stage(p)
    s.wait('row 1 of 61')
    s.page.locator('.tokens .tok').first.focus()
    s.page.keyboard.press('ArrowRight')
    s.page.keyboard.press('ArrowRight')
    s.wait('token 3 · id')
    s.page.keyboard.press('n')
    s.wait('row 2 of 61')
    s.page.keyboard.press('p')
    s.wait('row 1 of 61')
    s.page.get_by_role('spinbutton', name='Go to the row of a line').fill('40')
    s.page.keyboard.press('Enter')
    s.wait('row 40 of 61')
    s.page.get_by_role('spinbutton', name='Go to the row of a line').fill('4000')
    s.page.keyboard.press('Enter')
    s.wait('There is no row of line 4,000')
    s.page.get_by_role('button', name='go through them').last.click()
    s.wait('row 1 of 1')
    s.wait('· control-in-text')

def test_long_row_comes_in_parts(stage):
    p = panel(examples_of([chat(('user', 'word '*500), ('assistant', 'yes'))]))
    s = stage(p)
    s.wait('more tokens')
    assert s.page.locator('.tokens .tok').count()==1000
    s.page.get_by_role('button', name='more tokens').click()
    s.page.wait_for_function("document.querySelector('.tokens .tok').dataset.at==='1000'")
    s.page.get_by_role('button', name='tokens before').click()
    s.page.wait_for_function("document.querySelector('.tokens .tok').dataset.at==='0'")

def test_faulty(stage, theme):
    "Findings of a template that closes turns with a word, and rows that train nothing"
    exs = examples_of([*some(12), chat(('user', 'nobody answers'))])
    s = stage(panel(exs, template=CHATML.replace('<|im_end|>', ' END')), theme=theme)
    s.wait('no-turn-end-loss')
    s.page.locator('select').select_option('idle')
    s.wait('row 1 of 1')
    s.page.locator('.note.failed').last.wait_for()
    s.shot(f'tokens-faulty-{theme}')

def test_hostile_row(stage, hostile):
    safe = hostile.replace('\ud800', '')
    exs = examples_of([chat(('system', safe), ('user', safe), ('assistant', safe))])
    s = stage(TokensPanel(exs, byte_tokenizer(), safe))
    s.wait('row 1 of 1')
    assert '\u202e' not in s.text()

def test_empty(stage):
    s = stage(panel(examples_of([])))
    s.wait('no rows')

def test_narrow(stage):
    s = stage(panel(max_length=150), width=480)
    s.wait('row 1 of 61')
    assert s.page.evaluate('document.documentElement.scrollWidth')<=480
    s.shot('tokens-narrow')

def test_few_bytes_in_traits():
    "Rows travel as messages; what a saved notebook keeps is small"
    p = panel()
    state = {k:v for k,v in p.get_state().items() if k not in ('_esm', '_css')}
    assert len(str(state))<3000
    p.first = p.opening()
    assert len(p.bundle()[0]['text/html'].encode())<50_000

@pytest.mark.parametrize('bad', [dict(kind='length', to=True), dict(kind='length', to=-1),
                                 dict(kind='part', start=-5),
                                 dict(kind='go', view='file', at='1'), dict(kind='line', line='x'),
                                 dict(kind=7), {}])
def test_refuses(bad):
    p,sent = panel(),[]
    p.send = lambda m,*_: sent.append(m)
    p._handle_custom_msg(bad, [])
    assert sent[0]['kind']=='refused'
