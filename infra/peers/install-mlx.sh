#!/bin/sh
# Makes the Python environment of the mlx engine, with the command that people use, where its tests look for it.
# Does nothing when it is there. On Linux it computes on the CPU: right, and slow.
set -eu
cd "$(dirname "$0")/../.."
HEARTH_HOME="$PWD/.cache/mlx-peer" npx --no-install hearth mlx install "$@"
