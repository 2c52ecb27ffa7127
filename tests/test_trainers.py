"""The fast way trains what TRL trains: gradients, losses, and a run that goes on from the middle."""
import shutil
from dataclasses import replace

import pytest
from ftkit.config.settings import LoraArgs, RunConfig
from ftkit.base.system import sample
from ftkit.model.adapter import load_adapter
from ftkit.model.load import load_model
from ftkit.model.names import load_tokenizer, resolve
from ftkit.data.read.load import load
from ftkit.model.rows import IGNORE
from ftkit.model.tokens import tokenize
from ftkit.training.trainer import build, casting
from ftkit.training.batches import flatten_rows, side_by_side
from ftkit.training.fused import separable
from faults_lib import learned_hash
import ftkit.training.batches as training_batches

torch = pytest.importorskip('torch')
trl = pytest.importorskip('trl')
transformers = pytest.importorskip('transformers')
BaseTunerLayer = pytest.importorskip('peft.tuners.tuners_utils').BaseTunerLayer

SMALL = dict(hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2,
             max_position_embeddings=1024, bos_token_id=1, eos_token_id=2, pad_token_id=0)
KINDS = dict(Llama={}, Mistral=dict(sliding_window=24, head_dim=8), Qwen2={}, Qwen3=dict(head_dim=8),
             Phi3=dict(sliding_window=24), Granite=dict(logits_scaling=4.),
             Gemma2=dict(head_dim=8, sliding_window=24, query_pre_attn_scalar=8),
             Gemma3Text=dict(head_dim=8, sliding_window=24, query_pre_attn_scalar=8,
                             layer_types=['sliding_attention', 'full_attention']))
PLAIN = dict(Gemma3Text='Gemma3')

@pytest.fixture
def rows(own_cache):
    tok = load_tokenizer('tiny-random')
    return {k:tokenize(load(sample())[a:b], tok, 220) for k,a,b in (('train', 0, 24), ('validation', 24, 34))}

def made(kind, folder, seed=0, **more):
    "A model of this kind with random weights, in a folder, with the tokenizer of the tiny one"
    tok = load_tokenizer('tiny-random')
    config = getattr(transformers, f'{kind}Config')(vocab_size=len(tok), **SMALL|KINDS.get(kind, {})|more)
    torch.manual_seed(seed)
    model = getattr(transformers, f'{PLAIN.get(kind, kind)}ForCausalLM')(config)
    for n,p in model.named_parameters(): # Norms and biases that begin at 0 or 1 would hide what is left out
        if p.ndim==1: p.data += .1*torch.randn_like(p)
    model.save_pretrained(folder)
    tok.save_pretrained(folder)
    return str(folder)

def config(model, **more):
    return RunConfig(model, 'train', 'validation',
                     **dict(batch_size=8, max_steps=2, per_device_train_batch_size=4, learning_rate=1e-2,
                            eval_steps=2,
                            early_stopping_patience=0, dtype='fp32', lr_scheduler='constant',
                            warmup_ratio=0.)|more)

def gradients(trainer, n=8):
    "Of one update over the first `n` rows, loss and what was accumulated; the adapter is not at its start"
    torch.manual_seed(3)
    for p in trainer.model.parameters():
        if p.requires_grad: p.data += .02*torch.randn_like(p)
    per = trainer.args.per_device_train_batch_size
    parts = [trainer.data_collator([trainer.train_dataset[i] for i in range(k, k+per)])
             for k in range(0, n, per)]
    items = sum((o['labels'][:, 1:]!=IGNORE).sum() for o in parts)
    trainer.current_gradient_accumulation_steps = len(parts)
    model = trainer.accelerator.prepare_model(trainer.model) # Puts autocast around it, where there is one
    with casting(trainer.model): loss = sum(trainer.training_step(model, o, items) for o in parts)
    return float(loss),{k:p.grad.clone() for k,p in trainer.model.named_parameters() if p.grad is not None}

def apart(a, b): return float((a.float()-b.float()).norm()/b.float().norm().clamp(min=1e-12))

@pytest.mark.parametrize('kind,method', [*((o, 'lora') for o in KINDS), ('Llama', 'full'),
                                         ('Gemma2', 'full')])
def test_gradients_are_those_of_trl(rows, tmp_path, kind, method):
    name = made(kind, tmp_path/'model')
    cfg = config(name, method=method)
    fast,slow = (build(rows, replace(cfg, kernels=o, per_device_train_batch_size=4), name, tmp_path/o)
                 for o in ('auto', 'plain'))
    assert fast.notes==() and hasattr(fast, 'budget') and not hasattr(slow, 'budget')
    fast.budget = 400 # Several passes
    (loss,got),(want_loss,want) = gradients(fast),gradients(slow)
    assert loss==pytest.approx(want_loss, rel=1e-5)
    assert set(got)==set(want)
    worst = {k:apart(got[k], want[k]) for k in want if want[k].abs().max()>1e-9}
    assert max(worst.values())<2e-5, sorted(worst.items(), key=lambda o: -o[1])[:5]

@pytest.mark.parametrize('lora', [LoraArgs(use_dora=True), LoraArgs(lora_dropout=.1),
                                  LoraArgs(use_rslora=True, target_modules='q_proj,v_proj')])
def test_adapters_of_other_kinds(rows, tmp_path, lora):
    "DoRA goes peft's own road, and it is said; the loss is the same where nothing is random"
    name = made('Llama', tmp_path/'model')
    fast,slow = (build(rows, config(name, kernels=o, lora=lora), name, tmp_path/o) for o in ('auto', 'plain'))
    assert bool(fast.notes)==bool(slow.notes)==lora.use_dora
    for o in (*fast.model.modules(), *slow.model.modules()):
        if isinstance(o, torch.nn.Dropout): o.p = 0.
    (loss,got),(want_loss,want) = gradients(fast),gradients(slow)
    assert loss==pytest.approx(want_loss, rel=1e-5)
    assert max(apart(got[k], want[k]) for k in want)<2e-5

@pytest.mark.parametrize('method', ['qlora', '8bit'])
def test_weights_of_fewer_bits(rows, tmp_path, method):
    pytest.importorskip('bitsandbytes')
    name = made('Llama', tmp_path/'model', hidden_size=64, intermediate_size=128)
    fast,slow = (build(rows, config(name, kernels=o, method=method), name, tmp_path/o)
                 for o in ('auto', 'plain'))
    assert hasattr(fast, 'budget') and fast.notes==()
    (loss,got),(want_loss,want) = gradients(fast),gradients(slow)
    assert loss==pytest.approx(want_loss, rel=1e-4)
    assert max(apart(got[k], want[k]) for k in want)<1e-3

def test_bf16_with_masters_of_32_bits(rows, tmp_path):
    "Without autocast, in bf16: as near to 32 bits as TRL's autocast is"
    name = made('Llama', tmp_path/'model')
    exact = gradients(build(rows, config(name, kernels='plain'), name, tmp_path/'exact'))
    off = {}
    for kernels in ('auto', 'plain'):
        t = build(rows, config(name, kernels=kernels, dtype='bf16'), name, tmp_path/kernels)
        assert {p.dtype for p in t.model.parameters() if p.requires_grad}=={torch.float32}
        loss,got = gradients(t)
        assert loss==pytest.approx(exact[0], rel=2e-3)
        off[kernels] = apart(torch.cat([o.flatten() for o in got.values()]),
                             torch.cat([exact[1][k].flatten() for k in got]))
    assert off['auto']<1.5*off['plain']+1e-3, off

def as_peft_does(model):
    "The way of peft's own layers, to be told from ours"
    for o in model.modules():
        if isinstance(o, BaseTunerLayer) and 'forward' in vars(o): del o.forward
    return model

def changes(rows, name, folder, steps=5, peft=False, **more):
    "Losses of updates over the same eight rows, each less the first; and the trainer"
    t = build(rows, config(name, max_steps=steps, **more), name, folder, eval_strategy='no',
              save_strategy='no')
    if peft: as_peft_does(t.model)
    batch = [t.train_dataset[i] for i in range(8)]
    per = t.args.per_device_train_batch_size
    t.get_train_dataloader = lambda: [t.data_collator(batch[i:i+per]) for i in range(0, 8, per)]*steps
    with casting(t.model): t.train()
    losses = [o['loss'] for o in t.state.log_history if 'loss' in o]
    return [o-losses[0] for o in losses],t

@pytest.fixture
def loud(tmp_path):
    """A model whose layers give numbers of the size that those of a trained one give, with weights that
    bf16 has"""
    name = made('Llama', tmp_path/'loud', hidden_size=64, intermediate_size=128, initializer_range=.1)
    transformers.AutoModelForCausalLM.from_pretrained(name).bfloat16().save_pretrained(name)
    return name

@pytest.mark.parametrize('more', [dict(), dict(kernels='plain'), dict(method='qlora'),
                                  dict(method='8bit', kernels='plain')],
                         ids=lambda o: '-'.join(o.values()) or 'lora')
def test_bf16_sees_what_fp32_sees(rows, loud, tmp_path, more):
    """Every loss has changed as it has in 32 bits, and validation and answers too; peft's own layers hide
    half of it"""
    if 'method' in more: pytest.importorskip('bitsandbytes')
    for lr in (2e-5,) if 'method' in more else (2e-5, 2e-4, 1e-3):
        want,_ = changes(rows, loud, tmp_path/'exact', learning_rate=lr, **more)
        got,t = changes(rows, loud, tmp_path/'bf16', learning_rate=lr, dtype='bf16', **more)
        assert len(want)==len(got)==5
        assert max(abs(a-b) for a,b in zip(got, want))<.01, (lr, got, want)
        if lr==2e-5: assert got[-1]==pytest.approx(want[-1], rel=.2), (got, want)
        if lr>2e-5 or more.get('method')=='8bit': continue
        was,_ = changes(rows, loud, tmp_path/'peft', learning_rate=lr, dtype='bf16', peft=True,
                        **more|dict(kernels='plain'))
        assert abs(was[-1]/want[-1])<.75, (was, want)

def test_an_adapter_that_is_opened_answers_as_it_was_trained(rows, loud, tmp_path):
    "What an adapter changes in the losses of a model that is opened to answer"
    _,t = changes(rows, loud, tmp_path/'x', learning_rate=2e-5)
    t.model.save_pretrained(tmp_path/'adapter')
    some = [{k:torch.tensor([o[k]]) for k in ('input_ids', 'labels')} for o in rows['train'].table.slice(0,
        8).to_pylist()]
    def loss(model):
        with torch.no_grad(): return sum(float(model(**o).loss) for o in some)/len(some)
    seen = {}
    for dtype in ('fp32', 'bf16'):
        model = load_adapter(load_model(loud, dtype=dtype), tmp_path/'adapter')
        with model.disable_adapter(): base = loss(model)
        seen[dtype] = loss(model)-base
    assert seen['bf16']==pytest.approx(seen['fp32'], rel=.2)
    assert abs(loss(as_peft_does(model))-base)<.75*abs(seen['fp32'])

def test_a_bias_is_rounded_with_the_rest():
    from ftkit.model.sums import _onto, rounds_once
    if not rounds_once('cpu', torch.bfloat16) or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip('this processor adds a bias by itself')
    torch.manual_seed(0)
    base,x,low = torch.nn.Linear(64, 96).bfloat16(),torch.randn(50,
        64).bfloat16(),(torch.randn(50, 96)/100).bfloat16()
    exact = (x.double()@base.weight.double().t()+low.double()+base.bias.double()).bfloat16()
    with torch.no_grad(): assert (_onto(base, x, low)!=exact).double().mean()<.01

@pytest.mark.parametrize('kernels', ['auto', 'plain'])
def test_losses_of_an_update_are_means_over_tokens(rows, tmp_path, kernels, monkeypatch):
    """However many rows go through the model at once, even where a model says that it takes no number of
    tokens"""
    name = made('Llama', tmp_path/'model')
    monkeypatch.setattr(transformers.LlamaForCausalLM, 'accepts_loss_kwargs', False, raising=False)
    got = [changes(rows, name, tmp_path/'x', 3, per_device_train_batch_size=n, kernels=kernels)[1]
           for n in (8, 1)]
    a,b = ([o['loss'] for o in t.state.log_history if 'loss' in o] for t in got)
    assert a==pytest.approx(b, rel=1e-5)

@pytest.mark.parametrize('kernels', ['auto', 'plain'])
def test_validation_loss_is_the_mean_over_tokens(rows, tmp_path, kernels):
    name = made('Llama', tmp_path/'model')
    t = build(rows, config(name, per_device_train_batch_size=2, kernels=kernels), name, tmp_path/'x')
    total = n = 0
    for o in rows['validation'].table.to_pylist():
        with torch.no_grad(): logits = t.model(input_ids=torch.tensor([o['input_ids']])).logits[0, :-1]
        labels = torch.tensor(o['labels'][1:])
        total += float(torch.nn.functional.cross_entropy(logits, labels, ignore_index=IGNORE,
                                                         reduction='sum'))
        n += int((labels!=IGNORE).sum())
    assert t.evaluate()['eval_loss']==pytest.approx(total/n, rel=1e-5)

@pytest.mark.parametrize('packing', [False, True])
def test_going_on_from_the_middle_is_exact(rows, tmp_path, packing):
    "A checkpoint within an epoch; dropout is on, so that the state of chance has to come back too"
    name = made('Llama', tmp_path/'model')
    cfg = config(name, max_steps=5, num_train_epochs=9., eval_steps=0, batch_size=2 if packing else 8,
                 packing=packing, max_length=240,
                 per_device_train_batch_size=1, lora=LoraArgs(lora_dropout=.1))
    def trained(folder, **kw):
        t = build(dict(train=rows['train']), cfg, name, folder, save_strategy='steps', save_steps=2,
                  save_only_model=False)
        with casting(t.model): t.train(**kw)
        return t
    whole = trained(tmp_path/'a')
    assert whole.real_tokens==whole._metrics['train'].get('num_tokens', [whole.real_tokens])[0]>0
    shutil.copytree(tmp_path/'a'/'checkpoint-2', tmp_path/'b'/'checkpoint-2')
    again = trained(tmp_path/'b', resume_from_checkpoint=str(tmp_path/'b'/'checkpoint-2'))
    assert learned_hash(again.model)==learned_hash(whole.model)
    assert [o['loss'] for o in again.state.log_history if 'loss' in o]==[
        o['loss'] for o in whole.state.log_history if 'loss' in o]

def test_what_cannot_go_without_padding_is_said(rows, tmp_path):
    "A model with a memory of its own is found out, not guessed from its name"
    tok = load_tokenizer('tiny-random')
    model = transformers.MambaForCausalLM(transformers.MambaConfig(vocab_size=len(tok), hidden_size=32,
        num_hidden_layers=2))
    assert separable(model)
    experts = transformers.MixtralForCausalLM(transformers.MixtralConfig(vocab_size=len(tok), **SMALL,
        num_local_experts=2))
    assert 'experts' in separable(experts)
    name = made('Llama', tmp_path/'model')
    looks_both_ways = transformers.AutoModelForCausalLM.from_pretrained(name)
    for o in looks_both_ways.modules():
        if hasattr(o, 'is_causal'): o.is_causal = False
    assert 'attention' in separable(looks_both_ways)
    assert separable(transformers.AutoModelForCausalLM.from_pretrained(name))==''

def varlen(query, key, value, cu_seq_q, cu_seq_k, max_q, max_k, *, scale=None, window_size=(-1, -1)):
    "What torch's documentation says its FlashAttention gives"
    assert query.shape[1]==key.shape[1] and cu_seq_q.dtype==torch.int32 and query.is_contiguous()
    assert max_q==max_k==int(cu_seq_q.diff().max())
    res = []
    for a,b in zip(cu_seq_q[:-1], cu_seq_q[1:]):
        q,k,v = (o[a:b].transpose(0, 1) for o in (query, key, value))
        behind = torch.arange(b-a)[:, None]-torch.arange(b-a)
        left,right = window_size
        seen = ((left<0) | (behind<=left)) & ((right<0) | (behind>=-right))
        z = (q@k.transpose(-1, -2)*scale).masked_fill(~seen, -torch.inf)
        res.append((torch.softmax(z, -1)@v).transpose(0, 1))
    return torch.cat(res)

@pytest.mark.parametrize('kind', ['Llama', 'Mistral'])
@pytest.mark.parametrize('there', [False, True])
def test_attention_of_a_gpu_on_a_cpu(there, kind, rows, tmp_path, monkeypatch):
    """Rows padded inside attention alone, or given to FlashAttention as they lie, come to what one after
    the other gives"""
    model = transformers.AutoModelForCausalLM.from_pretrained(made(kind, tmp_path/'model'))
    x = flatten_rows(rows['train'].table.slice(0, 5).to_pylist())
    def out():
        with side_by_side(model, x['lengths'].tolist()):
            y = model.model(input_ids=x['input_ids'], position_ids=x['position_ids'],
                            use_cache=False).last_hidden_state
            return y,torch.cat([o.flatten() for o in torch.autograd.grad(y.square().sum(),
                [*model.model.parameters()])])
    one,calls = out(),[]
    monkeypatch.setitem(training_batches._now, 'gpu', True)
    if there:
        monkeypatch.setattr(training_batches, 'flash_attention',
                            lambda *_: (lambda *a, **kw: calls.append(1) or varlen(*a, **kw), ''))
    y,grads = out()
    assert torch.allclose(y, one[0], atol=1e-5) and (grads-one[1]).norm()<1e-5*one[1].norm()
    assert len(calls)==2*there # One for each layer

def test_flash_attention_gets_what_autocast_would_give_it(rows, tmp_path, monkeypatch):
    "Norms of queries and keys leave them in 32 bits, values come in 16"
    model,kinds = transformers.AutoModelForCausalLM.from_pretrained(made('Qwen3', tmp_path/'model')),[]
    def seen(q, k, v, *a, **kw): kinds.append({q.dtype, k.dtype, v.dtype}); return varlen(q, k, v, *a, **kw)
    monkeypatch.setitem(training_batches._now, 'gpu', True)
    monkeypatch.setattr(training_batches, 'flash_attention', lambda *_: (seen, ''))
    x = flatten_rows(rows['train'].table.slice(0, 3).to_pylist())
    with side_by_side(model, x['lengths'].tolist()), torch.autocast('cpu', torch.bfloat16):
        model.model(input_ids=x['input_ids'], position_ids=x['position_ids'], use_cache=False)
    assert kinds==[{torch.bfloat16}]*2

def test_flash_attention_is_told_once_a_pass_where_rows_end(rows, tmp_path, monkeypatch):
    "Layers share one tensor, since the copy of each to a GPU is waited for; the next pass has its own"
    model,told = transformers.AutoModelForCausalLM.from_pretrained(made('Llama', tmp_path/'model')),[]
    def seen(q, k, v, ends, *a, **kw): told.append(ends); return varlen(q, k, v, ends, *a, **kw)
    monkeypatch.setitem(training_batches._now, 'gpu', True)
    monkeypatch.setattr(training_batches, 'flash_attention', lambda *_: (seen, ''))
    for n in (2, 3):
        x = flatten_rows(rows['train'].table.slice(0, n).to_pylist())
        with side_by_side(model, x['lengths'].tolist()):
            model.model(input_ids=x['input_ids'], position_ids=x['position_ids'], use_cache=False)
    assert [len(o) for o in told]==[3, 3, 4, 4] and told[0] is told[1] and told[2] is told[3]

def test_flash_attention_is_not_asked_for_what_it_cannot(monkeypatch):
    "Heads whose values have another width than their keys, as in DeepSeek's models, or dropout"
    from types import SimpleNamespace
    monkeypatch.setattr(training_batches, 'flash_attention',
                        lambda *_: (lambda *_, **__: pytest.fail('asked'), ''))
    monkeypatch.setitem(training_batches._now, 'lengths', [3, 4])
    q,k,v = (torch.randn(1, 2, 7, n) for n in (8, 8, 4))
    one,_ = training_batches.attend(SimpleNamespace(), q, k, v, None)
    monkeypatch.setitem(training_batches._now, 'gpu', True)
    other,_ = training_batches.attend(SimpleNamespace(), q, k, v, None)
    assert torch.allclose(one, other, atol=1e-6) and other.shape==(1, 7, 2, 4)
    training_batches.attend(SimpleNamespace(), q, k, k, None, dropout=.1)

def test_flash_attention_is_tried_inside_a_checkpointed_layer_too(monkeypatch):
    from torch.utils.checkpoint import checkpoint
    from ftkit.training.batches import flash_attention
    monkeypatch.setattr('torch.nn.attention.varlen.varlen_attn', varlen)
    asked,w = [],torch.ones(3, requires_grad=True)
    def layer(x):
        # Kept from then on
        if not asked: asked.append(flash_attention.__wrapped__(torch.device('cpu'), torch.float32, 8))
        return (x*w).exp()
    checkpoint(layer, torch.ones(3, requires_grad=True), use_reentrant=False).sum().backward()
    assert asked[0][0] is varlen and w.grad is not None

def test_flash_attention_is_tried_before_it_is_used(monkeypatch):
    from ftkit.training.batches import flash_attention
    asked = (torch.device('cpu'), torch.float32, 8)
    fn,why = flash_attention.__wrapped__(*asked)
    assert fn is None and 'does not work here' in why # torch has it for GPUs
    monkeypatch.setattr('torch.nn.attention.varlen.varlen_attn', varlen)
    assert flash_attention.__wrapped__(*asked)==(varlen, '')
    sees_all = lambda *a, window_size, **kw: varlen(*a, **kw)
    monkeypatch.setattr('torch.nn.attention.varlen.varlen_attn', sees_all)
    assert 'other numbers' in flash_attention.__wrapped__(*asked)[1]
    one_more = lambda *a, window_size, **kw: varlen(*a, window_size=(window_size[0]+(window_size[0]>0), 0),
                                                    **kw)
    monkeypatch.setattr('torch.nn.attention.varlen.varlen_attn', one_more)
    assert 'other numbers' in flash_attention.__wrapped__(*asked)[1]
    monkeypatch.delattr('torch.nn.attention.varlen.varlen_attn')
    assert 'no FlashAttention' in flash_attention.__wrapped__(*asked)[1]

def test_liger_without_a_gpu_is_refused(rows, tmp_path):
    if torch.cuda.is_available(): pytest.skip('there is a GPU')
    with pytest.raises(ValueError, match='kernels: auto'):
        build(rows, config('tiny-random', kernels='liger'), 'tiny-random', tmp_path)

def test_a_model_with_more_behind_its_hidden_states_goes_the_plain_way(rows, tmp_path):
    "Its logits are not a product with the output embeddings alone: found out, not guessed"
    tok = load_tokenizer('tiny-random')
    config = transformers.ModernBertDecoderConfig(vocab_size=len(tok), hidden_size=32, intermediate_size=48,
                                                  num_hidden_layers=2,
                                                  num_attention_heads=4, pad_token_id=0, local_attention=24)
    torch.manual_seed(0)
    assert 'output embeddings' in separable(transformers.ModernBertDecoderForCausalLM(config))
