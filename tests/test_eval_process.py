"""Runs evaluated whole: labels from a table, conversations with sources, files of other rows, answers made
elsewhere."""
import csv, json, random, re

import ftkit as ft
import pytest
from ftkit.cli.main import main
from ftkit.evaluation.metric import METRICS

ASKED = {'cards': ['Where is my card?', 'My card is lost.', 'The card does not work.'],
         'fees': ['Why this fee?', 'A fee was charged twice.', 'How much is it?'],
         'login': ['I cannot log in.', 'My password is gone.', 'The app asks again.']}

WORDS = '''amber basket candle dinner eagle forest garden hammer island jacket kettle lantern meadow needle
orange pepper quarry ribbon saddle temple umbrella valley window yellow anchor bridge copper desert engine
feather glacier harbour icicle jungle kitten ladder mirror nutmeg oyster pillow quiver rocket silver tunnel
uncle velvet walnut zipper autumn beacon cradle domino ember falcon goblet helmet'''.split()
def varied(n, seed): return ' '.join(random.Random(seed).sample(WORDS, n))

@pytest.fixture(scope='module')
def intents(own_cache):
    "A newcomer's table, split, trained on for two steps and evaluated, with no setting made"
    d = own_cache/'intents'
    d.mkdir()
    with open(d/'intents.csv', 'w', newline='', encoding='utf-8') as f:
        csv.writer(f).writerows([('text', 'label'),
                                 *((f'{text} It is about {varied(6, f"{n} {text}")}.', label)
                                   for n in range(14) for label,texts in ASKED.items() for text in texts)])
    ft.load(d/'intents.csv').split((.6, .2, .2)).save(d)
    cfg = ft.RunConfig('tiny-random', d/'train.jsonl', d/'validation.jsonl', d/'test.jsonl', max_length=1024,
                       max_steps=2, eval_steps=2, samples=0)
    run = ft.train(cfg, d/'run', wait=True)
    return run, run.evaluate()

def test_an_intents_table_gets_numbers_and_a_matrix(intents):
    run,s = intents
    n = len(run.rows('test'))
    assert s['task']=='label' and s['headline'] in ('accuracy', 'macro_f1') and s['opened']==1
    assert 'The labels are: cards, fees, login.' in run.rows('test')[0].messages[0]['content']
    for name in ('base', 'tuned'):
        assert {'accuracy', 'macro_f1', 'cohen_kappa', 'not_a_label', 'constrained'}<=s['models'][name].keys()
        assert {*s['classes'][name]}=={'cards', 'fees', 'login'}
        assert sum(map(sum, s['confusion'][name]['counts']))==n
        c = s['calibration'][name]
        assert 0<=c['brier']<=2 and c['temperature'] and c['coverage']['100']['n']==n
        assert c['written_and_chosen']['rows']==n
        assert s['models'][name]['constrained']['value']==c['accuracy']['value']
    assert s['models']['commonest']['accuracy']['value']<=.5
    assert 'not shown to be better than always answering' in repr(s)
    assert s['forgetting']['texts']['n']==88 and 'Brier score' in repr(s)
    assert 'tokens, the same for all models' in repr(s)
    # All ask the same then
    assert s['emptied']['models']['tuned']==dict(n=1, recited=[])
    assert 'Asked without their context (1 prompt' in repr(s)
    assert s['weights']==s['of']['weights'] and json.loads(json.dumps(s, allow_nan=False))==s

def test_answers_made_elsewhere_are_scored_against_its_rows(intents, tmp_path, capsys):
    run,_ = intents
    rows = run.rows('test')
    (tmp_path/'right.jsonl').write_text(''.join(json.dumps(dict(id=o.id, answer=o.answer.upper()))+'\n'
                                                for o in rows))
    assert main(['eval', str(run.path), '--answers', str(tmp_path/'right.jsonl'), '--json'])==0
    s = json.loads(capsys.readouterr().out)
    assert s['models']['right']['accuracy']['value']==1 and s['task']=='label' and s['opened']==2
    assert main(['score', '--references', str(run.path.parent/'test.jsonl'), '--answers',
                 str(tmp_path/'right.jsonl'), '--json'])==0
    assert json.loads(capsys.readouterr().out)['models']['right']['macro_f1']['value']==1
    (tmp_path/'few.jsonl').write_text('"cards"\n')
    assert main(['score', '--references', str(run.path.parent/'test.jsonl'), '--answers',
                 str(tmp_path/'few.jsonl')])==2
    assert f'has 1 answers, and there are {len(rows)} references' in capsys.readouterr().err

def test_rows_of_another_file_are_asked_as_its_own(intents, tmp_path):
    run,_ = intents
    with open(tmp_path/'more.csv', 'w', newline='', encoding='utf-8') as f:
        csv.writer(f).writerows([('text', 'label'), ('Card, again?', 'cards'), ('A bill!', 'bills')])
    s = run.evaluate(tmp_path/'more.csv', general=False)
    assert s['rows']==2 and 'training never showed' in s['notes'][0] and 'bills' in s['classes']['tuned']
    assert s['split'].startswith('more-')
    assert run.evaluate(tmp_path/'more.csv', general=False)==s and 'forgetting' not in s
    with pytest.raises(ValueError, match='task is'): run.evaluate(task='lable')

def test_every_turn_is_asked_with_its_source(own_cache):
    d = own_cache/'notes'
    d.mkdir()
    def talk(n):
        note = (f'Patient {n} came on 3 May 2026 with a cough of {n+2} days. ' +
                'Lungs are clear, no fever was found, and tea was recommended for the evenings. ' + varied(30,
            n))
        return dict(messages=[dict(role='user', content=note), dict(role='assistant',
            content=f'A cough of {n+2} days. The lungs of patient {n} are clear and tea was recommended.'),
                              dict(role='user', content=f'And when did it begin, {varied(20, -1-n)}?'),
                              dict(role='assistant',
                                   content=f'It began {n+2} days before the visit, and no fever was found at '
                                           f'any time since then.')])
    rows = [talk(n) for n in range(24)]
    for k,part in (('train', rows[:16]), ('validation', rows[16:20]), ('test', rows[20:])):
        (d/f'{k}.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in part))
    cfg = ft.RunConfig('tiny-random', d/'train.jsonl', d/'validation.jsonl', d/'test.jsonl', max_length=1024,
                       max_steps=2, eval_steps=2, samples=0, max_new_tokens=12)
    run = ft.train(cfg, d/'run', wait=True)
    s = run.evaluate(general=False)
    assert (s['task'], s['rows'], s['clusters'], s['max_new_tokens'])==('text', 8, 4, 12)
    assert s['emptied']['models']['base']['n']<=4 and s['emptied']['words'] in repr(s)
    assert s['models']['tuned']['reference_bits']['n']==8 and s['models']['reference']['source_gain']['n']==8
    assert {'chrf', 'rouge_l', 'unsupported_numbers', 'source_unused'}<=s['models']['tuned'].keys()
    assert [o['id'] for o in run.answers()['tuned']][:2]==[f"{run.rows('test')[0].id}#{n}" for n in (1, 2)]
    last = run.evaluate(turns='last', general=False)
    assert last['rows']==4
    assert [o['id'] for o in run.answers()['tuned']]==run.rows('test').column('id').to_pylist()
    run.export()
    check_a_checker(run, own_cache/'checker')
    check_a_metric_of_ones_own(run, own_cache)

HOW = dict(turns='last', general=False)

def check_a_checker(run, folder):
    """A function is asked in this process, a model in another, of the answers that are there and of the
    references"""
    def lungs(source, sentence): return float('lungs' in sentence)
    before = run.answers()
    s = run.evaluate(**HOW, checker=lungs)
    assert s['opened']==run.summary()['opened']
    assert [o['answer'] for o in run.answers()['base']]==[o['answer'] for o in before['base']]
    assert s['checker']==dict(name='lungs', rows=4,
                              words='The checker lungs was asked of 4 rows that have a source.')
    assert s['models']['reference']['checker_support']['n']==4 and {*s['models']}>={'base', 'tuned'}
    assert [s['models'][k]['checker_doubt']['n'] for k in ('base', 'tuned', 'reference')]==[4, 4, 4]
    # None speaks of lungs
    assert s['models']['reference']['checker_doubt']['value']==1 and s['difference']['checker_doubt']['n']==4
    assert [o for o in s['flags']['checker_doubt']
            if o['model']=='reference'][0]['spans'][0][2]=='support 0.00 by the checker'
    assert 'The checker lungs' in repr(s) and 'support by the checker' in repr(s)
    assert 'The checker lungs' in run.compare_answers().static_text()
    assert 'checked' in run.answers()['tuned'][0] and run.evaluate(**HOW)==s
    with pytest.raises(ValueError, match='probability'):
        run.evaluate(**HOW, checker=lambda source, sentence: 7)
    a_model(folder)
    s = run.evaluate(**HOW, checker=folder)
    assert s['checker']['name']=='checker'
    assert s['models']['reference']['checker_support']['value'] not in (0, 1)
    with pytest.raises(ValueError, match='not a folder'): run.evaluate(**HOW, checker=folder/'none')

def a_model(folder):
    tokenizers,transformers = pytest.importorskip('tokenizers'),pytest.importorskip('transformers')
    words = ['[UNK]', '[CLS]', '[SEP]', '[PAD]', 'lungs', 'fever', '.']
    tok = tokenizers.Tokenizer(tokenizers.models.WordLevel({o:i for i,o in enumerate(words)}, '[UNK]'))
    tok.pre_tokenizer = tokenizers.pre_tokenizers.Whitespace()
    transformers.PreTrainedTokenizerFast(tokenizer_object=tok, unk_token='[UNK]', pad_token='[PAD]',
                                         cls_token='[CLS]', sep_token='[SEP]',
                                         model_max_length=64).save_pretrained(folder)
    config = transformers.BertConfig(vocab_size=len(words), hidden_size=8, num_hidden_layers=1,
                                     num_attention_heads=2, intermediate_size=8, max_position_embeddings=64,
                                     pad_token_id=3,
                                     id2label={0:'contradiction', 1:'entailment'},
                                     label2id={'contradiction':0, 'entailment':1})
    transformers.BertForSequenceClassification(config).save_pretrained(folder)

def check_a_metric_of_ones_own(run, folder):
    "It stands in the summary, the panel and the rules of a gate, also where nobody declares it"
    @ft.metric('brief', 'at most 200 characters')
    def brief(answer, example): return len(answer)<=200
    @ft.metric('ands', 'says and', drawn='flag', higher_is_better=False)
    def ands(answer): return [(m.start(), m.end(), 'and') for m in re.finditer('and', answer)]
    try:
        s = run.evaluate(**HOW)
        assert s['own']['brief']['title']=='at most 200 characters'
        assert s['models']['reference']['brief']['value']==1
        assert s['checker'] and run.summary()['models']['tuned']['brief']==s['models']['tuned']['brief']
        assert {o['model'] for o in s['flags']['ands']}>={'reference'}
        assert 'brief' in run.answers()['base'][0]['scores']
        assert run.evaluate(**HOW, headline='brief')['headline']=='brief'
        assert run.evaluate(**HOW)['headline']!='brief'
    finally:
        for k in ('brief', 'ands'): METRICS._by_name.pop(k) # As in another process
    assert run.evaluate(**HOW)['own']['brief'] and 'at most 200 characters' in repr(run.evaluate(**HOW))
    text = run.compare_answers().static_text()
    assert 'at most 200 characters' in text and 'says and' in run.compare_answers().static_html()
    (folder/'gate.yaml').write_text('brief: {at_least: 0.1}\n')
    assert main(['gate', str(run.path), '--rules', str(folder/'gate.yaml')]) in (0, 1, 4)
    with pytest.raises(ValueError, match='For 90 % write 0.9'): run.gate({'brief':dict(at_least=90)})
    with pytest.raises(ValueError, match='A metric of your own is measured by run.evaluate'):
        run.gate({'politeness':dict(at_least=.9)})
    with pytest.raises(ValueError, match='metric of your own that ft.metric declares'):
        run.evaluate(headline='politeness')

def test_ids_of_the_users_own_name_rows(tmp_path, capsys):
    (tmp_path/'refs.jsonl').write_text(''.join(json.dumps(dict(id=f'r{n}', prompt=f'q{n}',
        completion=json.dumps(dict(a=n, b='x'))))+'\n' for n in range(3)))
    (tmp_path/'said.jsonl').write_text(''.join(json.dumps(dict(id=f'r{n}',
        answer=json.dumps(dict(a=n, b='xy'[n==2]))))+'\n' for n in (2, 0, 1)))
    assert main(['score', '--references', str(tmp_path/'refs.jsonl'), '--answers', str(tmp_path/'said.jsonl'),
                 '--task', 'json', '--json'])==0
    s = json.loads(capsys.readouterr().out)
    assert s['models']['said']['all_right']['value']==2/3 and s['fields']['said']['b']['wrong']==1
    assert s['fields']['said']['a']['exact']['value']==1
    (tmp_path/'said.jsonl').write_text(json.dumps(dict(id='r1', answer=''))+'\n')
    assert main(['score', '--references', str(tmp_path/'refs.jsonl'), '--answers',
                 str(tmp_path/'said.jsonl')])==2
    assert "2 of 3 references have no answer, such as 'r0'" in capsys.readouterr().err

def test_what_joins_an_evaluation_is_returned_as_it_is_kept(intents, tmp_path):
    run,_ = intents
    with open(tmp_path/'few.csv', 'w', newline='', encoding='utf-8') as f:
        csv.writer(f).writerows([('text', 'label'), ('Card, once more?', 'cards')])
    ft.metric('shouts', 'in capitals', tasks='label')(lambda answer: answer.isupper())
    try:
        s = run.evaluate(tmp_path/'few.csv', general=False)
        assert 'shouts' in s['models']['tuned'] and run.evaluate(tmp_path/'few.csv', general=False)==s
    finally: METRICS._by_name.pop('shouts')
