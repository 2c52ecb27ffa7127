"The panel over a real conversation: a question while models load, answers in pieces, a killed process."
import time

import pytest
from ftkit.chat.kept import KEPT
from ftkit.panels.chat import chat_panel

pytest.importorskip('trl')

def until(f, seconds=60):
    end = time.monotonic()+seconds
    while not f():
        assert time.monotonic()<end
        time.sleep(.02)

def test_over_a_real_conversation(trained):
    p,sent = chat_panel(trained, max_new_tokens=12),[]
    p.send = lambda m, *_: sent.append(m)
    def say(**m): p._handle_custom_msg(m, [])
    try:
        say(kind='say', text='Where is my kettle?', key='1') # Before the models are there
        until(lambda: any(o.get('done')==0 for o in sent))
        pieces = [o['piece'] for o in sent if 'piece' in o]
        told = [''.join(o[i] for o in pieces) for i in (0, 1)]
        answers = sent[-1]['turn']['answers']
        assert all(a['text'].startswith(t) for a,t in zip(answers, told)) and any(told)
        assert p.chat.turns[0]['system']==p.chat.system and 'run.chat()' in p.static_html()
        say(kind='keep', n=0, side=0, what='example', text='', key='2')
        assert sent[-1]['turn']['kept'][0][0][0]=='example' and (trained.path/KEPT).exists()
        p.chat._child.kill()
        until(lambda: sent[-1].get('state')=='failed')
        say(kind='retry', key='3') # Begins a new process
        until(lambda: sum('done' in o for o in sent)==2)
        assert p.chat.state=='ready' and p.chat.turns[0]['answers']['tuned']['end']!='failed'
        say(kind='close')
        until(lambda: sent[-1].get('state')=='closed')
    finally:
        p.chat.close()
        (trained.path/KEPT).unlink(missing_ok=True) # The run is shared
