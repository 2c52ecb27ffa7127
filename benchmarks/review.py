"""How fast the review panel is, in a real browser: first row seen, next row painted, decision on disk.

    python benchmarks/review.py                      50,000, 500,000 and 1,000,000 rows, seeded
    python benchmarks/review.py --data rows.jsonl    a file of your own"""
import argparse, json, random, statistics, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT/'tools')]
import ftkit as ft
import lab, pyarrow as pa
from ftkit.data.table import SCHEMA
from ftkit.data.examples import Examples
from ftkit.panels.review.panel import review
from ftkit.data.review import Review

MODEL = """(esm, css, state) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const heard = new Set(), pass = (ms) => ms.forEach((m) => heard.forEach((f) => f(m)));
  const model = { get: (k) => state[k], on: (_e, f) => heard.add(f), off: (_e, f) => heard.delete(f),
    send: (m) => window.toPython(m).then(pass) };
  const url = URL.createObjectURL(new Blob([esm], { type: "text/javascript" }));
  return import(url).then((mod) => { mod.default.render({ model, el: document.getElementById("el") });
    return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(
      document.querySelectorAll(".list [data-id]").length)))); });
}"""
PRESS = """(key) => new Promise((done) => {
  const list = document.querySelector(".list");
  const at = () => document.querySelector(".list [aria-selected=true]").dataset.id;
  const before = at(), start = performance.now();
  list.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true }));
  if (at() === before) throw new Error("the next row is not chosen");
  requestAnimationFrame(() => { const c = new MessageChannel(); // after the frame was painted
    c.port1.onmessage = () => done(performance.now() - start);
    c.port2.postMessage(0); });
})"""

def generated(n, seed=42):
    "`n` rows of text, about 700 bytes each; one block of 10,000 is drawn, and repeated under other ids"
    draw = random.Random(seed)
    words = [''.join(draw.choices('abcdefghijklmnoprstuw', k=draw.randint(2, 9))) for _ in range(5000)]
    say = lambda lo, hi: ' '.join(draw.choices(words, k=draw.randint(lo, hi)))
    rows = [json.dumps([dict(content=say(8, 40), role='user'), dict(content=say(20, 140), role='assistant')],
                       separators=(',', ':')) for _ in range(min(n, 10_000))]
    tables = []
    for start in range(0, n, 10_000):
        k = min(10_000, n-start)
        ids = [f'{i*2654435761%2**64:016x}' for i in range(start, start+k)]
        lines,labels = list(range(start+1, start+k+1)),['abcd'[i%4] for i in range(k)]
        cells = [ids, ids, rows[:k], [None]*k, labels, lines, ['']*k, ['{}']*k]
        tables.append(pa.table([pa.array(c, t) for c,t in zip(cells, SCHEMA.types)], schema=SCHEMA))
    return Examples(pa.concat_tables(tables), source=f'{n:,} generated rows')

def opened(browser, exs, path):
    "From `examples.review()` to the first row on screen: the panel, the page, seconds, bytes sent"
    page = browser.new_page(viewport=dict(width=1000, height=800))
    page.set_content('<!doctype html><body><div id="el"></div></body>')
    sent = []
    start = time.perf_counter()
    p = review(exs, path, reviewer='ann')
    p.first = p.opening()
    p.send = lambda m, *_: sent.append(json.dumps(m))
    pic = p.static_html()
    python,rows = time.perf_counter()-start,len(json.dumps(p.first, ensure_ascii=False).encode())
    def said(m): sent.clear(); p._handle_custom_msg(m, []); return [json.loads(o) for o in sent]
    page.expose_function('toPython', said)
    n = page.evaluate(f'(args) => ({MODEL})(...args)', [p._esm, p._css, dict(key=p.key, first=p.first)])
    secs = time.perf_counter()-start
    assert n, 'no row on screen'
    return p,page,python,secs,rows,rows+len(p._esm.encode())+len(p._css.encode())+len(pic.encode())

def decided(folder, n=200):
    "Seconds from a decision to its line on disk, each with its fsync"
    r,res = Review(Path(folder)/'disk.jsonl', 'ann'),[]
    for i in range(n):
        start = time.perf_counter()
        r.decide(f'e{i}', 'keep', 'a comment')
        res.append(time.perf_counter()-start)
    return res

def main():
    args = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args.add_argument('--data', help='a file of examples instead of the generator')
    args.add_argument('--rows', default='50000,500000,1000000', help='sizes to generate')
    args.add_argument('--repeat', type=int, default=3, help='openings of each size; the median counts')
    o = args.parse_args()
    sets = [ft.load(o.data)] if o.data else (generated(int(n)) for n in o.rows.split(','))
    head = '{:>10} {:>8} {:>10} {:>10} {:>10} {:>18} {:>18}'
    print(head.format('rows', 'python', 'first row', 'rows sent', 'all sent', 'key → painted', 'on disk'))
    print(head.format('', 's', 's', 'MB', 'MB', 'median, worst ms', 'median, worst ms'))
    with lab.chromium() as browser, tempfile.TemporaryDirectory() as folder:
        for exs in sets:
            runs = []
            for k in range(o.repeat):
                p,page,*figures = opened(browser, exs, f'{folder}/{len(exs)}-{k}.jsonl')
                runs.append(figures)
                if k<o.repeat-1: page.close()
            python,secs,rows,sent = (statistics.median(c) for c in zip(*runs))
            keys = [page.evaluate(PRESS, 'kdfu'[i%4]) for i in range(60)]
            page.wait_for_timeout(500)
            assert len(p.review.decisions)==60
            page.close()
            disk = [1000*s for s in decided(folder, 200)]
            print(f'{len(exs):10,} {python:8.2f} {secs:10.2f} {rows/1e6:10.3f} {sent/1e6:10.3f} '
                  f'{statistics.median(keys):12.1f}, {max(keys):4.0f} {statistics.median(disk):12.2f}, '
                  f'{max(disk):4.1f}')
    print(
        'To reach: first row under 0.6 s and 0.15 MB at every size; key → painted under 50 ms; on disk under '
        '5 ms.')

if __name__=='__main__': main()
