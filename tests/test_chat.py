"A conversation with what a run has learned: answers of the evaluation, streamed, stopped, kept; its process."
import json, os, signal, subprocess, sys, threading, time

import pytest
import ftkit as ft
from ftkit.chat.kept import KEPT, kept_examples, kept_preferences
from ftkit.chat.session import open_chat
from ftkit.evaluation.ask import ask, forget, own_system
from ftkit.base.untrusted import Linked, visible

pytest.importorskip('trl')

@pytest.fixture(scope='module')
def run(trained): return trained

@pytest.fixture(scope='module')
def chat(run):
    with open_chat(run, max_new_tokens=8) as o: yield o

def gone(pid): # Not there, or waits to be noticed
    from ftkit.run.process import process_start
    return not process_start(pid)

def until(f, seconds=30):
    end = time.monotonic()+seconds
    while not f():
        assert time.monotonic()<end
        time.sleep(.02)

def test_first_answers_are_those_of_the_evaluation(run, chat):
    rows = [o for o in run.rows('test') if [m['role'] for m in o.prompt] in (['user'], ['system', 'user'])]
    at = {o.id: i for i,o in enumerate(run.rows('test'))}
    assert len(rows)>3 and chat.sides==['tuned', 'base']
    for ex in rows:
        chat.clear()
        chat.system = ex.prompt[0]['content'] if len(ex.prompt)>1 else ''
        found,heard = {},{}
        found = chat.say(ex.prompt[-1]['content'], lambda side, o: heard.setdefault(side, []).append(o))
        for side in chat.sides:
            assert found[side]['answer']==run.answers('test')[side][at[ex.id]]['answer']
            assert found[side]['answer'].startswith(''.join(heard.get(side, [])))
    assert any(run.answers('test')['tuned'][i]['answer']!=run.answers('test')['base'][i]['answer']
               for i in range(len(rows)))

def test_turns(run, chat):
    chat.clear()
    chat.system = own_system(run)
    chat.say('Hello')
    second = chat.say('And then?')
    assert [o['user'] for o in chat.turns]==['Hello', 'And then?'] and chat.state=='ready'
    assert chat.retry()==second|{k: v|dict(seconds=chat.turns[1]['answers'][k]['seconds'])
                                 for k,v in second.items()}
    chat.edit(0, 'Good morning')
    assert [o['user'] for o in chat.turns]==['Good morning']
    for bad in ('', ' ', None, 'a\ud800'):
        with pytest.raises(ValueError): chat.say(bad)
    with pytest.raises(ValueError, match='There is no turn 5'): chat.edit(5, 'x')
    assert len(chat.turns)==1

def test_sampling_is_repeated_by_its_seed(chat):
    chat.clear()
    chat.set(temperature=1.5, seed=3)
    first = chat.say('Hello')['tuned']['answer']
    assert chat.retry()['tuned']['answer']==first
    chat.set(seed=4)
    assert chat.retry()['tuned']['answer']!=first and chat.turns[-1]['settings']['seed']==4
    chat.set(temperature=0, seed=0)

def test_a_stop_keeps_what_was_said(chat):
    chat.clear()
    chat.set(max_new_tokens=2000, temperature=2)
    asked = threading.Event()
    def tell(side, piece):
        if not asked.is_set():
            asked.set()
            threading.Thread(target=chat.stop).start()
    found = chat.say('Tell me a long story', tell)
    chat.set(max_new_tokens=8, temperature=0)
    assert {o['end'] for o in found.values()}<={'stopped', 'end'} and found['tuned']['tokens']<2000
    assert chat.say('Hello')['tuned']['answer'] # It goes on

def test_too_long_is_said_where_the_answer_would_be(chat):
    chat.clear()
    found = chat.say('word '*40_000)
    assert {o['end'] for o in found.values()}=={'failed'}
    assert all('tokens, and the model has room for' in o['what'] for o in found.values())
    with pytest.raises(ValueError, match='gave no answer'): chat.keep(0)
    assert chat.say('Hello')['tuned']['end']!='failed' # Its history is without it

def test_what_is_kept_is_trained_on(run, chat, tmp_path):
    chat.clear()
    chat.say('Hello')
    said = {k: o['answer'] for k,o in chat.turns[0]['answers'].items()}
    assert chat.keep(-1)['new'] and not chat.keep(0)['new']
    chat.keep(0, 'correction', text='Good day.')
    assert [o.answer for o in kept_examples(run)]==['Good day.']
    chat.keep(0, 'preference', 'base')
    exs,(pair,) = kept_examples(run.path),kept_preferences(run)
    assert [o.answer for o in exs]==[said['base']] and pair['rejected'][0]['content']==said['tuned']
    assert ft.load(exs.save(tmp_path/'more.jsonl'))[0].hash==exs[0].hash
    assert len((run.path/KEPT).read_text().splitlines())==3
    assert run.kept_examples().fingerprint==exs.fingerprint

def test_a_dead_process_is_said_and_begun_again(chat):
    chat.clear()
    chat.say('Hello')
    os.kill(chat._child.pid, signal.SIGKILL)
    until(lambda: chat.state=='failed')
    assert 'killed by signal 9' in chat.trouble and len(chat.turns)==1
    assert chat.say('Again')['tuned']['end']!='failed' and chat.state=='ready'

def test_it_ends_with_its_owner(run):
    code = ('import sys, time; from ftkit.chat.session import open_chat; c = open_chat(sys.argv[1], None); '
            "c.say('Hello'); print(c._child.pid, flush=True); time.sleep(600)")
    owner = subprocess.Popen([sys.executable, '-c', code, str(run.path)], stdout=subprocess.PIPE, text=True)
    pid = int(owner.stdout.readline())
    assert not gone(pid)
    owner.kill()
    owner.wait()
    until(lambda: gone(pid))

def test_closed_and_forgotten(run):
    c = open_chat(run, None)
    pid = c._child.pid
    c.close()
    assert c.state=='closed' and gone(pid)
    with pytest.raises(ValueError, match='was closed'): c.say('Hello')
    c = open_chat(run, None)
    pid = c._child.pid
    c.say('Hello')
    del c
    until(lambda: gone(pid))

def test_another_run_beside_it(run, tmp_path):
    with open_chat(run, run.path, max_new_tokens=3) as c:
        assert c.sides==['tuned', 'run'] and len({o['answer'] for o in c.say('Hello').values()})==1
    with pytest.raises(ValueError, match='it must be one'): open_chat(run, ['base', run.path])
    with open_chat(run, ()) as c: assert c.sides==['tuned']
    with pytest.raises(FileNotFoundError, match='holds no run'): open_chat(run, tmp_path/'none')

def test_the_command(run, ftkit, monkeypatch):
    import io
    monkeypatch.setattr('sys.stdin', io.StringIO('Hello\n/keep\n/set max_new_tokens 2\nAnd then?\n'))
    code,turns,_ = ftkit('chat', run.path, '--max-new-tokens', 8, '--json')
    assert code==0 and [o['user'] for o in turns]==['Hello', 'And then?']
    assert turns[1]['answers']['base']['tokens']<=2 and turns[1]['settings']['max_new_tokens']==2
    monkeypatch.setattr('sys.stdin', io.StringIO('Hello\n'))
    code,out,_ = ftkit('chat', run.path, '--against', 'none', '--max-new-tokens', 8)
    assert code==0 and '[tuned] '+turns[0]['answers']['tuned']['answer'] in out and '[base]' not in out
    monkeypatch.setattr('sys.stdin', io.StringIO('/no\n'))
    code,_,err = ftkit('chat', run.path, '--against', 'none')
    assert code==2 and '/no is not a command' in err
    assert ftkit('chat', run.path, '--temperature', -1)[0]==2

def test_ctrl_c_stops_an_answer_and_not_the_conversation(run):
    words = [sys.executable, '-m', 'ftkit', 'chat', run.path, '--against', 'none', '--temperature', '2',
             '--max-new-tokens', '5000']
    p = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                         text=True)
    p.stdin.write('Tell me a long story\n')
    p.stdin.flush()
    assert p.stdout.readline()=='\n' and p.stdout.read(8)=='[tuned] ' # It has begun
    p.send_signal(signal.SIGINT)
    out,err = p.communicate('/keep\n/quit\n', timeout=60)
    assert p.returncode==0 and '[tuned] stopped' in out and 'Kept as example of tuned' in out, out+err

def test_what_tell_raises_stops_the_answers_and_is_raised(chat):
    chat.clear()
    chat.set(max_new_tokens=2000, temperature=2)
    def tell(side, piece): raise KeyError(side)
    with pytest.raises(KeyError): chat.say('Tell me a long story', tell)
    chat.set(max_new_tokens=8, temperature=0)
    assert chat.state=='ready' and chat.turns[0]['answers']['base']['tokens']<2000
    assert chat.say('Hello')['tuned']['end']!='failed'

def test_a_stop_while_the_models_load_is_heard(run):
    with open_chat(run, None) as c:
        asked = threading.Thread(target=lambda: c.say('Hello'))
        asked.start()
        until(c.lock.locked)
        c.stop()
        asked.join(60)
        assert c.turns[0]['answers']['tuned']['end'] in ('stopped', 'end') and c.state=='ready'
        assert c.say('Hello')['tuned']['end']!='stopped' # It is over

def test_a_strangers_run_is_opened_as_any_other(run, tmp_path):
    "Nothing in its folder is imported, and a link in it is refused"
    import shutil
    where = tmp_path/'run'
    shutil.copytree(run.path, where)
    (where/'ftkit').mkdir()
    (where/'ftkit/__init__.py').write_text(f"open({str(tmp_path/'ran')!r}, 'w')")
    (where/'sitecustomize.py').write_text(f"open({str(tmp_path/'ran')!r}, 'w')")
    with pytest.MonkeyPatch.context() as m:
        m.setenv('PYTHONPATH', f"{where}{os.pathsep}{os.environ['PYTHONPATH']}")
        m.chdir(where)
        with open_chat(where, None, max_new_tokens=2) as c: assert c.say('Hello')['tuned']['end']!='failed'
    assert not (tmp_path/'ran').exists()
    (where/'kept.jsonl').unlink(missing_ok=True)
    (where/'kept.jsonl').symlink_to(tmp_path/'elsewhere')
    with pytest.raises(Linked): open_chat(where, None)
    with pytest.raises(Linked): open_chat(run, where)

def test_in_16_bits_a_chat_answers_as_ask_does(run, tmp_path):
    "Base and tuned share their weights in it, and in `ask` each has its own"
    import re, shutil
    shutil.copytree(run.path, tmp_path/'run')
    config = tmp_path/'run/config.yaml'
    config.write_text(re.sub('dtype: fp32', 'dtype: bf16', config.read_text()))
    with open_chat(tmp_path/'run', max_new_tokens=8) as c:
        assert c.run.config.dtype=='bf16'
        found = c.say('Hello')
    for which in ('tuned', 'base'):
        assert found[which]['answer']==ask(tmp_path/'run', 'Hello', which, max_new_tokens=8)
    forget()

def test_an_answer_cannot_act_on_the_terminal(capsys):
    "Wherever it is cut into pieces"
    from ftkit.cli.chat import _Screen
    text = 'a\x1b]0;title\x07b\x1b[2J\x9b31mc\u202ed'
    for at in range(len(text)+1):
        screen = _Screen(False)
        for piece in (text[:at], text[at:]): screen.tell('tun\x1bed', piece)
        out = capsys.readouterr().out
        assert visible(text) in out and not {*'\x1b\x07\x9b\u202e'}&{*out}

def test_commands_say_what_is_wrong(chat):
    from ftkit.cli.chat import _set
    for bad in ('temperature nan', 'temperature inf', 'temperature', 'seed x', 'warmth 1', 'top_k -1'):
        with pytest.raises(ValueError, match='must be|is not a number|no setting'): _set(chat, bad)
