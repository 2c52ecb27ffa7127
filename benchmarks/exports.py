"""How alike are the exports of a run to what was evaluated?

    python benchmarks/exports.py RUN [--quants f16 bf16 q8_0]

RUN is a run that was evaluated on test, such as that of `make demo`. Forty prompts of the evaluation are
asked again, of the merged model by transformers and of each GGUF by llama.cpp, and next tokens are compared
with those of the same weights computed in 32 bits, at places of the evaluated answers. Printed are the table
of `ftkit export` and seconds."""
import argparse, sys, tempfile, time
from pathlib import Path

from ftkit.launch.create import attach
from ftkit.sharing import forms
from ftkit.sharing.equality import compare_heard, equality_lines

def main(run, quants):
    f = forms._Form(attach(run))
    asked = forms._cases(f)
    if not asked: sys.exit(f'{run} was not evaluated on test. Evaluate it with ftkit eval.')
    was,then = forms._evaluated(f, asked)
    rows,secs = {'as evaluated':compare_heard(asked[0], was, then)},{}
    def timed(name, write, ask):
        start = time.time()
        write()
        wrote = time.time()
        rows[name] = compare_heard(asked[0], was, ask())
        secs[name] = (wrote-start, time.time()-wrote)
    with tempfile.TemporaryDirectory() as d:
        d = Path(d)
        timed('merged', lambda: forms._put_merged(f, d), lambda: forms._hear_folder(f, d, asked, was))
        for quant in quants:
            g = forms._Form(f.run, 'gguf', quant)
            def ask(g=g): return forms._hear_file(g, d/g.file, asked, was)
            timed(g.name, lambda: forms._put_gguf(g, d), ask)
            (d/g.file).unlink()
    print(*equality_lines(rows), sep='\n')
    for name,(wrote,asking) in secs.items():
        print(f'{name}: written in {wrote:.0f} s, asked in {asking:.0f} s')

if __name__=='__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('run')
    parser.add_argument('--quants', nargs='+', default=['f16', 'bf16', 'q8_0'])
    o = parser.parse_args()
    main(o.run, o.quants)
