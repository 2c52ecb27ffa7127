"""Every benchmark, one after the other.

    python benchmarks/all.py                     on invented data
    python benchmarks/all.py --data rows.jsonl   on a file of your own, where a benchmark takes one
    python benchmarks/all.py --small             in some minutes: fewer rows, a smaller file"""
import argparse, importlib.util, subprocess, sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PEERS = [] if any(importlib.util.find_spec(o) is None for o in ('rensa', 'datasketch')) else ['--peers']

def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('--data')
    p.add_argument('--small', action='store_true')
    o = p.parse_args()
    data,small = (['--data', o.data] if o.data else []),o.small
    jobs = [('duplicates', *data, *PEERS, *(['--rows', '10000'] if small and not data else [])),
            *([] if small or data else [('duplicates', '--rows', '500000'), ('duplicates', '--unspaced')]),
            ('checks', *data, *(['--rows', '10000'] if small else [])),
            ('labels', *(['--seeds', '1'] if small else [])),
            ('review', *data, *(['--rows', '50000'] if small and not data else [])),
            ('watching', '--model', 'tiny-random', '--steps', '60' if small else '200'),
            ('memory_data', *(['--gb', '.1'] if small else [])),
            ('tokens', *(['--rows', '5000', '--repeat', '1'] if small else [])), ('memory_gpu', '--cpu'),
            ('presets', *(['--quick'] if small else [])), ('intervals', *(['--quick'] if small else []))]
    if not PEERS: print("Without the peers rensa and datasketch: pip install '.[bench]' brings them.")
    failed = []
    for name,*args in jobs:
        print(f'\n→ {name} {" ".join(args)}', flush=True)
        if subprocess.run([sys.executable, HERE/f'{name}.py', *args]).returncode: failed.append(name)
    if failed: sys.exit(f'FAILED: {", ".join(failed)}')

if __name__=='__main__': main()
