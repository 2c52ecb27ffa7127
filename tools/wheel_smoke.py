"""Does an installed ftkit import, and train one step? Run it from a folder that is not the repository:

    python wheel_smoke.py [REPO]    # REPO: the folder that ftkit must not come from"""
import sys, tempfile, time
from pathlib import Path

def main(repo=None):
    start = time.time()
    import ftkit as ft
    secs = time.time()-start
    home = Path(ft.__file__).resolve().parent
    if repo and home.is_relative_to(Path(repo).resolve()):
        sys.exit(f'ftkit came from {home}, not from the wheel')
    assert 'torch' not in sys.modules, 'import ftkit loaded torch'
    print(f'ftkit {ft.__version__} from {home}, imported in {secs:.2f} s')
    for name in ft.__all__: getattr(ft, name)

    with tempfile.TemporaryDirectory() as tmp:
        tmp = Path(tmp)
        splits = ft.load(ft.sample('tickets'))[:24].split()
        splits.save(tmp)
        cfg = ft.RunConfig(model='tiny-random', train='train.jsonl', validation='validation.jsonl',
                           max_steps=1, batch_size=2, max_length=512)
        run = cfg.create(tmp/'run', base=tmp)
        run.start()
        status,until = run.status(), time.time()+300
        while status['state'] not in ('finished', 'stopped', 'failed', 'lost') and time.time()<until:
            time.sleep(.5)
            status = run.status()
        if status['state']!='finished':
            log = run.path/'log.txt'
            said = log.read_text() if log.exists() else ''
            sys.exit(f"the run is {status['state']}: {status.get('reason')}\n{said}")
        losses = [e['loss'] for e in run.events() if e['kind']=='train']
        assert status['step']==1 and losses, (status, losses)
        assert (run.path/'adapter').is_dir(), sorted(o.name for o in run.path.iterdir())
    print(f'one step trained: loss {losses[-1]:.2f}, {time.time()-start:.0f} s in all')

if __name__=='__main__': main(*sys.argv[1:])
