"docs/recipes.md, followed: each block is run as it stands, where the page says that it goes."
import importlib, random, re
from dataclasses import replace
from pathlib import Path

import ftkit as ft
import pyarrow as pa
import pytest
from ftkit.base.verbs import Registry

PAGE = (Path(__file__).parents[1]/'docs'/'recipes.md').read_text(encoding='utf-8')

def block(title, language='python'):
    "The only block of a language in a section"
    part, = [o for o in re.split(r'^## ', PAGE, flags=re.M) if o.startswith(title+'\n')]
    return re.findall(rf'^```{language}\n(.*?)^```', part, re.M|re.S)[0]

@pytest.fixture
def followed(monkeypatch):
    "Run a block inside a module; registries are as before afterwards"
    def go(module, title, *registries):
        m = importlib.import_module(f'ftkit.{module}')
        for o in registries:
            o = getattr(importlib.import_module(f"ftkit.{o.rpartition('.')[0]}"), o.rpartition('.')[2])
            kept = o.all() if isinstance(o, Registry) else o
            undo.append((kept, kept.copy()))
        space = dict(vars(m))
        exec(compile(block(title), f'docs/recipes.md, {title}', 'exec'), space)
        return space
    undo = []
    yield go
    for kept,old in undo:
        kept.clear()
        kept.update(old)

def talk(asks, says): return dict(prompt=asks, completion=says)

def test_a_check(followed):
    from ftkit.data.recipe import Recipe
    from ftkit.data.clean import clean, propose
    followed('data.checks.row', 'A check', 'data.checks.issue.CHECKS')
    exs = ft.load([talk('Hi', 'I AM SHOUTING SINCE THE MORNING.'),
                   talk('And you?', 'I am not, nor ever was.')])
    report = exs.check()
    assert [(o.check, o.severity, o.line) for o in report.only('shouting')]==[('shouting', 'warning', 1)]
    assert 'drop: [shouting] → 1 row would go' in str(propose(report))
    assert [o.line for o in clean(exs, Recipe(drop='shouting')).examples]==[2]
    with pytest.raises(ValueError, match="Did you mean 'shouting'"): Recipe(drop='shoutin')

def test_a_metric(followed):
    from ftkit.evaluation.score import asked_of
    from ftkit.evaluation.summary import measured, summarize
    followed('evaluation.metric', 'A metric', 'evaluation.metric.METRICS')
    a = asked_of(ft.load([talk('x', 'a b c'), talk('y', 'a b')]), task='text')
    said = dict(base=['a b', 'a'], tuned=['a b c d', 'a b c'])
    s = summarize({k:a.score_all([dict(answer=o) for o in v]) for k,v in said.items()}, a)
    assert (s['models']['tuned']['words_said']['value'], s['difference']['words_said']['value'])==(3.5, 2)
    assert re.search(r'words in an answer +1\.5 .*3\.5 ', repr(s))
    assert 'words_said' in {*s.to_pandas()['metric']}
    assert [title for k,title,_,_ in measured(s) if k=='words_said']==['words in an answer']

def test_a_reader(followed, tmp_path):
    followed('data.read.csv', 'A reader', 'data.read.source.READERS')
    (tmp_path/'a.rows').write_text('2+2? => 4\nnothing\n', encoding='utf-8')
    exs = ft.load(tmp_path/'a.rows')
    assert [o.answer for o in exs]==['4'] and [(o.line, o.reason) for o in exs.dropped]==[(2, 'has no =>')]

def test_a_panel(followed, monkeypatch):
    from ftkit.panels import core
    static = core.static
    monkeypatch.setattr(core, 'static', lambda name: block('A panel', 'js') if name=='counter.js'
                        else static(name))
    p = followed('panels.core', 'A panel')['CounterPanel']()
    p.answer(dict(kind='more', by=2))
    assert p.opening()[-1]['n']==2 and p.trouble is None and 'mount(' in p._esm
    assert p.static_text()=='Counter: 2'
    p.answer(dict(kind='more', by='2')) # Refused
    assert p.now.n==2 and 'Counter' in p.static_html()

def test_a_family(followed):
    from ftkit.model.parameters import parameters
    torch,transformers = pytest.importorskip('torch'),pytest.importorskip('transformers')
    space = followed('model.shapes', 'A model family', 'model.shapes.MODEL_KINDS')
    cfg = transformers.AutoConfig.for_model('helium', vocab_size=99, hidden_size=64, intermediate_size=96,
                                            num_hidden_layers=2,
                                            num_attention_heads=4, num_key_value_heads=2, head_dim=16)
    with torch.device('meta'): model = transformers.AutoModelForCausalLM.from_config(cfg)
    assert sum(parameters(space['shape_of'](cfg.to_dict())).values())==sum(o.numel()
        for o in model.parameters())
    assert {k:getattr(transformers.AutoConfig.for_model('helium'), k)
            for k in ('head_dim', 'num_key_value_heads')}==space['MODEL_KINDS']['helium']['default']

def test_a_chat_template(tmp_path, monkeypatch):
    pytest.importorskip('transformers')
    from ftkit.model.names import load_tokenizer
    from ftkit.model.rows import rows_of
    from ftkit.model.template import TEMPLATES, template_text
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    (tmp_path/'mine.jinja').write_text(block('A model family', 'jinja'), encoding='utf-8')
    (tmp_path/'run.yaml').write_text(
        'model: tiny-random\ntrain: a\nvalidation: b\nchat_template: mine.jinja\n')
    cfg = ft.load_config(tmp_path/'run.yaml')
    tok = load_tokenizer(cfg.model, chat_template=str(tmp_path/cfg.chat_template))
    row, = rows_of(ft.load([talk('2+2?', '4')]), tok)
    assert not row.refused and ''.join(p for p,l in zip(row.pieces, row.learn) if l).strip()=='4<|im_end|>'
    listed = importlib.import_module('ftkit.model.template')._OF_TRL
    assert {*listed}=={*TEMPLATES}-{'chatml'} and all(template_text(o) for o in listed)

def test_a_setting(tmp_path, monkeypatch):
    from ftkit.config.settings import declared, fields_of, flat
    from ftkit.config.yaml import to_yaml
    from ftkit.panels.form.state import grouped
    (tmp_path/'with_one_more.py').write_text(
        'from dataclasses import dataclass\nfrom ftkit.config.fields import setting\nfrom '
        'ftkit.config.settings '
        f'import RunConfig\n\n@dataclass(frozen=True)\nclass More(RunConfig):\n    "One '
        f'more"\n{block("A setting")}', encoding='utf-8')
    monkeypatch.syspath_prepend(tmp_path)
    More = importlib.import_module('with_one_more').More
    name = 'label_smoothing_factor'
    f = fields_of(More)[-1]
    assert (f.name, f.default, f.help)==(name, 0.,
                                         'Share of each label that is spread over all tokens; 0 for none')
    assert f in grouped(fields_of(More))['More about the training']
    assert declared(More)[name].axolotl==(name, 0.)
    cfg = More('m', 't', 'v', label_smoothing_factor='0.1')
    assert flat(cfg)[name]==.1 and re.search(f'^{name}: 0.1 .*# Share of each label', to_yaml(cfg), re.M)
    with pytest.raises(ValueError, match=f'{name} is 2.0; it must be from 0 to 1. Typical: 0 to 0.1.'):
        More('m', 't', 'v', label_smoothing_factor=2)

ASKED = dict(cards=('my card is lost', 'the card is broken', 'send me a new card'),
             fees=('why was a fee charged', 'this fee is too high', 'a fee was charged twice'))
WORDS = ('amber basket candle dinner eagle forest garden hammer island jacket kettle lantern meadow needle '
         'orange pepper quarry ribbon').split()

@pytest.fixture
def first_run(own_cache, monkeypatch):
    "A run on requests of two kinds, with nothing but names of files in its config"
    monkeypatch.chdir(own_cache)
    def more(seed): return ' '.join(random.Random(seed).sample(WORDS, 6))
    rows = [dict(text=f'{said}, and {more(f"{n} {said}")}', label=label)
            for n in range(5) for label,texts in ASKED.items() for said in texts]
    ft.load(rows).split((.6, .2, .2)).save('data')
    files = (f'data/{k}.jsonl' for k in ('train', 'validation', 'test'))
    cfg = ft.RunConfig('tiny-random', *files, max_steps=2, eval_steps=2, samples=0, max_length=1024,
                       max_new_tokens=8)
    return ft.train(cfg, 'runs/one', wait=True)

def test_the_next_version(first_run, monkeypatch, ftkit):
    """Round the loop once: worst first, decided on, applied, fitted again, and compared row by row"""
    run,pd = first_run,pytest.importorskip('pandas')
    evaluate = ft.Run.evaluate
    monkeypatch.setattr(ft.Run, 'evaluate', lambda self, split: evaluate(self, split, general=False))
    worst = run.worst('train')
    n = len(run.rows('train'))
    assert sorted(o['row'] for o in worst)==[*range(n)] and not worst.unseen
    assert [o['value'] for o in worst]==sorted((o['value'] for o in worst), reverse=True)
    assert all('on first sight, ' in o['reasons'][0] for o in worst)
    frame = worst.to_pandas()
    assert len(frame)==n and frame['rank'].tolist()==[*range(1, n+1)] and 'svg' in worst.plot().svg()
    seen,wrong = worst.examples[worst[0]['row']],worst.examples[worst[1]['row']]
    other = dict(cards='fees', fees='cards')[wrong.label]
    ann = ft.Review('review.jsonl', 'ann')
    ann.decide(seen, 'drop', 'of no use')
    ann.decide(wrong, 'fix', label=other)
    test = run.rows('test')[0]
    assert worst.review('review.jsonl', 'ann').static_text().endswith('(no row reached in random order)')
    space = dict(ft=ft, run=run, replace=replace)
    exec(compile(block('The next version of the data'), 'docs/recipes.md', 'exec'), space)
    then,compared = space['then'],space['compared']
    assert sorted(space['decisions']['state'])==['dropped', 'edited'] and then.record['review']['n']==1
    assert len(then.rows('train'))==n-1 and [o.answer for o in then.rows('train') if o.id==wrong.id]==[other]
    assert then.config.max_steps==run.config.max_steps and then.config.learning_rate==run.config.learning_rate
    assert compared['common']==len(run.rows('validation'))
    assert not compared['edited'] and compared['only']==[[], []]
    # An untrained model is wrong before and after: nothing is fixed, and that is said
    assert 'rows differ' in repr(compared) and len(compared['fixed'])==compared['difference']['gained']
    # Making a run loads the rows of the test; comparing does not
    assert not {o for r in (run, then) for o in r.test_opened}-{'load'}
    by_command_line(ftkit, run, then, compared)
    what_is_of_the_test(run, then, test)

def by_command_line(ftkit, run, then, compared):
    code,o,_ = ftkit('compare', run.path, then.path, '--rows', '--json')
    assert (code, o['common'], o['difference'])==(0, compared['common'], compared['difference'])
    assert 'rows edited in between' in ftkit('compare', run.path, then.path, '--rows')[1]
    assert ftkit('compare', run.path, '--rows')[0]==2
    assert len(ftkit('compare', run.path, then.path, '--json')[1])==2
    code,o,_ = ftkit('worst', run.path, '--split', 'validation', '--number', '2', '--like', '1', '--json')
    assert (code, len(o['rows']), o['of'], o['unseen'])==(0, 2, compared['common'], [])
    a,b = o['rows']
    assert {'rank', 'row', 'id', 'value', 'reasons', 'p_reference', 'loss', 'base_loss', 'flags'}<=a.keys()
    assert a['p_reference']<=b['p_reference'] and 0<=o['like'][0]['like'][0]['likeness']<=1
    said = ftkit('worst', run.path, '--like', '1')[1]
    assert 'the worst first' in said and 'no cause' in said
    code,_,err = ftkit('worst', run.path, '--split', 'test')
    assert code==2 and 'neither mended nor learned from' in err

def what_is_of_the_test(run, then, row):
    "A decision on a test row is carried out on no other rows, and what it makes of it is not learned"
    from ftkit.launch.create import create
    from ftkit.panels.review.panel import review
    p = review(run.rows('test'), 'test.review.jsonl', reviewer='ann')
    p.decide(dict(key='k', id=row.id, hash=row.hash, verdict='fix', comment='', order='random', t=1.8e9,
                  label=None, seconds=None, texts=[None]*(len(row.messages)-1)+['another']))
    assert p.review.decision(row.id)['split']=='test'
    whole = ft.Examples(pa.concat_tables([run.rows(k).table for k in ('train', 'test')]))
    kept,decisions = whole.apply_review('test.review.jsonl')
    assert decisions['state'].to_list()==['test row'] and kept.fingerprint==whole.fingerprint
    mended = run.rows('test').apply_review('test.review.jsonl')[0]
    assert mended[0].answer=='another'
    learned = ft.Examples(pa.concat_tables([run.rows('train').table, mended.table]))
    for test in ('', run.config.test): # Whether or not the run has the test rows
        with pytest.raises(ValueError, match='1 test row that a reviewer edited would be learned'):
            create(replace(run.config, train=learned, test=test), f'runs/three{len(test)}', base=run.path,
                   allow_leak=True, review='test.review.jsonl')
