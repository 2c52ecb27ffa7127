"""Memory and seconds for a JSON lines file of some GB: read, then every check that looks at rows one by one.

    python benchmarks/memory_data.py [--gb 2] [--data FILE] [--dir FOLDER]

Without --data a file of invented questions and answers is written below --dir first. Anonymous memory is what
counts against a machine's limit (RssAnon in /proc/self/status, seen twenty times a second); the table itself
lies in a file that the system maps, and drops from memory as it likes.
"""
import argparse, json, random, sys, tempfile, threading, time
from pathlib import Path

WORDS = (
    'card payment order refund parcel address account delivery invoice status support number please could '
    'check '
         'again because before after already during weekend customer service arrived missing wrong '
         'broken').split()

def make(path:Path, gb:float, seed:int=42)->Path:
    """A file of about `gb` GB, one question and answer a line; now and then one with a defect, and a
    broken line"""
    rnd,n,size = random.Random(seed),0,0
    texts = [' '.join(rnd.choices(WORDS, k=rnd.randint(10, 120))).capitalize()+'.' for _ in range(2000)]
    with open(path, 'w', encoding='utf-8', newline='\n') as f:
        while size<gb*1e9:
            n += 1
            says = [' '.join(rnd.choices(texts, k=2)) for _ in range(2)]
            if n%50==0: says[0] += ' Write to ann.lee@mail.example.com.'
            if n%100==1: says[1] = ''
            line = json.dumps(dict(prompt=f'Ticket {n}: {says[0]}', completion=says[1], page=n))
            size += f.write((line if n%10_000 else line[:50])+'\n')
    return path

def anonymous_bytes()->int:
    "Anonymous memory of this process now"
    line = next(o for o in Path('/proc/self/status').read_text().splitlines() if o.startswith('RssAnon'))
    return int(line.split()[1])*1024

class Peak:
    "The largest anonymous memory while the block runs"
    def __enter__(self):
        self.bytes,self.on,self.start = 0,True,time.time()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()
        return self
    def watch(self):
        while self.on:
            self.bytes = max(self.bytes, anonymous_bytes())
            time.sleep(.05)
    def __exit__(self, *_):
        self.on = False
        self.thread.join()
        self.bytes,self.seconds = max(self.bytes, anonymous_bytes()),time.time()-self.start
    def __str__(self): return f'{self.seconds:7.1f} s  {self.bytes/1e9:.2f} GB anonymous at most'

def row_checks()->tuple:
    "The shipped checks that need no pairs of rows and no model"
    from ftkit.data.checks.issue import CHECKS
    pairs = ('exact', 'near', 'conflict', 'label_noise', 'noise', 'suspect')
    return tuple(o for o in CHECKS if not any(p in getattr(o, '__name__', str(o)) for p in pairs))

def main():
    p = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    p.add_argument('--gb', type=float, default=2, help='size of the file to make, in GB')
    p.add_argument('--data', help='a file of your own')
    p.add_argument('--dir', default='.', help='where the file is made, and removed again')
    p.add_argument('--at-most', type=float, help='GB of anonymous memory; more is a failure')
    o = p.parse_args()
    from ftkit.data.checks.report import check
    from ftkit.data.read.load import load
    with tempfile.TemporaryDirectory(dir=o.dir) as folder:
        path = Path(o.data) if o.data else make(Path(folder)/'big.jsonl', o.gb)
        print(
            f'{path.name}: {path.stat().st_size/1e9:.2f} GB; before reading {anonymous_bytes()/1e9:.2f} GB '
            f'anonymous')
        with Peak() as reading: exs = load(path)
        print(f'read         {reading}  {exs!r}')
        with Peak() as walking: n = sum(len(b) for b in exs.batches())
        print(f'batches      {walking}  {n:,} examples')
        with Peak() as index: exs.index(exs[len(exs)//2].id)
        print(f'index        {index}')
        checks = row_checks()
        with Peak() as checking: report = check(exs, checks=checks)
        print(f'row checks   {checking}  {len(report):,} issues of {len(checks)} checks')
        most = max(reading.bytes, walking.bytes, index.bytes, checking.bytes)/1e9
        print(f'most of all  {most:.2f} GB')
        if o.at_most and most>o.at_most: sys.exit(f'more than the {o.at_most:g} GB that are allowed')

if __name__=='__main__': main()
