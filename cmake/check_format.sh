#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Formatting of the C and CUDA sources. The version of clang-format is pinned, since others format
# differently. Exit code 77: it is not there. With --fix the files are formatted in place.
set -euo pipefail
version=14
cd "$(dirname "${BASH_SOURCE[0]}")/.."

formatter=""
for candidate in "clang-format-$version" clang-format; do
    if command -v "$candidate" >/dev/null && "$candidate" --version | grep -q "version $version\."; then
        formatter=$candidate
        break
    fi
done
if [[ -z $formatter ]]; then
    echo "skipped: clang-format $version is not installed"
    exit 77
fi

mode=(--dry-run -Werror)
if [[ ${1-} == --fix ]]; then
    mode=(-i)
fi
find host include kernels tests bench -name '*.[ch]' -o -name '*.cu' -o -name '*.cuh' |
    LC_ALL=C sort | xargs -r -d '\n' "$formatter" "${mode[@]}"
