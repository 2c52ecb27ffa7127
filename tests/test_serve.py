"""An export behind an address: asked as OpenAI's protocol has it, verified, and told apart from others."""
import json, os, signal, subprocess, sys, time, urllib.error, urllib.request
from pathlib import Path

import pytest
from ftkit.sharing import forms
from ftkit.sharing.runtime import llama_server
from ftkit.sharing.serve import serve
from ftkit.weights import summed as summed_module, vocabulary

pytest.importorskip('trl')
pytest.importorskip('xllamacpp')

@pytest.fixture(scope='module')
def run(trained):
    "A run that was evaluated and exported as GGUF"
    forms.run_form(trained.path, trained.path/'export-gguf-f16', 'gguf', 'f16')
    return trained

def asked(url, key='', **body):
    head = {'Content-Type':'application/json'}|({'Authorization':f'Bearer {key}'} if key else {})
    return json.load(urllib.request.urlopen(urllib.request.Request(f'{url}/chat/completions', json.dumps(
        dict(messages=[dict(role='user', content='Hello')], max_tokens=6)|body).encode(), head), timeout=60))

def test_served_and_verified(run):
    with run.serve() as s:
        assert s.url.startswith('http://127.0.0.1:') and s.by=='llama.cpp' and s.model in repr(s)
        said = {asked(s.url, model=s.model)['choices'][0]['message']['content'] for _ in range(3)}
        assert len(said)==1 # Greedy, though nothing was said of a temperature
        found = run.verify(s.url)
        assert not found.wrong and found['prompt_tokens']==found['prompts']==len(run.rows('test'))
        assert found['tuned']>=.8*found['apart']>0 and found['answers_equal']>=.8*found['prompts']
        assert 'answers as the evaluated model does' in repr(found)
    with pytest.raises(RuntimeError, match='does not answer'): run.verify(s.url)

def test_stopped_at_once(run):
    "llama.cpp hangs if it is ended before it has begun to work"
    for key in ('', 'k'*20)*4:
        with serve(run, key=key): pass

def test_a_key_is_asked_for_beyond_this_machine(run):
    with serve(run, host='0.0.0.0') as s:
        at = s.url.replace('0.0.0.0', '127.0.0.1')
        assert len(s.key)>30
        with pytest.raises(urllib.error.HTTPError, match='401'): asked(at)
        assert asked(at, s.key)['choices']
        assert not run.verify(at, key=s.key).wrong
        with pytest.raises(RuntimeError, match='answers 401'): run.verify(at, key='wrong')

@pytest.mark.parametrize('what', ['base', 'template', 'sampling'])
def test_a_server_of_something_else_is_found_out(run, tmp_path, monkeypatch, what):
    "The base model in place of the tuned one, another template, and answers that are drawn"
    if what=='base':
        monkeypatch.setattr(summed_module.Summed, 'read', lambda self, name: self.base[name].read())
    if what=='template':
        text = "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant: "
        monkeypatch.setattr(vocabulary, '_templates', lambda folder: dict(default=text))
    f = forms._Form(run, 'gguf', 'f16')
    forms._put_gguf(f, tmp_path)
    if what=='sampling':
        from ftkit.sharing import verify as module
        said = module._said
        monkeypatch.setattr(module, '_said', lambda url, key, body=None, **kw: said(
            url, key, body and body|dict(temperature=5, top_k=0, top_p=1, min_p=0), **kw))
    with llama_server(tmp_path/f.file, 1024) as url: found = run.verify(url)
    words = dict(base='It may serve the base model', template='another template', sampling='or sample')[what]
    assert any(words in o for o in found.wrong), found
    # And where a prompt begins to differ, as the server puts it into text
    assert ('prompt_apart' in found)==(what=='template')==('and not' in repr(found))

def test_the_commands(run, ftkit):
    "It serves until it is interrupted, and `verify` says by its exit code what it found"
    words = [sys.executable, '-m', 'ftkit.cli.main', 'serve', str(run.path)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as p:
        url = p.stdout.readline().split(' at ')[1].strip()
        code,o,_ = ftkit('verify', run.path, url, '--json')
        assert (code, o['wrong'], o['prompt_tokens'])==(0, [], o['prompts'])
        os.kill(p.pid, signal.SIGINT)
        assert p.wait(30)==0
    assert ftkit('verify', run.path, url)[0]!=0
    code,o,_ = ftkit('ask', run.path, 'Hello', 'Hello', '--max-new-tokens', '3', '--json')
    assert code==0 and o[0]==o[1] and o[0]['prompt']=='Hello'

OWNER = """import sys, time
from pathlib import Path
from ftkit.sharing.serve import _guarded
says = 'import os, time; print(os.getpid(), flush=True); time.sleep(999)'
_guarded([sys.executable, '-c', says], Path(sys.argv[1]))
while True:
    try: time.sleep(999)
    except KeyboardInterrupt: print('interrupted', flush=True)"""

def at_work(pid):
    try: return Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()[0]!='Z'
    except FileNotFoundError: return False

@pytest.mark.parametrize('how', ['SIGKILL', 'SIGTERM'])
def test_a_guarded_server_ends_with_its_owner(tmp_path, how):
    "And not before: an interrupt of a notebook reaches all processes of a group at once"
    log,words = tmp_path/'log.txt',[sys.executable, '-c', OWNER, tmp_path/'log.txt']
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True, start_new_session=True) as p:
        while not (log.exists() and log.read_text().endswith('\n')): time.sleep(.02)
        pid = int(log.read_text())
        os.killpg(p.pid, signal.SIGINT)
        assert p.stdout.readline()=='interrupted\n'
        time.sleep(1)
        assert at_work(pid)
        os.killpg(p.pid, getattr(signal, how))
    until = time.monotonic()+60
    while at_work(pid): assert time.monotonic()<until; time.sleep(.05)

def test_pages_of_elsewhere_cannot_read_answers(run):
    "A browser on this machine shows pages of anybody, and they may ask any port of it"
    with run.serve() as s:
        asked = urllib.request.Request(f'{s.url}/models', headers=dict(Origin='http://elsewhere.example'))
        with urllib.request.urlopen(asked, timeout=60) as f:
            assert not f.headers['Access-Control-Allow-Origin']

CALLS = """{% for m in messages %}<|im_start|>{{ m.role }}
{{ m.content }}{% for c in m.tool_calls or [] %}<call>{{ c.function | tojson }}</call>{% endfor %}<|im_end|>
{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}"""

def test_calls_that_a_server_took_out_of_the_text_are_compared(run, monkeypatch):
    "Name and arguments; a server that leaves the text as it is gives the same"
    from ftkit.data.read.load import load
    from ftkit.evaluation.score import asked_of
    from ftkit.sharing import verify as module
    tok = forms.tokenizer_of(run)
    tok.chat_template = CALLS
    tools = [dict(type='function', function=dict(name='find', parameters=dict(type='object')))]
    cities = [f'city {i}' for i in range(5)]
    text = '<call>{{"name": "find", "arguments": {{"city": "{}"}}}}</call>'.format
    rows = load([dict(messages=[dict(role='user', content=f'Where is {o}?'),
                                dict(role='assistant', content=text(o))], tools=tools) for o in cities])
    had = [dict(answer=text(o), stopped=True, tokens=9) for o in cities]
    monkeypatch.setattr(module, '_cases', lambda f: (asked_of(rows, task='short'), had, 20))
    monkeypatch.setattr(module, 'tokenizer_of', lambda run: tok)
    def verified(said):
        def reply(url, key, body=None, **kw):
            city = body['messages'][-1]['content'].removeprefix('Where is ').removesuffix('?')
            assert body['tools']==tools and body['temperature']==0
            return dict(choices=[dict(message=said(city), finish_reason='tool_calls')], usage={})
        monkeypatch.setattr(module, '_said', reply)
        return run.verify('http://127.0.0.1:9/v1', 'm')
    def called(city): # As OpenAI's protocol has it
        call = dict(name='find', arguments=json.dumps(dict(city=city)))
        return dict(content=None, tool_calls=[dict(id='1', type='function', function=call)])
    found = verified(called)
    assert (found['answers_equal'], found['calls_equal'], found['as_calls'], found['called'])==(5, 5, 5, 0)
    assert not found.wrong and '5 of 5 the same' in repr(found)
    found = verified(lambda o: dict(content=text(o)))
    assert (found['answers_equal'], found['as_calls'])==(5, 0)
    found = verified(lambda o: called('Ulm' if o in cities[:2] else o)) # Another argument
    assert (found['answers_equal'], found['calls_equal'])==(3, 3)
    tok.chat_template = CALLS.replace('<call>{{ c.function | tojson }}</call>', '')
    found = verified(called)
    assert found['called']==5 and 'nothing could be compared' in found.wrong[-1]
