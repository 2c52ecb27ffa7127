"""What is learned of a conversation, written out by hand for each family, with the template files that trl
installs."""
from pathlib import Path

import pytest
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.data.instruct import instruct, instruction_of
from ftkit.data.read.load import load
from ftkit.data.read.write import save
from ftkit.model.render import DIFFERENCE, OTHERWISE, OWN_MARKS, _own, _way, render
from ftkit.model.spans import ENDED_BY_EOS, THOUGHT, byte_tokenizer
from ftkit.model.rows import IGNORE, prompt_ids, rows_of, tokenize_example
from ftkit.model.template import TEMPLATES, UNTESTED, template_text, use_template
from ftkit.model.tokens import pack, rows_key, tokenize

transformers,trl = pytest.importorskip('transformers'),pytest.importorskip('trl')

def folder(): return Path(trl.__file__).parent/'chat_templates'

def tokenizer(template, special, **named):
    "One token for each byte, and the family's control tokens as single ones"
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers
    t = Tokenizer(models.BPE(vocab={c:i for i,c in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))},
                             merges=[]))
    t.pre_tokenizer,t.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False),decoders.ByteLevel()
    t.add_special_tokens([AddedToken(o, special=True, normalized=False) for o in special])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=t, chat_template=template, **named)

LLAMA = dict(special=['<|begin_of_text|>', '<|end_of_text|>', '<|start_header_id|>', '<|end_header_id|>',
                      '<|eot_id|>'],
             bos_token='<|begin_of_text|>', eos_token='<|eot_id|>', end='<|eot_id|>')
QWEN = dict(special=['<|endoftext|>', '<|im_start|>', '<|im_end|>'], eos_token='<|im_end|>',
            pad_token='<|endoftext|>',
            end='<|im_end|>')
GEMMA = dict(special=['<pad>', '<eos>', '<bos>', '<start_of_turn>', '<end_of_turn>'], bos_token='<bos>',
             eos_token='<eos>', pad_token='<pad>', end='<end_of_turn>')
PHI = dict(special=['<s>', '<|endoftext|>', '<|assistant|>', '<|system|>', '<|end|>', '<|user|>'],
           bos_token='<s>',
           eos_token='<|endoftext|>', end='<|end|>')
FAMILIES = dict(llama3=LLAMA, llama3_1=LLAMA, llama3_2=LLAMA, qwen2_5=QWEN, qwen3=QWEN,
                qwen3_instruct_2507=QWEN,
                gemma=GEMMA, gemma3=GEMMA, phi3=PHI, phi3_5=PHI, chatml=QWEN)

def of(name):
    kw = FAMILIES[name]
    return tokenizer(template_text(name), **{k:v for k,v in kw.items() if k!='end'})

def how_found(tok): return _way(_own(tok))[1]
def said(row): return ''.join(p for p,l in zip(row.pieces, row.learn) if l)
def user(o): return dict(role='user', content=o)
def bot(o): return dict(role='assistant', content=o)

SYSTEM = dict(role='system', content='Be brief.')
PLAIN,MULTI = [user('2+2?'), bot('It is 4.')], [user('2+2?'), bot('It is 4.'), user('And 3+3?'),
                                                bot('6, then.')]
CALL = dict(role='assistant', content='', tool_calls=[
    dict(type='function', function=dict(name='add', arguments=dict(a=2, b=2)))])
TOOL = [user('2+2?'), CALL, dict(role='tool', content='4'), bot('It is 4.')]
TOOLS = [dict(type='function', function=dict(name='add', description='Adds', parameters=dict(
    type='object', properties=dict(a=dict(type='integer'), b=dict(type='integer')))))]

# Written by hand: the text that carries loss, of all turns, one after the other
THINK = '<think>\n\n</think>\n\n'
LEARNED = {
    'llama3':     dict(plain='It is 4.<|eot_id|>', multi='It is 4.<|eot_id|>6, then.<|eot_id|>'),
    'llama3_1':   dict(plain='It is 4.<|eot_id|>', multi='It is 4.<|eot_id|>6, then.<|eot_id|>',
                       tool='{"name": "add", "parameters": {"a": 2, "b": 2}}<|eot_id|>It is 4.<|eot_id|>'),
    'llama3_2':   dict(plain='It is 4.<|eot_id|>', multi='It is 4.<|eot_id|>6, then.<|eot_id|>',
                       tool='{"name": "add", "parameters": {"a": 2, "b": 2}}<|eot_id|>It is 4.<|eot_id|>'),
    'qwen2_5':    dict(plain='It is 4.<|im_end|>', multi='It is 4.<|im_end|>6, then.<|im_end|>',
                       tool='<tool_call>\n{"name": "add", "arguments": {"a": 2, "b": '
                            '2}}\n</tool_call><|im_end|>'
                            'It is 4.<|im_end|>'),
    'qwen3':      dict(plain=THINK+'It is 4.<|im_end|>',
                       multi=THINK+'It is 4.<|im_end|>'+THINK+'6, then.<|im_end|>',
                       tool=THINK+
                       '<tool_call>\n{"name": "add", "arguments": {"a": 2, "b": 2}}\n</tool_call><|im_end|>'
                            +THINK+'It is 4.<|im_end|>'),
    'qwen3_instruct_2507': dict(plain='It is 4.<|im_end|>', multi='It is 4.<|im_end|>6, then.<|im_end|>',
                       tool='<tool_call>\n{"name": "add", "arguments": {"a": 2, "b": '
                            '2}}\n</tool_call><|im_end|>'
                            'It is 4.<|im_end|>'),
    'gemma':      dict(plain='It is 4.<end_of_turn>', multi='It is 4.<end_of_turn>6, then.<end_of_turn>'),
    'gemma3':     dict(plain='It is 4.<end_of_turn>', multi='It is 4.<end_of_turn>6, then.<end_of_turn>'),
    'phi3':       dict(plain='It is 4.<|end|>\n<|endoftext|>',
                       multi='It is 4.<|end|>6, then.<|end|>\n<|endoftext|>'),
    'phi3_5':     dict(plain='It is 4.<|end|>\n<|endoftext|>',
                       multi='It is 4.<|end|>6, then.<|end|>\n<|endoftext|>'),
    'chatml':     dict(plain='It is 4.<|im_end|>', multi='It is 4.<|im_end|>6, then.<|im_end|>')}

@pytest.mark.parametrize('name', FAMILIES)
def test_plain_and_multi(name):
    tok = of(name)
    rows = [*rows_of([Example(PLAIN), Example(MULTI)], tok)]
    assert [o.refused for o in rows] == ['', '']
    assert [said(o) for o in rows] == [LEARNED[name]['plain'], LEARNED[name]['multi']]
    for o in rows:
        assert ''.join(o.pieces)==o.text and [o.text[a:b] for a,b in o.spans]==o.pieces
        assert {o.roles[i] for i,l in enumerate(o.learn) if l} == {'assistant'}

@pytest.mark.parametrize('name', FAMILIES)
def test_system(name):
    row = next(rows_of([Example([SYSTEM, *PLAIN])], of(name)))
    if name=='gemma':
        assert 'System role not supported' in row.refused and 'another template' in row.refused; return
    assert said(row)==LEARNED[name]['plain'] and 'Be brief.' in row.text and not row.refused

def test_an_instruction_goes_before_the_text_where_a_template_takes_no_system_turn(tmp_path):
    tok = of('gemma')
    table = [dict(text=f'Is it {o}?', label='ab'[n%2]) for n,o in enumerate('xyzuvw')]
    refused = next(rows_of(load(table), tok)).refused
    assert 'It takes no system turn' in refused
    assert "instruction: user (ft.load(…, instruction='user'))" in refused
    rows = load(table, instruction='user')
    row = next(rows_of(rows, tok))
    words = 'Classify the text: answer with its label, and nothing else. The labels are: a, b.'
    assert not row.refused and f'{words}\n\nIs it x?' in row.text and said(row).startswith('a')
    # What was written is read with its instruction, and gets no other
    back = load(save(rows, tmp_path/'rows.jsonl'))
    assert instruction_of(back)==instruction_of(rows)==f'{words}\n\n{{text}}'
    assert [ex.messages for ex in back]==[ex.messages for ex in rows]
    more = instruct(load([dict(text='And s?', label='a')], instruction=''), instruction_of(back))
    assert more[0].messages[0]['content']==f'{words}\n\nAnd s?' and prompt_ids(more[0], tok)
    mended = next(rows_of([Example([SYSTEM, *PLAIN])], of('llama3')))
    assert not mended.refused # Where there is a system turn, it stays one

@pytest.mark.parametrize('name', FAMILIES)
def test_tool(name):
    row = next(rows_of([Example(TOOL, tools=TOOLS)], of(name)))
    if 'tool' in LEARNED[name]: assert (row.refused, said(row))==('', LEARNED[name]['tool'])
    else: assert row.refused and not any(row.learn) # These templates know no calls, and say so

@pytest.mark.parametrize('name', FAMILIES)
def test_truncated(name):
    tok = of(name)
    whole = tokenize_example(Example(PLAIN), tok)
    start = whole.learn.index(1)
    row = next(rows_of([Example(PLAIN)], tok, start+5))
    assert said(row)==LEARNED[name]['plain'][:5] and row.answer_cut and row.cut==len(whole.ids)-start-5
    gone = next(rows_of([Example(PLAIN)], tok, start))
    assert 'Raise max_length' in gone.refused and not any(gone.learn) and len(gone.ids)==start

@pytest.mark.parametrize('name', FAMILIES)
def test_the_prompt_stands_before_what_is_learned(name):
    "Asked with its own template, the model has seen these very tokens, and learned what comes after them"
    tok,ex = of(name),Example(PLAIN)
    row,asked = tokenize_example(ex, tok),tok(render(ex.prompt, tok, ask=True),
                                              add_special_tokens=False)['input_ids']
    assert row.ids[:len(asked)]==asked and not any(row.learn[:len(asked)]) and row.learn[len(asked)]

def test_roles():
    row = tokenize_example(Example([SYSTEM, *PLAIN]), of('qwen2_5'))
    whose = {}
    for p,r in zip(row.pieces, row.roles): whose[r] = whose.get(r, '')+p
    assert whose == dict(system='<|im_start|>system\nBe brief.<|im_end|>\n',
                         user='<|im_start|>user\n2+2?<|im_end|>\n',
                         assistant='<|im_start|>assistant\nIt is 4.<|im_end|>\n')

def test_how_is_said():
    assert how_found(of('llama3'))=="trl's training template llama3_training"
    assert how_found(of('llama3_1'))==DIFFERENCE
    assert how_found(byte_tokenizer(template='{% generation %}{% endgeneration %}'))==OWN_MARKS
    one,more = rows_of([Example(PLAIN), Example(MULTI)], of('qwen3'))
    assert not one.how.endswith(OTHERWISE) and more.how.endswith(OTHERWISE) # Thoughts in each turn

@pytest.mark.parametrize('name', [o for o in TEMPLATES if o!='chatml'])
def test_training_template_is_the_one_trl_takes(name):
    from trl.chat_template_utils import get_training_chat_template
    tok = of(name)
    try: theirs = get_training_chat_template(tok)
    except ValueError: assert how_found(tok)==DIFFERENCE; return
    assert (folder()/f'{how_found(tok).split()[-1]}.jinja').read_text(encoding='utf-8')==theirs

def test_templates_by_name():
    bare = byte_tokenizer(template=None)
    row = next(rows_of([Example(PLAIN)], bare))
    assert 'chat_template: chatml' in row.refused and 'qwen3' in row.refused
    assert said(tokenize_example(Example(PLAIN), use_template(bare, 'chatml')))=='It is 4.<|im_end|>'
    assert {*UNTESTED}=={'Mistral', 'Phi-4', 'SmolLM2', 'SmolLM3', 'Zephyr'}
    assert all('/' in o for o in UNTESTED.values()) # Each with the place where it is published
    assert not {*UNTESTED.values()}&{*TEMPLATES.values()}

def test_thinking_and_odd_text():
    tok = of('qwen3')
    think = Example([user('2+2?'), dict(role='assistant', content='4.', reasoning_content='Two and two.')])
    assert said(tokenize_example(think, tok))=='<think>\nTwo and two.\n</think>\n\n4.<|im_end|>'
    odd = Example([user('é?'), bot('Ω ünï 🙂')])
    assert said(tokenize_example(odd, byte_tokenizer())) and tokenize_example(odd, tok).labels[-1]==IGNORE
    row = tokenize_example(odd,
                           byte_tokenizer(template="{% for m in messages %}{{ m['content'] }}|{% endfor %}"))
    assert byte_tokenizer().decode([i for i,l in zip(row.ids, row.learn) if l])=='Ω ünï 🙂|'

SET = [dict(messages=PLAIN), dict(messages=MULTI), dict(messages=[user('x'*300), bot('y')]),
       dict(messages=[user('3?'), bot('z'*300)]), dict(messages=[user('no answer')])]

def test_tokenize_is_rows_of(tmp_path, monkeypatch):
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path))
    tok,exs = of('llama3'),load(SET)
    rows,seen = tokenize(exs, tok, 200),[*rows_of(exs, tok, 200)]
    kept = [o for o in seen if not o.refused]
    assert rows.table.to_pylist()==[dict(id=o.id, input_ids=o.ids, labels=o.labels) for o in kept]
    assert rows.lengths==[len(o.ids) for o in kept] and rows.learned==sum(sum(o.learn) for o in kept)
    assert rows.counts==dict(rows=3, cut=1, excluded=2)

def test_cache_goes_by_content(tmp_path, monkeypatch):
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'a'))
    exs,tok = load(SET),of('llama3')
    first = tokenize(exs, tok, 200)
    file, = (tmp_path/'a'/'rows').glob('*.arrow')
    stamp = file.stat().st_mtime_ns
    monkeypatch.setattr('ftkit.model.tokens._tokenized', lambda *a: pytest.fail('made again'))
    again = tokenize(exs, tok, 200)
    assert again==first and again.table.equals(first.table) and file.stat().st_mtime_ns==stamp
    tok.save_pretrained(tmp_path/'m1'); (tmp_path/'m1').rename(tmp_path/'m2')
    moved = transformers.AutoTokenizer.from_pretrained(tmp_path/'m2')
    tok.save_pretrained(tmp_path/'m3')
    assert rows_key(exs, moved, 200)==rows_key(exs, transformers.AutoTokenizer.from_pretrained(tmp_path/'m3'),
                                               200)
    monkeypatch.undo()
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'a'))
    for at in (-40, len(file.read_bytes())//2, 0): # Damaged: made anew
        data = bytearray(file.read_bytes()); data[at] ^= 1; file.write_bytes(data)
        assert tokenize(exs, tok, 200)==first
    file.write_bytes(b'')
    assert tokenize(exs, tok, 200)==first

def test_what_makes_another_key():
    exs,tok = load(SET),of('llama3')
    key = rows_key(exs, tok, 200)
    tok(['a', 'bcd'], padding=False, truncation=True, max_length=2) # Leaves its mark in the backend
    assert rows_key(exs, tok, 200)==key
    changed = [*SET]; changed[1] = dict(messages=PLAIN[:1]+[bot('It is 5.')])
    other = of('llama3'); other.add_tokens(['foo'])
    special = of('llama3'); special.add_special_tokens(dict(pad_token='<|end_of_text|>'))
    merged = byte_tokenizer(['the the the']*9, template=tok.chat_template)
    keys = [key, rows_key(load(changed), tok, 200), rows_key(exs, tok, 201), rows_key(exs, other, 200),
            rows_key(exs, special, 200), rows_key(exs, merged, 200),
            rows_key(exs, byte_tokenizer(template=tok.chat_template), 200),
            rows_key(exs, use_template(of('llama3'), 'llama3_1'), 200)]
    assert len({*keys})==len(keys)

def test_packed_rows_do_not_see_each_other():
    torch = pytest.importorskip('torch')
    tok = byte_tokenizer()
    rows = tokenize(load([dict(prompt='a'*n, completion='b'*n) for n in (4, 9, 15, 6)]), tok, cache=False)
    packed = pack(rows, 200)
    torch.manual_seed(0)
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=len(tok), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, attn_implementation='sdpa')).eval()
    def losses(ids, labels, **kw):
        with torch.no_grad(): logits = model(input_ids=torch.tensor([ids]), use_cache=False, **kw).logits[0]
        loss = torch.nn.functional.cross_entropy(logits[:-1], torch.tensor(labels[1:]), reduction='none',
                                                 ignore_index=IGNORE)
        return loss[torch.tensor(labels[1:])!=IGNORE]
    single = {o['id']:losses(o['input_ids'], o['labels']) for o in rows.table.to_pylist()}
    for o in packed.table.to_pylist():
        want = torch.cat([single[i] for i in o['id'].split()])
        got = losses(o['input_ids'], o['labels'], position_ids=torch.tensor([o['position_ids']]))
        torch.testing.assert_close(got, want, atol=1e-5, rtol=1e-5)
        crossed = losses(o['input_ids'], o['labels'], position_ids=torch.tensor([o['position_ids']]),
                         attention_mask=torch.ones(1, len(o['input_ids']), dtype=torch.long))
        assert not torch.allclose(crossed, want, atol=1e-4) # What a collator that passes a mask would get

WEIGHED = [user('2+2?'), bot('It is 5.')|dict(weight=0), user('Sure?'), bot('It is 4.')]

@pytest.mark.parametrize('name', FAMILIES)
def test_an_answer_of_weight_0_is_shown_and_not_learned(name):
    first,last,none = rows_of([Example([*WEIGHED[:3], bot('It is 4.')|dict(weight=0), user('So?'),
                                        bot('Good.')]), Example(WEIGHED),
                               Example(WEIGHED[:2])], of(name))
    assert said(last)==LEARNED[name]['plain'] and 'It is 5.' in last.text
    assert said(first)==said(last).replace('It is 4.', 'Good.')
    assert none.refused.startswith('every answer in it has weight 0') and not any(none.learn)

def test_a_call_of_weight_0_is_not_learned():
    for name in ('llama3_1', 'qwen2_5', 'qwen3'):
        row = next(rows_of([Example([TOOL[0], CALL|dict(weight=0), *TOOL[2:]], tools=TOOLS)], of(name)))
        assert said(row)==LEARNED[name]['plain'] and '"add"' in row.text

@pytest.mark.parametrize('name', FAMILIES)
def test_thoughts_are_learned_or_the_row_is_refused(name):
    row = next(rows_of([Example([user('2+2?'), bot('4.')|dict(reasoning_content='Two and two.')])], of(name)))
    if name=='qwen3': assert 'Two and two.' in said(row)
    else: assert 'turn 2: the chat template leaves out what the assistant thought' in row.refused

def test_thoughts_of_gpt_oss_have_another_name():
    tok = byte_tokenizer(template=(folder()/'gptoss.jinja').read_text(encoding='utf-8'))
    row = next(rows_of([Example([user('2+2?'), bot('4.')|dict(reasoning_content='Two and two.')])], tok))
    assert 'Two and two.' in said(row) and not row.refused

def test_arguments_as_the_template_wants_them():
    "DeepSeek's puts them together with other text; Llama's writes JSON of them; both keep their order"
    turns = [user('2+2?'),
             CALL|dict(tool_calls=[dict(type='function',
                                        function=dict(name='add', arguments=dict(b=2, a=1)))]), *TOOL[2:]]
    text = [dict(turns[1], tool_calls=[dict(type='function',
                                            function=dict(name='add', arguments='{"b": 2, "a": 1}'))])]
    for template in ((folder()/'deepseekv3.jinja').read_text(encoding='utf-8'), template_text('llama3_1')):
        tok = byte_tokenizer(template=template)
        exs = [load([dict(messages=o)])[0] for o in (turns, [turns[0], *text, *turns[2:]])]
        one,other = (render(o.messages, tok) for o in exs)
        assert one==other and '{"b": 2, "a": 1}' in one
    # DeepSeek's is asked with a thought that no call begins with
    assert '{"b": 2, "a": 1}' in said(next(rows_of(exs, tok)))

def test_the_order_of_keys_makes_other_rows_and_no_other_hash(tmp_path, monkeypatch):
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path))
    def of_order(args):
        return load([dict(messages=[user('2+2?'), dict(role='assistant', content='', tool_calls=[
        dict(type='function', function=dict(name='add', arguments=args))])], tools=TOOLS)])
    a,b = of_order(dict(b=2, a=1)),of_order(dict(a=1, b=2))
    assert a[0].hash==b[0].hash and a.fingerprint==b.fingerprint
    ids = [tokenize(o, of('qwen2_5')).table.column('input_ids').to_pylist() for o in (a, b)]
    assert ids[0]!=ids[1]

# Templates of our own, built as published ones are: what a prompt asks with, and what stands in a row

HEAD = (
    "{% for m in messages %}{% if m['role']=='assistant' %}{{ '<|im_start|>assistant\n' }}{% set t = "
    "m.get('reasoning_content') %}"
        "{% if t %}{{ '<think>\n' + t + '\n</think>\n\n' }}{% endif %}")
REST = (
    "{{ m['content'] + '<|im_end|>\n' }}{% else %}{{ '<|im_start|>' + m['role'] + '\n' + m['content'] + "
    "'<|im_end|>\n' }}"
        "{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}")
OPEN = HEAD+REST+"{{ '<think>\n' }}{% endif %}"               # Asks with a thought that has begun
SHUT = HEAD+REST+"{{ '<think>\n\n</think>\n\n' }}{% endif %}" # Asks with an empty one
BOTH = (HEAD.replace("{% if t %}", "{% if not t %}{{ '<think></think>' }}{% endif %}{% if t %}")+REST+
        "{{ '<think>\n' }}{% endif %}")
def marked(template, start, end): # Marks around what stands between two places of a template
    a,b = template.index(start)+len(start),template.index(end)
    return f'{template[:a]}{{% generation %}}{template[a:b]}{{% endgeneration %}}{template[b:]}'
MARKED = marked(OPEN.replace("'<|im_end|>\n' }}{% else", "'<|im_end|>' }}{{ '\n' }}{% else"),
                "'<|im_start|>assistant\n' }}", "{{ '\n' }}{% else")

@pytest.mark.parametrize('template,learned', [
    (OPEN, '</think>\n\nIt is 4.<|im_end|>'), (MARKED, '</think>\n\nIt is 4.<|im_end|>'),
    (SHUT, 'It is 4.<|im_end|>'),
    (BOTH, '</think>It is 4.<|im_end|>')])
def test_a_thought_that_the_template_asks_with_is_closed_and_stands_in_the_row(template, learned):
    tok,ex = byte_tokenizer(template=template),Example(PLAIN)
    row,asked = tokenize_example(ex, tok),prompt_ids(ex, tok)
    assert said(row)==learned and row.ids[:len(asked)]==asked and row.how.endswith(THOUGHT)
    assert row.text.count('<think>')==row.text.count('</think>')==1
    for text in ('Two and two.', 'Two\n\nand two.'):
        thinks = tokenize_example(Example([PLAIN[0], bot('4.')|dict(reasoning_content=text)]),
                                  tok) if template!=SHUT else None
        if thinks:
            assert said(thinks)==f'{text}\n</think>\n\n4.<|im_end|>' and not thinks.how.endswith(THOUGHT)

def test_an_answer_that_would_be_asked_otherwise_is_refused_with_what_helps():
    "Earlier answers are asked for with the thought too, and shown without; the advice is one that works"
    one = byte_tokenizer(template=OPEN)
    row = next(rows_of([Example(MULTI)], one))
    assert 'turn 2' in row.refused and 'eave one answer in each row' in row.refused and not any(row.learn)
    assert not next(rows_of([Example(MULTI[:2])], one)).refused
    assert said(next(rows_of([Example([MULTI[0], MULTI[1]|dict(weight=0), *MULTI[2:]])],
                             one)))=='</think>\n\n6, then.<|im_end|>'
    old = template_text('qwen3').replace('last_query_index', 'last_asked').replace("lstrip('\\n')",
        "lstrip()")
    assert old!=template_text('qwen3')
    row = next(rows_of([Example(MULTI)], of('qwen3')))
    older = next(rows_of([Example(MULTI)], use_it(of('qwen3'), old)))
    assert not row.refused and 'et chat_template to qwen3, or leave one answer' in older.refused

def use_it(tok, text):
    tok.chat_template = text
    return tok

CHANNELS = (
    "{% for m in messages %}{% if m['role']=='assistant' %}{% generation %}{{ "
    "'<|start|>assistant<|channel|>final<|message|>' + "
            "m['content'] }}{{ '<|return|>' if loop.last else '<|end|>' }}{% endgeneration %}{% else %}{{ "
            "'<|start|>' + m['role'] + "
            "'<|message|>' + m['content'] + '<|end|>' }}{% endif %}{% endfor %}{% if add_generation_prompt "
            "%}{{ '<|start|>assistant' }}{% endif %}")
CONTROL = ['<|start|>', '<|channel|>', '<|message|>', '<|end|>', '<|return|>']

@pytest.mark.parametrize('template', [
    CHANNELS, # The marks hold the whole of what is asked with
    # They begin after what must be written
    CHANNELS.replace("{% generation %}{{ '<|start|>assistant<|channel|>final<|message|>' + m",
                     "{{ '<|start|>assistant<|channel|>final<|message|>' }}{% generation %}{{ m")])
def test_marks_begin_where_the_prompt_ends(template):
    tok = tokenizer(template, CONTROL, eos_token='<|return|>')
    for messages in (PLAIN, MULTI):
        row,asked = tokenize_example(Example(messages), tok),prompt_ids(Example(messages), tok)
        assert row.ids[:len(asked)]==asked and row.learn[len(asked)] and not row.learn[len(asked)-1]
        assert said(row).startswith('<|channel|>final<|message|>It is 4.<|') and '<|start|>' not in said(row)
    assert tokenize(load([dict(messages=PLAIN), dict(messages=MULTI)]), tok,
                    cache=False).ends==(tok.convert_tokens_to_ids('<|return|>'),)

# Where a turn ends is not told: alone it is shown otherwise
FORGETS = CHANNELS.replace("'<|end|>' }}{% endif %}{% endfor %}",
                           "'<|end|>' }}{{ '<|return|>' if loop.last and not add_generation_prompt else '' "
                           "}}{% endif %}{% endfor %}")

def test_nobodys_words_are_taken_for_the_assistants():
    "Where a template does not tell how a turn ends, its tokens are not the next turn's"
    from ftkit.model.doctor.diagnosis import examine
    tok = tokenizer(FORGETS, CONTROL, eos_token='<|return|>')
    row = tokenize_example(Example([SYSTEM, *MULTI]), tok)
    for word,role in (('2+2?', 'user'), ('It is 4.', 'assistant'), ('And 3+3?', 'user'),
                      ('6, then.', 'assistant'), ('Be brief.', 'system')):
        at = row.text.index(word)
        assert {r for r,(a,b) in zip(row.roles, row.spans) if at<=a<at+len(word)}=={role}, (word, role)
    assert {r for r,l,c in zip(row.roles, row.learn, row.special) if l and not c}=={'assistant'}
    assert 'prompt-learned' not in [o.name for o in examine(load([dict(messages=MULTI)]*3), tok).findings]

@pytest.mark.parametrize('answer', ['\n\nSo.', '\nSo.', '  So.', '\n'])
def test_an_answer_that_begins_with_white_space_keeps_its_tokens(answer):
    "The tokenizer would join it with the prompt's last token, which no model could then write"
    tok = byte_tokenizer(['a\n\n\nb', 'a\n\nb', 'a   b']*9)
    ex = Example([user('Go on'), bot(answer)])
    whole,asked,row = tok(render(ex.messages, tok), add_special_tokens=False)['input_ids'],prompt_ids(ex,
        tok),tokenize_example(ex, tok)
    assert row.apart==(whole[:len(asked)]!=asked) and row.apart==(answer in ('\n\nSo.', '\n'))
    assert row.ids[:len(asked)]==asked and said(row)==answer+'<|im_end|>' and tok.decode(row.ids)==row.text

def test_where_a_token_cannot_be_divided_the_row_is_refused():
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    vocab = {o:i for i,o in enumerate(['<unk>', '▁', 'a', 'b', 'u', ':', '::', '▁:', '▁a', '▁b'])}
    t = Tokenizer(models.BPE(vocab=vocab, merges=[('▁', 'a'), ('▁', 'b'), (':', ':')], unk_token='<unk>'))
    t.pre_tokenizer,t.decoder = pre_tokenizers.Metaspace(prepend_scheme='first',
                                                         split=False),decoders.Metaspace()
    plain = "{% for m in messages %}{{ m['content'] + (':' if m['role']=='user' else '') }}{% endfor %}"
    tok = transformers.PreTrainedTokenizerFast(tokenizer_object=t, chat_template=plain, unk_token='<unk>')
    good,bad = rows_of([Example([user('a'), bot('b')]), Example([user('a'), bot(':b')])], tok)
    assert not good.refused and 'the answer begins with' in bad.refused and not any(bad.learn)

# Templates that close no answer, or only when the next turn begins

BARE = ("{% for m in messages %}{{ m['role'] + ': ' + m['content'] | trim + '\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}")
LATER = ("{% for m in messages %}{% if m['role']=='assistant' %}{{ '<|im_start|>' + m['content'] }}{% else %}"
         "{{ ('' if loop.first else '<|im_end|>') + m['role'] + ': ' + m['content'] }}{% endif %}{% endfor %}"
         "{% if add_generation_prompt %}{{ '<|im_start|>' }}{% endif %}")

def test_an_answer_that_no_token_closes_ends_with_the_tokenizers_end():
    tok = of('chatml')
    for template,one,two in ((BARE, 'It is 4.<|im_end|>', 'It is 4.\n6, then.<|im_end|>'),
                             (LATER, 'It is 4.<|im_end|>', 'It is 4.<|im_end|>6, then.<|im_end|>')):
        tok.chat_template = template
        for messages,learned in ((PLAIN, one), (MULTI, two)):
            row,asked = tokenize_example(Example(messages), tok),prompt_ids(Example(messages), tok)
            assert said(row)==learned and row.how.endswith(ENDED_BY_EOS) and tok.decode(row.ids)==row.text
            assert messages is MULTI or row.ids[:len(asked)]==asked
        assert tokenize(load([dict(messages=PLAIN)]), tok, cache=False).ends==(tok.eos_token_id,)

def test_what_needs_no_end_gets_none():
    tok = of('chatml')
    # It has one; the answer is not the last
    for messages in (PLAIN[:1]+[bot('4.<|im_end|>')], PLAIN+[user('And 3+3?')]):
        tok.chat_template = BARE
        assert ENDED_BY_EOS not in tokenize_example(Example(messages), tok).how
    tok.chat_template = BARE.replace("'\n' }}{% endfor", "' END\n' }}{% endfor")
    assert said(tokenize_example(Example(PLAIN), tok))=='It is 4. END\n'
    tok.chat_template,tok.eos_token = BARE,None
    assert said(tokenize_example(Example(PLAIN), tok))=='It is 4.\n'

@pytest.mark.parametrize('name', ('idefics3', 'smolvlm', 'llava_next'))
def test_words_come_in_parts_where_a_template_wants_them_so(name):
    "Idefics shows nothing of plain text, LLaVA refuses it"
    path = folder()/f'{name}.jinja'
    if not path.is_file(): pytest.skip('this trl does not have it')
    end = '</s>' if name=='llava_next' else '<end_of_utterance>'
    tok = tokenizer(path.read_text(encoding='utf-8'), ['<|begin_of_text|>', '<|im_start|>', '</s>',
                                                       '<end_of_utterance>'], eos_token=end)
    rows = [*rows_of([Example(PLAIN), Example(MULTI)], tok)]
    assert [o.refused for o in rows]==['', '']
    assert [said(o) for o in rows]==[f' It is 4.{end}', f' It is 4.{end} 6, then.{end}']

@pytest.mark.parametrize('name,begins', [
    ('qwen2_5', '<|im_start|>system\nYou are Qwen'), ('llama3_1', '<|start_header_id|>system'),
    ('qwen3', ''), ('glm4moe', ''), ('smolvlm', ''), ('gemma', '')])
def test_a_system_turn_of_the_template_is_none_of_the_user(name, begins):
    row = tokenize_example(Example(PLAIN), byte_tokenizer(template=(folder()/f'{name}.jinja').read_text()))
    said = {r:''.join(p for p,o in zip(row.pieces, row.roles) if o==r) for r in row.roles}
    assert begins in said.get('system', '') and bool(begins)==('system' in said)
    assert '2+2?' in said['user'] and 'You are' not in said['user']
