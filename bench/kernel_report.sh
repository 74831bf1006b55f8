#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Registers, stack and spills of every kernel, as ptxas reports them; exit code 1 when a kernel spills or
# has a stack frame. Needs nvcc but no GPU. Exit code 77: there is no nvcc.
#   bench/kernel_report.sh [--json] [ARCH...]      default: those of sm_75 80 86 90 100 that nvcc knows
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

format=text
if [[ ${1-} == --json ]]; then
    format=json
    shift
fi
nvcc=${NVCC:-$(command -v nvcc || echo /usr/local/cuda/bin/nvcc)}
if ! command -v "$nvcc" >/dev/null; then
    echo "skipped: nvcc was not found (set NVCC or PATH)" >&2
    exit 77
fi

archs=("$@")
if ((${#archs[@]} == 0)); then
    known=$("$nvcc" --list-gpu-code)
    for arch in sm_75 sm_80 sm_86 sm_90 sm_100; do
        if grep -qx "$arch" <<<"$known"; then
            archs+=("$arch")
        fi
    done
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
options=(-std=c++17 -O3 -I "$root/include" -I "$root/host" -I "$root/kernels" -Xptxas -v)
for arch in "${archs[@]}"; do
    for source in "$root"/kernels/*.cu; do
        echo "arch $arch" >>"$work/log"
        if ! "$nvcc" "${options[@]}" -arch="$arch" -cubin -o "$work/cubin" "$source" \
            >"$work/one" 2>&1; then
            cat "$work/one" >&2
            exit 1
        fi
        cat "$work/one" >>"$work/log"
    done
done

# Mangled names hold the plain name after its length: _Z10row_f32_k415sevens_row_slab.
awk -v format="$format" -v nvcc="$("$nvcc" --version | grep -o 'release [0-9.]*')" '
    function plain(name,   digits) {
        if (match(name, /^_Z[A-Z]*[0-9]+/)) {
            digits = substr(name, RSTART, RLENGTH)
            name = substr(name, RLENGTH + 1)
            gsub(/[^0-9]/, "", digits)
            name = substr(name, 1, digits + 0)
        }
        return name
    }
    $1 == "arch" { arch = $2 }
    /Compiling entry function/ { split($0, part, "\047"); kernel = plain(part[2]) }
    /bytes stack frame/ { stack = $1; stores = $5; loads = $9 }
    /Used [0-9]+ registers/ {
        match($0, /Used [0-9]+/)
        registers = substr($0, RSTART + 5, RLENGTH - 5)
        n++
        bad += stack + stores + loads > 0
        if (format == "json")
            row[n] = sprintf("{\"arch\": \"%s\", \"kernel\": \"%s\", \"registers\": %d, \"stack\": %d, " \
                "\"spill_stores\": %d, \"spill_loads\": %d}", arch, kernel, registers, stack, stores, loads)
        else
            row[n] = sprintf("%-7s %-12s %4d registers %4d stack %4d spill stores %4d spill loads%s",
                arch, kernel, registers, stack, stores, loads, stack + stores + loads > 0 ? "  <--" : "")
    }
    END {
        if (format == "json") {
            printf "{\"nvcc\": \"%s\", \"kernels\": [", nvcc
            for (i = 1; i <= n; i++)
                printf "%s%s", (i > 1 ? ", " : ""), row[i]
            print "]}"
        } else {
            for (i = 1; i <= n; i++)
                print row[i]
            printf "%d kernels, %d with spills or a stack frame (nvcc %s)\n", n, bad, nvcc
        }
        exit bad > 0 || n == 0
    }' "$work/log"
