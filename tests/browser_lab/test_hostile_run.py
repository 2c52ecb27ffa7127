"A run and its rows by somebody who means ill, shown, saved and opened again in JupyterLab: text stays text."
import json
from dataclasses import asdict, replace

import ftkit as ft
import pytest
from ftkit.base.files import write_json
from ftkit.evaluation.process import _how
from ftkit.evaluation.score import asked_of
from ftkit.evaluation.summary import summarize
from ftkit.provenance.stale import basis_of
from ftkit.launch.create import create
from lab import cells, run_all, save, wait_until

EVIL = (
    '<img src=x onerror="window.ran=1"><script>window.ran=1</script><a href="javascript:window.ran=1">a</a>'
        '<iframe src="http://127.0.0.2/"></iframe><link rel=stylesheet '
        'href="http://127.0.0.2/x.css"><style>*{display:none}</style>'
        '[b](javascript:window.ran=1) ![c](http://127.0.0.2/c.png) $\\href{javascript:window.ran=1}{d}$ '
        '\x1b[2J\x1b]0;t\x07\u202e</pre></svg>')
CODE = ("import ftkit as ft\nrun = ft.attach('runs/a')\nrun.panel()", 'run.panel(run)',
        'run.compare_answers()', 'run', 'run.evaluate()', 'run.watch()',
        "ft.load('evil.jsonl').look()", 'run.compare()', 'print(run.log_tail())')

def hostile(folder):
    "A run that says evil things wherever a run says anything"
    row = json.dumps(dict(prompt=EVIL, completion=EVIL, label=EVIL))+'\n'
    (folder/'evil.jsonl').write_text(row+json.dumps(dict(prompt=f'{EVIL} 2', completion=f'{EVIL} 2',
                                                         label='b'))+'\n')
    (folder/'other.jsonl').write_text(json.dumps(dict(prompt=f'{EVIL} some words of another kind',
                                                      completion='x'))+'\n')
    cfg = ft.RunConfig('tiny-random', 'evil.jsonl', 'other.jsonl', 'evil.jsonl')
    run = create(cfg, folder/'runs/a', base=folder, allow_leak=True)
    replace(run.config, pad_token=EVIL).save(run.path/'config.yaml', force=True)
    def told(name, **changes): write_json(run.path/name, json.loads((run.path/name).read_text())|changes)
    told('status.json', state='failed', reason=EVIL, step=2, of=2, attempt=1, host=EVIL)
    told('record.json', system=EVIL, python=EVIL, versions={EVIL: EVIL})
    events = [dict(kind='state', state=EVIL, text=EVIL),
              *(dict(kind=k, step=i, loss=1/i, of=2) for i in (1, 2) for k in ('train', 'eval')),
              *(dict(kind='sample', step=i, id=EVIL, prompt=EVIL, answer=EVIL, stopped=True) for i in (0, 2)),
              dict(kind='progress', stage=EVIL, done=1, of=2)]
    (run.path/'events.jsonl').write_text(''.join(json.dumps(dict(v=1, attempt=1, t=1)|o)+'\n'
                                                 for o in events))
    (run.path/'log.txt').write_text(EVIL)
    (run.path/'adapter').mkdir()
    (run.path/'adapter/adapter_model.safetensors').write_bytes(b'weights')
    (run.path/'evals/test').mkdir(parents=True)
    a = asked_of(run.rows('test'), run.rows('train'), 'label')
    found = {k:a.score_all([dict(answer=o, stopped=True, tokens=1, chosen=EVIL, sure=.5) for _ in a.cases])
             for k,o in dict(base='?', tuned=EVIL).items()}
    for k,rows in found.items():
        (run.path/f'evals/test/{k}.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in rows))
    told = dict(why=EVIL, notes=[EVIL], forgetting=dict(words=EVIL), opened=2, of=basis_of(run),
                asked=asdict(_how(run, {})))
    write_json(run.path/'evals/test/summary.json', summarize(found, a, 'test')|told)
    return run

def unharmed(page):
    "Nothing ran, nothing was asked for, and no element is there that a text named"
    assert page.evaluate('window.ran') is None
    made = page.evaluate("""() => [...document.querySelectorAll('.jp-OutputArea, body > h1, .ftkit')].flatMap(
      (o) => [...o.querySelectorAll('script, iframe, link, img[src="x"], img[src*="127.0.0.2"], ' +
        'a[href*="javascript"], [onerror], mjx-container')].map((p) => p.outerHTML.slice(0, 200)))""")
    assert not made and not page.faults, (made, page.faults)
    assert '\u202e' not in page.inner_text('body')

def test_what_a_run_says_stays_text(place):
    run = hostile(place.folder)
    place.write('a.ipynb', *CODE)
    page = place.open('a.ipynb')
    run_all(page)
    wait_until(lambda: all(o['count'] and o['state']!='running' for o in cells(page)), 120)
    assert [o['error'] for o in cells(page) if o['error']]==[]
    unharmed(page)
    save(page)
    saved = (place.folder/'a.ipynb').read_text()
    assert '⟨U+202E⟩' in saved and '\\u001b[2J' not in saved and '\u202e' not in saved
    again = place.open('a.ipynb') # Trusted, since it was run here
    again.locator('.jp-OutputArea').nth(len(CODE)-1).scroll_into_view_if_needed()
    unharmed(again)
    run.report()
    again.goto((run.path/'report.html').as_uri())
    again.faults[:] = [o for o in again.faults if not o.startswith('request: file:')]
    unharmed(again)
