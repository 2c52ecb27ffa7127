"""The batches inside the running trainer are the rows that everybody else is shown."""
from collections import Counter

import pytest
from ftkit import training
from ftkit.config import RunConfig
from ftkit.core import sample
from ftkit.models import load_tokenizer
from ftkit.readers import load, save
from ftkit.runs import create
from ftkit.templates import IGNORE, pack, rows_of, tokenize

pytest.importorskip('trl')

@pytest.mark.parametrize('packing', [False, True])
def test_batches_are_the_rows(tmp_path, monkeypatch, packing):
    monkeypatch.setenv('FTKIT_CACHE', str(tmp_path/'cache'))
    save(load(sample())[:24], tmp_path/'train.jsonl')
    cfg = RunConfig('tiny-random', 'train.jsonl', max_length=600 if packing else 180, batch_size=8, epochs=1., eval_steps=0,
                    patience=0, packing=packing)
    run = create(cfg, tmp_path/'run', base=tmp_path)
    tok,exs = load_tokenizer('tiny-random'),run.rows('train')
    seen,masks,plain = [],[],training.load_model
    def recorded(*args, **kw):
        model = plain(*args, **kw)
        def look(module, args, kw):
            masks.append(kw.get('attention_mask'))
            for n,(ids,labels) in enumerate(zip(kw['input_ids'].tolist(), kw['labels'].tolist())):
                seen.append((tuple(ids), tuple(labels), tuple((kw['position_ids'] if packing else kw['attention_mask'])[n].tolist())))
        model.register_forward_pre_hook(look, with_kwargs=True)
        return model
    monkeypatch.setattr(training, 'load_model', recorded)
    training.fit(dict(train=tokenize(exs, tok, cfg.max_length)), cfg, run)
    got = Counter()
    if packing:
        table = pack(tokenize(exs, tok, cfg.max_length), cfg.max_length).table.to_pylist()
        def bare(ids, labels, places): # A row without the padding behind it
            n = max(i for i,o in enumerate(labels) if o!=IGNORE)+1
            return tuple(ids[:n]), tuple(labels[:n]), tuple(places[:n])
        assert Counter(bare(*o) for o in seen)==Counter(
            bare(o['input_ids'], o['labels'], o['position_ids']) for o in table)
        assert len(table)<len(exs) and all(mask is None for mask in masks)
        return
    for ids,labels,mask in seen:
        n = sum(mask)
        assert mask==(1,)*n+(0,)*(len(ids)-n) and not [o for o in labels[n:] if o!=IGNORE] # Padding: not seen, not learned
        got[ids[:n], labels[:n]] += 1
    rows = [o for o in rows_of(exs, tok, cfg.max_length) if not o.refused]
    assert any(o.cut for o in rows) and len(rows)>12 # The cut rows are among them
    assert got==Counter((tuple(o.ids), tuple(o.labels)) for o in rows)
