import csv, os
from pathlib import Path
from ftkit.panels.columns import ColumnsPanel

FAQ = [['Nr', 'Frage', 'Antwort', 'Thema']]
FAQ += [[str(n), f'Wo ist meine Karte {n}?', 'Unterwegs, sie kommt morgen.', 'Karten'] for n in range(1, 10)]

def faq(tmp_path, rows=FAQ, encoding='utf-8', sep=','):
    with open(tmp_path/'faq.csv', 'w', encoding=encoding, newline='') as f:
        csv.writer(f, delimiter=sep).writerows(rows)
    return tmp_path/'faq.csv'

def test_proposal_put_right_and_loaded(stage, theme, tmp_path):
    path = faq(tmp_path)
    p = ColumnsPanel(path)
    s = stage(p, theme=theme)
    s.wait('3 of 3 rows read')
    page = s.page
    means = lambda name: page.get_by_label(f'What {name} means', exact=True)
    assert means('Frage').input_value()=='prompt' and means('Antwort').input_value()=='completion'
    s.shot(f'columns-{theme}')
    means('Antwort').select_option('')
    s.wait('0 of 3 rows read')
    s.shot(f'columns-unread-{theme}')
    means('Antwort').select_option('completion')
    means('Thema').select_option('label')
    s.wait('label Karten')
    assert page.locator('pre').inner_text()==p.line and "'label': 'Thema'" in p.line
    exs = p.examples()
    assert len(exs)==9 and exs[0].label=='Karten' and exs[0].extra==dict(Nr='1')

def test_by_keyboard(stage, tmp_path):
    s = stage(ColumnsPanel(faq(tmp_path)))
    s.wait('3 of 3 rows read')
    select = s.page.get_by_label('What Thema means')
    select.focus()
    s.page.keyboard.type('label')
    s.wait('label Karten')
    assert select.evaluate('o => o===document.activeElement')

def test_hostile_columns_and_cells(stage, hostile, tmp_path):
    safe = hostile.replace('\ud800', '')
    s = stage(ColumnsPanel([{safe:safe, 'prompt':safe, 'completion':safe, 'label':safe}, {safe:safe}]))
    s.wait('⟨U+202E⟩')
    assert '<script>' in s.text() and '\u202e' not in s.text()
    s.page.locator('select').first.select_option('system')
    s.wait("columns={'system'")
    s.shot('columns-hostile')

def test_what_was_assumed_is_said(stage, tmp_path):
    s = stage(ColumnsPanel(faq(tmp_path, [['Frage', 'Antwort'], ['Größe?', 'Groß.']], 'cp1252', ';')),
              width=480)
    s.wait('Windows-1252')
    s.wait('semicolons')
    assert s.page.evaluate('document.documentElement.scrollWidth')<=480
    s.shot('columns-narrow')

def test_nothing_to_read(stage):
    s = stage(ColumnsPanel([]))
    s.wait('No columns.')
    s.wait('no rows')

def test_static(browser, hostile, tmp_path):
    safe = hostile.replace('\ud800', '')
    html = ColumnsPanel([{safe:safe, 'prompt':safe, 'completion':safe}]).static_html()
    page = browser.new_page()
    page.set_content(f'<!doctype html><body><div id="el">{html}</div>')
    assert page.evaluate('window.ran') is None and not page.locator('script, img').count()
    assert '⟨U+202E⟩' in page.inner_text('#el')
    html = ColumnsPanel(faq(tmp_path)).static_html()
    page.set_content(f'<!doctype html><body style="margin:16px"><div id="el">{html}</div>')
    if folder := os.environ.get('FTKIT_SHOTS'):
        page.locator('#el').screenshot(path=Path(folder)/'static-columns.png')
    page.close()

def test_rows_of_text_and_label_are_told_what_is_asked(stage, tmp_path):
    rows = [dict(text=f'Where is card {n}?', label=('cards', 'fees')[n%2]) for n in range(9)]
    p = ColumnsPanel(rows)
    s = stage(p)
    s.wait('The labels are: cards, fees.')
    words = s.page.get_by_label('Instruction for rows of text and label')
    words.fill('Which team?')
    words.blur()
    s.wait("instruction='Which team?'")
    assert p.examples()[0].messages[0]==dict(role='system', content='Which team?')
    s.shot('columns-instruction')
    s.page.get_by_role('button', name='Name the labels').click()
    s.wait('The labels are: cards, fees.')
    assert p.instruction is None and 'instruction' not in p.line

def test_an_instruction_being_typed_stays(stage):
    p = ColumnsPanel([dict(text=f'Where is card {n}?', label=('cards', 'fees')[n%2]) for n in range(9)])
    s = stage(p)
    s.wait('The labels are: cards, fees.')
    words = s.page.get_by_label('Instruction for rows of text and label')
    words.fill('Which team')
    p.draw() # As when an answer comes late
    s.page.wait_for_timeout(300)
    assert words.input_value()=='Which team'
    words.blur()
    s.wait("instruction='Which team'")
