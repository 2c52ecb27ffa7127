"""Invented texts on many subjects, with planted copies of every kind; the same seed gives the same texts.

    python benchmarks/corpus.py FILE.jsonl [--rows 52500] [--words 180] [--seed 42]

Rows are {"text": …}. FILE.plants.json beside it says {"plants": [[kind, row, row], …]}: which row is whose
copy.
"""
import argparse, json, random, re
from pathlib import Path
from zlib import crc32

SYLLABLES = (
    'ba co de fi gu ha jo ke li mo nu pa qui ro se ta ul ve wi xa yo zen tri sta plo gre cha bru'.split())
GLUE = 'the of and to in is for on with as by at from that it was are be this which not or an but'.split()
ODD = '1.5|10:20|3,000|don\'t|café|“so-called”|2019|(see|€40'.split('|')
BY_TEMPLATE = ['Write a poem about {} and {}.', 'Translate to French: {} {}.',
               'Is {} inherited? This condition is passed on in a dominant pattern, so one copy of the '
               'altered gene '
               'in each cell is enough to cause {}.',
               'Question: who was {} in the film {}? Answer in one short sentence, or say that you do not '
               'know.']

def vocabulary(rng:random.Random, n:int)->list:
    return [''.join(rng.choices(SYLLABLES, k=rng.choice((1, 2, 2, 3, 3, 4)))) for _ in range(n)]

class Writer:
    "Sentences as people write them: common words often, rare ones seldom, set phrases, numbers, accents"
    def __init__(self, rng:random.Random, subjects:int=60):
        self.rng,common = rng,vocabulary(rng, 3000)
        self.subjects = [vocabulary(rng, 400)+rng.sample(common, 600) for _ in range(subjects)]
        self.phrases = [[' '.join(self.some(o, rng.randint(6, 14))) for _ in range(60)]
                        for o in self.subjects]
    def some(self, words:list, n:int)->list:
        r = self.rng.random
        return [GLUE[int(24*r()**2)] if r()<.35 else words[int(1000*r()**2)] for _ in range(n)]
    def sentence(self, subject:int)->str:
        rng = self.rng
        w = self.some(self.subjects[subject], rng.randint(5, 20))
        x = rng.random()
        if x<.2: w += rng.choice(self.phrases[subject]).split()
        if x>.8: w.insert(len(w)//2, rng.choice(ODD))
        if len(w)>12: w[6] += ','
        return ' '.join(w).capitalize()+rng.choice('....?!')
    def text(self, words:int)->str:
        rng = self.rng
        if rng.random()<.1: return rng.choice(BY_TEMPLATE).format(*vocabulary(rng, 2))
        subject,n,res = rng.randrange(len(self.subjects)),max(15, words*rng.lognormvariate(-.3, .8)),[]
        while n>0: res.append(self.sentence(subject)); n -= res[-1].count(' ')+1
        return ' '.join(res)

def noise(t, rng): # Case, space and punctuation
    t = re.sub(r'[^\w\s]', lambda m: m[0]*(rng.random()>.3), t)
    t = re.sub(' ', lambda m: rng.choice(('  ', ' ', ' ')), t)
    return rng.choice((str.upper, str.lower, str.title))(t)
def one_word(t, rng): w = t.split(' '); w[rng.randrange(len(w))] = 'category'; return ' '.join(w)
def typos(t, rng): return ''.join(rng.choice('aeinrst') if c.isalpha() and rng.random()<.01 else c for c in t)
def shuffled(t, rng): s = re.split(r'(?<=[.?!]) ', t); rng.shuffle(s); return ' '.join(s)
def cut(t, rng): return t[:int(.85*len(t))]
def prefix(t, rng): return '### Instruction:\n'+t
KINDS = dict(exact=lambda t, rng: t, case_space_punct=noise, one_word=one_word, typos=typos,
             shuffled=shuffled,
             cut=cut, prefix=prefix)

def corpus(
    rows:int=52_500,
    words:int=180, # About so many in a row
    seed:int=42
)->tuple: # Texts, and plants `(kind, row, row)`
    "Texts of which 4 % are planted copies of others"
    rng = random.Random(seed)
    writer,each = Writer(rng),rows//200
    texts = [writer.text(words) for _ in range(rows-each*len(KINDS))]
    fit = [i for i,o in enumerate(texts) if o.count(' ')>=30 and o.count('. ')>=2]
    plants = [(kind, i) for kind in KINDS for i in rng.sample(fit, each)] if len(fit)>=each else []
    copies = [KINDS[kind](texts[i], rng) for kind,i in plants]
    place = list(range(len(texts)+len(copies)))
    rng.shuffle(place)
    res = ['']*len(place)
    for p,t in zip(place, texts+copies): res[p] = t
    return res,[(kind, place[i], place[len(texts)+j]) for j,(kind,i) in enumerate(plants)]

def without_spaces(text:str)->str:
    "The same words, each in one to three Chinese characters of its own, one behind the other"
    def written(m): # A copy that differs in case or in a mark differs so too
        code = crc32(m[0].lower().encode())
        return ''.join(chr(0x4e00+(code>>10*k)%3000) for k in range(1+min(2, len(m[0])//5)))
    return re.sub(r'\s+', '', re.sub(r'[^\W\d_]+', written, text).translate(str.maketrans('.,?!', '。，？！')))

def write(path:Path, texts:list, plants:list)->tuple: # Paths of texts and plants
    with open(path, 'w', encoding='utf-8', newline='\n') as f:
        f.writelines(json.dumps(dict(text=o), ensure_ascii=False)+'\n' for o in texts)
    path.with_suffix('.plants.json').write_text(json.dumps(dict(plants=plants)))
    return path,path.with_suffix('.plants.json')

if __name__=='__main__':
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('file', type=Path); p.add_argument('--rows', type=int, default=52_500)
    p.add_argument('--words', type=int, default=180); p.add_argument('--seed', type=int, default=42)
    o = p.parse_args()
    print(*write(o.file, *corpus(o.rows, o.words, o.seed)))
