#!/bin/sh
# install.sh SECTION…: installs the Debian packages of these sections of servers/packages.txt.
set -eu
packages=$(
    for section in "$@"; do
        awk -v wanted="# [$section]" \
            '/^# \[/ { on = ($0 == wanted) } on && !/^#/ && NF { print $1 }' packages.txt
    done
)
[ -n "$packages" ] || { echo "no packages in section: $*" >&2; exit 1; }
apt-get -o 'Acquire::Check-Valid-Until=false' update
# One package a line, none with a space: to be split.
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages
rm -rf /var/lib/apt/lists/*
