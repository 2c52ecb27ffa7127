#!/usr/bin/env bash
# Short stages for a large card, each usable alone, of at most four minutes, with nothing fetched:
#
#   benchmarks/gpu.sh needs              what a machine without network has to be given, and how
#   benchmarks/gpu.sh correct   (or a)   gradients, rows end to end, FlashAttention, 4 and 8 bits, resuming
#   benchmarks/gpu.sh speed     (or b)   beside trl: SmolLM2-135M and Llama-3-8B, LoRA, QLoRA, Liger
#   benchmarks/gpu.sh memory    (or c)   estimated against measured
#   benchmarks/gpu.sh devices   (or d)   DDP and FSDP2, where there are two cards
#   benchmarks/gpu.sh all                one after the other
#
#   --cpu        the same at tiny shapes on the CPU, so that no typo waits for a card
#   --out DIR    where gpu-STAGE.md is written (bench by default)
#   --only TEXT  checks whose name holds this text; names stand at the end of each gpu_STAGE.py
#   --seconds N  of a stage, 230 by default; what does not fit is said, and counts as wrong
#
# Exit code 0 if every number is right, 1 if one is wrong or missing, 2 if nothing could begin.
# PYTHON=python3.12 chooses a Python.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
export PYTHONPATH="$root${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python3}" "$root/benchmarks/gpu.py" "$@"
