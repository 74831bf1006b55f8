#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# clang-tidy over the host sources, as compiled in the build folder given. Its version is pinned,
# since others find other things. Exit code 77: it is not there. With --quick the static analyser,
# nearly all of the time, is left out.
set -euo pipefail
version=14
build=$(cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/.."

tidy=""
for candidate in "clang-tidy-$version" clang-tidy; do
    if command -v "$candidate" >/dev/null && "$candidate" --version | grep -q "version $version\."; then
        tidy=$candidate
        break
    fi
done
if [[ -z $tidy ]]; then
    echo "skipped: clang-tidy $version is not installed"
    exit 77
fi

options=(--quiet -p "$build")
if [[ ${2-} == --quick ]]; then
    options+=("--checks=-clang-analyzer-*")
fi
printf '%s\n' host/*.c | xargs -d '\n' -n 1 -P "$(nproc)" "$tidy" "${options[@]}" 2>&1 |
    sed '/ warnings\{0,1\} generated\.$/d'
