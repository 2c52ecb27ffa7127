"""Tokenising and masking chat rows beside trl's own preparation of the same rows, in turn.

    python benchmarks/tokens.py [--data FILE] [--rows 50000] [--repeat 3] [--template qwen2_5]

FILE is anything that `ftkit.load` reads. Without it rows come from benchmarks/corpus.py. The tokenizer is
made on the spot (16,000 entries). A first pass over 16 rows of each is not timed. trl runs with
`assistant_only_loss`, ours without its cache; ids are compared. The goal: 2 times."""
import argparse, statistics, tempfile, time
from pathlib import Path
from ftkit.data.read.load import load
from ftkit.model.spans import byte_tokenizer
from ftkit.model.template import template_text
from ftkit.model.tokens import tokenize

def invented(n:int):
    from corpus import corpus
    for i,text in enumerate(corpus(n)[0]):
        words = text.split()
        k = max(1, len(words)//4)
        turns = [' '.join(words[j*k:(j+1)*k if j<3 else None]) or 'yes' for j in range(4)]
        n_turns = 4 if i%3==0 else 2 # A third of the rows has two exchanges
        turns = turns if n_turns==4 else [' '.join(turns[:2]), ' '.join(turns[2:])]
        yield dict(messages=[dict(role='user' if j%2==0 else 'assistant', content=o)
                             for j,o in enumerate(turns)])

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--data', type=Path)
    p.add_argument('--rows', type=int, default=50_000)
    p.add_argument('--repeat', type=int, default=3)
    p.add_argument('--template', default='qwen2_5')
    p.add_argument('--max-length', type=int, default=1024)
    args = p.parse_args()
    import datasets, transformers, trl
    datasets.disable_progress_bars(); datasets.disable_caching()
    exs = load(args.data if args.data else list(invented(args.rows)))[:args.rows]
    texts = [m['content'] or '' for ex in exs[:4000] for m in ex.messages]
    tok = byte_tokenizer(texts, 16_000, template_text(args.template))
    tiny = transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=len(tok), hidden_size=8, intermediate_size=8, num_hidden_layers=1, num_attention_heads=1))
    rows = datasets.Dataset.from_list([dict(messages=list(ex.messages)) for ex in exs])
    def theirs(rows=rows):
        with tempfile.TemporaryDirectory() as d:
            return trl.SFTTrainer(tiny, trl.SFTConfig(d, assistant_only_loss=True, max_length=args.max_length,
                                                      use_cpu=True, report_to='none'),
                                  train_dataset=rows, processing_class=tok).train_dataset
    def ours(exs=exs): return tokenize(exs, tok, args.max_length, cache=False)
    # What is imported and compiled once does not count
    theirs(rows.select(range(min(16, len(rows))))); ours(exs[:16])
    took = dict(trl=[], ftkit=[])
    for _ in range(args.repeat):
        for name,f in (('trl', theirs), ('ftkit', ours)):
            start = time.perf_counter()
            res = f()
            took[name].append(time.perf_counter()-start)
            if name=='trl': other = res
            print(f'{name:6}{took[name][-1]:8.2f} s', flush=True)
    a,b = other[:500],res.table.slice(0, 500)
    same = sum(x==y for x,y in zip(a['input_ids'], b.column('input_ids').to_pylist()))
    print(f'{len(exs):,} rows, {res.tokens:,} tokens; mask by {res.how}; '
          f'ids equal in {same} of the first {b.num_rows} rows')
    mid = {k:statistics.median(v) for k,v in took.items()}
    print(f"median: trl {mid['trl']:.2f} s, ftkit {mid['ftkit']:.2f} s, ratio {mid['trl']/mid['ftkit']:.1f}")

if __name__=='__main__': main()
