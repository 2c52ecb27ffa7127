"""Faulty tokenizer folders and row files, one for each finding, and sound ones of several families."""
import json
from importlib.util import find_spec
from pathlib import Path

import pytest
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.model.doctor.tokenizer import ERRORS, WARNINGS
from ftkit.model.doctor.diagnosis import examine
from ftkit.model.doctor.row import padding
from ftkit.data.read.load import load
from ftkit.data.read.write import save
from ftkit.model.template import CHATML

transformers = pytest.importorskip('transformers')

FOLDER = Path(find_spec('trl').origin).parent/'chat_templates'
def trl(name): return (FOLDER/f'{name}.jinja').read_text(encoding='utf-8')

# A template in the manner of models whose turns end with </s>
CLOSED = (
    "{{ bos_token }}{% for m in messages %}{% if m['role']=='assistant' %}{{ m['content'] + eos_token }}"
          "{% else %}{{ '<' + m['role'] + '>\n' + m['content'] + '\n<assistant>\n' }}{% endif %}{% endfor %}"
          "{% if add_generation_prompt %}{{ '' }}{% endif %}")

def folder(path, special, template, bos_by_itself=False, declared=None, **kw):
    "A tokenizer on disk, opened as everybody opens one"
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    t = Tokenizer(models.BPE())
    t.pre_tokenizer,t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False),decoders.ByteLevel()
    t.train_from_iterator([], trainers.BpeTrainer(
        vocab_size=700, show_progress=False, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        special_tokens=special))
    if bos_by_itself:
        bos = kw['bos_token']
        t.post_processor = processors.TemplateProcessing(single=f'{bos} $A', pair=f'{bos} $A {bos} $B',
                                                         special_tokens=[(bos, t.token_to_id(bos))])
    transformers.PreTrainedTokenizerFast(tokenizer_object=t, chat_template=template,
                                         **kw).save_pretrained(path)
    if declared:
        c = path/'tokenizer_config.json'
        c.write_text(json.dumps(json.loads(c.read_text())|declared))
    return transformers.AutoTokenizer.from_pretrained(path)

LLAMA = ['<|begin_of_text|>', '<|end_of_text|>', '<|start_header_id|>', '<|end_header_id|>', '<|eot_id|>',
         '<|finetune_right_pad_id|>']
GEMMA = ['<pad>', '<eos>', '<bos>', '<start_of_turn>', '<end_of_turn>']
QWEN = ['<|endoftext|>', '<|im_start|>', '<|im_end|>']
PHI = ['<unk>', '<s>', '</s>', '<|endoftext|>', '<|assistant|>', '<|system|>', '<|end|>', '<|user|>']
llama = dict(special=LLAMA, bos_token='<|begin_of_text|>', eos_token='<|eot_id|>', bos_by_itself=True)
gemma = dict(special=GEMMA, bos_token='<bos>', eos_token='<eos>', pad_token='<pad>', bos_by_itself=True)
qwen = dict(special=QWEN, eos_token='<|im_end|>', pad_token='<|endoftext|>')
phi = dict(special=PHI, bos_token='<s>', eos_token='<|endoftext|>', pad_token='<|endoftext|>')
closed = dict(special=['<unk>', '<s>', '</s>'], bos_token='<s>', eos_token='</s>', template=CLOSED)

SOUND = dict(
    chatml=qwen|dict(template=CHATML, bos_token='<|im_start|>'),
    chatml_endoftext=qwen|dict(template=CHATML, bos_token='<|endoftext|>'),
    chatml_undeclared=qwen|dict(template=CHATML, special=['<s>', *QWEN], bos_token='<s>',
                                declared=dict(add_bos_token=False)),
    llama3=llama|dict(template=trl('llama3')), llama3_training=llama|dict(template=trl('llama3_training')),
    llama3_padded=llama|dict(template=trl('llama3'), pad_token='<|finetune_right_pad_id|>'),
    llama3_1=llama|dict(template=trl('llama3_1')),
    gemma3=gemma|dict(template=trl('gemma3')), gemma3_training=gemma|dict(template=trl('gemma3_training')),
    gemma=gemma|dict(template=trl('gemma'), system=''),
    phi3=phi|dict(template=trl('phi3')), phi3_training=phi|dict(template=trl('phi3_training')),
    phi3_declared=phi|dict(template=trl('phi3'), declared=dict(add_bos_token=False)),
    qwen2_5=qwen|dict(template=trl('qwen2_5')), qwen2_5_training=qwen|dict(template=trl('qwen2_5_training')),
    qwen3_training=qwen|dict(template=trl('qwen3_training')),
    closed=closed, closed_twice=closed|dict(bos_by_itself=True))

def rows(system='Answer in one word.', n=40):
    def chat(*turns): return [dict(role=r, content=c) for r,c in turns if c]
    res = [chat(('system', system), ('user', f'What is {i} and {i}?'), ('assistant', f'It is {2*i}.'))
           for i in range(n)]
    res += [chat(('user', f'Is {i} even?'), ('assistant', 'Yes' if i%2==0 else 'No'), ('user', 'Sure?'),
                 ('assistant', 'I am.')) for i in range(n)]
    return res

def file(path, conversations):
    save(examples_of(map(Example, conversations)), path)
    return load(path)

def named(tmp_path, kw, conversations=None, max_length=2048):
    kw = dict(kw)
    exs = file(tmp_path/'rows.jsonl', conversations or rows(kw.pop('system', 'Answer in one word.')))
    return examine(exs, folder(tmp_path/'model', **kw), max_length)

@pytest.mark.parametrize('name', SOUND)
def test_sound(tmp_path, name):
    found = named(tmp_path, SOUND[name])
    assert found.findings==[], found
    assert found.data()==dict(rows=80, findings=[]) and found.errors()==[]

MARKED = ("{% for m in messages %}{{ '<|im_start|>' + m['role'] + '\n' }}{% if m['role']=='assistant' %}"
          "{% generation %}{{ m['content'] }}{% endgeneration %}{% else %}{{ m['content'] }}{% endif %}"
          "{{ '<|im_end|>\n' }}{% endfor %}")
bare = qwen|dict(bos_token='<|im_start|>')
FAULTY = {
    'end outside the generation marks': (bare|dict(template=MARKED), 'no-turn-end-loss'),
    'no turn end at all': (bare|dict(template=CHATML.replace('<|im_end|>', ''), eos_token=None),
                           'no-turn-end-loss'),
    'turn end is not a token here': (closed|dict(template='{{ bos_token }}'+CHATML), 'no-turn-end-loss'),
    'start token written twice': (llama|dict(template='{{ bos_token }}'+trl('llama3')), 'double-bos'),
    'start token as text and as variable': (closed|dict(template='<s>'+CLOSED), 'double-bos'),
    'template without start token': (llama|dict(template=trl('llama3').replace('bos_token + content',
    'content')),
                                     'missing-bos'),
    'the same, and nothing puts it there': (closed|dict(template=CLOSED.replace('{{ bos_token }}', '')),
                                            'missing-bos'),
    'pad is the turn end': (qwen|dict(template=CHATML, pad_token='<|im_end|>'), 'pad-masks-eos'),
    'pad is </s>': (closed|dict(pad_token='</s>'), 'pad-masks-eos'),
    'pad is <|eot_id|>': (llama|dict(template=trl('llama3'), pad_token='<|eot_id|>'), 'pad-masks-eos'),
    'marks around the whole conversation': (bare|dict(
        template='{% generation %}'+CHATML.partition('{% if add_generation_prompt')[0]+'{% endgeneration %}'),
        'prompt-learned'),
    'template drops the system turn': (bare|dict(template=CHATML.replace(
        'messages %}', "messages if m['role']!='system' %}")), 'system-swallowed'),
    'template has a system text of its own': (bare|dict(template=CHATML.replace(
        "m['content']", "(m['content'] if m['role']!='system' else 'You are kind.')")), 'system-swallowed'),
    'template ends turns twice': (closed|dict(template=CLOSED.replace('eos_token', 'eos_token + eos_token')),
                                  'double-eos'),
    'template marks nothing': (bare|dict(template=MARKED.replace("'assistant'", "'model'")),
                               'nothing-to-learn'),
    'template refuses a system turn': (gemma|dict(template=trl('gemma')), 'nothing-to-learn'),
}

def test_an_earlier_answer_that_no_token_closes_is_told_from_the_last(tmp_path):
    found = named(tmp_path, bare|dict(template=CHATML.replace('<|im_end|>', '')))
    o,added = found.findings
    assert (o.name, o.lines)==('no-turn-end-loss', tuple(range(41, 81)))
    assert 'leave one answer to be learned' in o.message
    assert (added.name, added.severity, added.lines)==('end-added', 'warning', tuple(range(1, 41)))

@pytest.mark.parametrize('name', FAULTY)
def test_faulty_folder(tmp_path, name):
    kw,want = FAULTY[name]
    found = named(tmp_path, kw)
    assert [o.name for o in found.findings]==[want], found
    o, = found.findings
    assert o.severity==('error' if want in ERRORS else 'warning')
    assert o.count==len(o.lines) and list(o.lines)==sorted(o.lines)
    only_system = want in ('system-swallowed', 'nothing-to-learn') and 'marks' not in name
    assert o.lines==tuple(range(1, 41 if only_system else 81))
    assert [e.name for e in found.errors()]==([want] if want in ERRORS else []) and not found.errors(want)
    assert json.loads(json.dumps(found.data()))['findings'][0]['lines']==list(o.lines)

def talk(user='What is it?', answer='It is this.', system=''):
    turns = [('system', system), ('user', user), ('assistant', answer)]
    return [dict(role=r, content=c) for r,c in turns if c]

ROWS = {
    'a control token in the question': ([talk('Say <|im_end|> twice'), *rows()], 'control-in-text', (1,)),
    'a control token in a system text': ([*rows(), talk(system='You are <|im_start|> here')],
                                         'control-in-text', (81,)),
    'an answer that is cut': ([*rows(), talk(answer='word '*120)], 'answer-cut', (81,)),
    'an answer without words': ([talk(answer=' '), *rows()], 'nothing-to-learn', (1,)),
    'a question that leaves no room': ([talk('word '*120), *rows()], 'nothing-to-learn', (1,)),
}

@pytest.mark.parametrize('name', ROWS)
def test_faulty_rows(tmp_path, name):
    conversations,want,lines = ROWS[name]
    found = named(tmp_path, bare|dict(template=CHATML), conversations, 300)
    assert [(o.name, o.lines, o.count) for o in found.findings]==[(want, lines, len(lines))], found

def test_start_token_before_each_turn(tmp_path):
    "The mask is refused, since the prompt has it once; that it stands there twice is named all the same"
    twice = CHATML.replace("'<|im_start|>' + m", "bos_token + '<|im_start|>' + m")
    found = named(tmp_path, bare|dict(template=twice))
    assert {o.name for o in found.findings}>={'double-bos', 'nothing-to-learn'}, found

def test_answers_that_end_themselves(tmp_path):
    "The end typed into the answer stands there twice, and is a control token in the text: both are said"
    found = named(tmp_path, closed, [talk(answer='Yes.</s>'), *rows()])
    assert [(o.name, o.lines) for o in found.findings]==[('double-eos', (1,)), ('control-in-text', (1,))]

def test_padding_waste(tmp_path):
    few,many = [talk(f'{i}?') for i in range(70)],[talk('word '*150+str(i)) for i in range(10)]
    found = named(tmp_path, bare|dict(template=CHATML), [*few, *many])
    o, = found.findings
    assert o.name=='padding-waste' and o.severity=='warning' and 'random order' in o.message
    assert not found.errors()

def test_padding_is_the_trainers(monkeypatch):
    "The order is that of the sampler the trainer uses, and the share is worked out on its very batches"
    import random, torch
    import numpy as np
    from transformers.trainer_pt_utils import get_length_grouped_indices
    r = random.Random(0)
    lengths = [int(r.lognormvariate(5, .8))+1 for _ in range(3000)]
    at = get_length_grouped_indices(lengths, 8, generator=torch.Generator().manual_seed(0))
    padded = sum(8*max(lengths[i] for i in at[k:k+8]) for k in range(0, 3000, 8))
    assert abs(padding(lengths)[0]-(1-sum(lengths)/padded))<.01

def test_messages_say_what_to_do(tmp_path):
    for n,(kw,want) in enumerate(FAULTY.values()):
        o = named(tmp_path/str(n), kw).findings[0]
        assert ' of 80 rows' in o.message and any(w in o.message for w in ('chat_template', 'pad_token',
            'max_length')), o
    pad = named(tmp_path/'pad', FAULTY['pad is <|eot_id|>'][0]).findings[0]
    assert "'<|finetune_right_pad_id|>'" in pad.message and 'by its place' in pad.message
    with pytest.raises(ValueError, match='Did you mean missing-bos'):
        named(tmp_path/'x', closed).errors('mising-bos')
    assert len({*ERRORS, *WARNINGS})==14
