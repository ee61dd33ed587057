#!/bin/sh
# What the tests need from Debian beside Node: PostgreSQL, Python's venv, a Vulkan loader,
# and Chromium, which brings a software Vulkan device. Does nothing for what is there.
set -eu

wanted=""
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || wanted="$wanted postgresql"
python3 -m venv --help >/dev/null 2>&1 || wanted="$wanted python3-venv"
ldconfig -p | grep -q libvulkan.so.1 || wanted="$wanted libvulkan1"
command -v chromium >/dev/null 2>&1 || wanted="$wanted chromium"
[ -n "$wanted" ] || exit 0

if ! command -v apt-get >/dev/null 2>&1 || [ "$(id -u)" -ne 0 ]; then
  echo "these packages are needed and cannot be installed here (apt-get as root):$wanted" >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of packages
apt-get install -y -qq --no-install-recommends $wanted >/dev/null
