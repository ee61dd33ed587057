#!/bin/sh
# Makes .venv with the Python peers that tests and benches compare with: PyTorch, MLflow's client
# and server, and the libraries whose autologging is tested.
# Optional: tests that need a peer say so and are skipped where it is missing.
set -eu
cd "$(dirname "$0")/../.."

python=${PYTHON:-python3}
if ! "$python" -c 'import venv' 2>/dev/null; then
  echo "install.sh: $python with the venv module is needed (Debian: python3-venv)" >&2
  exit 1
fi
"$python" -m venv .venv
# On Linux the default build brings CUDA. PIP_EXTRA_INDEX_URL can name PyTorch's index of CPU
# builds, and TORCH the build (torch==2.15.0+cpu), to save the download.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --prefer-binary \
  "${TORCH:-torch==2.15.0}" -r infra/peers/requirements.txt
.venv/bin/python -c '
import langchain_openai, mlflow, openai, psutil, sklearn, torch
print("PyTorch", torch.__version__, "and MLflow", mlflow.__version__, "in .venv")'
