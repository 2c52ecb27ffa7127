"""What ftkit writes never replaces what somebody else wrote, and a fault of writing is never told as a
finding."""
import json, os, subprocess, sys
from pathlib import Path

import ftkit as ft
import pytest
import ftkit.cli.main as cli_main

CLEAN = ft.sample('tickets')

def tool(capsys, *args): # Exit code, standard error
    capsys.readouterr()
    code = cli_main.main([str(o) for o in args])
    return code, capsys.readouterr().err

@pytest.fixture
def few(tmp_path):
    (tmp_path/'rows.jsonl').write_bytes(b''.join(CLEAN.open('rb').readlines()[:120]))
    return tmp_path/'rows.jsonl'

def contents(folder): return {o.name:o.read_bytes() for o in Path(folder).iterdir() if o.is_file()}

def test_split_keeps_what_it_did_not_write(few, tmp_path, capsys):
    out = tmp_path/'d'; out.mkdir()
    (out/'test.jsonl').write_text('years of work\n')
    before = contents(out)
    code,err = tool(capsys, 'split', few, '--out', out)
    assert code==2 and 'was not written by ftkit' in err and '--force' in err and contents(out)==before
    assert tool(capsys, 'split', few, '--out', out, '--force')[0]==0
    # Its own by now, and so it may be written again
    assert tool(capsys, 'split', few, '--out', out, '--seed', 7)[0]==0
    (out/'validation.jsonl').write_text((out/'validation.jsonl').read_text()+
                                        '{"prompt": "mine", "completion": "mine"}\n')
    before = contents(out)
    code,err = tool(capsys, 'split', few, '--out', out, '--seed', 8)
    assert code==2 and 'was edited since' in err and contents(out)==before
    with pytest.raises(FileExistsError, match='edited since'): ft.load(few).split().save(out)
    assert contents(out)==before
    ft.load(few).split().save(out, force=True)

def test_clean_apply_and_recipes(few, tmp_path, capsys):
    ft.Recipe(normalize=True).save(tmp_path/'r.yaml')
    (tmp_path/'r.yaml').write_text('mask: true # by hand\n')
    with pytest.raises(FileExistsError): ft.Recipe().save(tmp_path/'r.yaml')
    out = tmp_path/'c.jsonl'
    for _ in range(2): assert tool(capsys, 'clean', few, '--recipe', tmp_path/'r.yaml', '--out', out)[0]==0
    out.write_text('mine\n')
    (tmp_path/'v.jsonl').write_text('')
    for verb in (['clean', few, '--recipe', tmp_path/'r.yaml'],
                 ['apply', few, '--review', tmp_path/'v.jsonl']):
        code,err = tool(capsys, *verb, '--out', out)
        assert code==2 and 'was edited since' in err and out.read_text()=='mine\n'
    assert tool(capsys, 'clean', few, '--recipe', tmp_path/'r.yaml', '--out', out, '--force')[0]==0

def test_links_devices_and_the_record_itself(few, tmp_path, capsys):
    exs = ft.load(few)
    (tmp_path/'diary.txt').write_text('dear diary')
    (tmp_path/'out.jsonl').symlink_to(tmp_path/'diary.txt')
    with pytest.raises(FileExistsError): exs.save(tmp_path/'out.jsonl')
    (tmp_path/'nowhere.jsonl').symlink_to(tmp_path/'gone')
    with pytest.raises(FileExistsError): exs.save(tmp_path/'nowhere.jsonl')
    os.mkfifo(tmp_path/'pipe')
    for o in ('/dev/null', tmp_path/'pipe'):
        with pytest.raises(ValueError, match='a device or a pipe'): exs.save(o, force=True)
    # No CSV is written, so no formula in it
    with pytest.raises(ValueError, match='JSON lines'): exs.save(tmp_path/'rows.csv')
    d = tmp_path/'e'; d.mkdir()
    # The record is a link, a folder, not JSON: nothing is known, nothing harmed
    (d/'.ftkit-written').symlink_to(tmp_path/'diary.txt')
    exs.save(d/'a.jsonl'); exs.save(d/'a.jsonl')
    assert (tmp_path/'diary.txt').read_text()=='dear diary'
    for bad in ('[1]', '{"a.jsonl": 3}', 'x'*99, '['*100_000):
        (d/'.ftkit-written').write_text(bad)
        with pytest.raises(FileExistsError): exs.save(d/'a.jsonl')

@pytest.fixture(scope='module')
def run(tmp_path_factory):
    "A run that has been created and not started: it can be reported on"
    d = tmp_path_factory.mktemp('run')
    ft.load(CLEAN, limit=90).split((.6, .2, .2)).save(d)
    return ft.RunConfig('tiny-random', 'train.jsonl', 'validation.jsonl', max_steps=2).create(d/'runs/a',
        base=d)

def test_report(run, capsys):
    for _ in range(2): assert tool(capsys, 'report', run.path)[0]==0
    page = run.path/'report.html'
    page.write_text('my notes')
    code,err = tool(capsys, 'report', run.path)
    assert code==2 and 'was edited since' in err and page.read_text()=='my notes'
    assert tool(capsys, 'report', run.path, '--force')[0]==0 and 'my notes' not in page.read_text()

def test_export_knows_its_own_files(tmp_path):
    from ftkit.base.files import file_hash
    from ftkit.sharing.export import MANIFEST, others
    (tmp_path/'README.md').write_text('a card')
    assert [o.name for o in others(tmp_path)]==['README.md']
    (tmp_path/MANIFEST).write_text(json.dumps(dict(v=1, files=['README.md'],
                                                   holds={'README.md':file_hash(tmp_path/'README.md')})))
    assert others(tmp_path)==[]
    (tmp_path/'README.md').write_text('a card, and what I think of it')
    (tmp_path/'thesis.txt').write_text('years of work')
    assert [o.name for o in others(tmp_path)]==['README.md', 'thesis.txt']
    for bad in ('[]', '{', '{"holds": 3}'):
        (tmp_path/MANIFEST).write_text(bad)
        assert len(others(tmp_path))==3

@pytest.fixture(scope='module')
def double(tmp_path_factory):
    "Rows in which there is something to find"
    f = tmp_path_factory.mktemp('rows')/'double.jsonl'
    f.write_text('{"prompt":"What is two and two?","completion":"It is four."}\n'*2)
    return f

def started(words, double, **kw): # Code, standard error
    res = subprocess.run(['bash', '-c', f'"$0" -m ftkit.cli.main {words.format(double)}', sys.executable],
                         stderr=subprocess.PIPE, text=True, **kw)
    return res.returncode, res.stderr

@pytest.mark.skipif(not Path('/dev/full').exists(), reason='needs /dev/full')
@pytest.mark.parametrize('words', ['check {} --json >/dev/full', 'check {} >/dev/full', '--help >/dev/full',
                                   'runs nowhere --json >/dev/full', 'config show >&-'])
def test_what_cannot_be_printed_is_no_finding(words, double):
    code,err = started(words, double, stdout=subprocess.DEVNULL)
    assert code==2 and 'Traceback' not in err and ('No space left' in err or 'is closed' in err)
    assert len(err.splitlines())==1
    if words!='check {} >/dev/full':
        assert started(words+' 2>/dev/full', double, stdout=subprocess.DEVNULL)==(2, '')

def test_a_reader_that_leaves(double):
    code,err = started('check {} | true; exit ${{PIPESTATUS[0]}}', double, stdout=subprocess.DEVNULL)
    assert code==141 and err.strip().endswith('so the rest was not printed.') and 'Traceback' not in err

@pytest.mark.skipif(sys.platform!='linux', reason='limits as Linux has them')
@pytest.mark.parametrize('limit,words',
                         [('-v 250000', 'not enough memory'), ('-v 600000', 'not enough memory'),
                          ('-n 6', 'ulimit -n'), ('-f 4', 'ulimit -f')])
def test_a_limit_of_the_machine_is_named(limit, words, tmp_path, double):
    (tmp_path/'r.jsonl').write_text('')
    verb = (f'apply {CLEAN} --review {tmp_path}/r.jsonl --out {tmp_path}/d.jsonl' if '-f' in limit
            else f'check {double}')
    res = subprocess.run(['bash', '-c', f'ulimit {limit}; exec "$0" -m ftkit.cli.main {verb} >/dev/null',
                          sys.executable],
                         stderr=subprocess.PIPE, text=True, env=os.environ|{'FTKIT_COLD':'1'})
    assert res.returncode==2 and words in res.stderr and 'Traceback' not in res.stderr
    assert 'bug in ftkit' not in res.stderr
