import pytest
from ftkit.data.checks.report import check
from ftkit.data.table import Dropped
from ftkit.data.example import Example
from ftkit.data.examples import Examples
from ftkit.data.gather import examples_of
from ftkit.data.read.load import load
from ftkit.panels.data import DataPanel
from lab import wait_until

def test_read_and_filter(stage, theme, dirty):
    s = stage(DataPanel(dirty, check(dirty)), theme=theme)
    s.wait('1–20 of')
    page = s.page
    page.locator('[role=listbox]').focus()
    page.keyboard.press('j')
    assert page.locator('[aria-selected=true]').get_attribute('data-at')=='1'
    active = page.locator('[role=listbox]').get_attribute('aria-activedescendant')
    assert page.locator(f'#{active}').get_attribute('aria-selected')=='true'
    page.keyboard.press('k')
    page.keyboard.press('k') # Nothing before the first row
    assert page.locator('[aria-selected=true]').get_attribute('data-at')=='0'
    page.keyboard.press(']')
    s.wait('21–40 of')
    page.keyboard.press('[')
    s.wait('1–20 of')
    s.shot(f'data-{theme}')
    page.locator('.chip', has_text='pii').click()
    page.locator('.chip[aria-pressed=true]', has_text='pii').wait_for()
    page.locator('.detail mark').first.wait_for()
    s.shot(f'data-filter-{theme}')
    page.keyboard.press('/')
    page.keyboard.type('no row says this')
    s.wait('Nothing found')
    s.shot(f'data-none-{theme}')

def test_worst_first_figures_and_partner(stage, theme, dirty):
    report = check(dirty)
    s = stage(DataPanel(dirty, report), theme=theme)
    s.wait('1–20 of')
    page = s.page
    first = lambda: page.locator('.item .line').first.inner_text()
    assert first()==str(report.worst(1)[0][0].line)
    assert page.locator('.bars').count()==2 and page.locator('.bars i').count()==48
    page.get_by_role('button', name='worst first').click()
    page.locator('.chip[aria-pressed=false]', has_text='worst first').wait_for()
    page.wait_for_function('document.querySelector(".item .line").innerText==="1"')
    page.locator('.counted .track').first.click() # A bar shows its rows, as its chip does
    page.locator('.chip[aria-pressed=true] .sev').wait_for()
    page.get_by_role('button', name='Show it').first.click()
    page.locator('.partner .turn').first.wait_for()
    s.shot(f'data-partner-{theme}')

def test_what_was_assumed_is_shown(stage, hostile):
    exs = examples_of([Example([dict(role='user', content='a'), dict(role='assistant', content='b')])])
    exs.notes = ('Read as Windows-1252.', hostile)
    s = stage(DataPanel(exs))
    s.wait('Read as Windows-1252.')
    s.wait('⟨U+202E⟩')

def test_hostile_row(stage, hostile):
    safe = hostile.replace('\ud800', '')
    ex = Example([dict(role='user', content=safe), dict(role='assistant', content=safe*200)], label=safe)
    exs = examples_of([ex, Dropped(2, safe, safe)], source=safe)
    s = stage(DataPanel(exs, check(exs)))
    s.wait('⟨U+202E⟩')
    assert '<script>' in s.text() and '\u202e' not in s.text()
    s.page.locator('summary').click()
    s.page.get_by_role('button', name='more character').click()
    s.page.wait_for_function('!document.querySelector(".says button")')
    s.shot('data-hostile')

def test_hostile_id(stage):
    s = stage(DataPanel(load([dict(id='a\u202eb', prompt='x', completion='y')], columns=dict(id='id'))))
    s.wait('id a⟨U+202E⟩b')
    assert '\u202e' not in s.text()

ENDS = """(o) => { // Where the first and the last letter stand
  const text = document.createTreeWalker(o, NodeFilter.SHOW_TEXT).nextNode(), range = document.createRange();
  const at = (i) => {
    range.setStart(text, i);
    range.setEnd(text, i + 1);
    return range.getBoundingClientRect().left;
  };
  return [at(0), at(text.length - 1)];
}"""

def test_right_to_left(stage):
    "A full stop stands at the end of its sentence, which is on the left"
    words = 'أين بطاقتي؟ لم تصل بعد.'
    s = stage(DataPanel(examples_of([Example([dict(role='user', content=words),
                                              dict(role='assistant', content=words)])])))
    s.wait('1–1 of')
    for place in ('.item .one', '.detail .says'):
        first,last = s.page.locator(place).first.evaluate(ENDS)
        assert last<first, place

def test_trouble_is_shown(stage, dirty):
    p = DataPanel(dirty)
    p.ask = lambda **_: {}['x']
    s = stage(p)
    s.wait('not checked')
    s.page.locator('input[type=search]').fill('x')
    s.wait("KeyError: 'x'")
    s.wait('raise panel.trouble')
    s.shot('data-failed')

def test_busy_kernel_is_said(stage, dirty):
    s = stage(DataPanel(dirty))
    s.wait('1–20 of')
    s.hold = True
    s.page.get_by_title('Next page').click()
    s.wait('The kernel is busy')
    s.shot('data-busy')
    s.hold = False
    s.wait('21–40 of')
    assert 'The kernel is busy' not in s.text()

def test_empty(stage):
    s = stage(DataPanel(examples_of([])))
    s.wait('No examples.')
    s.shot('data-empty')

def test_filled_while_the_kernel_is_busy(stage, dirty):
    "In a Run All the next cell may run for minutes: the first page comes with the panel"
    p = DataPanel(dirty, check(dirty))
    p.first = p.opening()
    s = stage(p, hold=True)
    s.wait('1–20 of')
    s.page.locator('[role=listbox]').focus()
    s.page.keyboard.press('j')
    s.page.wait_for_timeout(1300)
    assert 'The kernel is busy' not in s.text()
    s.hold = False
    s.page.wait_for_function('document.querySelector("[aria-selected=true]")?.dataset.at === "1"')
    wait_until(lambda: s.text() and not p.first, 60, .05)

def test_narrow(stage, dirty):
    s = stage(DataPanel(dirty, check(dirty)), width=480)
    s.wait('1–20 of')
    assert s.page.evaluate('document.documentElement.scrollWidth')<=480
    s.shot('data-narrow')

@pytest.mark.parametrize('width', [1000, 600, 360])
def test_a_chosen_row_is_read_without_scrolling(stage, dirty, width):
    "Also under a long list of findings; a panel that opens does not move the page"
    s = stage(DataPanel(dirty, check(dirty)), width=width)
    s.page.set_viewport_size(dict(width=width, height=600))
    s.wait('1–20 of')
    assert s.page.evaluate('scrollY')==0
    s.page.locator('.list [role=option]').nth(1).click()
    s.page.locator('[role=option][aria-selected=true][data-at="1"]').wait_for()
    a = s.page.locator('.detail').bounding_box()
    assert a['y']>=0 and a['y']+min(a['height'], 200)<=600

def test_labels_are_counted_and_show_their_rows(stage, dirty, theme):
    s = stage(DataPanel(dirty), theme=theme)
    s.wait('rows by label'.upper())
    label,n = s.panel.labels[0]
    s.page.get_by_role('button', name=label, exact=True).click()
    s.wait(f'of {n} rows')
    s.shot(f'data-label-{theme}')
    s.page.get_by_role('button', name=label, exact=True).click()
    s.wait(f'of {len(dirty)} rows')
