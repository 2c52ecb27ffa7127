"An export on the Hub: what is listed, what is uploaded and who may read it, tried with a stand-in for it."
import json, os, shutil, subprocess, sys
from pathlib import Path

import pytest
import yaml
from hub_lib import TOKEN, serving
from ftkit.run.folder import Run
from ftkit.sharing.export import MANIFEST

pytest.importorskip('trl')
ROOT = Path(__file__).resolve().parents[1]

@pytest.fixture(scope='module')
def made(trained):
    "A run that was evaluated and then exported"
    trained.export()
    return trained

@pytest.fixture
def run(made, tmp_path):
    "A copy of it"
    shutil.copytree(made.path, tmp_path/'faq', symlinks=True)
    return Run(tmp_path/'faq')

@pytest.fixture
def hub(monkeypatch):
    with serving() as o:
        monkeypatch.setattr('huggingface_hub.constants.ENDPOINT', o.url)
        monkeypatch.setattr('huggingface_hub.constants.HF_HUB_DISABLE_XET', True)
        monkeypatch.setattr('huggingface_hub.constants.HF_HUB_OFFLINE', False)
        monkeypatch.setenv('HF_TOKEN', TOKEN)
        yield o

def here(run): return {o.name:o.read_bytes() for o in (run.path/'export').iterdir()}
def there(hub): return {k:v for k,v in hub.repos['mira/faq']['files'].items() if k!='.gitattributes'}

def test_a_dry_run_asks_nobody_and_says_what_would_be_uploaded(run, hub, monkeypatch):
    monkeypatch.delenv('HF_TOKEN')
    found = run.push('mira/faq')
    assert not hub.asked and not found['url'] and 'a dry run, nothing was uploaded' in repr(found)
    assert {o['file']:o['bytes'] for o in found['files']}=={k:len(v) for k,v in here(run).items()}
    assert not {'data.jsonl', 'log.txt', 'checkpoints'}&{o['file'] for o in found['files']}
    assert 'the licence of tiny-random is not known' in repr(found)

def test_the_card_says_what_the_evaluation_found(run):
    head,summary = yaml.safe_load(run.push('mira/faq')['head']),run.summary()
    one, = head['model-index'][0]['results']
    assert head['base_model_relation']=='adapter' and one['task']['type']=='text-generation'
    assert one['dataset']==dict(name='test.jsonl', type='private', split='test',
                                revision=run.record['data']['test']['fingerprint'])
    assert one['metrics'][0]['type']==summary['headline']
    for o in one['metrics']:
        was = summary['models']['tuned'][o['type']]
        assert o['value']==pytest.approx(was['value'], rel=1e-3) and o['args']['rows']==was['n']
        if was['low'] is not None: assert o['args']['low']==pytest.approx(was['low'], rel=1e-3)

def test_uploaded_privately_and_whole(run, hub):
    found = run.push('mira/faq', upload=True)
    assert there(hub)==here(run) and hub.repos['mira/faq']['private']
    assert found['url']==f'{hub.url}/mira/faq' and 'uploaded to' in repr(found)
    assert run.push('mira/faq', upload=True)['url']==found['url'] # Again, over what is its own

def test_public_only_by_name(run, hub):
    with pytest.raises(ValueError, match='the same name twice'):
        run.push('mira/faq', upload=True, public='faq')
    run.push('mira/faq', upload=True, public='mira/faq')
    assert hub.repos['mira/faq']['private'] is False
    with pytest.raises(ValueError, match='is there already and is public. Nothing was uploaded'):
        run.push('mira/faq', upload=True) # The Hub would let it stay public, and say nothing

def test_only_what_was_exported_goes(run, hub):
    "Neither files that were put into the folder, nor links, nor weights that were edited"
    folder = run.path/'export'
    (folder/'rows.jsonl').write_text('{}')
    (folder/'checkpoints').mkdir()
    (folder/'checkpoints/optimizer.pt').write_text('x')
    found = run.push('mira/faq', upload=True)
    assert 'stay here: checkpoints/optimizer.pt, rows.jsonl' in repr(found)
    assert not {'rows.jsonl', 'checkpoints/optimizer.pt'}&there(hub).keys() and 'README.md' in there(hub)
    (folder/'more').symlink_to(run.path/'data.jsonl')
    with pytest.raises(ValueError, match='is a link'): run.push('mira/faq', upload=True)
    (folder/'more').unlink()
    (folder/'adapter_model.safetensors').write_bytes(b'other')
    with pytest.raises(ValueError, match='adapter_model.safetensors was edited'):
        run.push('mira/faq', upload=True)

def test_an_export_of_other_weights_is_refused(run, hub):
    shutil.copy(run.path/'export/tokenizer.json', run.path/'adapter/adapter_model.safetensors')
    with pytest.raises(ValueError, match='is stale: it is of the weights'): run.push('mira/faq', upload=True)
    with pytest.raises(ValueError, match=r"no export as merged. Make one: run.export\('merged'\)"):
        run.push('mira/faq', form='merged')
    assert not hub.asked

def test_numbers_that_are_no_longer_true_are_not_uploaded(run, hub):
    (run.path/'evals/test/tuned.jsonl').write_text('')
    with pytest.raises(ValueError, match='numbers of an evaluation that is stale'): run.push('mira/faq')
    assert not hub.asked

def test_private_data_is_warned_of(run):
    row = run.rows('train')[0]
    with open(run.path/'export/README.md', 'a', encoding='utf-8') as f:
        f.write(f'\nMira (mira.okafor@posteo.de) keeps rows in /home/mira/rows, such as: {row.answer}\n')
    with open(run.path/'export/README.md', encoding='utf-8') as f: n = len(f.readlines())
    said = run.push('mira/faq')['warnings']
    for o in ('README.md was edited', f'README.md line {n}: an e-mail address', f'README.md line {n}: a path',
              'README.md repeats words of'): assert any(w.startswith(o) for w in said), (o, said)
    assert not any('okafor' in o for o in said) # What is private is not said again

def test_a_name_that_is_taken(run, hub):
    files = {'model.safetensors':b'theirs', 'README.md':b'#'}
    hub.repos['mira/faq'] = dict(private=True, files=files, commits=1)
    with pytest.raises(ValueError, match=r'mira/faq is taken: it holds other files \(README.md, model.safe'):
        run.push('mira/faq', upload=True)
    assert len(hub.repos['mira/faq']['files'])==2
    run.push('mira/faq', upload=True, force=True)
    assert there(hub)==here(run)|{'model.safetensors':b'theirs'}

def test_what_goes_wrong_is_said_with_the_next_step(run, hub, monkeypatch):
    def fails(match, name='mira/faq'):
        with pytest.raises(OSError, match=match): run.push(name, upload=True)
    fails('The Hub answers 403: the token may not write to other.* Nothing was sent', 'other/faq')
    hub.fails['/commit/main'] = 500
    fails('mira/faq was not uploaded. The Hub answers 500.* Not all may be at')
    assert there(hub)=={}
    hub.fails.clear()
    monkeypatch.setenv('HF_TOKEN', 'hf_wrong')
    fails('The Hub answers 401: it does not take the token. Log in again: hf auth login')
    monkeypatch.delenv('HF_TOKEN')
    monkeypatch.setattr('huggingface_hub.get_token', lambda: None)
    n = len(hub.asked)
    fails('No token of the Hub is known here')
    assert len(hub.asked)==n
    monkeypatch.setattr('huggingface_hub.get_token', lambda: TOKEN)
    monkeypatch.setattr('huggingface_hub.constants.ENDPOINT', 'http://127.0.0.1:9')
    fails('The Hub does not answer .*Is there a network')

@pytest.mark.parametrize('name', ['adapter_model.safetensors', 'README.md', MANIFEST])
def test_what_did_not_arrive_is_not_called_done(run, hub, name):
    hub.lose = name
    with pytest.raises(OSError, match=f'is not complete: the Hub has not, or has otherwise, {name}. Push'):
        run.push('mira/faq', upload=True)
    hub.lose = ''
    run.push('mira/faq', upload=True, force=name==MANIFEST) # Without it nothing says whose the files are
    assert there(hub)==here(run)

def test_from_a_terminal(run, hub, ftkit):
    "A dry run unless it says `--yes`; in a process of its own, told where the Hub is by its environment"
    code,found,_ = ftkit('push', run.path, 'mira/faq', '--json')
    assert (code, found['url'], found['public'])==(0, '', False) and found['files'] and not hub.repos
    env = os.environ|dict(HF_ENDPOINT=hub.url, HF_TOKEN=TOKEN, HF_HUB_DISABLE_XET='1', HF_HUB_OFFLINE='0',
                          PYTHONPATH=str(ROOT))
    def cold(*words): return subprocess.run([sys.executable, '-m', 'ftkit', 'push', str(run.path), *words],
                                            env=env, capture_output=True, text=True, timeout=120)
    done = cold('mira/faq', '--yes', '--json')
    assert done.returncode==0, done.stderr
    assert json.loads(done.stdout)['url']==f'{hub.url}/mira/faq' and there(hub)==here(run)
    wrong = cold('other/faq', '--yes')
    assert wrong.returncode==2 and '403' in wrong.stderr and 'Traceback' not in wrong.stderr
