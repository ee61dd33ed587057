#!/bin/sh
# Says in one sentence why Hearth cannot be set up here, before npm says it in many.
set -u

if ! command -v node >/dev/null 2>&1; then
  echo "Hearth needs Node 20 or newer to install itself (it brings its own Node 24): install it from https://nodejs.org or your system's packages." >&2
  exit 1
fi
if ! command -v npm >/dev/null 2>&1; then
  echo "Hearth is installed by npm, which was not found: install npm (it usually comes with Node)." >&2
  exit 1
fi

major=$(node -p 'process.versions.node.split(".")[0]')
if [ "$major" -lt 20 ]; then
  echo "Hearth needs Node 20 or newer to install itself (it brings its own Node 24), this is $(node -v): update Node." >&2
  exit 1
fi

platform=$(node -p 'process.platform + "-" + process.arch')
case "$platform" in
  darwin-arm64 | darwin-x64 | linux-x64 | linux-arm64 | win32-x64 | win32-arm64) ;;
  *)
    echo "Hearth's native libraries exist for macOS, Linux and Windows on x64 and arm64, this is $platform: use one of those." >&2
    exit 1
    ;;
esac
