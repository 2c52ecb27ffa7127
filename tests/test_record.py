"""A run that is handed over and carried out again: the same where nothing changed, and where something did, the
level at which it did."""
import json, os, shutil, zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from faults_lib import make_rows, settle
from ftkit.launch.create import create
from ftkit.launch.start import start
from ftkit.run.folder import Run
from ftkit.sharing.rerun import Rerun, rerun
from ftkit.sharing.unpacked import unpack

pytest.importorskip('trl')

@pytest.fixture(scope='module')
def run(own_cache):
    "A run that was trained, and evaluated on few tokens; with decisions of a reviewer beside its rows"
    cfg = make_rows(own_cache/'rows', light=True)
    first = json.loads((own_cache/'rows/train.jsonl').read_text().splitlines()[0])
    line = dict(v=1, id=first['id'], hash=first['hash'], verdict='keep', reviewer='anna', t=1, key='a', comment='')
    (own_cache/'rows/review.jsonl').write_text(json.dumps(line)+'\n')
    cfg = replace(cfg, test='test.jsonl', max_steps=4, eval_steps=2, save_steps=0, dtype='fp32',
                  learning_rate=.03, warmup_ratio=0)
    run = start(create(cfg, own_cache/'run', base=own_cache/'rows'))
    assert settle(run)['state']=='finished', run.log_tail()
    run.evaluate(max_new_tokens=8, general=False)
    return run

@pytest.fixture(scope='module')
def packed(run, own_cache): return run.pack(own_cache/'run.zip')

@pytest.fixture
def folder(packed, tmp_path): return unpack(packed, tmp_path/'record')

def quick(source, **kw):
    "All but what takes a model"
    return Rerun(source, **kw).drift(ask=False)

def put(path, f):
    path.write_text(f(path.read_text()))
    return path

def test_elsewhere_it_is_the_same(packed, run, tmp_path, tiny_cache, monkeypatch, ftkit):
    "From one file alone, with another cache, and without the folder it came from"
    shutil.copytree(tiny_cache, tmp_path/'cache')
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    monkeypatch.chdir(tmp_path)
    before = {p:p.stat().st_mtime_ns for p in run.path.rglob('*')}
    code,found,err = ftkit('rerun', packed, '--train', '--json')
    assert (code, found['outcome'], found['cause'])==(0, 'same', None), err
    verdicts = {(o['level'], o['what']):o['verdict'] for o in found['lines']}
    assert verdicts['adapter', 'trained once more']==verdicts['answers', 'tuned on test']=='same'
    assert verdicts['data', 'the decisions, carried out']==verdicts['metrics', 'tuned field_score on test']=='same'
    assert [*found['levels']]==['data', 'config', 'environment', 'adapter', 'answers', 'metrics']
    assert {p:p.stat().st_mtime_ns for p in run.path.rglob('*')}==before and os.listdir(tmp_path)==['cache']

def test_a_row_that_was_edited(folder, packed, tmp_path, ftkit):
    "Named by its place, in a folder and in a pack"
    lines = (folder/'data.jsonl').read_text().splitlines(keepends=True)
    row = json.loads(lines[2])
    row['messages'][-1]['content'] += ' and more'
    lines[2] = json.dumps(row)+'\n'
    (folder/'data.jsonl').write_text(''.join(lines))
    found = quick(folder)
    assert found.outcome=='drift' and found.cause.level=='data' and found.cause.what=='train rows'
    assert f'the first: row 3, id {row["id"]}' in found.sentence()
    with zipfile.ZipFile(tmp_path/'edited.zip', 'w') as z:
        for p in sorted(folder.rglob('*')): z.write(p, p.relative_to(folder))
    code,_,err = ftkit('open', tmp_path/'edited.zip')
    assert code==2 and 'data.jsonl is not what was packed' in err and not (tmp_path/'edited').exists()
    assert quick(tmp_path/'edited.zip').cause.level=='data'

def test_a_setting_that_was_changed(folder, run, tmp_path):
    "After packing, and before it: then the checkpoint knows"
    put(folder/'config.yaml', lambda o: o.replace('seed: 42', 'seed: 43'))
    assert quick(folder).sentence()=='run: drift at config, seed: seed was 42 and is 43'
    shutil.copytree(run.path, tmp_path/'run')
    put(tmp_path/'run/config.yaml', lambda o: o.replace('learning_rate: 0.03', 'learning_rate: 0.02'))
    found = quick(tmp_path/'run')
    assert found.cause.level=='config' and found.cause.why=='learning_rate was 0.03 and is 0.02'

def test_another_version_of_a_library(folder, monkeypatch):
    import ftkit.provenance.machine as provenance_machine
    real = provenance_machine.package_versions()
    monkeypatch.setattr(provenance_machine, 'package_versions', lambda: real|dict(tokenizers='9.9'))
    found = quick(folder)
    assert found.cause.level=='environment' and found.cause.why==f"tokenizers was {real['tokenizers']} and is 9.9"
    monkeypatch.setattr(provenance_machine, 'package_versions', lambda: real)
    monkeypatch.setattr(provenance_machine, 'cpu_name', lambda: 'another')
    found = quick(folder) # No fault by itself: it moves the bar
    assert found.outcome=='same' and found.levels['environment']=='other'

def spoiled(folder):
    "Another adapter of the same shape"
    from safetensors.numpy import load_file, save_file
    p = folder/'adapter/adapter_model.safetensors'
    save_file({k:-v for k,v in load_file(p).items()}, p, metadata=dict(format='pt'))

def test_another_adapter_and_another_machine(folder, monkeypatch, ftkit):
    "Its answers are asked, and differ too; the adapter is what explains them"
    import ftkit.sharing.rerun as sharing_rerun
    spoiled(folder)
    again = Rerun(folder)
    found = again.drift()
    assert found.outcome=='drift' and found.cause.level=='adapter'
    assert found.levels['answers']=='drift' and found.levels['metrics'] in ('drift', 'same')
    odd = next(o for o in found if o.what=='tuned on test')
    assert odd.why.startswith('5 of 5 answers are others; the first: row ') and 'recorded ' in odd.why
    # As if it were another kind of machine: answers may differ, metrics within what is to be expected
    monkeypatch.setattr(sharing_rerun, 'same_kind', lambda *_: False)
    other = [*again._answer_lines('test', again._again('test')), *again._metric_lines('test', again._again('test'))]
    assert {o.verdict for o in other if o.level=='answers'}=={'same', 'other'}
    assert {o.verdict for o in other if o.level=='metrics'}<={'same', 'within', 'drift'}
    code,found,_ = ftkit('rerun', folder, '--model', folder, '--json') # No model is there
    assert code==1 and found['cause']['level']=='config'

def test_answers_that_were_edited(folder):
    put(folder/'evals/test/tuned.jsonl', lambda o: o.replace('"stopped": false', '"stopped": true'))
    assert quick(folder).outcome=='same' # Not looked at yet
    lines = Rerun(folder)._files
    assert [(o.level, o.what) for o in lines]==[('answers', 'evals/test/tuned.jsonl')]

def test_a_private_record(run, tmp_path, ftkit):
    "Says what is missing; with the rows that were left out it is the same"
    path = run.pack(tmp_path/'private.zip', private=True)
    code,found,_ = ftkit('rerun', path, '--json')
    assert code==4 and found['outcome']=='cannot' and found['levels']['answers']=='cannot'
    assert 'Name the data.jsonl' in found['lines'][0]['why']
    found = rerun(path, rows=run.path)
    assert found.outcome=='same' and found.levels['answers']=='same'
    put(shutil.copy(run.path/'data.jsonl', tmp_path/'data.jsonl') and tmp_path/'data.jsonl',
        lambda o: o.replace('kettle', 'bottle'))
    assert quick(path, rows=tmp_path/'data.jsonl').cause.level=='data'

def test_what_is_missing_and_what_is_wrong(folder, tmp_path, ftkit):
    config,record = folder/'config.yaml',folder/'record.json'
    put(config, lambda o: o.replace('model: tiny-random', 'model: my-model'))
    put(record, lambda o: o.replace('"model_folder": ""', '"model_folder": "my-model"'))
    found = quick(folder)
    assert 'Name yours with --model' in next(o.why for o in found if o.what=='model')
    for words in (('rerun', tmp_path/'none'), ('rerun', config), ('open', tmp_path/'none.zip')):
        assert ftkit(*words)[0]==2
    (folder/'ftkit_record.json').write_text('{}')
    assert ftkit('rerun', folder)[0]==2

def test_an_opened_run_is_a_run(folder, run):
    opened = Run(folder)
    assert opened.status()['state']=='finished' and opened.status()['resumable'] is False
    assert opened.rows('test').fingerprint==run.rows('test').fingerprint
    assert opened.summary()['stale']=='' and len(opened.answers()['tuned'])==5
    assert opened.events()[-1]['kind']==run.events()[-1]['kind'] and opened.report().is_file()
