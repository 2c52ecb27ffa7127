"""A merged model and a GGUF file answer as the evaluated model; whatever is wrong with one is caught, and the
step is named at which it first differs."""
import json
from dataclasses import replace

import numpy as np
import pytest
from faults_lib import make_rows, settle
from ftkit.launch.create import create
from ftkit.launch.start import start
from ftkit.evaluation.answer import tokenizer_of
from ftkit.model.render import render
from ftkit.sharing import forms, modelfile
from ftkit.sharing.gotemplate import run_go
from ftkit.weights import gguf as gguf_module, summed as summed_module, vocabulary

pytest.importorskip('trl')
pytest.importorskip('xllamacpp')

@pytest.fixture(scope='module')
def run(trained): return trained

def table(folder): return json.loads((folder/'equality.json').read_text())['found']

def here(run, folder, *args):
    "The process of an export, in this one"
    forms.run_form(run.path, folder, *args)
    return folder

def test_merged(run):
    "Opened by transformers, from the command's own process"
    folder = run.export('merged')
    row = table(folder)
    assert row['prompts_equal']==row['prompts']==row['answers_equal'] and row['top1']==1 and row['kl']<1e-6
    said = json.loads((folder/'generation_config.json').read_text())
    config,tok = (json.loads((folder/o).read_text()) for o in ('config.json', 'tokenizer_config.json'))
    assert not said['do_sample'] and said['eos_token_id'][0]==config['eos_token_id']
    assert tok['eos_token']=='<|im_end|>' and 'adapter_config.json' not in {o.name for o in folder.iterdir()}
    card = (folder/'README.md').read_text()
    assert 'same likeliest token' in card and 'base_model_relation: finetune' in card
    assert 'ftkit.model' not in card

@pytest.mark.parametrize('quant', ['f16', 'q8_0'])
def test_gguf(run, tmp_path, quant):
    row = table(here(run, tmp_path/quant, 'gguf', quant))
    assert row['prompts_equal']==row['prompts'] and row['top1']>=.98 and row['places']>20
    assert row['stopped'][0]==pytest.approx(row['stopped'][1], abs=.11)
    assert [o.name for o in (tmp_path/quant).glob('*.gguf')]==[f'{run.name}.{quant}.gguf']
    assert f'llama-server -m {run.name}.{quant}.gguf' in (tmp_path/quant/'README.md').read_text()

def test_ollama(run, tmp_path):
    "A file, and all that Ollama has to be told of it: its prompts are those evaluated, letter for letter"
    folder = here(run, tmp_path/'o', 'ollama', 'q8_0')
    said,card = (folder/'Modelfile').read_text(),(folder/'README.md').read_text()
    assert said.startswith(f'FROM ./{run.name}.q8_0.gguf\nTEMPLATE """{{{{ ')
    assert (folder/f'{run.name}.q8_0.gguf').is_file()
    for line in ('stop "<|im_end|>"', 'temperature 0', 'repeat_penalty 1', 'num_ctx', 'num_predict'):
        assert f'PARAMETER {line}' in said
    go = said.split('"""')[1]
    for ex in run.rows('test'):
        assert run_go(go, [*ex.prompt])==render(ex.prompt, tokenizer_of(run), ask=True)
    assert table(folder)['prompts_equal']==table(folder)['prompts']
    assert f'ollama create {run.name}' in card and 'base_model_relation: quantized' in card

def test_ollama_without_a_template_that_does_the_same(run, tmp_path, monkeypatch):
    turns = modelfile.turns_of
    monkeypatch.setattr(modelfile, 'turns_of', lambda render: replace(turns(render), ask='<|im_start|>bot\n'))
    with pytest.raises(ValueError, match="comes 'bot"): here(run, tmp_path/'o', 'ollama', 'q8_0')
    assert not (tmp_path/'o').exists()

def test_vllm(run, tmp_path):
    "A merged model, and the line that serves it as it was evaluated"
    folder = here(run, tmp_path/'v', 'vllm')
    card = (folder/'README.md').read_text()
    assert (folder/'model.safetensors').is_file() and table(folder)['top1']==1
    assert f'vllm serve . --served-model-name {run.name}' in card and '{"temperature": 0}' in card

def test_few_bits_have_to_be_accepted(run, tmp_path):
    with pytest.raises(ValueError, match='There is no threshold for GGUF q4_0(?s:.*)same prompts'):
        here(run, tmp_path/'a', 'gguf', 'q4_0')
    assert not (tmp_path/'a').exists()
    assert table(here(run, tmp_path/'a', 'gguf', 'q4_0', 'yes'))['kl']>=0

def test_without_an_evaluation_nothing_can_be_compared(run, tmp_path, monkeypatch):
    monkeypatch.setattr(type(run), 'summary', lambda self, split='test': None)
    with pytest.raises(ValueError, match='was not evaluated'): here(run, tmp_path/'a', 'gguf')
    said = (here(run, tmp_path/'a', 'gguf', 'f16', 'yes')/'README.md').read_text()
    assert 'Nothing was compared' in said

def spoil(monkeypatch, what):
    "Make one fault that loads without complaint"
    if what=='unpermuted': monkeypatch.setattr(gguf_module, 'as_gguf', lambda name, x, *_: x)
    if what=='unmerged':
        monkeypatch.setattr(summed_module.Summed, 'read', lambda self, name: self.base[name].read())
    if what=='ends': monkeypatch.setattr(forms._Form, 'ends', [0])
    if what=='head':
        turn = summed_module.Summed.read
        monkeypatch.setattr(summed_module.Summed, 'read', lambda self, name: turn(self, name)[::-1].copy()
                            if 'embed_tokens' in name else turn(self, name))
    if what=='template':
        monkeypatch.setattr(vocabulary, '_templates',
                            lambda folder: dict(default="{{ messages[0]['content'] }}"))
    if what=='tokens':
        monkeypatch.setattr(vocabulary, '_merged_text', lambda pair: 'x y')

@pytest.mark.parametrize('what,step', [
    ('unpermuted', 'conversion'), ('unmerged', 'merge'), ('head', 'merge'), ('template', 'template'),
    ('tokens', 'tokenizer'), ('ends', 'end of an answer')])
def test_a_fault_is_caught_and_its_step_is_named(run, tmp_path, monkeypatch, what, step):
    "Each loads in llama.cpp without complaint, and is no export"
    spoil(monkeypatch, what)
    with pytest.raises(ValueError, match=f'The first step at which it differs: {step}'):
        here(run, tmp_path/'out', 'gguf', 'f16')
    assert not (tmp_path/'out').exists()

def test_the_wrong_base_and_missing_weights_are_refused(run, tmp_path):
    from ftkit.weights.summed import summed
    from ftkit.model.names import resolve
    from safetensors.numpy import load_file, save_file
    import shutil
    shutil.copytree(run.path/'adapter', tmp_path/'part')
    held = load_file(tmp_path/'part/adapter_model.safetensors')
    save_file({k:v for k,v in held.items() if 'layers.0.mlp.up_proj.lora_A' not in k},
              tmp_path/'part/adapter_model.safetensors', metadata=dict(format='pt'))
    with pytest.raises(ValueError, match='only a part of model.layers.0.mlp.up_proj'):
        summed(resolve('tiny-random'), tmp_path/'part')
    save_file({k:np.ascontiguousarray(v[:, :-1]) if 'lora_A' in k else v for k,v in held.items()},
              tmp_path/'part/adapter_model.safetensors', metadata=dict(format='pt'))
    with pytest.raises(ValueError, match='Is it the model that it was trained on'):
        summed(resolve('tiny-random'), tmp_path/'part')

INST = """{{ bos_token }}{% for m in messages %}[INST] {{ m['content'] }} [/INST]{% endfor %}"""
CUTS = dict(prepended=INST, first=INST, unopened=INST.replace('{{ bos_token }}', ''))
def spm(folder, name):
    "A tiny model with a tokenizer as those made with SentencePiece are"
    import transformers
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors, trainers
    t = Tokenizer(models.BPE(byte_fallback=True, unk_token='<unk>', fuse_unk=True))
    if name=='first': t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme='first', split=False)
    else: t.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    special = ['<unk>', '<s>', '</s>', '[INST]', '[/INST]']
    made = trainers.BpeTrainer(vocab_size=500, special_tokens=special+[f'<0x{i:02X}>' for i in range(256)])
    t.train_from_iterator(['how are you today, and what is the capital of France?']*20, made)
    said = json.loads(t.to_str())
    said['added_tokens'] = [o for o in said['added_tokens'] if o['content'] in special]
    t = Tokenizer.from_str(json.dumps(said))
    t.post_processor = processors.TemplateProcessing(single='<s> $A', special_tokens=[('<s>', 1)])
    tok = transformers.PreTrainedTokenizerFast(tokenizer_object=t, bos_token='<s>', eos_token='</s>',
                                               unk_token='<unk>', chat_template=CUTS[name])
    tok.save_pretrained(folder)
    cfg = transformers.LlamaConfig(vocab_size=len(tok), hidden_size=64, intermediate_size=64,
                                   num_hidden_layers=1, num_attention_heads=4, tie_word_embeddings=True)
    transformers.LlamaForCausalLM(cfg).save_pretrained(folder)
    return tok,cfg.to_dict()

@pytest.mark.parametrize('name', CUTS)
def test_spaces_and_the_opening_token_are_those_of_the_tokenizer(tmp_path, name):
    "llama.cpp puts a space behind each control token, and a token in front of a text, where it is told to"
    from ftkit.sharing.runtime import _post, llama_server
    from ftkit.weights.summed import summed
    tok,config = spm(tmp_path, name)
    gguf_module.write_gguf(summed(tmp_path), config, tmp_path, tmp_path/'a.gguf', 'f32', (2,))
    asked = [dict(role='user', content='how are you?')]
    with llama_server(tmp_path/'a.gguf', 64) as url:
        text = _post(url, '/apply-template', messages=asked)['prompt']
        got = _post(url, '/tokenize', content=text, add_special=True, parse_special=True)['tokens']
    want = tok.apply_chat_template(asked, return_dict=True)['input_ids']
    assert tok.convert_ids_to_tokens(got)==tok.convert_ids_to_tokens(want)

def test_tokens_that_were_added(own_cache, tmp_path):
    "Their rows are in no file of the model; the head of this one is its embeddings"
    cfg = make_rows(own_cache/'added', light=True)
    cfg = replace(cfg, test='test.jsonl', max_steps=2, eval_steps=2, save_steps=0, dtype='fp32',
                  special_tokens='<|a|>')
    run = start(create(cfg, own_cache/'added_run', base=own_cache/'added'))
    assert settle(run)['state']=='finished', run.log_tail()
    run.evaluate(max_new_tokens=4, general=False)
    row = table(here(run, tmp_path/'gguf', 'gguf'))
    assert row['prompts_equal']==row['prompts'] and row['top1']>=.99
    (tmp_path/'merged').mkdir()
    forms._put_merged(forms._Form(run), tmp_path/'merged')
    config = json.loads((tmp_path/'merged/config.json').read_text())
    assert config['vocab_size']==1025 and config['tie_word_embeddings']

@pytest.mark.parametrize('form', ['merged', 'gguf'])
def test_too_little_memory_is_said_before_anything_is_begun(run, tmp_path, monkeypatch, form):
    "And what fits is taken only where it is accepted, and called what it is"
    weights = forms._sum(run)[0]
    need = {k:forms._takes(weights, k) for k in ('fp32', 'bf16')}
    monkeypatch.setattr(forms, '_own_kind', lambda cfg: 'bf16')
    monkeypatch.setattr(forms, 'free_memory', lambda device: (need['fp32']+need['bf16'])//2)
    monkeypatch.setattr(forms, '_put_all', lambda *_: pytest.fail('it was begun'))
    with pytest.raises(ValueError, match='takes about .* are free. Nothing was begun.* compares in bf16'):
        here(run, tmp_path/'a', form)
    monkeypatch.undo()
    monkeypatch.setattr(forms, '_own_kind', lambda cfg: 'bf16')
    monkeypatch.setattr(forms, 'free_memory', lambda device: (need['fp32']+need['bf16'])//2)
    folder = here(run, tmp_path/'a', form, 'f16', 'yes')
    said,card = json.loads((folder/'equality.json').read_text()),(folder/'README.md').read_text()
    assert (said['computed'], said['threshold'])==('bf16', None) and said['found']['places']>20
    assert 'compared in bf16 |' in card and 'no threshold was applied' in card

def test_where_not_even_the_evaluated_numbers_fit(run, tmp_path, monkeypatch):
    monkeypatch.setattr(forms, 'free_memory', lambda device: 2**20)
    with pytest.raises(ValueError, match='compares nothing'): here(run, tmp_path/'a')
    assert not (tmp_path/'a').exists()
    folder = here(run, tmp_path/'a', 'merged', 'f16', 'yes')
    assert 'Nothing was compared: Comparing in 32 bits takes' in (folder/'README.md').read_text()
    assert json.loads((folder/'equality.json').read_text())['found'] is None
