"""A run that is handed over and carried out again: the same where nothing changed, and where something did,
the level at which it did."""
import json, os, shutil, zipfile
from pathlib import Path

import pytest
from faults_lib import trained_run
from ftkit.run.folder import Run
from ftkit.sharing.rerun import Rerun, rerun
from ftkit.sharing.unpacked import unpack

pytest.importorskip('trl')

@pytest.fixture(scope='module')
def run(own_cache):
    "A run that was trained, and evaluated on few tokens; with decisions of a reviewer beside its rows"
    def reviewed(rows):
        first = json.loads((rows/'train.jsonl').read_text().splitlines()[0])
        line = dict(v=1, id=first['id'], hash=first['hash'], verdict='keep', reviewer='anna', t=1, key='a')
        (rows/'review.jsonl').write_text(json.dumps(line)+'\n')
    return trained_run(own_cache, reviewed)

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
    assert verdicts['metrics', 'tuned field_score on test']=='same'
    assert verdicts['data', 'the decisions, carried out']=='same'
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
    assert found.cause.level=='environment'
    assert found.cause.why==f"tokenizers was {real['tokenizers']} and is 9.9"
    monkeypatch.setattr(provenance_machine, 'package_versions', lambda: real)
    monkeypatch.setattr(provenance_machine, 'cpu_name', lambda: 'another')
    found = quick(folder) # No fault by itself: it moves the tolerance
    assert found.outcome=='same' and found.levels['environment']=='other'

def spoiled(folder):
    "Another adapter of the same shape"
    from safetensors.numpy import load_file, save_file
    p = folder/'adapter/adapter_model.safetensors'
    held = {k:-v if 'lora_B' in k else v for k,v in load_file(p).items()}
    save_file(held, p, metadata=dict(format='pt'))

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
    asked = again._again('test')
    other = [*again._answer_lines('test', asked), *again._metric_lines('test', asked)]
    assert {o.verdict for o in other if o.level=='answers'}=={'same', 'other'}
    assert {o.verdict for o in other if o.level=='metrics'}<={'same', 'within', 'drift'}
    again.told['spread'] = dict(test=dict(tuned=dict.fromkeys(again.was['test'][0]['models']['tuned'], 2.)))
    far = [o for o in again._metric_lines('test', asked) if o.verdict not in ('same', 'within')]
    assert not [o for o in far if abs(o.now-o.recorded)<=2]
    code,found,_ = ftkit('rerun', folder, '--model', folder, '--json') # No model is there
    assert code==1 and found['cause']['level']=='adapter'
    assert found['levels']['config']==found['levels']['answers']=='cannot'

def test_answers_that_were_edited(folder):
    put(folder/'evals/test/tuned.jsonl', lambda o: o.replace('"stopped": false', '"stopped": true'))
    assert quick(folder).outcome=='same' # Not looked at yet
    lines = Rerun(folder)._files
    assert [(o.level, o.what) for o in lines]==[('answers', 'evals/test/tuned.jsonl')]

def test_recipe_and_file_of_before_are_carried_out_again(run, own_cache, tmp_path, ftkit):
    "And a recipe that would drop other rows is found, beside the hash of its file"
    import ftkit as ft
    ft.load(ft.sample(), limit=40).save(tmp_path/'tickets.jsonl')
    (tmp_path/'recipe.yaml').write_text('drop: [empty]\n')
    path = tmp_path/'run.zip'
    code,said,_ = ftkit('pack', run.path, '--out', path, '--recipe', tmp_path/'recipe.yaml', '--data',
                        tmp_path/'tickets.jsonl', '--json')
    assert code==0 and said['file']==str(path)
    folder = unpack(path, tmp_path/'record')
    found = {o.what:o for o in quick(folder) if 'carried out' in o.what}
    assert len(found)==3 and {o.verdict for o in found.values()}=={'same'}
    assert found['the file of before, carried out'].now=='rows_in 40, kept 40, dropped 0, of 40, found 40'
    (folder/'inputs/recipe.yaml').write_text('drop: [too-long]\nmax_length: 3\n')
    odd = [o for o in quick(folder) if o.verdict=='drift']
    assert {o.level for o in odd}=={'data'} and odd[-1].what=='inputs/recipe.yaml'
    assert any(o.what=='the recipe, carried out' and 'kept was 31 and is 0' in o.why for o in odd)

def test_a_private_record(run, tmp_path, ftkit, monkeypatch):
    "Says what is missing; with the rows that were left out it is the same, by the hashes of the answers"
    import ftkit.sharing.rerun as sharing_rerun
    def answered_by(source, copy): # As `evaluate` would, which other tests ask
        shutil.copytree(source/'evals/test', copy.path/'evals/test', dirs_exist_ok=True)
        return json.loads((copy.path/'evals/test/summary.json').read_text())
    monkeypatch.setattr(sharing_rerun, 'evaluate', lambda copy, split, **how: answered_by(run.path, copy))
    path = run.pack(tmp_path/'private.zip', private=True)
    code,found,_ = ftkit('rerun', path, '--json')
    assert code==4 and found['outcome']=='cannot' and found['levels']['answers']=='cannot'
    assert 'Name the data.jsonl' in found['lines'][0]['why']
    found = rerun(path, rows=run.path)
    assert found.outcome=='same' and found.levels['answers']=='same'
    other = run.path.parent/'other'
    shutil.copytree(run.path, other)
    put(other/'evals/test/tuned.jsonl', lambda o: o.replace('"answer": "', '"answer": "x', 1))
    put(other/'evals/test/summary.json', lambda o: json.dumps(json.loads(o)|dict(digests={})))
    monkeypatch.setattr(sharing_rerun, 'evaluate', lambda copy, split, **how: answered_by(other, copy))
    odd = rerun(path, rows=run.path).cause
    assert (odd.level, odd.what, odd.why)==('answers', 'tuned on test', '1 of 5 answers are others')
    shutil.copy(run.path/'data.jsonl', tmp_path/'data.jsonl')
    put(tmp_path/'data.jsonl', lambda o: o.replace('kettle', 'bottle'))
    assert quick(path, rows=tmp_path/'data.jsonl').cause.level=='data'

def test_what_is_missing_and_what_is_wrong(folder, own_cache, tmp_path, ftkit):
    config,record = folder/'config.yaml',folder/'record.json'
    put(config, lambda o: o.replace('model: tiny-random', 'model: my-model'))
    put(record, lambda o: o.replace('"model_folder": ""', '"model_folder": "my-model"'))
    found = quick(folder)
    assert 'Name yours with --model' in next(o.why for o in found if o.what=='model')
    lines = {o.what:o for o in quick(folder, model=own_cache/'cache/tiny-random')}
    assert lines['model'].verdict==lines['settings'].verdict=='same'
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

# A notebook beside its folder

def outputs(path):
    "What a notebook shows, cell by cell"
    cells = json.loads(path.read_text())['cells']
    def text(o): return ''.join(o.get('text') or o['data']['text/plain'])
    return {''.join(c['source']).splitlines()[-1]:''.join(map(text, c['outputs'])) for c in cells
            if c['cell_type']=='code'}

def test_a_notebook_reads_without_a_kernel_and_runs_from_top_to_bottom(run, tmp_path, ftkit, monkeypatch):
    import nbformat
    from nbclient import NotebookClient
    code,said,_ = ftkit('notebook', run.path, '--out', tmp_path/'repeat.ipynb', '--json')
    path = Path(said['notebook'])
    assert code==0 and all((tmp_path/'repeat'/o).is_file() for o in ('data.jsonl', 'constraints.txt'))
    nb = nbformat.read(path, 4)
    nbformat.validate(nb)
    shown = outputs(path)
    assert 'tuned against base' in shown['again.found()'] and 'reference' in shown['print(again.shown())']
    assert 'train rows' in shown['again.data()'] and not shown['again.answers()']
    assert 'nothing was asked again yet' in shown['again.drift()']
    NotebookClient(nb, timeout=280, resources=dict(metadata=dict(path=str(tmp_path)))).execute()
    nbformat.write(nb, tmp_path/'executed.ipynb')
    now = outputs(tmp_path/'executed.ipynb')
    assert now['again.drift()'].startswith('run: the same as recorded')
    assert '5 the same' in now['again.answers()']
    assert {k:v for k,v in now.items() if k in ('again.data()', 'again.found()')}.items()<=shown.items()
    run.notebook(path) # Nothing was edited, so it is written again
    (tmp_path/'repeat/mine.txt').write_text('mine')
    with pytest.raises(FileExistsError, match='holds something else'): run.notebook(path)

def test_a_notebook_of_a_private_run_quotes_nothing(run, tmp_path):
    path = run.notebook(tmp_path/'repeat.ipynb', private=True)
    row,answer = run.rows('test')[0],run.answers()['tuned'][0]['answer']
    files = [p for p in (tmp_path/'repeat').rglob('*') if p.is_file() and p.suffix!='.safetensors']
    text = ''.join(p.read_text() for p in (path, *files))
    for o in (row.messages[1]['content'], row.answer, answer):
        assert json.dumps(o)[1:-1] not in text and o not in text
    assert 'tuned against base' in text and quick(path).levels['data']=='cannot'
    assert quick(path, rows=run.path).outcome=='same'
