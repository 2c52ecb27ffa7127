"""What a reader types, as a type checker sees it; checked by tests/test_typing.py, and never run."""
from collections.abc import Iterator
from pathlib import Path
from typing import assert_type

import ftkit as ft
from ftkit.data.checks.report import Report
from ftkit.data.splits.sets import Splits
from ftkit.evaluation.gate import GateVerdict
from ftkit.evaluation.summary import Summary
from ftkit.evaluation.worst import Worst
from ftkit.launch.create import Runs
from ftkit.model.memory import Estimate

examples = ft.load('a.jsonl', label='category')
assert_type(examples, ft.Examples)
assert_type(examples.check().propose(), ft.Recipe)
assert_type(examples.clean(examples.check().propose()).examples, ft.Examples)
assert_type(examples.filter(lambda o: o.label!='other', 'not needed').shuffle(1), ft.Examples)
assert_type(examples[0], ft.Example)
assert_type(examples[:10], ft.Examples)
assert_type(examples[0].answer, str)
assert_type(examples.apply_review('r.jsonl')[0], ft.Examples)
for o in examples: assert_type(o, ft.Example)

splits = examples.split(group='customer')
assert_type(splits, Splits)
assert_type(splits['train'].check(against=splits['test']), Report)
assert_type(splits.save('data'), Path)

cfg = ft.RunConfig('tiny-random', 'train.jsonl', max_steps=5, lora=ft.LoraArgs(r=4))
assert_type(cfg.with_presets('extraction'), ft.RunConfig)
assert_type(cfg.estimate(), Estimate)
run = ft.train(cfg, wait=True)
assert_type(run, ft.Run)
assert_type(ft.train(splits, model='tiny-random').watch(), ft.Run)
assert_type(run.evaluate('validation'), Summary)
assert_type(run.gate(), GateVerdict)
assert_type(run.export('gguf'), Path)
assert_type(run.worst(n=5), Worst)
assert_type(run.worst().lines(), Iterator[str])
assert_type(run.judge(n=20), ft.Judgements)
assert_type(run.name, str)
assert_type(run.history().columns.size, int)
assert_type(ft.runs(), Runs)
assert_type(ft.runs().report(), Path)

# What is wrong is seen: each line needs its remark
ft.laod('a.jsonl') # pyright: ignore[reportAttributeAccessIssue]
examples.chek() # pyright: ignore[reportAttributeAccessIssue]
run.evaluate(splt='test') # pyright: ignore[reportCallIssue]
ft.RunConfig('tiny-random', 'train.jsonl', max_steps='many') # pyright: ignore[reportArgumentType]
