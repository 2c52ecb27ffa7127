"""One prompt or many, answered from a script as they were evaluated, without a word of any library."""
import subprocess, sys

import pytest
from ftkit.evaluation.ask import ask, forget

pytest.importorskip('trl')

@pytest.fixture(scope='module')
def run(trained):
    yield trained
    forget()

def test_answers_are_those_of_the_evaluation(run):
    rows = [*run.rows('test')]
    for which in ('tuned', 'base'):
        said = ask(run, rows, which, max_new_tokens=8)
        assert said==[o['answer'] for o in run.answers('test')[which]]
    assert run.ask(rows[0], max_new_tokens=8)==ask(run.path, [rows[0]], max_new_tokens=8)[0]
    texts = [o.prompt[-1]['content'] for o in rows[:2]]
    assert run.ask(texts, max_new_tokens=8)==ask(run, rows[:2], max_new_tokens=8) # With their system prompt

def test_a_script_prints_the_answer_alone(run):
    code = f"import ftkit as ft; print(ft.attach({str(run.path)!r}).ask('Hello', max_new_tokens=3))"
    got = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, timeout=120)
    assert got.returncode==0 and got.stderr=='' and got.stdout==ask(run, 'Hello', max_new_tokens=3)+'\n'

def test_what_is_no_prompt(run):
    for o in (7, [7], [dict(role='user')]):
        with pytest.raises(ValueError, match='is not a prompt'): ask(run, o)
    assert ask(run, [])==[]
