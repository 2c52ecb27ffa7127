import json, random
import ftkit.base.files
from ftkit.base.lines import append_jsonl
from ftkit.data.example import Example
from ftkit.data.gather import examples_of
from ftkit.data.read.load import load
from ftkit.evaluation.score import as_object, choice_fields, score
from ftkit.evaluation.summary import summarize
from ftkit.panels.evals import EvalsPanel

CHAT = 'Sure! I would be happy to help you with that. Please tell me more about your order, and I will see.'

class Run:
    "A run that was evaluated: the base model chats, the tuned one is right in most fields"
    name = '2026-11-22-tickets'
    def __init__(self, path, exs):
        self.path,self.exs,rnd,found = path,exs,random.Random(1),dict(base=[], tuned=[])
        fields = choice_fields(exs)
        for ex in exs:
            want = as_object(ex.answer) or {}
            for m in found:
                got = {k:v if rnd.random()<.9 or k not in fields else rnd.choice(fields[k]) for k,v in want.items()}
                guess = rnd.choice(fields.get('category', ['']))
                says = f'{CHAT} {guess}' if m=='base' else json.dumps(got)
                found[m].append(dict(id=ex.id, answer=says, stopped=m=='tuned', **score(says, ex.answer, fields)))
                append_jsonl(path/'evals'/'test'/f'{m}.jsonl', found[m][-1])
        self.s = summarize(found, fields) if len(exs) else None
    def summary(self, split='test'): return self.s
    def rows(self, split): return self.exs

def test_compare(stage, theme, tmp_path):
    exs = load(ftkit.base.system.sample('tickets'), limit=120)
    s = stage(EvalsPanel(Run(tmp_path, exs)), theme=theme)
    s.wait('1–20 of 120')
    s.shot(f'evals-{theme}')
    s.page.locator('.chip', has_text='tuned wrong').click()
    s.page.locator('.chip[aria-pressed=true]', has_text='tuned wrong').wait_for()
    s.page.locator('.answers tbody tr').nth(1).focus()
    s.page.keyboard.press('Enter')
    s.page.locator('.three').wait_for()
    s.shot(f'evals-detail-{theme}')

def test_hostile_row(stage, tmp_path, hostile):
    safe = hostile.replace('\ud800', '')
    exs = examples_of([Example([dict(role='user', content=safe), dict(role='assistant', content=safe)])])
    run = Run(tmp_path, exs)
    append_jsonl(tmp_path/'evals'/'test'/'tuned.jsonl', dict(id=exs[0].id, answer=hostile, right={safe:False}))
    s = stage(EvalsPanel(run))
    s.wait('⟨U+202E⟩')
    s.page.locator('.answers tbody tr').click()
    s.page.locator('.three').wait_for()

def test_not_evaluated(stage, tmp_path):
    s = stage(EvalsPanel(Run(tmp_path, examples_of([]))))
    s.wait('Not evaluated yet')
    s.shot('evals-empty')

def test_narrow(stage, tmp_path):
    "Colab, VS Code and a notebook beside a sidebar: nothing may stick out of the panel"
    s = stage(EvalsPanel(Run(tmp_path, load(ftkit.base.system.sample('tickets'), limit=5))), width=480)
    s.wait('1–5 of 5')
    assert s.page.evaluate('document.documentElement.scrollWidth')<=480
    s.shot('evals-narrow')
