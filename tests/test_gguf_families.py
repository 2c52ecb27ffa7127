"""A tiny model of each family that is written as GGUF: llama.cpp cuts a prompt, answers and expects as transformers does.

`benchmarks/gguf_oracle.py` compares the same files with those of llama.cpp's own converter."""
from dataclasses import replace

import pytest
from tiny_models import MODELS, make_model, run_gguf
from ftkit.weights import families
from ftkit.weights.gguf import write_gguf
from ftkit.weights.summed import summed

pytest.importorskip('xllamacpp')

def written(name, folder, called='tickets', **more):
    tok,model = make_model(name, folder, **more)
    write_gguf(summed(folder), model.config.to_dict(), folder, folder/'a.gguf', 'f32', (tok.eos_token_id,), called)
    return tok,model,folder/'a.gguf'

def is_alike(o): return o['prompt'] and o['greedy'] and o['apart']<.01

@pytest.mark.parametrize('name', MODELS)
def test_alike(tmp_path, name):
    found = run_gguf(*written(name, tmp_path))
    assert is_alike(found), found

def test_the_name_of_a_run_changes_nothing(tmp_path):
    "llama.cpp drops blanks, and wants tokens, by the name of a model"
    assert is_alike(run_gguf(*written('qwen2', tmp_path, 'phi3-tickets')))

@pytest.mark.parametrize('name', ['gemma2', 'gemma3'])
def test_norms_without_the_one_that_is_added(tmp_path, monkeypatch, name):
    "The file opens, and is not the model"
    family = next(k for k,o in families.FAMILIES.items() if o.arch==name)
    monkeypatch.setitem(families.FAMILIES, family, replace(families.FAMILIES[family], norm_plus=0.))
    found = run_gguf(*written(name, tmp_path))
    assert found['apart']>.5 and not found['greedy'] and found['prompt'], found

def test_queries_and_keys_as_they_were(tmp_path, monkeypatch):
    monkeypatch.setitem(families.FAMILIES, 'mistral', replace(families.FAMILIES['mistral'], permuted=False))
    assert run_gguf(*written('mistral', tmp_path))['apart']>.5

@pytest.mark.parametrize('name,more', [('phi3', dict(sliding_window=32)), ('mistral', dict(sliding_window=32)),
                                       ('phi3_long', dict(original_max_position_embeddings=32))])
def test_no_more_is_asked_than_both_compute_alike(tmp_path, name, more):
    with pytest.raises(RuntimeError, match='context size'): run_gguf(*written(name, tmp_path, **more))
