"The loss of each row on first sight: what it is, that keeping it changes nothing, and what a file may say."
import json, os, shutil
from dataclasses import replace

import ftkit as ft
import pytest
from faults_lib import learned_hash, settle, standing, start_until
from ftkit.launch.create import create
from ftkit.launch.start import resume, start
from ftkit.model.load import load_model
from ftkit.model.names import load_tokenizer
from ftkit.model.rows import IGNORE
from ftkit.model.tokens import kept_rows, tokenize
from ftkit.run.log import RunLog
from ftkit.run.sight import SIGHT_FILE, first_sight
from ftkit.training.sights import sight_keeper
from ftkit.training.trainer import build, casting

torch = pytest.importorskip('torch')
pytest.importorskip('trl')

@pytest.fixture(scope='module')
def rows(own_cache):
    tok = load_tokenizer('tiny-random')
    return dict(train=tokenize(ft.load(ft.sample(), limit=13), tok, 1024))

def config(**more):
    return ft.RunConfig('tiny-random', 'train.jsonl', **dict(
        batch_size=4, num_train_epochs=2, per_device_train_batch_size=2, learning_rate=1e-2, eval_steps=0,
        early_stopping_patience=0, dtype='fp32', max_length=1024, samples=0)|more)

def trained(rows, cfg, folder, keep=True):
    "A trainer after training, and what it saw first: row → `(step, loss, tokens, peak)`"
    folder.mkdir()
    t = build(rows, cfg, 'tiny-random', folder, save_strategy='no')
    if keep: t.add_callback(sight_keeper(RunLog(folder, 1, os.getpid()), t))
    with casting(t.model): t.train()
    lines = [json.loads(o) for o in (folder/SIGHT_FILE).read_text().splitlines()] if keep else []
    assert len({o['row'] for o in lines})==len(lines)
    return t,{o['row']:(o['step'], o['loss'], o['tokens'], o['peak']) for o in lines}

PACKED = dict(packing=True, batch_size=2)
@pytest.mark.parametrize('kernels,more', [('auto', {}), ('auto', PACKED), ('auto', dict(method='full')),
                                          ('plain', {}), ('plain', PACKED)])
def test_it_is_the_loss_of_the_weights_that_had_not_seen_the_row(rows, tmp_path, kernels, more):
    "Those of the first step are of the base model; keeping them changes no bit of what is learned"
    cfg = config(kernels=kernels, **more)
    t,found = trained(rows, cfg, tmp_path/'a')
    plain,_ = trained(rows, cfg, tmp_path/'b', keep=False)
    assert plain.first is None # Of a trial, nothing is kept
    assert learned_hash(t.model)==learned_hash(plain.model)
    assert [o.get('loss') for o in t.state.log_history]==[o.get('loss') for o in plain.state.log_history]
    assert sorted(found)==[*range(13)]
    steps = sorted({o[0] for o in found.values()})
    assert steps==[*range(1, -(-len(t.train_dataset)//cfg.batch_size)+1)]
    base,table = load_model('tiny-random', '', 'lora', 'fp32').eval(),rows['train'].table
    for i,(step,loss,n,peak) in found.items():
        ids,labels = (torch.tensor(table[k][i].as_py()) for k in ('input_ids', 'labels'))
        with torch.no_grad(): z = base(input_ids=ids[None]).logits[0, :-1]
        each = torch.nn.functional.cross_entropy(z, labels[1:], ignore_index=IGNORE, reduction='none')
        learned = each[labels[1:]!=IGNORE]
        assert n==len(learned)
        if step>1: continue
        assert (loss, peak)==(pytest.approx(float(learned.mean()), rel=1e-3),
                              pytest.approx(float(learned.max()), rel=1e-3))

@pytest.fixture(scope='module')
def place(own_cache):
    ft.load(ft.sample(), limit=26).save(own_cache/'train.jsonl')
    return own_cache

CFG = config(save_steps=2, max_steps=8)

@pytest.fixture(scope='module')
def whole(place):
    run = start(create(CFG, place/'whole', base=place))
    assert settle(run)['state']=='finished', run.log_tail()
    return run

def test_a_run_keeps_every_row(whole):
    got,kept = first_sight(whole),kept_rows(whole.path/'tokens/train.arrow')
    assert len(got)==len(kept) and None not in got and not got.unread
    assert sum(o['tokens'] for o in got)==kept.learned
    assert {o['step'] for o in got}=={*range(1, -(-len(got)//4)+1)} # The last steps are of the second epoch

def test_seen_again_from_a_checkpoint_it_is_the_same(place, whole):
    run = start_until(create(CFG, place/'killed', base=place), 5)
    os.kill(standing(run, 5), 9)
    while run.alive: pass
    before = (run.path/SIGHT_FILE).read_bytes()
    assert settle(resume(run))['state']=='finished', run.log_tail()
    after = (run.path/SIGHT_FILE).read_bytes()
    assert after.startswith(before) and after.count(b'\n')>len(first_sight(run)) # It only grew
    assert first_sight(run)==first_sight(whole)

def test_a_short_run_has_none_for_what_it_did_not_see(place, whole):
    run = start(create(replace(CFG, max_steps=2), place/'short', base=place))
    assert settle(run)['state']=='finished', run.log_tail()
    seen = [i for i,o in enumerate(first_sight(run)) if o]
    # Its learning rate falls faster, and the first step is made at the same one
    assert len(seen)==8 and [i for i,o in enumerate(first_sight(whole)) if o['step']<3]==seen

LINE = dict(row=0, step=1, loss=1, tokens=1, peak=1)
ODD = ['{"row":', '[]', '{}', '['*9999, *(json.dumps(LINE|o) for o in (
    dict(row=-1), dict(row=99_999_999), dict(row=True), dict(row=None), dict(step=0), dict(step=2**60),
    dict(loss=float('nan')), dict(loss=float('inf'), peak=float('inf')), dict(loss='<b>'), dict(loss=3),
    dict(tokens=0), dict(tokens=1.5), dict(peak=[])))]
ODD.append(ODD[-1].replace('"tokens": 1,', '"tokens": '+'9'*5000+','))

def test_a_strangers_file_is_not_believed(place, whole, tmp_path):
    path = shutil.copytree(whole.path, tmp_path/'odd')
    want = first_sight(whole)
    with open(path/SIGHT_FILE, 'a') as f: f.write('\n'.join(ODD)+'\n')
    got = first_sight(ft.Run(path))
    assert got==want and len(got.unread)==len(ODD) and all(len(o.reason)<300 for o in got.unread)
    (path/SIGHT_FILE).unlink()
    assert first_sight(ft.Run(path))==[None]*len(want)
    (path/SIGHT_FILE).symlink_to('/etc/passwd')
    with pytest.raises(ValueError, match='is a link'): first_sight(ft.Run(path))
    for n in (-1, 10**15, True, '9'):
        told = json.loads((path/'environment.json').read_text())
        told['counts']['train']['rows'] = n
        (path/'environment.json').write_text(json.dumps(told))
        with pytest.raises(ValueError, match='damaged'): first_sight(ft.Run(path))
