"""One process that has imported the libraries, and forks for whoever would start python anew.

    warm.use()       # `python -m ftkit.…` is forked from now on, in python processes started from here too
    warm.use_this(d) # The same, but from this very process, which has imported the libraries

Importing torch, transformers and trl takes longer than most of what tests train. A forked process has the
arguments, folder, environment, session and open files that it would have had; `Popen` waits, polls and
signals as ever. What acts before the first line of python is not imitated: with another `PYTHONPATH` or
another python a process starts as usual. `python -c …` is forked only where the environment has
`FTKIT_WARM_CODE`, since what it imports may matter. The forking process is started by the first who needs it,
or by `start`, and ends with the process that called `use` first."""
import contextlib, gc, inspect, json, os, select, signal, socket, struct, subprocess, sys, tempfile
import threading, time, traceback
from pathlib import Path

HERE = Path(__file__).resolve().parent
ADDRESS,OWNER,PYTHON,GIVEN = 'FTKIT_WARM','FTKIT_WARM_OWNER','FTKIT_WARM_PYTHON','FTKIT_WARM_GIVEN'
THIS = 'FTKIT_WARM_THIS' # Set where every process forks for itself
FORKED = ('ftkit.', 'torch.distributed.run') # Modules
CODE = 'FTKIT_WARM_CODE' # Set for a `python -c` that may be forked
FIRST = 'FTKIT_WARM_FIRST' # Code that a forked process runs before its `module`: what a test does to it
DECIDES = ('PYTHONPATH', 'PYTHONHOME', 'PYTHONSTARTUP', 'LD_PRELOAD', 'LD_LIBRARY_PATH')
EXECUTE = subprocess.Popen._execute_child

def decides(env)->str: return json.dumps([env.get(k, '') for k in DECIDES])

def words_of(args, env)->tuple:
    "`(what follows python -m, whether -P is there)`; no words where it is not for us to fork"
    args = [os.fsdecode(a) for a in args] if isinstance(args, (list, tuple)) else [os.fsdecode(args)]
    flags = {a for a in args[1:3] if a in ('-u', '-P')}
    words = [a for i,a in enumerate(args[1:]) if i>1 or a not in flags]
    safe = '-P' in flags or bool(env.get('PYTHONSAFEPATH'))
    if args[0]!=sys.executable or len(words)<2: return [], safe
    if words[0]=='-c' and CODE in env: return words, safe
    return (words[1:] if words[0]=='-m' and words[1].startswith(FORKED) else []), safe

# ---- The child: becomes the process that was asked for

def become(ask:dict, fds:list):
    "Take over files, folder, environment and session, run the module and end; never returns"
    code = 1
    try:
        for n,fd in enumerate(fds): os.dup2(fd, n)
        os.closerange(3, 4096)
        if ask['session']: os.setsid()
        for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD): signal.signal(s, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        os.chdir(ask['cwd'])
        os.environ.clear()
        os.environ.update(ask['env'])
        sys.stdin,sys.stdout,sys.stderr = (open(n, 'w' if n else 'r', closefd=False, buffering=1)
                                           for n in range(3))
        sys.path[:] = [*([] if ask['safe'] else [ask['cwd']]), *(o for o in sys.path if o)] # As `-P` has it
        sys.argv = ask['words']
        code = run(ask['words'][0])
    except BaseException: traceback.print_exc()
    finally:
        with contextlib.suppress(Exception): sys.stdout.flush(), sys.stderr.flush()
        os._exit(code&255)

def run(module:str)->int: # The exit code
    "Run a module as the main one, on the threads that its environment asks for"
    import runpy, torch
    if n := os.environ.get('OMP_NUM_THREADS'): torch.set_num_threads(int(n))
    # The supervisor is its child's parent
    install(fork if module=='ftkit.run.supervise' or THIS in os.environ else ask_server)
    note(module)
    try:
        if first := os.environ.get(FIRST): exec(first, dict(module=module))
        if module=='-c': run_code(sys.argv.pop(1))
        else: runpy.run_module(module, run_name='__main__', alter_sys=True)
    except SystemExit as e: return e.code if isinstance(e.code, int) else int(e.code is not None)
    except KeyboardInterrupt:
        traceback.print_exc()
        return 130
    finally:
        for t in threading.enumerate():
            if t is not threading.main_thread() and not t.daemon: t.join()
    return 0

def run_code(text:str):
    import types
    sys.modules['__main__'] = main = types.ModuleType('__main__')
    exec(compile(text, '<string>', 'exec'), main.__dict__)

def note(module):
    "Where /proc would show the command of a process of its own"
    p = Path(os.environ[ADDRESS]+'.d')/str(os.getpid())
    p.write_text(json.dumps(dict(words=[module, *sys.argv[1:]], rank=os.environ.get('RANK'))))

def processes()->dict: # Process number → `(words, rank)`
    "What was forked and is there still"
    found = {}
    for p in Path(os.environ.get(ADDRESS, '')+'.d').glob('[0-9]*'):
        if not Path(f'/proc/{p.name}').exists(): p.unlink(missing_ok=True); continue
        o = json.loads(p.read_text() or '{"words":[],"rank":null}')
        found[int(p.name)] = o['words'], o['rank']
    return found

# ---- The server

def imports():
    "What ftkit's processes import from elsewhere"
    import accelerate, bitsandbytes, datasets, peft, torch, transformers, trl # noqa: F401
    import polars, pyarrow.parquet, scipy.sparse, sklearn.svm, torch.distributed.run, yaml # noqa: F401
    from transformers import AutoModelForCausalLM, AutoTokenizer, LlamaForCausalLM, Trainer # noqa: F401
    from trl import SFTConfig, SFTTrainer # noqa: F401

def receive(conn):
    "`(what is asked, its files)`"
    head,fds,*_ = socket.recv_fds(conn, 8, 3)
    n,data = struct.unpack('q', head)[0],b''
    while len(data)<n: data += conn.recv(min(n-len(data), 2**20))
    return json.loads(data), fds

def serve(address:str, owner:int):
    "Fork for whoever asks, tell how each child ended, and end with the owner"
    imports()
    gc.collect()
    gc.freeze()
    Path(address+'.d').mkdir(exist_ok=True)
    listener,asking = socket.socket(socket.AF_UNIX),{}
    listener.bind(address+'.new')
    listener.listen(64)
    os.rename(address+'.new', address) # It is there when it can be asked
    r,w = os.pipe()
    os.set_blocking(w, False)
    signal.set_wakeup_fd(w, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    while Path(f'/proc/{owner}').exists():
        ready,_,_ = select.select([listener, r], [], [], 1)
        if r in ready: os.read(r, 4096)
        if listener in ready: begin(listener.accept()[0], listener, asking)
        reap(asking)

def begin(conn, listener, asking:dict):
    ask,fds = receive(conn)
    if not (pid := os.fork()):
        signal.set_wakeup_fd(-1)
        become(ask, fds)
    for fd in fds: os.close(fd)
    asking[pid] = conn
    with contextlib.suppress(OSError): conn.sendall(struct.pack('q', pid))

def reap(asking:dict):
    while asking:
        try: pid,status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError: return
        if not pid: return
        if conn := asking.pop(pid, None):
            with contextlib.suppress(OSError): conn.sendall(struct.pack('q', status))
            conn.close()

# ---- Whoever asks

def start():
    "Start the server, once; it is there when its socket is"
    from ftkit.training.arguments import thread_env
    address = os.environ[ADDRESS]
    with contextlib.suppress(FileExistsError), open(address+'.log', 'xb') as log:
        env = thread_env(len(os.sched_getaffinity(0)))|dict(PYTHONHASHSEED='0',
                                                            TOKENIZERS_PARALLELISM='false',
                                                            HF_HUB_DISABLE_PROGRESS_BARS='1')
        subprocess.Popen([sys.executable, '-c', f'import warm; warm.serve({address!r}, {os.environ[OWNER]})'],
                         stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                         env=os.environ|env)

def ready(seconds:float=120)->bool:
    "Wait for the server; raises `RuntimeError` if it does not come"
    until = time.monotonic()+seconds
    while not Path(os.environ[ADDRESS]).exists():
        if time.monotonic()>until: raise RuntimeError(Path(os.environ[ADDRESS]+'.log').read_text()[-2000:])
        time.sleep(.02)
    return True

def prepared(self, a:dict):
    "What would be asked, with the files of the child; None where it has to start as usual"
    env = {**os.environ} if a['env'] is None else {os.fsdecode(k):os.fsdecode(v) for k,v in a['env'].items()}
    words,safe = words_of(a['args'], env)
    odd = a['preexec_fn'] or a['pass_fds'] or a['shell'] or a['executable'] or not a['close_fds']
    if not words or odd or ADDRESS not in env or decides(env)!=os.environ[GIVEN]: return None
    if not Path(os.environ[ADDRESS]).exists():
        start()
        if os.environ[OWNER]!=str(os.getpid()): return None # A kernel does not wait for it
        ready()
    fds = [a[k] if a[k]>=0 else n for n,k in enumerate(('p2cread', 'c2pwrite', 'errwrite'))]
    cwd = os.path.abspath(os.fsdecode(a['cwd'] or '.'))
    return dict(words=words, env=env, cwd=cwd, safe=safe, session=bool(a['start_new_session'])), fds

def begun(self, pid, a:dict):
    self.pid,self._child_created = pid,True
    self._close_pipe_fds(*(a[k] for k in ('p2cread', 'p2cwrite', 'c2pread', 'c2pwrite', 'errread',
                                          'errwrite')))

def fork(self, a:dict, ask:dict, fds:list):
    "The child of this very process"
    if not (pid := os.fork()): become(ask, fds)
    begun(self, pid, a)

def ask_server(self, a:dict, ask:dict, fds:list):
    "A child of the server's, which this `Popen` watches over its socket"
    conn = socket.socket(socket.AF_UNIX)
    conn.connect(os.environ[ADDRESS])
    data = json.dumps(ask).encode()
    socket.send_fds(conn, [struct.pack('q', len(data))], fds)
    conn.sendall(data)
    pid = struct.unpack('q', conn.recv(8, socket.MSG_WAITALL))[0]
    def try_wait(flags):
        if flags&os.WNOHANG and not select.select([conn], [], [], 0)[0]: return 0, 0
        got = conn.recv(8, socket.MSG_WAITALL)
        return pid, struct.unpack('q', got)[0] if len(got)==8 else signal.SIGKILL
    def poll(_deadstate=None, **_):
        if self.returncode is None and self._waitpid_lock.acquire(False):
            try:
                if self.returncode is None and (got := try_wait(os.WNOHANG))[0]:
                    self._handle_exitstatus(got[1])
            finally: self._waitpid_lock.release()
        return self.returncode
    self._try_wait,self._internal_poll,self._warm = try_wait,poll,conn
    begun(self, pid, a)

def install(way):
    "From now on `Popen` goes this way where it can"
    names = [*inspect.signature(EXECUTE).parameters]
    def execute(self, *args):
        a = dict(zip(names[1:], args))
        got = prepared(self, a)
        return EXECUTE(self, *args) if got is None else way(self, a, *got)
    subprocess.Popen._execute_child = execute

def patient():
    """Threads that wait for one another do not spin: beside other work that takes the core from those they
    wait for"""
    os.environ.setdefault('OMP_WAIT_POLICY', 'PASSIVE')
    os.environ.setdefault('GOMP_SPINCOUNT', '0')

def use():
    "Fork from now on, in this process and in what it starts; the first who says so owns the server"
    if ADDRESS not in os.environ:
        folder = tempfile.mkdtemp(prefix='ftkit-warm-')
        # Its sitecustomize calls this
        path = os.pathsep.join(filter(None, [str(HERE), os.environ.get('PYTHONPATH')]))
        os.environ.update({ADDRESS:f'{folder}/socket', OWNER:str(os.getpid()), PYTHON:sys.executable,
                           'PYTHONPATH':path})
        os.environ[GIVEN] = decides(os.environ)
    if os.environ[PYTHON]==sys.executable and hasattr(os, 'fork') and Path('/proc/self').exists():
        install(ask_server)

def use_this(folder):
    "Fork from this process, and from those that come from it; notes of them are kept in this folder"
    path = Path(folder)/'socket'
    path.touch() # Nobody listens there, and nobody is asked
    Path(f'{path}.d').mkdir()
    os.environ.update({ADDRESS:str(path), OWNER:str(os.getpid()), PYTHON:sys.executable, THIS:'1'})
    os.environ[GIVEN] = decides(os.environ)
    install(fork)
