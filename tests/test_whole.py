"""`lora.modules_to_save`: embeddings and head that are learned whole go through training, resuming,
merging, evaluation and export."""
import time
from dataclasses import replace

import ftkit as ft
import pytest
from faults_lib import kill, make_rows, outcome, settle
from ftkit.launch.create import create
from ftkit.launch.start import resume, start
from ftkit.model.adapter import load_adapter
from ftkit.model.fits import estimate_run
from ftkit.model.load import load_model
from ftkit.model.merge import merge_adapter
from ftkit.model.names import load_tokenizer, resolve
from ftkit.model.parameters import adapter_parameters
from ftkit.model.shapes import config_of, shape_of

pytest.importorskip('trl')

@pytest.fixture(scope='module')
def home(own_cache):
    cfg = make_rows(own_cache/'rows', light=True)
    cfg = replace(cfg, test='test.jsonl', max_steps=6, eval_steps=3, save_steps=0)
    return own_cache/'rows',replace(cfg, lora=replace(cfg.lora, modules_to_save='embed_tokens,lm_head'))

@pytest.fixture(scope='module')
def whole(home):
    run = start(create(home[1], home[0]/'whole', base=home[0]))
    assert settle(run)['state']=='finished', run.log_tail()
    return run

def table(folder):
    "The embeddings and the head of an adapter's folder"
    from safetensors.torch import load_file
    held = load_file(folder/'adapter_model.safetensors')
    return [v for k,v in held.items() if k.endswith(('embed_tokens.weight', 'lm_head.weight'))]

def test_one_table_is_learned_as_embeddings_and_head(whole):
    "The tiny model shares its weights: what is kept is one table, in 32 bits, and other than the model's"
    import torch
    one,two = table(whole.path/'adapter')
    before = load_model(resolve('tiny-random')).get_input_embeddings().weight.float()
    assert torch.equal(one, two) and one.dtype==torch.float32 and (one-before).abs().max()>1e-3
    assert any('learned whole' in o for o in whole.environment['notes'])
    shape = shape_of(config_of('tiny-random'))
    assert whole.environment['trainable']==before.numel()+adapter_parameters(shape)

def test_memory_counts_the_table(home):
    "Weights, gradient and two averages: sixteen bytes for each of its numbers"
    cfg = home[1]
    without = replace(cfg, lora=replace(cfg.lora, modules_to_save=''), special_tokens='<a>')
    more = [estimate_run(o, correct=False, device='cpu').phases['train'] for o in (cfg, without)]
    n = 1024*64-64
    assert sum(more[0][o]-more[1][o] for o in ('adapter', 'gradients', 'optimizer'))==16*n

def test_a_run_that_was_killed_ends_as_the_undisturbed_one(home, whole):
    import random
    run = start(create(home[1], home[0]/'killed', base=home[0]))
    while run.status()['step']<4 and run.alive: time.sleep(.05)
    kill(run, 'process', random.Random(0))
    settle(run)
    assert settle(resume(run))['state']=='finished', run.log_tail()
    assert outcome(run)['adapter']==outcome(whole)['adapter']

def test_answers_are_the_same_from_the_run_the_export_and_merged(whole):
    whole.evaluate(max_new_tokens=8)
    folder = whole.export()
    assert 'every answer was the one that was evaluated' in (folder/'README.md').read_text()
    tok = load_tokenizer(str(folder))
    model = load_adapter(load_model(resolve('tiny-random'), dtype='fp32'), folder)
    assert merge_adapter(model, tok, [tok('Hello')['input_ids']], 8)['left']>.99

def test_new_tokens_are_rows_of_the_table(home):
    cfg = replace(home[1], special_tokens='<a>,<b>', dtype='bf16', max_steps=2, min_steps=0, eval_steps=2)
    run = start(create(cfg, home[0]/'new', base=home[0]))
    assert settle(run)['state']=='finished', run.log_tail()
    had = len(load_model(resolve('tiny-random')).get_input_embeddings().weight)
    assert [len(o) for o in table(run.path/'adapter')]==[had+2]*2
    back = load_adapter(load_model(resolve('tiny-random')), run.export()).get_base_model()
    assert len(back.get_input_embeddings().weight)==had+2==len(back.get_output_embeddings().weight)

def test_what_is_refused(home):
    base,cfg = home
    with pytest.raises(ValueError, match='norm is neither'):
        create(replace(cfg, lora=replace(cfg.lora, modules_to_save='norm')), base/'norm', base=base)
    with pytest.raises(ValueError, match='full fine-tuning has no adapter'): replace(cfg, method='full')
    with pytest.raises(TypeError, match="'lora.modules_to_save'"):
        ft.RunConfig('m', 't.jsonl', modules_to_save='x')
