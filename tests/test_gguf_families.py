"""A tiny model of each family that is written as GGUF: in llama.cpp it is what it is in transformers.

`benchmarks/gguf_oracle.py` compares the same files with those of llama.cpp's own converter."""
from dataclasses import replace
from types import SimpleNamespace

import pytest
from tiny_models import MODELS, make_model, run_gguf
from ftkit.data.convert import to_example
from ftkit.data.gather import examples_of
from ftkit.evaluation.score import asked_of
from ftkit.sharing import forms
from ftkit.sharing.equality import THRESHOLDS, compare_heard, misses
from ftkit.sharing.heard import hear_model
from ftkit.sharing.runtime import hear_server, llama_server
from ftkit.weights import families, vocabulary
from ftkit.weights.gguf import write_gguf
from ftkit.weights.summed import summed

pytest.importorskip('xllamacpp')

def written(name, folder, called='tickets', **more):
    tok,model = make_model(name, folder, **more)
    write_gguf(summed(folder), model.config.to_dict(), folder, folder/'a.gguf', 'f32', (tok.eos_token_id,),
               called)
    return tok,model,folder/'a.gguf'

def is_alike(o): return o['prompt'] and o['greedy'] and o['apart']<.01

@pytest.mark.parametrize('name', MODELS)
def test_alike(tmp_path, name):
    found = run_gguf(*written(name, tmp_path))
    assert is_alike(found), found

def test_the_name_of_a_run_changes_nothing(tmp_path):
    "llama.cpp drops blanks, and wants tokens, by the name of a model"
    assert is_alike(run_gguf(*written('qwen2', tmp_path, 'phi3-tickets')))

def step_named(monkeypatch, tok, model, path, said):
    "Ask the file what the model would be asked after an export, which fails; the step that is named"
    rows = examples_of([to_example(dict(prompt=f'Say {i}: où  est-ce, 12 345?', completion='a'), i, 'n')
                        for i in range(2)], 'n')
    asked,was = asked_of(rows, task='short'),hear_model(model, tok, rows, 8)
    with llama_server(path, 96) as url: now = hear_server(url, rows, 8, was)
    assert misses(compare_heard(asked, was, now), THRESHOLDS['f32'])
    monkeypatch.setattr(forms, '_sum', lambda run: said)
    f = SimpleNamespace(is_gguf=True, tok=tok, threshold=THRESHOLDS['f32'], quant='f32', compute='fp32',
                        run=None, tell=lambda *_: None)
    return forms._first_step(f, path.parent, (asked, None, 8), was, now)

@pytest.mark.parametrize('name', ['gemma2', 'gemma3'])
def test_norms_without_the_one_that_is_added(tmp_path, monkeypatch, name):
    "The file opens, and is not the model"
    family = next(k for k,o in families.FAMILIES.items() if o.arch==name)
    monkeypatch.setitem(families.FAMILIES, family, replace(families.FAMILIES[family], norm_plus=0.))
    found = run_gguf(*(o := written(name, tmp_path)))
    assert found['apart']>.5 and not found['greedy'] and found['prompt'], found
    assert step_named(monkeypatch, *o, (summed(tmp_path), tmp_path))=='conversion'

def test_another_base(tmp_path, monkeypatch):
    "Of the same shape, and with other weights"
    tok,model,path = written('gemma2', tmp_path/'right')
    make_model('gemma2', other := tmp_path/'other', seed=1, vocab_size=model.config.vocab_size)
    write_gguf(summed(other), model.config.to_dict(), tmp_path/'right', path, 'f32', (tok.eos_token_id,))
    assert step_named(monkeypatch, tok, model, path, (summed(other), other))=='merge'

def test_another_tokenizer(tmp_path, monkeypatch):
    "Where the template writes the token that opens a text, llama.cpp leaves it out of the text"
    monkeypatch.setattr(vocabulary, '_spaced', lambda *_: False)
    assert step_named(monkeypatch, *written('mistral', tmp_path), None)=='tokenizer'

def test_queries_and_keys_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setitem(families.FAMILIES, 'mistral', replace(families.FAMILIES['mistral'], permuted=False))
    assert run_gguf(*written('mistral', tmp_path))['apart']>.5

@pytest.mark.parametrize('name,more', [
    ('phi3', dict(sliding_window=32)), ('mistral', dict(sliding_window=32)),
    ('phi3_long', dict(original_max_position_embeddings=32))])
def test_no_more_is_asked_than_both_compute_alike(tmp_path, name, more):
    with pytest.raises(RuntimeError, match='context size'): run_gguf(*written(name, tmp_path, **more))
