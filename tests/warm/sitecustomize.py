"Read by every python that is started with this folder on its PYTHONPATH: see warm.py"
import os

if os.environ.get('FTKIT_WARM'):
    import warm
    warm.use()
