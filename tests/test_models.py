"""Models: nothing is opened that can run code, what cannot be opened is said with what to do, memory comes
back."""
import ast, hashlib, http.server, json, os, shutil, subprocess, sys, textwrap, threading
from pathlib import Path

import pytest
import ftkit.model.demo as model_demo

torch = pytest.importorskip('torch')
from ftkit.model.load import check_method, load_model
from ftkit.model.adapter import load_adapter, make_adapter
from ftkit.model.names import load_tokenizer
from ftkit.model.demo import make_tiny
from ftkit.model.pinned import pinned
from ftkit.model.release import release
from faults_lib import learned_hash

LORA = dict(r=4, target_modules='all-linear', task_type='CAUSAL_LM')
COMMIT = '0123456789abcdef0123456789abcdef01234567'

@pytest.fixture(scope='module')
def tiny(tmp_path_factory): return make_tiny(tmp_path_factory.mktemp('models')/'tiny')

@pytest.fixture
def copy(tiny, tmp_path):
    "A copy of the tiny model with some files changed: None takes one away, a dict is added to a JSON file"
    def make(name, **files):
        to = shutil.copytree(tiny, tmp_path/name)
        for stem,o in files.items():
            path = to/stem.replace('__', '.')
            if o is None: path.unlink()
            elif isinstance(o, dict): path.write_text(json.dumps(json.loads(path.read_text())|o))
            else: path.write_bytes(o)
        return to
    return make

class Evil:
    "Writes a file when it is unpickled"
    def __init__(self, path): self.path = str(path)
    def __reduce__(self): return open, (self.path, 'w')

def pickled(path, mark): torch.save(Evil(mark), path)

def child(code, **env):
    "What a script prints, in a process of its own"
    did = subprocess.run([sys.executable, '-c', textwrap.dedent(code)], capture_output=True, text=True,
                         env=os.environ|dict(TRANSFORMERS_VERBOSITY='error', OMP_NUM_THREADS='1')|env)
    assert did.returncode==0, did.stderr[-2000:]
    return did.stdout

@pytest.mark.parametrize('named', ('pytorch_model.bin', 'pytorch_model-00001-of-00002.bin', 'model.pth',
                                   'adapter_model.bin'))
def test_pickle_is_never_opened(copy, tmp_path, named):
    folder = copy('old', model__safetensors=None)
    pickled(folder/named, tmp_path/'ran')
    with pytest.raises(ValueError, match='convert the model once'): load_model(str(folder))
    assert not (tmp_path/'ran').exists()

def test_a_safetensors_file_of_something_else_does_not_hide_pickle_weights(copy, tmp_path):
    folder = copy('old')
    (folder/'model.safetensors').rename(folder/'other.safetensors')
    pickled(folder/'pytorch_model.bin', tmp_path/'ran')
    with pytest.raises(ValueError, match='no weights in safetensors'): load_model(str(folder))

def test_config_cannot_name_a_pickle_as_its_weights(copy, tmp_path):
    "transformers lets one name through: adapter_model.bin"
    folder = copy('old', config__json=dict(transformers_weights='adapter_model.bin'))
    pickled(folder/'adapter_model.bin', tmp_path/'ran')
    with pytest.raises(ValueError, match='adapter_model.bin'): load_model(str(folder))
    assert not (tmp_path/'ran').exists()

def test_adapters_in_pickle_are_refused(tiny, copy, tmp_path):
    make_adapter(load_model(str(tiny)), LORA, 1).save_pretrained(tmp_path/'ad')
    (tmp_path/'ad/adapter_model.safetensors').unlink()
    pickled(tmp_path/'ad/adapter_model.bin', tmp_path/'ran')
    with pytest.raises(ValueError, match='pickle'): load_adapter(load_model(str(tiny)), tmp_path/'ad')
    with pytest.raises(ValueError, match='pickles'): load_model(str(tmp_path/'ad'))
    beside = copy('beside')
    for o in ('adapter_config.json', 'adapter_model.bin'): shutil.copy(tmp_path/'ad'/o, beside)
    with pytest.raises(ValueError, match='pickles'): load_model(str(beside))
    assert not (tmp_path/'ran').exists()

def test_damaged_weights_are_named(copy, tiny):
    with pytest.raises(OSError, match='damaged'):
        load_model(str(copy('cut', model__safetensors=(tiny/'model.safetensors').read_bytes()[:20000])))

def test_foreign_code_runs_only_where_it_is_named(copy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    own = dict(model_type='own', auto_map=dict(AutoConfig='own.Own', AutoModelForCausalLM='own.OwnModel'))
    folder = str(copy('own', config__json=own, own__py=b'open("ran", "w"); raise SystemError("it ran")'))
    with pytest.raises(ValueError, match=f'trust_remote_code: {folder}'): load_model(folder)
    with pytest.raises(ValueError, match='must be the name of the model'):
        load_model(folder, trust_remote_code='another')
    assert not Path('ran').exists()
    with pytest.raises(SystemError, match='it ran'): load_model(folder, trust_remote_code=folder)
    token = dict(tokenizer_class='Own', auto_map=dict(AutoTokenizer=['own.Own', None]))
    folder = str(copy('tok', tokenizer_config__json=token, own__py=b'open("ran2", "w")'))
    with pytest.raises(ValueError, match=f'trust_remote_code: {folder}'): load_tokenizer(folder)
    assert not Path('ran2').exists()

@pytest.mark.parametrize('file,load',
                         (('config__json', load_model), ('tokenizer_config__json', load_tokenizer)))
def test_trusting_a_model_trusts_no_other(copy, file, load):
    o = dict(AutoConfig='owner/else--own.Own', AutoModelForCausalLM='owner/else--own.M',
             AutoTokenizer=['owner/else--own.T', None])
    folder = str(copy('elsewhere', **{file:dict(model_type='own', tokenizer_class='Own', auto_map=o)}))
    with pytest.raises(ValueError, match="code of 'owner/else'"): load(folder, trust_remote_code=folder)

@pytest.mark.parametrize('kind,says',
                         (('GatedRepoError', 'Accept it on'), ('RepositoryNotFoundError', 'spelled right'),
                          ('RevisionNotFoundError', 'no such revision'),
                          ('LocalEntryNotFoundError', 'no network')))
@pytest.mark.parametrize('call', (load_tokenizer, load_model, pinned))
def test_what_the_hub_refuses_is_said_with_what_to_do(monkeypatch, kind, says, call):
    import httpx
    from huggingface_hub import errors
    from transformers.utils import hub
    def refuse(*args, **kwargs):
        answer = {} if kind=='LocalEntryNotFoundError' else dict(
            response=httpx.Response(404, request=httpx.Request('GET', 'http://hub/x')))
        raise getattr(errors, kind)('no', **answer)
    monkeypatch.setattr(hub, 'hf_hub_download', refuse)
    monkeypatch.setattr(hub, 'snapshot_download', refuse)
    with pytest.raises(OSError, match=says): call('owner/name')

def test_a_model_in_the_hubs_cache_offline(tiny, tmp_path):
    for name,left in (('good', ()), ('pickle', ('.safetensors',))):
        repo = tmp_path/f'hub/models--own--{name}'
        (repo/'refs').mkdir(parents=True)
        (repo/'refs/main').write_text(COMMIT); (repo/'refs/v1').write_text(COMMIT)
        shutil.copytree(tiny, repo/'snapshots'/COMMIT,
                        ignore=lambda _,all: [o for o in all if o.endswith(left or '-')])
    (repo/'snapshots'/COMMIT/'pytorch_model.bin').touch()
    out = child('''
        from ftkit.model.load import load_model
        from ftkit.model.names import load_tokenizer
        from ftkit.model.pinned import pinned
        load_model('own/good'), load_tokenizer('own/good')
        print(pinned('own/good'), pinned('own/good', 'v1'))
        for f,*args in ((pinned, 'own/good', 'v2'), (load_model, 'own/missing'), (load_model, 'own/pickle')):
            try: f(*args)
            except (OSError, ValueError) as e: print(e)
        ''', HF_HOME=str(tmp_path), HF_HUB_CACHE=str(tmp_path/'hub'), HF_HUB_OFFLINE='1')
    first,rev,missing,old = out.strip().splitlines()
    assert first==f'{COMMIT} {COMMIT}'
    assert "at revision 'v2'" in rev and 'HF_HUB_OFFLINE' in missing
    assert 'convert the model once' in old and "from_pretrained('own/pickle')" in old

def test_a_fingerprint_goes_by_content(tiny, copy):
    assert pinned(str(tiny))==pinned(str(copy('same')))
    w = bytearray((tiny/'model.safetensors').read_bytes()); w[-5] ^= 1
    assert len({pinned(str(o)) for o in (tiny, copy('weights', model__safetensors=bytes(w)),
                                         copy('config', config__json=dict(rope_theta=1)))})==3

def test_adapters_are_the_same_whatever_was_drawn_before(tiny):
    hashes = set()
    for n in (0, 3):
        model = load_model(str(tiny)); torch.randn(n)
        hashes.add(learned_hash(make_adapter(model, LORA, 42)))
    assert len(hashes)==1
    assert learned_hash(make_adapter(load_model(str(tiny)), LORA, 43)) not in hashes

@pytest.mark.parametrize('method', ('qlora', '8bit'))
def test_weights_of_few_bits_train_and_answer_here(tiny, method):
    model = make_adapter(load_model(str(tiny), method=method), LORA, 1)
    steps = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=5e-3)
    losses,ids = [],torch.arange(40, 60)[None]
    for _ in range(6):
        loss = model(input_ids=ids, labels=ids).loss; loss.backward(); steps.step(); steps.zero_grad()
        losses.append(loss.item())
    assert losses[-1]<losses[0]-.1
    def gradients():
        model.train()
        model(input_ids=ids, labels=ids).loss.backward()
        res = [p.grad.clone() for p in model.parameters() if p.requires_grad]
        steps.zero_grad()
        return res
    before = gradients()
    model.eval()
    # Here bitsandbytes packs the weights of a CPU that has AVX512-BF16
    with torch.no_grad(): model(input_ids=ids)
    assert all(torch.equal(a, b) for a,b in zip(before, gradients()))

def test_what_cannot_run_is_said_before_loading(monkeypatch, tiny):
    import bitsandbytes.functional as F
    def no(*args, **kwargs): raise NotImplementedError('no kernel')
    monkeypatch.setattr(F, 'quantize_4bit', no)
    with pytest.raises(RuntimeError, match='Set method: lora'):
        load_model(str(tiny/'nowhere'), method='qlora')
    monkeypatch.setitem(sys.modules, 'bitsandbytes', None)
    with pytest.raises(ImportError, match=r'ftkit\[train\]'): check_method('8bit')
    with pytest.raises(ValueError, match='one of full'): load_model(str(tiny), method='dora')
    with pytest.raises(ValueError, match='one of bf16'): load_model(str(tiny), dtype='bfloat16')

MANY = '''
    import gc, os, sys, torch, transformers
    from ftkit.model.release import give_back, release
    from ftkit.model.load import load_model
    from ftkit.model.adapter import make_adapter
    folder = os.environ['FOLDER']
    def anon():
        return next(int(o.split()[1])/1024 for o in open('/proc/self/status') if o.startswith('RssAnon'))
    def live():
        found = (o for o in gc.get_objects() if isinstance(o, torch.Tensor))
        return sum(o.untyped_storage().nbytes() for o in found)/2**20
    def one(method): # A model that has calculated, so that all it needs is there
        # Not as stored: else weights stay mapped from the file
        m = load_model(folder, method=method, dtype='fp32')
        kw = dict(r=8, target_modules='all-linear', task_type='CAUSAL_LM')
        if method!='full': m = make_adapter(m, kw, 1)
        ids = torch.arange(8)[None]
        loss = m(input_ids=ids, labels=ids).loss
        if method!='8bit': loss.backward() # Slow on a CPU
        return m
'''

@pytest.fixture(scope='module')
def wide(tiny, tmp_path_factory):
    "Many small matrices: memory that the C library keeps unless it is asked back. About 95 MiB at 32 bits"
    import transformers
    folder = tmp_path_factory.mktemp('wide')/'m'
    transformers.LlamaForCausalLM(transformers.LlamaConfig(
        vocab_size=2000, hidden_size=256, intermediate_size=700, num_hidden_layers=30, num_attention_heads=8,
        tie_word_embeddings=True)).bfloat16().save_pretrained(folder)
    return folder

METHODS = ('full', 'lora', '8bit')

@pytest.fixture(scope='module')
def measured(wide):
    """Method → MiB that a model takes; that stay once it is gone; that each further one leaves, dropped and
    released; tensors left by each. The C library holds on to some of the first one's, a little more at times:
    what leaks is there each time. One process, since importing takes longest"""
    out = child(MANY+f'''
    for method in {METHODS}:
        m = one(method); del m; gc.collect(); give_back()
        first = anon(); m = one(method); held = anon()-first; del m
        alive,kept,more = live(),[anon()-first],[]
        for _ in range(3):                                      # What Python frees by itself
            before = anon(); m = one(method); del m
            more.append(anon()-before)
        for _ in range(3):
            before = anon(); m = one(method); release(m)        # Though `m` still refers to it
            left = live(); more.append(anon()-before); kept.append(anon()-first); del m
        print('MiB', held, min(kept), min(more[:3]), min(more[3:]), alive, left)
    ''', FOLDER=str(wide), FTKIT_WARM_CODE='1')
    return dict(zip(METHODS, ([*map(float, o.split()[1:])] for o in out.splitlines() if o.startswith('MiB'))))

@pytest.mark.skipif(sys.platform!='linux', reason='reads /proc')
@pytest.mark.parametrize('method', METHODS)
def test_memory_comes_back(measured, method):
    held,kept,dropped,released,alive,left = measured[method]
    print(
        f'{method}: a model {held:.0f}, kept {kept:.0f}, each more: dropped {dropped:.0f}, released '
        f'{released:.0f} MiB')
    assert alive<1 and left<1 # No tensor is left but a mask or two
    # There the C library keeps as much of a first model as a second one takes
    if method!='lora': assert held>30
    assert dropped<max(10, .2*held) and released<max(10, .2*held)
    assert kept<max(20, .5*held) # A model that is kept once and for all is no less than a whole one

@pytest.mark.skipif(sys.platform!='linux', reason='reads /proc')
def test_a_cell_that_runs_again_does_not_keep_the_old_model(wide):
    "Its last line is `model`, so IPython keeps it in Out, _ and _3"
    pytest.importorskip('IPython')
    out = child(MANY+'''
    import weakref
    from IPython.core.interactiveshell import InteractiveShell
    sh = InteractiveShell.instance(); sh.user_ns |= dict(one=one, weakref=weakref, seen=[])
    used = []
    for _ in range(4):
        sh.run_cell("model = one('full'); seen.append(weakref.ref(model))", store_history=True)
        sh.run_cell('model', store_history=True)
        used.append(anon())
    sh.run_cell('1+1', store_history=True)
    print()
    print(repr(dict(alive=[o() is not None for o in sh.user_ns['seen']], last=sh.user_ns['_'], used=used)))
    ''', FTKIT_WARM_CODE='1', FOLDER=str(wide), IPYTHONDIR=str(wide.parent/'ipython'))
    found = ast.literal_eval(out.splitlines()[-1])
    assert (found['alive'],found['last'])==([False, False, False, True], 2)
    assert max(found['used'])-found['used'][0]<60, found # One model with its gradients is about 120 MiB

@pytest.mark.parametrize('file,text,says', [
    ('tokenizer_config.json', '{', 'damaged'), ('tokenizer.json', '{}', 'damaged'),
    ('chat_template.jinja', '{% for m in messages %}', 'chat template')])
def test_damaged_tokenizer_files(copy, file, text, says):
    folder = copy('damaged')
    (folder/file).write_text(text)
    with pytest.raises(ValueError, match=says): load_tokenizer(str(folder))

@pytest.fixture
def hub(tiny):
    "A hub with one model, `someone/tiny`, on this machine: the environment of a process that uses it"
    class Answers(http.server.BaseHTTPRequestHandler):
        def log_message(self, *args): pass
        def do_HEAD(self): self.answer(False)
        def do_GET(self): self.answer(True)
        def answer(self, body):
            path,more,code,data = self.path.partition('?')[0],{},200,b''
            if path.startswith('/api/models/') and '/tree/' not in path:
                data = json.dumps(dict(id='someone/tiny', sha=COMMIT,
                                       siblings=[dict(rfilename=o.name) for o in tiny.iterdir()])).encode()
            elif '/resolve/' in path and (file := tiny/path.rpartition('/')[2]).is_file():
                data,more = file.read_bytes(),{'X-Repo-Commit':COMMIT,
                                               'ETag':f'"{hashlib.sha256(file.read_bytes()).hexdigest()}"'}
            else: code,more = 404,{'X-Error-Code':'EntryNotFound', 'X-Repo-Commit':COMMIT}
            self.send_response(code)
            for k,v in (more|{'Content-Length':str(len(data))}).items(): self.send_header(k, v)
            self.end_headers()
            if body: self.wfile.write(data)
    with http.server.ThreadingHTTPServer(('127.0.0.1', 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield dict(HF_ENDPOINT=f'http://127.0.0.1:{server.server_port}', HF_HUB_DISABLE_XET='1',
                   HF_HUB_OFFLINE='0')
        server.shutdown()

def test_a_model_from_a_hub_is_pinned_and_tells_how_far_it_is(tiny, hub, tmp_path):
    said = child("""
        from ftkit.base.progress import telling
        from ftkit.model.load import load_model
        from ftkit.model.names import load_tokenizer
        from ftkit.model.pinned import pinned
        with telling(print): model = load_model('someone/tiny', pinned('someone/tiny'))
        print(pinned('someone/tiny'), len(load_tokenizer('someone/tiny')), type(model).__name__)
    """, HF_HOME=str(tmp_path/'home'), **hub).splitlines()
    size = (tiny/'model.safetensors').stat().st_size
    assert f'download {size} {size}' in said
    assert said[-1].split()[0]==COMMIT and said[-1].endswith('LlamaForCausalLM')

def test_a_cache_that_cannot_be_written_is_named_with_the_way_out(tmp_path, monkeypatch):
    (tmp_path/'file').write_text('')
    monkeypatch.setattr(model_demo.subprocess, 'run', lambda *a, **k: pytest.fail('nothing can come of it'))
    with pytest.raises(OSError,
                       match='file/cache is where models are kept.*Set the environment variable FTKIT_CACHE'):
        model_demo._elsewhere('tiny', tmp_path/'file/cache/tiny')
    monkeypatch.setattr(model_demo.os, 'access', lambda *a: False)
    with pytest.raises(PermissionError, match='FTKIT_CACHE'):
        model_demo._elsewhere('tiny', tmp_path/'cache/tiny')
