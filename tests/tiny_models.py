"Tiny random models in the shapes of known families, each with a tokenizer that cuts text as theirs does"
import json
from pathlib import Path

LETTERS = r'[^\r\n\p{L}\p{N}]?\p{L}+'
TAIL = r'\s*[\r\n]+|\s+(?!\S)|\s+'
ENGLISH = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
UPPER = r'[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]'
LOWER = r'[\p{Ll}\p{Lm}\p{Lo}\p{M}]'
CASED = rf'[^\r\n\p{{L}}\p{{N}}]?{UPPER}*{LOWER}+%s|[^\r\n\p{{L}}\p{{N}}]?{UPPER}+{LOWER}*%s'
CUTS = { # As the families' tokenizer.json have them
    'qwen2':rf'{ENGLISH}|{LETTERS}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{TAIL}',
    'llama-bpe':rf'{ENGLISH}|{LETTERS}|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n]*|{TAIL}',
    'tekken':rf'{CASED%("", "")}|\p{{N}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{TAIL}',
    'gpt-4o':rf'{CASED%(ENGLISH+"?", ENGLISH+"?")}|\p{{N}}{{1,3}}| ?[^\s\p{{L}}\p{{N}}]+[\r\n/]*|{TAIL}'}
TEXT = ['How are you today, and what is the capital of France? It is Paris, 1234 km away.'
        '\n\n\tfor i in range(10):',
        "I'm sure they've said that we'll see WORLD-wide naïve façades: Größe, 東京の天気, привет мир, 🙂🙂 the end"]
PROBE = ("Hello  world\n\n\n   I'VE 12345 km,\tnaïve façade Größe 東京の天気 привет 🙂🙃 e\u0301 ...!!/\n//x</s_> "
         "camelCaseHTTP (a+b)*3.14=='x' \r\n end  ")

CHATML = ("{% for m in messages %}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n{% endfor %}"
          "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}")
LLAMA3 = ("{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m['role'] }}<|end_header_id|>\n\n"
          "{{ m['content'] | trim }}<|eot_id|>{% endfor %}"
          "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}")
INST = "{{ bos_token }}{% for m in messages %}[INST] {{ m['content'] }} [/INST]{% endfor %}"
PHI3 = ("{% for m in messages %}<|{{ m['role'] }}|>\n{{ m['content'] }}<|end|>\n{% endfor %}"
        "{% if add_generation_prompt %}<|assistant|>\n{% endif %}")
GEMMA = ("{{ bos_token }}{% for m in messages %}<start_of_turn>"
         "{{ 'model' if m['role']=='assistant' else m['role'] }}\n"
         "{{ m['content'] | trim }}<end_of_turn>\n{% endfor %}"
         "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}")

def _added(text, **kw):
    from tokenizers import AddedToken
    return AddedToken(text, normalized=False, **kw)

def byte_level(cut, special, plain=(), opening='', **names):
    "BPE over bytes, cut as `CUTS` says; an `opening` token stands before each text"
    import transformers
    from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors, trainers
    t = Tokenizer(models.BPE(ignore_merges=cut in ('llama-bpe', 'tekken')))
    level = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    t.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(CUTS[cut]), 'isolated'), level])
    t.decoder = decoders.ByteLevel()
    made = trainers.BpeTrainer(vocab_size=420, show_progress=False,
                               initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    t.train_from_iterator(TEXT*9, made)
    t.add_special_tokens([_added(o) for o in special])
    t.add_tokens([_added(o) for o in plain])
    if opening: t.post_processor = processors.TemplateProcessing(
        single=f'{opening} $A', special_tokens=[(opening, t.token_to_id(opening))])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=t, **names)

def spaced(special, plain=(), space='front', stripped=(), opening='<s>', unk='<unk>', **names):
    """BPE with ▁ for spaces and bytes to fall back to, as made from SentencePiece.

    `space`: `front` puts one in front of each text, `none` does not, `first` at the very beginning alone."""
    import transformers
    from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
    t = Tokenizer(models.BPE(byte_fallback=True, unk_token=unk, fuse_unk=True))
    marked = normalizers.Replace(' ', '▁')
    if space=='front': t.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), marked])
    if space=='none':
        t.normalizer = marked
        t.pre_tokenizer = pre_tokenizers.Split(' ', 'merged_with_previous')
    if space=='first': t.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme='first', split=False)
    t.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse()])
    made = trainers.BpeTrainer(vocab_size=560, show_progress=False, limit_alphabet=60,
                               special_tokens=[*special, *(f'<0x{i:02X}>' for i in range(256))])
    words = [w for line in TEXT for w in line.replace(' ', ' ▁').split(' ')]
    t.train_from_iterator([*words, *[o for o in plain if '▁' in o]*40]*9, made)
    said = json.loads(t.to_str())
    said['added_tokens'] = [o|dict(rstrip=o['content'] in stripped, normalized=False)
                            for o in said['added_tokens'] if o['content'] in special]
    t = Tokenizer.from_str(json.dumps(said))
    t.add_tokens([_added(o) for o in plain])
    if opening: t.post_processor = processors.TemplateProcessing(
        single=f'{opening} $A', special_tokens=[(opening, t.token_to_id(opening))])
    return transformers.PreTrainedTokenizerFast(tokenizer_object=t, unk_token=unk, **names)

def qwen():
    return byte_level('qwen2', ['<|endoftext|>', '<|im_start|>', '<|im_end|>'], ['<think>', '</think>'],
                      eos_token='<|im_end|>', pad_token='<|endoftext|>', chat_template=CHATML)
def llama3():
    special = ['<|begin_of_text|>', '<|end_of_text|>', '<|start_header_id|>', '<|end_header_id|>',
               '<|eot_id|>']
    return byte_level('llama-bpe', special, opening=special[0], bos_token=special[0], eos_token='<|eot_id|>',
                      chat_template=LLAMA3)
def mistral(space='front'):
    return spaced(['<unk>', '<s>', '</s>', '[INST]', '[/INST]'], space=space, bos_token='<s>',
                  eos_token='</s>', chat_template=INST)
def nemo():
    return byte_level('tekken', ['<unk>', '<s>', '</s>', '[INST]', '[/INST]'], opening='<s>', bos_token='<s>',
                      eos_token='</s>', chat_template=INST)
def phi():
    turns = ['</s>', '<|end|>', '<|user|>', '<|assistant|>', '<|system|>']
    return spaced(['<unk>', '<s>', '<|endoftext|>', *turns], stripped=turns, opening='', bos_token='<s>',
                  eos_token='<|end|>', pad_token='<|endoftext|>', chat_template=PHI3)
def phi4():
    special = ['<|endoftext|>', '<|end|>', '<|user|>', '<|assistant|>', '<|system|>']
    return byte_level('gpt-4o', special, bos_token=special[0], eos_token='<|end|>',
                      chat_template=PHI3.replace('\n', ''))
def gemma():
    special = ['<pad>', '<eos>', '<bos>', '<unk>', '<mask>', '<unused0>', '<start_of_turn>', '<end_of_turn>']
    return spaced(special, ['\n\n', '\n\n\n', '▁▁', '▁▁▁', '<h1>'], 'none', opening='<bos>', unk='<unk>',
                  bos_token='<bos>', eos_token='<end_of_turn>', pad_token='<pad>', chat_template=GEMMA)

SMALL = dict(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=512, tie_word_embeddings=False)
SLOW = dict(rope_type='llama3', rope_theta=500_000., factor=8., low_freq_factor=1., high_freq_factor=4.,
            original_max_position_embeddings=64)
WIDE = dict(head_dim=32, query_pre_attn_scalar=32, sliding_window=16, tie_word_embeddings=True)
GEMMA3 = dict(sliding_attention=dict(rope_type='default', rope_theta=10_000.),
              full_attention=dict(rope_type='linear', factor=8., rope_theta=1e6))
LONG = dict(rope_type='longrope', rope_theta=1e4, short_factor=[1+i/9 for i in range(8)],
            # llama.cpp pads to that
            long_factor=[2.+i for i in range(8)], original_max_position_embeddings=256)
MODELS = dict( # Name: class of transformers without its ending, tokenizer, what its config has beside `SMALL`
    qwen2=('Qwen2', qwen, dict(tie_word_embeddings=True)),
    qwen2_untied=('Qwen2', qwen, dict(num_key_value_heads=4)),
    qwen3=('Qwen3', qwen, dict(head_dim=24, tie_word_embeddings=True)),
    mistral=('Mistral', mistral, dict(head_dim=24, sliding_window=None)),
    mistral_nemo=('Mistral', nemo, dict(head_dim=24, sliding_window=None)),
    phi3=('Phi3', phi, dict(sliding_window=96)),
    phi3_long=('Phi3', phi, dict(sliding_window=None, rope_parameters=LONG,
                                 original_max_position_embeddings=256)),
    phi4=('Phi3', phi4, dict(tie_word_embeddings=True, sliding_window=None, rope_parameters=dict(
        rope_type='default', rope_theta=1e4, partial_rotary_factor=.75))),
    gemma2=('Gemma2', gemma, WIDE),
    gemma3=('Gemma3', gemma, WIDE|dict(num_hidden_layers=7, rope_parameters=GEMMA3)),
    llama3=('Llama', llama3, dict(head_dim=32, rope_parameters=SLOW)),
    llama3_biases=('Llama', llama3, dict(attention_bias=True, mlp_bias=True)))

ENDS = '</s>', '<eos>', '<|endoftext|>', '<|end_of_text|>' # llama.cpp stops at these, whoever learned what
def make_model(name, folder, seed=0, **more):
    "Write a model with its tokenizer, and give both"
    import torch, transformers
    kind,tok,given = MODELS[name]
    tok = tok()
    ends = [tok.eos_token_id, *(tok.vocab[o] for o in ENDS if o in tok.vocab and o!=tok.eos_token)]
    ids = dict(bos_token_id=tok.bos_token_id, eos_token_id=ends, pad_token_id=tok.pad_token_id)
    at = getattr(transformers, f'{kind}TextConfig' if kind=='Gemma3' else f'{kind}Config')
    cfg = at(**SMALL|given|dict(vocab_size=len(tok)+3)|ids|more)
    torch.manual_seed(seed)
    model = getattr(transformers, f'{kind}ForCausalLM')(cfg).float().eval()
    with torch.no_grad():
        for k,p in model.named_parameters():
            p.copy_(p+.2*torch.randn_like(p) if p.ndim==1 else .12*torch.randn_like(p))
    model.save_pretrained(folder)
    tok.save_pretrained(Path(folder))
    return tok,model

SURE = .01 # Nats by which a token is likelier than the next: below it rounding decides
def _greedy(model, ids): # Eight tokens at most, as long as each is surely the likeliest
    import torch
    o = model.generate(torch.tensor([ids]), max_new_tokens=8, do_sample=False, output_scores=True,
                       return_dict_in_generate=True)
    gaps = [float(-s[0].topk(2).values.diff()) for s in o.scores]
    return o.sequences[0, len(ids):].tolist()[:next((i for i,g in enumerate(gaps) if g<SURE), 8)]

def run_gguf(tok, model, path, room=96):
    """Run a file in llama.cpp beside its model in transformers: has a prompt the same ids, have greedy
    answers the same tokens, and by how much is the log-probability of a likely token apart at most, for
    prompts of 3 tokens to `room` less 16?"""
    import numpy as np, torch
    from ftkit.sharing.runtime import _answer, _next, _post, llama_server
    rng,asked,res = np.random.default_rng(0),[dict(role='user', content=PROBE)],dict(greedy=True, apart=0.)
    want = tok.apply_chat_template(asked, add_generation_prompt=True, return_dict=True)['input_ids']
    with llama_server(path, room) as url:
        text = _post(url, '/apply-template', messages=asked)['prompt']
        got = _post(url, '/tokenize', content=text, add_special=True, parse_special=True)['tokens']
        res['prompt'] = got==want
        for n in (3, (room-16)//3, room-16):
            ids = rng.integers(270, len(tok)-20, n).tolist()
            with torch.no_grad(): want = model(torch.tensor([ids])).logits[0, -1].double().log_softmax(-1)
            found = _next(url, ids, 40)
            res['apart'] = max(res['apart'], *(abs(want[k].item()-v) for k,v in found.items()))
            more = _greedy(model, ids)
            res['greedy'] &= _answer(url, ids, 8)['ids'][:len(more)]==more
    return res
