"""Many prompts answered at once are answered as `generate` answers each of them: any length, any end, any
number of slots and threads."""
import random
from types import SimpleNamespace

import pytest

torch = pytest.importorskip('torch')
transformers = pytest.importorskip('transformers')
from ftkit.model.adapter import make_adapter
from ftkit.model.generate import generate
from ftkit.model.greedy import answer_all, ready
from ftkit.model.slots import why_not
from ftkit.model.sums import sum_once

LORA = dict(r=4, target_modules='all-linear', task_type='CAUSAL_LM')
SMALL = dict(vocab_size=96, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
             num_key_value_heads=1, head_dim=8, max_position_embeddings=256)

class Bytes:
    "A tokenizer for models of 96 tokens"
    pad_token_id,eos_token_id = 0,1
    def decode(self, ids, **kwargs): return ' '.join(map(str, ids))

def made(config):
    torch.manual_seed(0)
    return transformers.AutoModelForCausalLM.from_config(config).eval()

def chatty(): # Large weights, so that it does not say one word for ever
    return made(transformers.LlamaConfig(**SMALL, initializer_range=.6, tie_word_embeddings=False))

@pytest.fixture(scope='module')
def tiny(): return SimpleNamespace(model=chatty(), tok=Bytes())

def prompts_of(n, longest=60, start=(), vocab=96):
    "Rows of token ids, of all lengths up to `longest`, which begin alike"
    draw = random.Random(n)
    return [[*start, *(draw.randrange(5, vocab) for _ in range(draw.randint(1, longest)))] for _ in range(n)]

def alone(model, tok, prompts, limit, ends=()):
    "What `generate` says to each prompt by itself"
    return [generate(model, tok, [o], limit, ends)[0] for o in prompts]

def common_tokens(model, prompts, limit, n):
    "Tokens that a model says often, so that answers that end there end at all lengths"
    with torch.inference_mode():
        said = [t for o in prompts[:12] for t in model.generate(torch.tensor([o]), max_new_tokens=limit,
            do_sample=False,
                                                               pad_token_id=0, eos_token_id=None)[0,
            len(o):].tolist()]
    return sorted(set(said), key=lambda t: (-said.count(t), t))[3:3+n]

@pytest.mark.parametrize('start', ((), range(20, 60)))
def test_rows_of_any_length_that_end_anywhere(tiny, start):
    prompts = prompts_of(40, start=start)
    ends = common_tokens(tiny.model, prompts, 24, 6)
    want = alone(tiny.model, tiny.tok, prompts, 24, ends)
    assert len({o['tokens'] for o in want})>5
    for batch,loops in ((1, 1), (3, 1), (7, 2), (64, 1), (64, 3)):
        assert answer_all(tiny.model, tiny.tok, prompts, 24, ends, batch, loops=loops)==want, (batch, loops)

def test_all_end_at_once(tiny):
    prompts = prompts_of(9)
    want = alone(tiny.model, tiny.tok, prompts, 5, range(tiny.model.config.vocab_size))
    assert {(o['tokens'], o['stopped'], o['answer']) for o in want}=={(1, True, '')}
    assert answer_all(tiny.model, tiny.tok, prompts, 5, range(tiny.model.config.vocab_size), 4)==want

def test_none_ends(tiny):
    prompts,model,tok = prompts_of(9),chatty(),Bytes()
    tok.eos_token_id = model.generation_config.eos_token_id = None
    got = answer_all(model, tok, prompts, 30, batch=4)
    assert {(o['tokens'], o['stopped']) for o in got}=={(30, False)}
    for ids,o in zip(prompts, got):
        want = model.generate(torch.tensor([ids]), max_new_tokens=30, do_sample=False, pad_token_id=0)[0,
            len(ids):]
        assert o['answer']==tok.decode(want.tolist())

def test_one_token_one_prompt_none(tiny):
    prompts = prompts_of(5)
    assert answer_all(tiny.model, tiny.tok, prompts, 1)==alone(tiny.model, tiny.tok, prompts, 1)
    assert answer_all(tiny.model, tiny.tok, prompts[:1], 8)==alone(tiny.model, tiny.tok, prompts[:1], 8)
    assert answer_all(tiny.model, tiny.tok, [], 8)==[]

def test_same_prompts_and_prompts_within_prompts(tiny):
    prompts = [list(range(5, 5+n)) for n in (30, 30, 17, 18, 40, 40)]
    assert answer_all(tiny.model, tiny.tok, prompts, 9, batch=3)==alone(tiny.model, tiny.tok, prompts, 9)

def test_an_answer_longer_than_the_window_moves_it(tiny):
    prompts = prompts_of(6, longest=4)
    assert answer_all(tiny.model, tiny.tok, prompts, 90, batch=2)==alone(tiny.model, tiny.tok, prompts, 90)

@pytest.mark.parametrize('dtype', ('fp32', 'bf16'))
def test_with_an_adapter_and_it_stays_as_it_was(tiny, dtype):
    model = make_adapter(chatty().to(dict(fp32=torch.float32, bf16=torch.bfloat16)[dtype]), LORA, 1).eval()
    sum_once(model)
    torch.manual_seed(0)
    for n,p in model.named_parameters():
        if 'lora_B' in n: p.data.normal_(std=.1)
    prompts = prompts_of(12)
    before = {n:o.forward for n,o in model.named_modules() if 'forward' in vars(o)}
    got = answer_all(model, tiny.tok, prompts, 12, loops=2)
    assert {n:o.forward for n,o in model.named_modules() if 'forward' in vars(o)}==before
    if dtype=='fp32': assert got==alone(model, tiny.tok, prompts, 12)
    assert got==answer_all(model, tiny.tok, prompts, 12, loops=2)
    ids = torch.tensor([prompts[0]])
    with torch.inference_mode():
        want = model(ids).logits
        with ready(model) as inner: assert inner(ids).logits.equal(want)
        with model.disable_adapter(), ready(model) as inner: assert not inner(ids).logits.equal(want)

def test_progress_counts_up_to_all(tiny):
    for loops in (1, 2):
        seen = []
        answer_all(tiny.model, tiny.tok, prompts_of(20), 6, batch=4, on_done=seen.append, loops=loops)
        assert seen==sorted(seen) and seen[-1]==20

def test_asked_again_for_the_first_few_it_says_the_same(tiny):
    prompts = prompts_of(40)
    ends = common_tokens(tiny.model, prompts, 24, 6)
    for loops in (1, 2):
        want = answer_all(tiny.model, tiny.tok, prompts, 24, ends, 8, loops=loops)
        some = answer_all(tiny.model, tiny.tok, prompts, 24, ends, 8, loops=loops, first=6)
        assert 6<=sum(o is not None for o in some)<=20
        assert all(a is None or a==b for a,b in zip(some, want))

def test_what_goes_wrong_in_a_thread_is_raised_and_threads_are_as_before(tiny, monkeypatch):
    had = torch.get_num_threads()
    def broken(self, *args): raise RuntimeError('out of memory')
    monkeypatch.setattr('ftkit.model.greedy._Job.next', broken)
    with pytest.raises(RuntimeError, match='out of memory'):
        answer_all(tiny.model, tiny.tok, prompts_of(20), 6, loops=2)
    assert torch.get_num_threads()==had

KNOWN = dict(
    llama=lambda: transformers.LlamaConfig(**SMALL), qwen2=lambda: transformers.Qwen2Config(**SMALL),
    qwen3=lambda: transformers.Qwen3Config(**SMALL), gemma=lambda: transformers.GemmaConfig(**SMALL),
    mistral=lambda: transformers.MistralConfig(**SMALL, sliding_window=None),
    gpt2=lambda: transformers.GPT2Config(vocab_size=96, n_embd=16, n_layer=2, n_head=2, n_positions=256),
    gpt_neox=lambda: transformers.GPTNeoXConfig(vocab_size=96, hidden_size=16, intermediate_size=24,
                                                num_hidden_layers=2,
                                                num_attention_heads=2, max_position_embeddings=256),
    opt=lambda: transformers.OPTConfig(vocab_size=96, hidden_size=16, ffn_dim=24, num_hidden_layers=2,
                                       num_attention_heads=2,
                                       max_position_embeddings=256, word_embed_proj_dim=16),
    mixtral=lambda: transformers.MixtralConfig(**SMALL, num_local_experts=2, sliding_window=None))
OTHER = dict(
    phi3=lambda: transformers.Phi3Config(**SMALL, pad_token_id=0, sliding_window=None),
    gemma2=lambda: transformers.Gemma2Config(**SMALL, sliding_window=8),
    mistral=lambda: transformers.MistralConfig(**SMALL, sliding_window=8),
    bloom=lambda: transformers.BloomConfig(vocab_size=96, hidden_size=16, n_layer=2, n_head=2),
    mamba=lambda: transformers.MambaConfig(vocab_size=96, hidden_size=16, num_hidden_layers=2))

@pytest.mark.parametrize('kind', [*KNOWN, *OTHER])
def test_of_other_makes_too(kind):
    for configs,own in ((KNOWN, True), (OTHER, False)):
        if kind not in configs: continue
        model,said = made(configs[kind]()),[]
        prompts = prompts_of(10, 30, start=range(20, 40))
        assert (not why_not(model))==own, why_not(model)
        assert answer_all(model, Bytes(), prompts, 12, batch=4, say=said.append)==alone(model, Bytes(),
            prompts, 12)
        assert bool(said)!=own
