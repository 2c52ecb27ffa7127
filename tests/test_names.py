"Settings have the names of transformers, trl and peft; what was written in earlier spellings is still read."
import json, re, subprocess, sys
from dataclasses import replace
from pathlib import Path

import pytest

import ftkit as ft
from ftkit.config.spelling import CHOICES, RENAMED, SHORT_FORMS
from ftkit.config.settings import config_from, fields_of, flat
from ftkit.config.yaml import from_yaml, to_yaml
from ftkit.run.curves import Curves
from ftkit.config.presets import with_changes
from ftkit.run.folder import Run
from ftkit.provenance.unchanged import changed_settings
from ftkit.launch.compare import compare_runs
import ftkit.config.spelling as config_spelling

ROOT = Path(__file__).parents[1]
OLD = dict(lr=1e-3, epochs=2., scheduler='linear', optimizer='adamw', checkpointing=True, rows_per_device=2,
           patience=0,
           template='chatml', trust_code='', add_tokens='<a>', trackers='', overrule='double-bos', **{
           'lora.alpha':8, 'lora.dropout':.1, 'lora.targets':'q_proj', 'lora.dora':True, 'lora.rslora':False})
FILES = dict(model='tiny-random', train='train.jsonl', validation='validation.jsonl', batch_size=4)

def today(d): return {RENAMED.get(k, k):CHOICES.get((RENAMED.get(k), v), v) for k,v in d.items()}

@pytest.fixture(autouse=True)
def unheard(monkeypatch): monkeypatch.setattr(config_spelling, '_noticed', set())

def test_the_table_names_settings_that_are_there_and_none_that_was():
    names = {f.name for f in fields_of()}
    assert set(RENAMED.values())<=names and not names & RENAMED.keys() and set(OLD)==set(RENAMED)
    assert len(set(RENAMED.values()))==len(RENAMED) and set(SHORT_FORMS)<=RENAMED.keys()

def test_old_spellings_mean_the_same_wherever_a_person_gives_settings(capsys):
    want = config_from(FILES|today(OLD))
    assert capsys.readouterr().err==''
    plain,group = ({k:v for k,v in OLD.items() if ('.' in k)==o} for o in (False, True))
    lora = {k.removeprefix('lora.'):v for k,v in group.items()}
    got = [config_from(FILES|OLD), config_from(FILES|plain|dict(lora=lora)),
           ft.RunConfig(**FILES, **plain, lora=lora),
           ft.RunConfig(**FILES, **plain, lora=ft.LoraArgs(**lora)), with_changes(config_from(FILES), **OLD),
           from_yaml('\n'.join(f'{k}: {json.dumps(v)}' for k,v in (FILES|OLD).items()))]
    assert all(o==want for o in got)
    said = capsys.readouterr().err
    for old,new in RENAMED.items(): # Each once, however often it was given; a short form not at all
        assert said.count(f'note: {old} is called {new} now')==(old not in SHORT_FORMS)

def test_only_names_of_today_are_written():
    cfg = config_from(FILES|OLD)
    assert not flat(cfg).keys() & RENAMED.keys() and 'adamw_torch' in to_yaml(cfg)
    for text in (to_yaml(cfg), (ROOT/'docs/settings.md').read_text(), repr(cfg)):
        for o in RENAMED:
            assert not re.search(rf"(?<![\w.-])(`{re.escape(o)}` \||{o.removeprefix('lora.')}(: |=))",
                                 text), o

@pytest.mark.parametrize('old', RENAMED)
def test_both_spellings_at_once_are_refused(old):
    with pytest.raises(ValueError, match='two spellings'):
        config_from(FILES|{old:OLD[old], RENAMED[old]:OLD[old]})

def test_replace_takes_a_short_form(): assert replace(config_from(FILES), lr=3e-3).learning_rate==3e-3

def shell(*words, at):
    got = subprocess.run([sys.executable, '-m', 'ftkit', *words], capture_output=True, text=True, cwd=at)
    return got.returncode, got.stdout, got.stderr

def test_old_flags_are_taken_said_and_not_shown(tmp_path):
    new = ('memory', '--model', 'tiny-random', '--json', '--optim', 'sgd', '--target-modules', 'q_proj',
           '--device', 'cpu')
    old = [{'--optim':'--optimizer', '--target-modules':'--targets'}.get(o, o) for o in new]
    (a,want,said),(b,got,notes) = shell(*new, at=tmp_path),shell(*old, at=tmp_path)
    assert (a, b, got)==(0, 0, want) and 'is called' not in said
    assert 'note: --optimizer is called --optim now' in notes
    assert '--targets is called --target-modules' in notes
    code,_,err = shell(*new, '--targets', 'k_proj', at=tmp_path)
    assert code==2 and '--target-modules and --targets are two spellings' in err
    _,help_,_ = shell('train', '--help', at=tmp_path)
    assert '--lr LEARNING_RATE' in help_ and '--optim' in help_
    for o in ('--optimizer ', '--trackers', '--scheduler', '--lora.targets', '--template '):
        assert o not in help_

@pytest.fixture
def made(tmp_path):
    "A run of today, and the same with every file in the spelling of before, written by hand"
    rows = [dict(prompt=f'What is {i}?', completion=f'The number {i}.') for i in range(12)]
    for name,some in (('train', rows[:8]), ('validation', rows[8:])):
        (tmp_path/f'{name}.jsonl').write_text(''.join(json.dumps(o)+'\n' for o in some))
    cfg = ft.RunConfig(**FILES, optim='adamw_torch', lr=1e-3, max_steps=4, eval_steps=2,
                       early_stopping_patience=2, max_length=64)
    new = cfg.create(tmp_path/'new', base=tmp_path)
    old = cfg.create(tmp_path/'old', base=tmp_path)
    text = (old.path/'config.yaml').read_text()
    for a,b in RENAMED.items():
        text = re.sub(rf"^(\s*){b.removeprefix('lora.')}:", rf"\1{a.removeprefix('lora.')}:", text,
                      flags=re.M)
    (old.path/'config.yaml').write_text(text.replace('adamw_torch', 'adamw'))
    assert not re.search('learning_rate:|adamw_torch|target_modules', (old.path/'config.yaml').read_text())
    (old.path/'environment.json').write_text(json.dumps(dict(v=1, device='cpu', rows_per_device=2)))
    line = dict(v=1, attempt=1, kind='train', t=1, of=100, loss=1., grad_norm=1., tokens_per_s=9.,
                memory_bytes=2**20, tokens=9)
    (old.path/'events.jsonl').write_text(''.join(json.dumps(line|dict(step=i, lr=1e-4*i),
                                                            separators=(',', ':'))+'\n'
                                                            for i in range(1, 101)))
    return old, new

def test_an_old_run_folder_opens_and_compares_equal(made, capsys):
    old,new = made
    assert flat(old.config)==flat(new.config) and [o['config'] for o in compare_runs([old, new])]==[{}, {}]
    assert old.environment['per_device_train_batch_size']==2 and 'rows_per_device' not in old.environment
    assert 'is called' not in capsys.readouterr().err # Nobody typed that
    frame = old.history()
    assert 'lr' not in frame and frame.learning_rate.tolist()==[1e-4*i for i in range(1, 101)]
    fast,slow = Curves(),Curves()
    fast.read((old.path/'events.jsonl').read_bytes())
    for e in old.events(): slow.add(e)
    assert [o.learning_rate for o in fast.train]==[o.learning_rate
                                                   for o in slow.train]==frame.learning_rate.tolist()

def test_a_checkpoint_of_before_is_of_the_same_settings(made):
    old,_ = made
    at = old.path/'checkpoints/checkpoint-2'
    at.mkdir(parents=True)
    names = {b:a for a,b in RENAMED.items()}
    then = {names.get(k, k):'adamw' if v=='adamw_torch' else v for k,v in flat(old.config).items()}
    (at/'ftkit.json').write_text(json.dumps(dict(v=1, step=2, config=then)))
    assert changed_settings(Run(old.path))=={}
    (at/'ftkit.json').write_text(json.dumps(dict(v=1, step=2, config=then|dict(lr=.5))))
    assert changed_settings(Run(old.path))=={'learning_rate':(.5, 1e-3)}

ALONE = ('rows_per_device', 'trust_code', 'add_tokens', 'overrule') # Words that mean nothing else

def sources():
    for pattern in ('nbs/*.ipynb', 'nbs/tutorials/*.ipynb', 'nbs/workshop/*.*', 'tests/**/*.py',
                    'benchmarks/*.py', 'tools/*.py', 'ftkit/static/*.js', 'README.md', 'docs/settings.md'):
        yield from (p for p in ROOT.glob(pattern) if p.name!='test_names.py')

def test_no_code_spells_an_old_name():
    "As far as that can be told by a word: an attribute of a config, or a name that means nothing else"
    words = '|'.join(ALONE)
    flat = '|'.join(o for o in RENAMED if '.' not in o)
    nested = '|'.join(o.removeprefix('lora.') for o in RENAMED if '.' in o)
    pattern = re.compile(rf"(?<![.\w])(?:{words})\b(?!\()|\bcfg\.(?:{flat})\b|\blora\.(?:{nested})\b")
    table = re.compile(r"^.*(RENAMED|SHORT_FORMS|'(lora\.)?\w+':'|test_eq\(modern|renamed\(dict).*$")
    found = [f'{p.relative_to(ROOT)}: {line.strip()[:90]}' for p in sources()
             for line in p.read_text(encoding='utf-8').splitlines()
             if pattern.search(line) and not (p.name=='101_settings.ipynb' and table.match(line))]
    assert not found, '\n'.join(found[:20])
