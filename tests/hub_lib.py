"A stand-in for the Hub, on this machine: what `create_repo`, `upload_folder` and `model_info` ask of it."
import base64, contextlib, hashlib, http.server, json, threading

TOKEN = 'hf_stand_in'

def blob(data): return hashlib.sha1(b'blob %d\0'%len(data)+data).hexdigest()

class Hub(http.server.ThreadingHTTPServer):
    "Repositories in memory, large files beside them; `fails` maps the end of a path to a status"
    daemon_threads = True
    def __init__(self):
        super().__init__(('127.0.0.1', 0), _Answers)
        self.repos,self.large,self.fails,self.asked = {},{},{},[]
        self.lose = '' # A file that is taken and then not there
    url = property(lambda self: f'http://127.0.0.1:{self.server_port}')
    def info(self, name):
        repo = self.repos[name]
        def sibling(file, o): # As with `blobs=true`; the Hub leaves these fields out otherwise
            res = dict(rfilename=file, size=len(o), blobId=blob(o))
            return res|(dict(lfs=dict(sha256=sha, size=len(o), pointerSize=127))
                        if (sha := hashlib.sha256(o).hexdigest()) in self.large else {})
        return dict(_id='1', id=name, modelId=name, private=repo['private'], sha='%040x'%repo['commits'],
                    tags=[], downloads=0, likes=0, siblings=[sibling(*o) for o in repo['files'].items()])

class _Answers(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def log_message(self, *_): pass
    def reply(self, o, status=200):
        data = json.dumps(o).encode()
        self.send_response(status)
        self.send_header('Content-Length', str(len(data)))
        self.send_header('Content-Type', 'application/json')
        if status>=400 and 'error' in o: self.send_header('X-Error-Message', o['error'])
        self.end_headers()
        self.wfile.write(data)
    def body(self):
        if self.headers.get('Transfer-Encoding')!='chunked':
            return self.rfile.read(int(self.headers.get('Content-Length') or 0))
        res = b''
        while n := int(self.rfile.readline(), 16):
            res += self.rfile.read(n)
            self.rfile.readline()
        self.rfile.readline()
        return res
    def answer(self):
        hub,path = self.server,self.path.split('?')[0]
        body = self.body()
        hub.asked.append(f'{self.command} {path}')
        if status := next((v for k,v in hub.fails.items() if path.endswith(k)), 0):
            return self.reply(dict(error='as asked'), status)
        if path.startswith('/large/'):
            hub.large[path.rpartition('/')[2]] = body
            return self.reply({})
        if self.headers.get('Authorization')!=f'Bearer {TOKEN}':
            return self.reply(dict(error='Invalid username or password.'), 401)
        if path=='/api/validate-yaml': return self.reply(dict(errors=[], warnings=[]))
        if path=='/api/repos/create': return self.create(json.loads(body))
        if path.endswith('.git/info/lfs/objects/batch'): return self.batch(json.loads(body))
        _,_,_,owner,name,*rest = path.split('/') # /api/models/owner/name/…
        name = f'{owner}/{name}'
        if name not in hub.repos: return self.reply(dict(error='Repository not found'), 404)
        if rest[:1] in ([], ['revision']): return self.reply(hub.info(name))
        if rest[0]=='preupload': return self.preupload(json.loads(body))
        if rest[0]=='commit': return self.commit(name, [*map(json.loads, body.splitlines())])
        self.reply(dict(error='not found'), 404)
    do_GET = do_POST = do_PUT = answer
    def create(self, o):
        hub,name = self.server,f"{o['organization']}/{o['name']}"
        url = f'{hub.url}/{name}'
        if o['organization']!='mira':
            return self.reply(dict(error="You don't have the rights to create a model here"), 403)
        if name in hub.repos:
            return self.reply(dict(error='You already created this model repo', url=url), 409)
        private = o.get('private') or o.get('visibility')=='private'
        hub.repos[name] = dict(private=bool(private), files={'.gitattributes':b'*'}, commits=1)
        self.reply(dict(url=url, name=name, id='1'))
    def preupload(self, o):
        large = ('.safetensors', '.gguf')
        self.reply(dict(files=[dict(path=f['path'], shouldIgnore=False,
                                    uploadMode='lfs' if f['path'].endswith(large) else 'regular')
                               for f in o['files']]))
    def batch(self, o):
        hub = self.server
        def actions(oid): return {} if oid in hub.large else dict(
            actions=dict(upload=dict(href=f'{hub.url}/large/{oid}')))
        self.reply(dict(transfer='basic', objects=[f|actions(f['oid']) for f in o['objects']]))
    def commit(self, name, lines):
        hub,repo = self.server,self.server.repos[name]
        for o in lines:
            kind,v = o['key'],o['value']
            if kind=='file': repo['files'][v['path']] = base64.b64decode(v['content'])
            if kind=='lfsFile': repo['files'][v['path']] = hub.large[v['oid']]
        repo['files'].pop(hub.lose, None)
        repo['commits'] += 1
        self.reply(dict(commitUrl=f'{hub.url}/{name}/commit/1', commitOid='%040x'%repo['commits']))

@contextlib.contextmanager
def serving():
    "A Hub that answers until the block ends"
    with Hub() as hub:
        threading.Thread(target=hub.serve_forever, daemon=True).start()
        try: yield hub
        finally: hub.shutdown()
