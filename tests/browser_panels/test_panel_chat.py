"A conversation in a browser: answers as they come, stopped, edited, kept; views that open in the middle."
import re, threading
from types import SimpleNamespace

import pytest
from ftkit.panels.chat import ChatPanel

GREEDY = dict(temperature=0., top_p=1., top_k=0, max_new_tokens=0, seed=0)
LONG = 'The parcel left on Monday and waits at the depot in Bremen, where it can be fetched. '*3

class Told:
    "Stands for a `Chat`: pieces come when the test says so, and an answer ends when it does"
    def __init__(self, sides=('tuned', 'base'), state='ready', name='faq-run'):
        self.sides,self.state,self.trouble,self.turns = [*sides],state,'',[]
        self.run,self.heard = SimpleNamespace(name=name),None
        self.system,self.settings,self.lines = '',{**GREEDY},[]
        self.tell = self.raises = None
    def become(self, state, trouble=''):
        self.state,self.trouble = state,trouble
        self.heard()
    def set(self, **news):
        for k,v in news.items():
            if v<0: raise ValueError(f'{k} is {v}; it must be at least 0.')
        self.settings |= news
    def _ask(self, turns, text, tell):
        if self.raises: raise self.raises
        self.done,self.tell,self.said = threading.Event(),tell,{o:'' for o in self.sides}
        self.end = dict(end='end')
        self.become('answering')
        self.done.wait(30)
        answers = {o:dict(answer=self.said[o], tokens=3, seconds=.5)|self.end for o in self.sides}
        new = dict(user=text, system=self.system, settings={**self.settings}, answers=answers)
        self.turns = [*turns, new]
        self.become('failed' if self.end['end']=='failed' else 'ready', self.end.get('what', ''))
    def say(self, text, tell=None): self._ask(self.turns, text, tell)
    def edit(self, n, text, tell=None): self._ask(self.turns[:n], text, tell)
    def retry(self, tell=None): self.edit(len(self.turns)-1, self.turns[-1]['user'], tell)
    def stop(self): self.finish(end='stopped')
    def close(self): self.become('closed')
    def clear(self): self.turns = []
    def keep(self, n, kind, side='', text=''): self.lines.append((n, kind, side, text))

    def piece(self, text):
        for o in self.sides:
            self.said[o] += text
            self.tell(o, text)
    def finish(self, **end):
        self.end |= end
        self.done.set()

def opened(stage, *args, **kw):
    chat = Told(*args)
    s = stage(ChatPanel(chat), **kw)
    s.page.bring_to_front() # One behind another draws once a second
    s.page.locator('textarea[aria-label="Your message"]').wait_for()
    s.wait(chat.state)
    return s,chat

def box(s): return s.page.get_by_label('Your message')
def until(s, f):
    for _ in range(500):
        if f(): return
        s.page.wait_for_timeout(10)
    assert f()

def ask(s, chat, text):
    chat.tell = None
    box(s).fill(text)
    box(s).press('Enter')
    until(s, lambda: chat.tell)

def answer(s, chat, text='In Oslo.', n=None, **end):
    chat.piece(text)
    chat.finish(**end)
    s.wait('Retry')

def test_looks(stage, theme):
    s,chat = opened(stage, theme=theme)
    ask(s, chat, 'Where is my parcel?')
    answer(s, chat, LONG)
    ask(s, chat, 'And the other one?\nIt had a blue label.')
    chat.piece('The other one waits ')
    s.wait('The other one waits')
    s.shot(f'chat-streaming-{theme}')
    answer(s, chat, 'in Oslo.', end='length')
    s.wait('cut off at 3 tokens')
    s.page.locator('[data-at="example/0/0"]').click()
    s.wait('kept as an example, in faq-run/kept.jsonl')
    s.page.locator('[data-at="correct/1/0/open"]').click()
    for o in s.page.locator('summary').all(): o.click()
    s.shot(f'chat-open-{theme}')
    for o in s.page.locator('summary').all(): o.click()
    ask(s, chat, 'And now?')
    chat.finish(end='failed', what='CUDA out of memory')
    s.wait('The next message begins a new process.')
    s.shot(f'chat-failed-{theme}')
    assert s.page.locator('.pill').inner_text()=='failed'

def test_one_column_and_narrow(stage):
    s,chat = opened(stage, ['tuned'], width=700)
    ask(s, chat, 'Where is my parcel?')
    answer(s, chat, LONG)
    assert not s.page.get_by_text('Prefer').count()
    s.shot('chat-one')
    t,chat = opened(stage, width=420)
    ask(t, chat, 'Where is my parcel?')
    answer(t, chat, LONG)
    a,b = (t.page.locator('.turn.assistant').nth(i).bounding_box() for i in (0, 1))
    assert a['y']+a['height']<=b['y'] # Stacked
    t.shot('chat-narrow')

def test_answers_come_in_pieces_and_a_view_may_open_meanwhile(stage):
    s,chat = opened(stage)
    told,put = [],s.news.put
    s.news.put = lambda m: (told.append(m), put(m))
    ask(s, chat, 'Where?')
    box(s).fill('What is typed meanwhile')
    for i in range(300): chat.piece(f'{i} ')
    s.wait('299')
    assert sum('piece' in o for o in told)<=5 # Batched
    s.page.evaluate('window.reopen()')
    s.wait('299')
    assert box(s).input_value()=='What is typed meanwhile'
    chat.piece('and on')
    s.wait('299 and on')
    assert s.page.locator('[data-live]').first.inner_text().count('299')==1
    other = stage(s.panel) # On another page, where nobody typed
    other.wait('299 and on')
    other.close()
    s.panel.send = lambda m, *_: s.news.put(m)
    s.page.bring_to_front()
    box(s).press('Escape')
    s.wait('stopped')
    assert chat.turns[0]['answers']['base']['end']=='stopped'
    assert box(s).input_value()=='What is typed meanwhile'

def test_keys_of_the_box(stage):
    s,chat = opened(stage)
    box(s).fill('One')
    box(s).press('Shift+Enter')
    assert box(s).input_value()=='One\n'
    composed = 'new KeyboardEvent("keydown", {key: "Enter", bubbles: true, isComposing: true})'
    s.page.evaluate(f'document.activeElement.dispatchEvent({composed})')
    s.page.wait_for_timeout(100)
    assert chat.tell is None
    s.page.keyboard.type('Two')
    box(s).press('Enter')
    until(s, lambda: chat.tell)
    answer(s, chat)
    assert [o['user'] for o in chat.turns]==['One\nTwo'] and box(s).input_value()==''

def test_edited_retried_corrected_preferred(stage):
    s,chat = opened(stage)
    for text in ('One', 'Two', 'Three'):
        ask(s, chat, text)
        answer(s, chat, f'To {text}. ')
    at = lambda name: s.page.locator(f'[data-at="{name}"]')
    at('edit/1/open').click()
    s.wait('removes the turn after it')
    at('edit/1').fill('Other')
    chat.tell = None
    s.panel.draw() # Another view opened: all is drawn anew, under one's hands
    s.page.wait_for_timeout(150)
    assert s.page.evaluate('document.activeElement.dataset.at')=='edit/1'
    assert at('edit/1').input_value()=='Other'
    at('edit/1').press('Enter')
    until(s, lambda: chat.tell)
    answer(s, chat, 'To another.')
    s.wait('To another.')
    assert [o['user'] for o in chat.turns]==['One', 'Other'] and 'Three' not in s.text()
    chat.tell = None
    at('retry').click()
    until(s, lambda: chat.tell)
    answer(s, chat, 'Once more.')
    s.wait('Once more.')
    at('correct/0/1/open').click()
    assert at('correct/0/1').input_value()=='To One. '
    at('correct/0/1').fill('Better.')
    at('correct/0/1').press('Control+Enter')
    s.wait('corrected, in faq-run/kept.jsonl')
    at('preference/0/0').click()
    s.wait('preferred, in')
    assert chat.lines==[(0, 'correction', 'base', 'Better.'), (0, 'preference', 'tuned', '')]
    assert not at('correct/0/1').count() and at('preference/0/0').is_disabled()

def test_what_was_not_asked_is_not_lost(stage):
    s,chat = opened(stage)
    chat.raises = ValueError('This message has 9,000 tokens, and the model reads 2,048.')
    box(s).fill('A book')
    box(s).press('Enter')
    s.wait('the model reads 2,048')
    until(s, lambda: box(s).input_value()=='A book')
    assert s.page.locator('.pill').inner_text()=='ready'
    s.page.evaluate("() => { window.toPython = () => new Promise(() => {}); }") # The kernel is gone
    box(s).press('Enter')
    s.wait('The kernel is busy')
    s.page.evaluate('window.reopen()')
    assert box(s).input_value()=='A book'

def test_loading_failing_and_closing(stage):
    s,chat = opened(stage, ['tuned'], 'loading')
    s.wait('The model is being loaded')
    box(s).fill('Typed meanwhile')
    chat.become('ready')
    s.wait('Nothing said yet')
    assert box(s).input_value()=='Typed meanwhile'
    chat.become('failed', 'The process of this chat has ended (-9).')
    s.wait('has ended (-9)')
    chat.become('ready')
    s.page.wait_for_function('document.querySelector("#el .note").hidden')
    s.page.get_by_role('button', name='Close').click()
    s.wait('The conversation is closed')
    assert s.page.get_by_role('button', name='Send').is_disabled()

def test_settings(stage):
    s,chat = opened(stage)
    for o in s.page.locator('summary').all(): o.click()
    field = lambda name: s.page.locator(f'input[name={name}]')
    assert field('temperature').is_disabled()
    s.page.get_by_label('Greedy').uncheck()
    until(s, lambda: chat.settings['temperature']==.7)
    field('top_k').fill('many')
    field('top_k').press('Tab')
    s.wait("top_k is 'many'; it must be a whole number.")
    assert field('top_k').get_attribute('aria-invalid')=='true' and field('top_k').input_value()=='many'
    field('top_k').fill('40')
    field('top_k').press('Enter')
    until(s, lambda: chat.settings['top_k']==40)
    s.wait('temperature 0.7 · top-k 40')
    s.page.get_by_label('System prompt').fill('Be brief.')
    ask(s, chat, 'Where?')
    assert chat.system=='Be brief.'
    answer(s, chat)
    assert chat.turns[0]['settings']['top_k']==40

@pytest.mark.parametrize('theme', ['light', 'dark'])
def test_everything_is_named_legible_and_done_by_keyboard(stage, theme):
    s,chat = opened(stage, width=360, theme=theme)
    key,hears = s.page.keyboard.press,s.is_for_all
    hears()
    for _ in range(2): s.reach('summary:not(details[open] > summary)'); key('Enter')
    hears()
    s.reach('[aria-label="Your message"]')
    s.page.keyboard.type('Where?')
    key('Enter')
    until(s, lambda: chat.tell)
    chat.piece('In ')
    s.wait('In')
    hears()
    spoken = lambda: s.page.locator('[aria-live=polite]').inner_text()
    assert spoken()=='' # Not each token
    key('Escape')
    s.wait('stopped')
    until(s, lambda: 'tuned: In' in spoken())
    hears()
    s.page.evaluate('document.activeElement.blur()')
    s.reach('[data-at="correct/0/0/open"]'); key('Enter')
    hears()
    s.page.keyboard.type('Right: ')
    key('Control+Enter')
    s.wait('corrected')
    assert chat.lines==[(0, 'correction', 'tuned', 'Right: In ')] or chat.lines[0][3].endswith('Right: ')
    hears()
    unnamed = 'select:not([aria-label]), textarea:not([aria-label]), input:not([id])'
    assert not s.page.locator(unnamed).count()
    s.shot(f'chat-keyboard-{theme}')

def test_hostile_text(stage, hostile):
    safe = hostile.replace('\ud800', '')
    s,chat = opened(stage, [safe, '__proto__'], 'ready', safe)
    chat.system = safe
    s.panel.draw()
    ask(s, chat, safe)
    chat.piece(safe)
    s.wait('⟨U+202E⟩')
    answer(s, chat, safe, end='failed', what=safe)
    s.page.locator('[data-at="edit/0/open"]').click()
    assert '<script>' in s.text() and not {'\u202e', '\x1b'} & {*s.page.locator('#el').text_content()}
    assert '<img' not in s.panel.static_html() and '\u202e' not in s.panel.static_html()
    s.shot('chat-hostile')

def test_the_picture_reads_without_styles(pages):
    chat = Told()
    chat.turns = [dict(user='Where?', system='', settings=chat.settings, answers={
        o:dict(answer='In\nOslo.', end='stopped', tokens=3, seconds=.5) for o in chat.sides})]
    html = re.sub(' (style|class)="[^"]*"', '', ChatPanel(chat).static_html())
    page = pages.take()
    page.set_content(html)
    lines = [o for o in page.inner_text('body').split('\n') if o.strip()]
    said = ['Oslo.', 'stopped · 3 tokens · 0.5 s']
    assert [o.strip() for o in lines][2:]==['You: Where?', 'tuned: In', *said, 'base: In', *said,
                                           'To go on: run.chat()']
    pages.give(page)

def test_a_view_that_missed_that_a_message_was_taken_hears_it_later(stage):
    s,chat = opened(stage)
    s.hold = True
    ask(s, chat, 'Where is my parcel?')
    while not s.news.empty(): s.news.get() # Lost with the view that was there
    s.page.evaluate('window.reopen()')
    assert box(s).input_value()=='Where is my parcel?'
    s.hold = False
    s.wait('answering')
    until(s, lambda: box(s).input_value()=='')
    answer(s, chat)

def test_each_of_two_views_has_a_box_of_its_own(stage):
    "As JupyterLab has it for a moment, when a new picture is shown: the older view hears everything first"
    s,chat = opened(stage)
    s.page.evaluate('window.another()')
    second = s.page.get_by_label('Your message').nth(1)
    second.fill('Where is my parcel?')
    second.press('Enter')
    until(s, lambda: chat.tell)
    until(s, lambda: second.input_value()=='')
    answer(s, chat)
    second.fill('Where is my parcel?') # It can be said again
    assert second.input_value()=='Where is my parcel?'
