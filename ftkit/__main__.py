"The door of the command line: what `ftkit` and `python -m ftkit` run"
import sys

def main()->int: # Exit code
    "The command line, from its first import on: an interrupt then ends with words, too."
    try: from ftkit.cli.main import main as go
    except KeyboardInterrupt:
        print('ftkit: interrupted', file=sys.stderr)
        return 130
    return go()

if __name__=='__main__': sys.exit(main())
