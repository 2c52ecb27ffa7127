"What a model lost: the shipped texts and probes, the arithmetic, and small models of several kinds."
import json, math, subprocess, sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from ftkit.evaluation.forgetting import (check_forgetting, forgetting, measure, probes, relative_change,
                                         text_change, texts)

REPO = Path(__file__).parents[1]

# Shipped files

def words(o): return len(o['text'])/2 if o['language']=='zh' else len(o['text'].split())

def test_texts_are_well_formed():
    rows = texts()
    assert 80<=len(rows)<=100 and all(o.keys()=={'id', 'kind', 'language', 'text'} for o in rows)
    assert all(isinstance(v, str) and v==v.strip() and v for o in rows for v in o.values())
    assert not [(o['id'], words(o)) for o in rows if not 60<=words(o)<=120]
    assert len({o['id'] for o in rows})==len(rows)==len({o['text'] for o in rows})
    starts = Counter(' '.join(o['text'].split()[:4]) for o in rows)
    assert max(starts.values())==1

def test_no_two_texts_share_a_passage():
    seen = {}
    for o in texts():
        w = o['text'].lower().split()
        for i in range(len(w)-7): assert seen.setdefault(tuple(w[i:i+8]), o['id'])==o['id']

def test_texts_are_spread_over_kinds_and_languages():
    rows = texts()
    kinds,languages = (Counter(o[k] for o in rows) for k in ('kind', 'language'))
    assert len(kinds)>=7 and min(kinds.values())>=10
    assert len(languages)>=6 and languages['en']>=25 and .2<=1-languages['en']/len(rows)<=.3
    assert min(languages.values())>=3

def test_texts_are_in_the_language_they_say():
    from ftkit.data.patterns.prose import detect_language
    assert not [(o['id'], detect_language(o['text'])) for o in texts() if o['kind']!='code' and
                detect_language(o['text'])[0]!=o['language']]

def test_probes_are_well_formed():
    rows = probes()
    assert 55<=len(rows)<=65 and all(o.keys()=={'id', 'kind', 'prompt', 'choices', 'right'} for o in rows)
    assert len({o['id'] for o in rows})==len(rows)==len({o['prompt'] for o in rows})
    for o in rows:
        assert 2<=len(o['choices'])<=4 and len({c.strip() for c in o['choices']})==len(o['choices']), o['id']
        assert all(c==c.strip() and c for c in [*o['choices'],
                                                o['prompt']]) and 0<=o['right']<len(o['choices']), o['id']
    kinds = Counter(o['kind'] for o in rows)
    assert {'arithmetic', 'knowledge', 'instruction', 'format', 'translation', 'logic', 'answer',
            'refuse'}==kinds.keys()
    assert kinds['answer']==kinds['refuse'] and min(kinds.values())>=5

def test_the_right_answers_are_right():
    "Those of the arithmetic probes that are written as a sum"
    found = 0
    for o in probes():
        said = o['choices'][o['right']]
        if o['kind']!='arithmetic' or ' = ' not in said: continue
        left,_,right = said.partition(' = ')
        a,sign,b = left.split()
        assert {'+':int(a)+int(b), '×':int(a)*int(b), '−':int(a)-int(b)}[sign]==int(right)
        found += 1
    assert found>=4

def test_neither_always_the_first_nor_always_the_shortest_choice_wins():
    rows = probes()
    for pick in (lambda c: 0, lambda c: len(c)-1, lambda c: min(range(len(c)), key=lambda i: len(c[i])),
                 lambda c: max(range(len(c)), key=lambda i: len(c[i]))):
        assert sum(pick(o['choices'])==o['right'] for o in rows)<.5*len(rows)

def test_they_are_packaged(tmp_path):
    "As a wheel takes them: what setup.py copies"
    did = subprocess.run([sys.executable, 'setup.py', '-q', 'build_py', '--build-lib', tmp_path], cwd=REPO,
                         capture_output=True, text=True)
    assert not did.returncode, did.stderr
    for o in ('texts', 'probes'):
        path = f'ftkit/samples/forgetting/{o}.jsonl'
        assert (tmp_path/path).read_bytes()==(REPO/path).read_bytes()

# Arithmetic

def measured(bits, scores=None):
    "By hand: bits per byte of each text, scores of each probe"
    return dict(texts=[dict(id=o['id'], nll=float(b)*200*math.log(2), bytes=200, tokens=50)
                       for o,b in zip(texts(), bits)],
                probes=[dict(id=o['id'], scores=scores(o) if scores else [0.]*len(o['choices']))
                        for o in probes()])

def test_the_interval_is_that_of_a_ratio():
    "By the delta method, written out otherwise: from variances and the covariance"
    from scipy.stats import t
    rng = np.random.default_rng(0)
    a = rng.uniform(.5, 2, 88)
    b = a*1.02+rng.normal(0, .03, 88)
    r,n = b.mean()/a.mean(),len(a)
    c = np.cov(b, a)
    half = t.ppf(.975, n-1)*((c[0, 0]-2*r*c[0, 1]+r*r*c[1, 1])/n)**.5/a.mean()
    o = relative_change(a, b)
    assert np.allclose([o['value'], o['low'], o['high']], [r-1, r-1-half, r-1+half])

def test_the_paired_mean_is_scipys():
    from scipy.stats import ttest_rel
    rng = np.random.default_rng(1)
    a = rng.uniform(.5, 2, 88)
    b = a+rng.normal(.01, .05, 88)
    o = text_change(measured(a)['texts'], measured(b)['texts'])['change']
    want = ttest_rel(b, a).confidence_interval()
    assert np.allclose([o['low'], o['high']], [want.low, want.high])

@pytest.mark.parametrize('n', (25, 66, 88))
def test_the_interval_covers(n):
    rng,inside = np.random.default_rng(2),0
    for _ in range(1500):
        a = rng.gamma(9, .15, n) # Languages that a model knows well, and others
        o = relative_change(a, a*(1+rng.gamma(2, .02, n)))
        inside += o['low']<=.04<=o['high']
    assert inside/1500>=.93, inside/1500 # What is lost is skewed: most texts a little, some a lot

def test_a_model_is_not_worse_than_itself():
    bits = np.linspace(.5, 2, len(texts()))
    o = forgetting(measured(bits), measured(bits))
    assert o['texts']['relative']['value']==0 and 'exactly as likely' in o['words']
    assert 'gained 0, lost 0' in o['words']
    assert o['probes']['difference']['low']<0<o['probes']['difference']['high']
    assert check_forgetting(o, 0) is True
    json.dumps(o, allow_nan=False)

def test_all_answers_lost():
    bits = np.linspace(.5, 2, len(texts()))
    right = lambda o: [float(i==o['right']) for i in range(len(o['choices']))]
    o = forgetting(measured(bits, right), measured(bits*1.5, lambda p: [-x for x in right(p)]))
    assert (o['probes']['base'], o['probes']['tuned'], o['probes']['lost'])==(60, 0, 60)
    assert 'fewer are right' in o['words']
    assert o['texts']['relative']['value']==pytest.approx(.5) and o['probes']['certainty']['high']<0
    assert o['probes']['kind']['refuse']==dict(n=5, base=5, tuned=0, gained=0, lost=5)
    assert check_forgetting(o, .4) is False and check_forgetting(o, .6) is True
    json.dumps(o, allow_nan=False)

def test_a_broken_model_is_not_called_forgetful():
    bits = np.ones(len(texts()))
    bad = measured(bits)
    bad['texts'][3]['nll'] = float('nan')
    with pytest.raises(ValueError, match='tuned model gives no likelihood for history-en-4'):
        forgetting(measured(bits), bad)
    bad = measured(bits, lambda o: [float('-inf')]*len(o['choices']))
    with pytest.raises(ValueError, match='tuned model gives no likelihood for arithmetic-1'):
        forgetting(measured(bits), bad)
    short = measured(bits[:-1])
    with pytest.raises(ValueError, match='Measure both models again'): forgetting(measured(bits), short)

# Models

@pytest.fixture(scope='module')
def tok():
    from ftkit.model.names import load_tokenizer
    return load_tokenizer('tiny-random')

def test_the_tiny_model_end_to_end(tok):
    from ftkit.model.load import load_model
    model,told = load_model('tiny-random', dtype='fp32').eval(),[]
    a = measure(model, tok, lambda *o: told.append(o))
    assert told[-1]==(303, 303) and [o for o,_ in told]==sorted({o for o,_ in told})
    assert a==measure(model, tok)
    import torch
    text = texts()[5]
    ids = tok(text['text'], return_tensors='pt')['input_ids']
    with torch.inference_mode(): loss = float(model(input_ids=ids, labels=ids).loss)
    row = a['texts'][5]
    assert row['nll']/row['tokens']==pytest.approx(loss, rel=1e-4) and row['tokens']==ids.shape[1]-1
    assert row['bytes']<=len(text['text'].encode())<row['bytes']+20
    assert forgetting(a, a)['texts']['base']>3 # It knows nothing

@pytest.mark.parametrize('kind', ('Llama', 'Qwen3', 'Gemma2', 'Phi3'))
def test_probes_and_texts_as_one_by_one(kind, tok):
    "Batches, padding and what is cached change nothing, also where a layer sees only the last tokens"
    import torch, transformers
    from ftkit.model.rows import rows_of
    from ftkit.data.example import Example
    config = getattr(transformers, f'{kind}Config')(
        vocab_size=len(tok), hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=16, max_position_embeddings=2048, pad_token_id=0, sliding_window=32)
    torch.manual_seed(0)
    model = transformers.AutoModelForCausalLM.from_config(config).float()
    a = measure(model, tok)
    assert model.training
    def alone(ids, labels):
        with torch.inference_mode(): logits = model.eval()(input_ids=torch.tensor([ids])).logits[0, :-1]
        return float(torch.nn.functional.cross_entropy(logits, torch.tensor(labels[1:]), reduction='sum'))
    for i in (0, 40, 87):
        ids = tok(texts()[i]['text'])['input_ids']
        assert a['texts'][i]['nll']==pytest.approx(alone(ids, ids), rel=1e-4)
    for i in (0, 33, 59):
        o = probes()[i]
        said = [Example([dict(role='user', content=o['prompt']), dict(role='assistant', content=c)])
                for c in o['choices']]
        want = [-alone(r.ids, r.labels) for r in rows_of(said, tok)]
        assert a['probes'][i]['scores']==pytest.approx(want, rel=1e-4)
