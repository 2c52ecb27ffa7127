"""The end that was learned is the end that stops: a base model that is given a template, another model's
end, new tokens."""
import json, shutil

import ftkit as ft
import pytest
from faults_lib import settle
from ftkit.evaluation.answer import tokenizer_of
from ftkit.model.generate import ends_in, ends_of, own_ends
from ftkit.model.adapter import load_adapter
from ftkit.model.load import load_model
from ftkit.model.names import load_tokenizer
from ftkit.model.template import CHATML
from ftkit.launch.create import create
from ftkit.provenance.stale import learned_ends, more_ends
from ftkit.launch.start import start

pytest.importorskip('trl')
SMALL = dict(max_length=512, max_steps=2, eval_steps=2, learning_rate=1e-2, batch_size=4, samples=1,
             sample_tokens=4, threads=1, chat_template='chatml')

@pytest.fixture(scope='module')
def base(own_cache):
    "Rows, and a model that has no template and another end than ChatML's"
    d = own_cache
    ft.load(ft.sample(), limit=40).split((.5, .25, .25)).save(d)
    from ftkit.model.names import resolve
    shutil.copytree(resolve('tiny-random'), d/'model')
    for name in ('tokenizer_config.json', 'config.json', 'generation_config.json'):
        o = json.loads((d/'model'/name).read_text())
        o.update(dict(eos_token='<|endoftext|>', bos_token=None, pad_token=None)
                 if name.startswith('tok') else dict(eos_token_id=0))
        (d/'model'/name).write_text(json.dumps(o))
    (d/'model/chat_template.jinja').unlink(missing_ok=True)
    return d

def config(**more):
    return ft.RunConfig('model', 'train.jsonl', 'validation.jsonl', 'test.jsonl', **SMALL|more)

def trained(base, name, **more):
    run = start(create(config(**more), base/name, base=base))
    assert settle(run)['state']=='finished', run.log_tail()
    return run

@pytest.mark.parametrize('method', ('lora', 'full'))
def test_a_base_model_with_a_template_stops_where_it_learned_to(base, method):
    run = trained(base, method, method=method)
    im_end = load_tokenizer(str(base/'model')).convert_tokens_to_ids('<|im_end|>')
    assert own_ends(str(base/'model'))==(0,) and learned_ends(run)==([0], [im_end])
    assert {*more_ends(run)}=={0, im_end}
    assert tokenizer_of(run).eos_token=='<|im_end|>'
    folder = run.export()
    assert {*ends_in(folder)}=={0, im_end} and load_tokenizer(str(folder)).eos_token=='<|im_end|>'
    text = (folder/'README.md').read_text()
    assert (f'`<|im_end|>` ({im_end})' in text)
    assert '&lt;' not in text.partition('## How to use it')[2].partition('## How it')[0]
    model = load_model(str(folder)) if method=='full' else load_adapter(load_model(str(base/'model')), folder)
    assert {*ends_of(model)}=={0, im_end} # Whoever opens it without ftkit's run

def test_an_end_that_nobody_learns_holds_the_run_back(base):
    run = start(create(config(eos_token='<|endoftext|>'), base/'other', base=base))
    status = settle(run)
    assert status['state']=='failed' and 'other-end' in status['reason']
    assert 'Leave eos_token empty' in status['reason']
    with pytest.raises(ValueError, match='special_tokens'):
        load_tokenizer(str(base/'model'), eos_token='<|stop|>')

def test_new_tokens_are_learned_and_come_along(base):
    "A template whose turn end the tokenizer does not know"
    (base/'own.jinja').write_text(CHATML.replace('<|im_end|>', '<|stop|>'))
    run = trained(base, 'new', chat_template='own.jinja', special_tokens='<|stop|>')
    tok = tokenizer_of(run)
    stop = len(tok)-1
    assert tok.convert_ids_to_tokens(stop)=='<|stop|>'==tok.eos_token and learned_ends(run)[1]==[stop]
    assert any('new tokens' in o for o in run.environment['notes'])
    folder = run.export()
    plain = load_model(str(base/'model'))
    had = plain.get_input_embeddings().weight.shape[0]
    model = load_adapter(plain, folder)
    from safetensors.torch import load_file
    learned = {k:v for k,v in load_file(folder/'adapter_model.safetensors').items()
               if 'trainable_tokens' in k}
    new = next(iter(learned.values()))
    mean = plain.get_input_embeddings().weight[:had].float().mean(0)
    assert had==stop and new.shape[0]==1 and not new[0].float().allclose(mean, atol=1e-6)
    assert model.get_input_embeddings()(__import__('torch').tensor([stop])).float().allclose(new.float(),
        atol=1e-2)

def test_an_end_that_the_template_leaves_out_stops_everywhere(base):
    "Answers that no token closes end with the tokenizer's eos_token, here another than the model's own"
    (base/'open.jinja').write_text(
        "{% for m in messages %}{{ m['role'] + ': ' + m['content'] + '\\n' }}{% endfor %}"
                                   "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}")
    run = trained(base, 'open', chat_template='open.jinja', eos_token='<|im_end|>')
    im_end = tokenizer_of(run).convert_tokens_to_ids('<|im_end|>')
    assert learned_ends(run)==([0], [im_end]) and {*more_ends(run)}=={0, im_end}
    assert tokenizer_of(run).eos_token_id==im_end
    assert run.environment['mask'].endswith('since the template closes no answer')
    folder = run.export()
    assert {*ends_in(folder)}=={0, im_end} and load_tokenizer(str(folder)).eos_token=='<|im_end|>'
    assert {*ends_of(load_adapter(load_model(str(base/'model')), folder))}=={0, im_end}
