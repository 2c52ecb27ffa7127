"""The batches inside the running trainer are the rows that everybody else is shown."""
from collections import Counter

import pytest
from ftkit.config.settings import RunConfig
from ftkit.base.system import sample
from ftkit.model.names import load_tokenizer
from ftkit.data.read.load import load
from ftkit.data.read.write import save
from ftkit.launch.create import create
from ftkit.model.rows import IGNORE, rows_of
from ftkit.model.tokens import pack, tokenize
import ftkit.training.fit as training_fit
import ftkit.training.trainer as training_trainer

pytest.importorskip('trl')

def apart(ids, labels, places):
    "Rows that lie end to end, each as `(ids, labels)`"
    starts = [i for i,o in enumerate(places) if not o]
    return [(tuple(ids[a:b]), tuple(labels[a:b])) for a,b in zip(starts, [*starts[1:], len(ids)])]

@pytest.mark.parametrize('kernels', ['auto', 'plain'])
@pytest.mark.parametrize('packing', [False, True])
def test_batches_are_the_rows(own_cache, tmp_path, monkeypatch, packing, kernels):
    save(load(sample())[:24], tmp_path/'train.jsonl')
    cfg = RunConfig('tiny-random', 'train.jsonl', max_length=600 if packing else 180, batch_size=8,
                    num_train_epochs=1., eval_steps=0,
                    early_stopping_patience=0, packing=packing, kernels=kernels)
    run = create(cfg, tmp_path/'run', base=tmp_path)
    tok,exs = load_tokenizer('tiny-random'),run.rows('train')
    seen,masks,plain = [],[],training_trainer.load_model
    def recorded(*args, **kw):
        model = plain(*args, **kw)
        def look(module, args, kw):
            masks.append(kw.get('attention_mask'))
            labels = kw['learn'] if kernels=='auto' else kw['labels']
            places = kw['position_ids'] if packing or kernels=='auto' else kw['attention_mask']
            seen.extend(zip(kw['input_ids'].tolist(), labels.tolist(), places.tolist()))
        trainers_seen.append((model, look))
        return model
    trainers_seen,separable = [],training_trainer.separable
    def after(model): # What is tried before training is not a batch
        res = separable(model)
        for m,look in trainers_seen: m.register_forward_pre_hook(look, with_kwargs=True)
        return res
    monkeypatch.setattr(training_trainer, 'load_model', recorded)
    monkeypatch.setattr(training_trainer, 'separable', after)
    if kernels=='plain':
        monkeypatch.setattr(training_trainer, 'make_adapter',
                            lambda m, *a, make=training_trainer.make_adapter: (after(m), make(m, *a))[1])
    training_fit.fit(dict(train=tokenize(exs, tok, cfg.max_length)), cfg, run)
    got = Counter()
    if kernels=='auto':
        assert all(mask is None for mask in masks)
        for o in seen: got.update(apart(*o))
    elif packing:
        table = pack(tokenize(exs, tok, cfg.max_length), cfg.max_length).table.to_pylist()
        def bare(ids, labels, places): # A row without the padding behind it
            n = max(i for i,o in enumerate(labels) if o!=IGNORE)+1
            return tuple(ids[:n]), tuple(labels[:n]), tuple(places[:n])
        assert Counter(bare(*o) for o in seen)==Counter(
            bare(o['input_ids'], o['labels'], o['position_ids']) for o in table)
        assert len(table)<len(exs) and all(mask is None for mask in masks)
        return
    else:
        for ids,labels,mask in seen:
            n = sum(mask)
            # Padding: not seen, not learned
            assert mask==[1]*n+[0]*(len(ids)-n) and not [o for o in labels[n:] if o!=IGNORE]
            got[tuple(ids[:n]), tuple(labels[:n])] += 1
    rows = [o for o in rows_of(exs, tok, cfg.max_length) if not o.refused]
    assert packing or any(o.cut for o in rows) and len(rows)>12 # The cut rows are among them
    hidden = (lambda l: (IGNORE, *l[1:])) if kernels=='auto' else tuple # Nothing foretells the first token
    assert got==Counter((tuple(o.ids), hidden(o.labels)) for o in rows)
