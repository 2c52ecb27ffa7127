"Memory by arithmetic, held against what transformers, peft and the kernel count"
import json, os, subprocess, sys
import pytest
from ftkit.model.shapes import MODELS, MODEL_KINDS, config_of, shape_of
from ftkit.model.memory import PARTS, estimate
from ftkit.model.parameters import adapter_parameters, linear_layers, parameters, weight_bytes
from ftkit.model.fits import memory_data

SMALL = dict(vocab_size=500, hidden_size=64, intermediate_size=96, num_hidden_layers=12,
             num_attention_heads=4,
             num_key_value_heads=2, pad_token_id=0, bos_token_id=1, eos_token_id=2)
CASES = [('llama', {}), ('llama', dict(tie_word_embeddings=True, attention_bias=True, mlp_bias=True)),
         ('llama', dict(head_dim=32)), ('mistral', dict(sliding_window=8)),
         ('qwen2', dict(tie_word_embeddings=True)),
         ('qwen2', dict(use_sliding_window=True, sliding_window=8, max_window_layers=5)),
         ('qwen3', dict(head_dim=32)),
         ('qwen3', dict(attention_bias=True)), ('gemma', dict(head_dim=16)), ('gemma2', dict(head_dim=32)),
         ('gemma3_text', dict(head_dim=32)), ('phi3', {}),
         ('phi3', dict(num_key_value_heads=4, sliding_window=8)),
         ('smollm3', {}), ('granite', dict(attention_bias=True))]

def model_of(kind, more):
    "A model without weights, and its config"
    torch,transformers = pytest.importorskip('torch'),pytest.importorskip('transformers')
    cfg = transformers.AutoConfig.for_model(kind, **SMALL|more)
    with torch.device('meta'): return transformers.AutoModelForCausalLM.from_config(cfg),cfg

@pytest.mark.parametrize('kind,more', CASES)
def test_counts_equal_transformers_and_peft(kind, more):
    peft = pytest.importorskip('peft')
    model,cfg = model_of(kind, more)
    shape = shape_of(cfg.to_dict())
    assert sum(parameters(shape).values())==sum(p.numel() for p in model.parameters())
    import torch
    found = {n.rpartition('.')[2] for n,m in model.named_modules()
        if isinstance(m, torch.nn.Linear)}-{'lm_head'}
    assert found==set(linear_layers(shape))
    for kw in (dict(target_modules='all-linear'), dict(target_modules=['o_proj', 'down_proj'])):
        targets = kw['target_modules'] if isinstance(kw['target_modules'],
                                                     str) else ','.join(kw['target_modules'])
        m,_ = model_of(kind, more)
        m = peft.get_peft_model(m, peft.LoraConfig(r=8, task_type='CAUSAL_LM', **kw), low_cpu_mem_usage=True)
        assert sum(p.numel() for p in m.parameters() if p.requires_grad)==adapter_parameters(shape, 8,
            targets)

def test_dora_is_counted_like_peft():
    torch,peft,transformers = map(pytest.importorskip, ('torch', 'peft', 'transformers'))
    cfg = transformers.AutoConfig.for_model('llama', **SMALL)
    m = peft.get_peft_model(transformers.AutoModelForCausalLM.from_config(cfg), peft.LoraConfig(
        r=8, target_modules='all-linear', task_type='CAUSAL_LM', use_dora=True))
    assert sum(p.numel() for p in m.parameters()
               if p.requires_grad)==adapter_parameters(shape_of(cfg.to_dict()), 8,
                                                        use_dora=True)

@pytest.mark.parametrize('kind', MODEL_KINDS)
def test_what_a_config_may_leave_out_is_what_transformers_takes(kind):
    transformers = pytest.importorskip('transformers')
    cfg = transformers.AutoConfig.for_model(kind)
    for k,v in MODEL_KINDS[kind]['default'].items():
        if k=='max_window_layers' and not hasattr(cfg, k): continue
        if k=='sliding_window' and cfg.sliding_window is None: continue # Switched off by `use_sliding_window`
        assert getattr(cfg, k)==v, (kind, k)

@pytest.mark.parametrize('name', ['smollm2-135m', 'smollm2-1.7b', 'smollm3-3b', 'qwen3-0.6b', 'gemma-3-1b'])
def test_models_by_name_are_counted_too(name):
    model,_ = model_of_config(config_of(name))
    assert sum(parameters(shape_of(config_of(name))).values())==sum(p.numel() for p in model.parameters())

def model_of_config(c):
    torch,transformers = pytest.importorskip('torch'),pytest.importorskip('transformers')
    cfg = transformers.AutoConfig.for_model(**c, pad_token_id=0)
    with torch.device('meta'): return transformers.AutoModelForCausalLM.from_config(cfg),cfg

def test_total_is_the_sum_of_the_highest_phase():
    for name in MODELS:
        for method in ('full', 'lora', 'qlora', '8bit'):
            for device in ('cuda', 'cpu'):
                o = memory_data(name, method, 512, 2, device, gpus=(), gradient_checkpointing=method=='full')
                assert tuple(o['parts'])==PARTS
                assert o['total_bytes']==sum(o['parts'].values())==max(sum(v.values())
                    for v in o['phases'].values())
                assert all(isinstance(v, int) and v>=0 for p in o['phases'].values() for v in p.values())
                assert (o['parts']['cache']>0)==(o['phase']=='generate')
                assert (o['parts']['adapter']==0)==(method=='full')
                assert json.loads(json.dumps(o))==o

def test_llama_3_8b_by_hand():
    s = shape_of(config_of('llama-3-8b'))
    p = estimate(s, 'lora', max_length=2048, device='cuda').parts
    assert p['weights']==16_060_522_496 and p['adapter']==167_772_160==p['gradients']
    assert p['optimizer']==335_544_320
    assert p['logits']==12*2048*128_256
    # Per token and block: q k v out; two norms in fp32; gate, its activation, up; inputs of seven layers;
    # seven ranks
    block = 2*(4096+1024+1024+4096) + 2*4*4096 + 3*2*14336 + 2*(5*4096+4096+14336) + 7*16*2
    copies,stream = 2*41_943_040,2048*4096*2 # The adapter at 16 bits, and the last block's output
    assert p['activations']==32*2048*block + copies + stream
    # nf4: half a byte, a byte for 64, four bytes for 64*256
    linear = 32*218_103_808
    assert weight_bytes(s, 'qlora')==linear//2 + linear//64 + linear//4096 + 2*(2*128_256*4096 + 65*4096)

def test_an_estimate_grows_with_what_it_is_asked():
    s = shape_of(config_of('qwen2.5-0.5b'))
    def need(**kw): return estimate(s, device='cuda', **kw).total_bytes
    assert need()<need(rows=2)<need(rows=4) and need()<need(max_length=4096)
    assert need(gradient_checkpointing=True)<need() and need(r=64)>need()
    assert need(method='qlora')<need(method='8bit')<need(method='lora')<need(method='full')
    assert need(method='full', optim='sgd')<need(method='full', optim='adamw_8bit')<need(method='full')
    assert need(target_modules='q_proj,v_proj')<need()

MEASURE = '''
import json, sys, threading, time
import torch, transformers, peft
c,rows,length,method = json.loads(sys.argv[1])
def held(): return 1024*int(open('/proc/self/status').read().partition('RssAnon:')[2].split()[0])
base = peak = held()
def watch():
    global peak
    while True: peak = max(peak, held()); time.sleep(.002)
threading.Thread(target=watch, daemon=True).start()
torch.set_num_threads(2)
config = transformers.AutoConfig.for_model(**c)
model = transformers.AutoModelForCausalLM.from_config(config, dtype=torch.float32)
if method=='lora': model = peft.get_peft_model(model, peft.LoraConfig(r=16, target_modules='all-linear'))
def look(*_): # Also where the thread gets no turn
    global peak
    peak = max(peak, held())
for o in model.modules(): o.register_forward_hook(look)
for o in model.parameters():
    if o.requires_grad: o.register_post_accumulate_grad_hook(look)
ids = torch.randint(0, c['vocab_size'], (rows, length))
opt = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-4)
for _ in range(3):
    model(input_ids=ids, labels=ids, use_cache=False).loss.backward()
    opt.step()
    opt.zero_grad()
print(max(peak, held())-base)
'''

@pytest.mark.skipif(not sys.platform.startswith('linux'), reason='anonymous memory is counted by Linux only')
@pytest.mark.parametrize('method', ['full', 'lora'])
def test_measured_on_a_cpu(method):
    pytest.importorskip('peft')
    c = dict(model_type='llama', vocab_size=8000, hidden_size=256, intermediate_size=704, num_hidden_layers=8,
             num_attention_heads=4, num_key_value_heads=2)
    got = subprocess.run([sys.executable, '-c', MEASURE, json.dumps([c, 2, 256, method])],
                         capture_output=True,
                         text=True, env=os.environ|dict(FTKIT_WARM_CODE='1'))
    assert got.returncode==0, got.stderr
    e = estimate(shape_of(c), method, max_length=256, rows=2, dtype='fp32', device='cpu', loop='plain')
    assert .7 < e.total_bytes/int(got.stdout) < 1.4, (e, int(got.stdout))

def test_quantized_weights_are_as_large_as_bitsandbytes_makes_them():
    torch,bnb = pytest.importorskip('torch'),pytest.importorskip('bitsandbytes')
    a,b = 512,1024
    s = shape_of(dict(model_type='llama', hidden_size=a, intermediate_size=b, num_hidden_layers=1,
                      vocab_size=8,
                      num_attention_heads=4, num_key_value_heads=4, tie_word_embeddings=True))
    linear,rest = parameters(s)['linear'],2*(sum(parameters(s).values())-parameters(s)['linear'])
    def size(t): return t.numel()*t.element_size()
    def four(i, o):
        q = bnb.nn.Params4bit(torch.randn(o, i), requires_grad=False, compress_statistics=True,
                              quant_type='nf4')
        q = q.to('cpu')
        return size(q.data)+size(q.quant_state.absmax)+size(q.quant_state.state2.absmax)
    def eight(i, o):
        q = bnb.nn.Int8Params(torch.randn(o, i), requires_grad=False, has_fp16_weights=False).to('cpu')
        return size(q.data)+4*o
    for method,made in (('qlora', four), ('8bit', eight)):
        assert sum(n*made(i, o) for n,i,o in linear_layers(s).values())==weight_bytes(s, method)-rest
