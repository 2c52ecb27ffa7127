"""The whole road once, as `ftkit demo` has it, on the clone that this file lies in.

    python tools/demo.py [FOLDER]   # as `make demo`; everything goes to FOLDER, demo/ if left out"""
import sys

from ftkit.cli.main import main

if __name__=='__main__': sys.exit(main(['demo', *sys.argv[1:]]))
