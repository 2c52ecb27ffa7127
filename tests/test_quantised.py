"""The adapter of a 4-bit model is summed with both of its bases; the sum that answers as evaluated stays."""
import json
from dataclasses import replace

import pytest
from faults_lib import make_rows, settle
from ftkit.launch.create import create
from ftkit.launch.start import start
from ftkit.sharing import forms
from ftkit.weights.tensors import stored_tensors

pytest.importorskip('trl')
pytest.importorskip('xllamacpp')

@pytest.fixture(scope='module')
def run(own_cache):
    "Trained beside 4 bits, on this machine's CPU, and evaluated so"
    cfg = make_rows(own_cache/'rows', light=True)
    cfg = replace(cfg, test='test.jsonl', method='qlora', max_steps=2, eval_steps=2, save_steps=0,
                  dtype='fp32', learning_rate=.03, warmup_ratio=0, samples=0)
    run = start(create(cfg, own_cache/'run', base=own_cache/'rows'))
    assert settle(run)['state']=='finished', run.log_tail()
    run.evaluate(max_new_tokens=4, general=False)
    return run

def here(run, folder, *args):
    "The process of an export, in this one: what the table holds, and the card"
    forms.run_form(run.path, folder, *args)
    return json.loads((folder/'equality.json').read_text()),(folder/'README.md').read_text()

@pytest.mark.parametrize('form', ['merged', 'gguf'])
def test_the_numbers_it_was_trained_beside_are_nearer(run, tmp_path, form):
    o,card = here(run, tmp_path/'out', form)
    bases = o['bases']
    assert o['made']['base']=='dequantised' and o['found']==bases['dequantised']
    assert bases['dequantised']['kl']<1e-8<bases['original']['kl']
    name = forms._Form(run, form).name
    for o in ('dequantised base (kept)', 'original base'): assert f'| {name}, on the {o} |' in card
    assert 'summed with the dequantised base, and not with the other, because of: KL' in card
    assert not [o for o in (tmp_path/'out').iterdir() if o.is_dir()]
    if form=='gguf': return
    assert {o.dtype for o in stored_tensors(tmp_path/'out').values()}<={'F32', 'F16', 'BF16'}
    assert 'quantization_config' not in json.loads((tmp_path/'out/config.json').read_text())

def test_the_original_is_kept_where_it_is_nearer(run, tmp_path, monkeypatch):
    "As if the evaluated answers had come from a model that was never quantised"
    real = forms.load_model
    monkeypatch.setattr(forms, 'load_model', lambda name, pin='', method='lora', *a, **kw:
                        real(name, pin, 'lora', *a, **kw))
    o,card = here(run, tmp_path/'out', 'merged')
    assert o['made']['base']=='original' and 'on the original base (kept)' in card
    assert o['bases']['original']['kl']<1e-8<o['bases']['dequantised']['kl']

def test_a_base_that_cannot_be_had_is_told(run, tmp_path, monkeypatch):
    def gone(*_): raise ValueError('its folder has no tensor of that name.')
    monkeypatch.setattr(forms, 'dequantised', gone)
    o,card = here(run, tmp_path/'out', 'merged')
    assert o['made']['base']=='original' and [*o['bases']]==['original']
    assert 'With the dequantised base it could not be summed: its folder has no tensor' in card
