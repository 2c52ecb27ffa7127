"""Labels scored in a tree over cached prompts, beside one plain forward pass for each, in many families of
models."""
import numpy as np, pytest
torch = pytest.importorskip('torch')
transformers = pytest.importorskip('transformers')
from ftkit.evaluation import likelihood as L

SMALL = dict(vocab_size=97, hidden_size=32, intermediate_size=48, num_hidden_layers=3, num_attention_heads=4,
             num_key_value_heads=2, head_dim=8, max_position_embeddings=512, pad_token_id=0, bos_token_id=1,
             eos_token_id=2,
             initializer_range=.3) # Far from uniform, so that a wrong mask shows
MORE = dict(
    Llama={}, Qwen2={}, Qwen3={}, SmolLM3={}, Olmo2={}, Granite={}, Mistral=dict(sliding_window=7),
    Phi3=dict(sliding_window=None),
    Gemma2=dict(sliding_window=7, layer_types=['sliding_attention', 'full_attention', 'sliding_attention']),
    Gemma3Text=dict(sliding_window=7, layer_types=['sliding_attention', 'sliding_attention',
                                                   'full_attention']))
PROMPTS = [[5, 9, 11, 4, 8, 30, 31, 7, 9, 9, 21, 22], [7], [9, 8, 3], [40, 41, 42, 43, 44, 45, 46, 47]]
TOKENS = [[10, 11], [10, 11, 12], [10], [], [20, 21, 22, 23, 24, 25, 26, 27, 28], [20, 5], [10, 11, 13, 2]]

def model_of(family, **more):
    config = getattr(transformers, family+'Config')(**SMALL|more)
    kind = {'Gemma3Text': 'Gemma3'}.get(family, family)
    torch.manual_seed(0)
    return getattr(transformers, kind+'ForCausalLM')(config).eval()

@pytest.mark.parametrize('attention', ['sdpa', 'eager'])
@pytest.mark.parametrize('family', MORE)
def test_trees_are_exact(family, attention):
    if (family, attention)==('Gemma2', 'sdpa'):
        pytest.skip('transformers computes Gemma 2 in eager mode only')
    model = model_of(family, attn_implementation=attention, **MORE[family])
    assert L._uses_trees(model, PROMPTS[0], TOKENS, [2, 3])
    want = np.array([L.plain_scores(model, o, TOKENS, [2, 3]) for o in PROMPTS])
    for most in (100, 4): # One tree, and several
        got = L._score_batch(model, PROMPTS, L._trees(TOKENS, most), [2, 3])
        assert np.abs(got-want).max()<1e-4

@pytest.mark.parametrize('family', MORE)
def test_prompts_that_begin_alike(family):
    model = model_of(family, **MORE[family])
    prompts = [[*range(5, 35), *o] for o in PROMPTS] # begins alike
    got = L._score_batch(model, prompts, L._trees(TOKENS), [2, 3])
    assert np.abs(got-[L.plain_scores(model, o, TOKENS, [2, 3]) for o in prompts]).max()<1e-4

def test_a_wrong_mask_is_seen(monkeypatch):
    monkeypatch.setattr(L, '_above', lambda tree: np.tri(len(tree.parents)+1, dtype=bool))
    for family in ('Llama', 'Gemma3Text'):
        assert not L._uses_trees(model_of(family, **MORE[family]), PROMPTS[0], TOKENS, [2, 3])

@pytest.mark.parametrize('family', MORE)
def test_answers_in_pieces(family):
    model = model_of(family, **MORE[family])
    rows,answers = [[1, *PROMPTS[0], *PROMPTS[3]], [1, 5, 6], [3, *PROMPTS[3]]],[15, 2, 8]
    for piece in (256, 4):
        got = L._score_rows(model, rows, answers, piece)
        for o,ids,n in zip(got, rows, answers):
            with torch.inference_mode():
                log_p = model(input_ids=torch.tensor([ids])).logits.log_softmax(-1)[0]
            want = [float(log_p[i-1, ids[i]]) for i in range(len(ids)-n, len(ids))]
            assert np.abs(o[-n:]-want).max()<1e-4 and not o[:-n].any()

@pytest.mark.parametrize('family', ['GPT2', 'Mamba'])
def test_other_families_are_scored_plainly(family):
    more = dict(n_embd=32, n_head=4, n_layer=2, n_positions=512) if family=='GPT2' else dict(state_size=4)
    config = getattr(transformers, family+'Config')(vocab_size=97, hidden_size=32, num_hidden_layers=2,
                                                    **more)
    kind = {'GPT2': 'GPT2LMHead'}.get(family, family+'ForCausalLM').replace('LMHead', 'LMHeadModel')
    torch.manual_seed(0)
    model = getattr(transformers, kind)(config).eval()
    assert not L._uses_trees(model, PROMPTS[0], TOKENS, [2, 3])

def test_half_precision_is_near():
    model = model_of('Llama')
    want = L._score_batch(model, PROMPTS, L._trees(TOKENS), [2, 3])
    half = model.to(torch.bfloat16)
    assert L._uses_trees(half, PROMPTS[0], TOKENS, [2, 3])
    assert np.abs(L._score_batch(half, PROMPTS, L._trees(TOKENS), [2, 3])-want).max()<.05*np.abs(want).max()
