"""What watching a run costs it: training with no view, with a panel in a kernel, and with the panel in a
browser, in turn.

    python benchmarks/watching.py                                  the demo model, 30 updates, 3 rounds
    python benchmarks/watching.py --model tiny-random --steps 200  updates of milliseconds, the worst case
"""
import argparse, contextlib, json, os, queue, statistics, sys, tempfile, time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT/'tools'), str(ROOT)]
import ftkit as ft
import lab
from ftkit.panels.monitor.panel import MonitorPanel
from ftkit.panels.monitor.updates import message_bytes

PAGE = """([esm, css, key]) => {
  document.head.append(Object.assign(document.createElement("style"), { textContent: css }));
  const heard = new Set(), pass = (ms) => ms.forEach((m) => heard.forEach((f) => f(m)));
  const model = { get: (k) => ({ key, first: [] })[k],
    on: (_e, f) => heard.add(f), off: (_e, f) => heard.delete(f),
    send: (m) => window.toPython(m).then(pass) };
  setInterval(() => window.drain().then(pass), 100);
  return import(URL.createObjectURL(new Blob([esm], { type: "text/javascript" })))
    .then((mod) => { mod.default.render({ model, el: document.body }); });
}"""

def cpu_s():
    """CPU seconds of this process and of the browsers it started, apart; they hold on a machine that does
    other things too"""
    stat = {}
    for o in Path('/proc').glob('[0-9]*/stat'):
        try: head,_,rest = o.read_text().rpartition(')')
        except OSError: continue # It has ended
        f = rest.split()
        stat[int(o.parent.name)] = head.partition('(')[2],int(f[1]),(int(f[11])+
            int(f[12]))/os.sysconf('SC_CLK_TCK')
    def ours(pid):
        while pid in stat and pid!=os.getpid(): pid = stat[pid][1]
        return pid==os.getpid()
    return time.process_time(),sum(cpu for pid,(name,_,cpu) in stat.items() if name.startswith('chrom') and
                                   ours(pid))

def wait(run, page=None):
    while run.alive:
        if page: page.wait_for_timeout(200)
        else: time.sleep(.5)

def with_panel(run, browser=None):
    "Wait for a run with its panel open; the sizes of what was sent"
    p,news,sizes = MonitorPanel(run),queue.Queue(),[]
    p.send = lambda m, *_: (sizes.append(message_bytes(m)) if m['kind']=='more' else None,
                            news.put(json.loads(json.dumps(m))))
    def drain(): return [news.get() for _ in range(news.qsize())]
    def said(m): p._handle_custom_msg(m, []); return drain()
    if browser:
        page = browser.new_page(viewport=dict(width=1200, height=1000))
        page.expose_function('toPython', said)
        page.expose_function('drain', drain)
        page.set_content('<body></body>')
        page.evaluate(PAGE, [p._esm, p._css, p.key])
        wait(run, page)
        page.close()
    else:
        said(dict(kind='ready')); said(dict(kind='open', view='v'))
        wait(run)
    p.close()
    return sizes

def measured(run):
    """Milliseconds of a step and of its logging, medians, the first steps left out; seconds from the first
    step to the last"""
    train = [o for o in run.events() if o['kind']=='train'][3:]
    if len(train)<5: raise RuntimeError(f'{run!r}: too few steps to measure. {run.log_tail(800)}')
    steps = [1000*(b['t']-a['t']) for a,b in zip(train, train[1:])]
    whole = [o['t'] for o in run.events() if o['kind']=='train']
    return statistics.median(steps),statistics.median(o['log_ms'] for o in train),whole[-1]-whole[0]

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--model', default='smollm2-135m-instruct')
    p.add_argument('--steps', type=int, default=30)
    p.add_argument('--rounds', type=int, default=3)
    p.add_argument('--batch-size', type=int, default=4)
    o = p.parse_args()
    ways,found = ['no view', 'panel', *(['panel in a browser'] if lab.chromium_path() else [])],{}
    with tempfile.TemporaryDirectory() as tmp, contextlib.ExitStack() as stack:
        browser = stack.enter_context(lab.chromium()) if len(ways)>2 else None
        ft.load(ft.sample(), limit=200).split((.8, .1, .1)).save(f'{tmp}/data')
        cfg = ft.RunConfig(o.model, f'{tmp}/data/train.jsonl', max_steps=o.steps, num_train_epochs=1000,
                           batch_size=o.batch_size,
                           eval_steps=0, early_stopping_patience=0, samples=0, max_length=256)
        for i in range(o.rounds):
            for way in ways:
                run = cfg.create(f'{tmp}/{i}-{way.replace(" ", "-")}', allow_leak=True).start()
                before,began = cpu_s(),time.monotonic()
                sizes = wait(run) if way=='no view' else with_panel(run,
                    browser if 'browser' in way else None)
                step,log,wall = measured(run)
                found.setdefault(way, []).append((step, log, wall))
                kernel,page = ((b-a)/(time.monotonic()-began) for a,b in zip(before, cpu_s()))
                said = f'; of a core the kernel took {kernel:.1%}' + f' and the browser {page:.1%}'*(
                    'browser' in way)
                if sizes: said += f'; {len(sizes)} updates of at most {max(sizes)} bytes'
                print(
                    f'{i+1} {way:20} {step:9.1f} ms a step, logging {log:.3f} ms, {wall:.1f} s in all{said}',
                    flush=True)
    base,alone = (statistics.median(o[i] for o in found['no view']) for i in (0, 2))
    for way,all_ in found.items():
        step,log,wall = (statistics.median(c) for c in zip(*all_))
        print(
            f'{way:20} {step:9.1f} ms a step ({step/base-1:+.1%}), logging {log:.3f} ms, {log/step:.3%} of '
            f'it; '
              f'from the first step to the last {wall:.1f} s ({wall/alone-1:+.1%})')

if __name__=='__main__': main()
