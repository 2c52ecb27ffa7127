"""Several pytests share the files of tests, in a folder named by `FTKIT_CLAIMS`: whoever comes to one first
runs it, whole.

What is made for a module's tests is so made once, and nobody waits for the others but for the last file."""
import os
from pathlib import Path

import pytest

FOLDER = os.environ.get('FTKIT_CLAIMS', '')
mine = {} # Path → whether it is ours

def claim(path):
    "Make it ours; False where another one was first"
    try: (Path(FOLDER)/path.name).touch(exist_ok=False)
    except FileExistsError: return False
    return True

@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item):
    if not FOLDER: return None
    if item.path not in mine: mine[item.path] = claim(item.path)
    return None if mine[item.path] else True
