#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# All shell scripts through shellcheck. Exit code 77: it is not there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

if ! command -v shellcheck >/dev/null; then
    echo "skipped: shellcheck is not installed"
    exit 77
fi
scripts=()
for script in ./*.sh .ci/run cmake/*.sh tests/*.sh bench/*.sh packaging/*.bash-completion; do
    if [[ -f $script ]]; then
        scripts+=("$script")
    fi
done
shellcheck -x "${scripts[@]}"
