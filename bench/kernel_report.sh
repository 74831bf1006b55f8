#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Registers, stack and spills of every kernel, as ptxas reports them; exit code 1 when a kernel spills, or
# has a stack frame without being one of those that keep arrays of a point in local memory by design. Needs
# nvcc but no GPU. Exit code 77: there is no nvcc.
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
trap 'wait; rm -rf "$work"' EXIT
options=(-std=c++17 -O3 -I "$root/include" -I "$root/host" -I "$root/kernels" -Xptxas -v)
# One compilation per architecture and source, as many at a time as there are cores.
compile() {
    local out
    out=$work/$1-$(basename "$2")
    "$nvcc" "${options[@]}" -arch="$1" -cubin -o "$out.cubin" "$2" >"$out.log" 2>&1 || {
        cat "$out.log" >&2
        return 1
    }
}
running=0
for arch in "${archs[@]}"; do
    for source in "$root"/kernels/*.cu; do
        if ((running == $(nproc))); then
            wait -n || exit 1
            running=$((running - 1))
        fi
        compile "$arch" "$source" &
        running=$((running + 1))
    done
done
for (( ; running > 0; running--)); do
    wait -n || exit 1
done
for arch in "${archs[@]}"; do
    echo "arch $arch"
    cat "$work/$arch-"*.log
done >"$work/log"

# Mangled names hold the plain name after its length: _Z10row_f32_k415sevens_row_slab.
awk -v format="$format" -v local_memory="joint_f64 on_off_f64" -v nvcc="$("$nvcc" --version | grep -o 'release [0-9.]*')" '
    function plain(name,   digits) {
        if (match(name, /^_Z[A-Z]*[0-9]+/)) {
            digits = substr(name, RSTART, RLENGTH)
            name = substr(name, RLENGTH + 1)
            gsub(/[^0-9]/, "", digits)
            name = substr(name, 1, digits + 0)
        }
        return name
    }
    BEGIN {
        n_local = split(local_memory, list, " ")
        for (i = 1; i <= n_local; i++)
            by_design[list[i]] = 1
    }
    $1 == "arch" { arch = $2 }
    /Compiling entry function/ { split($0, part, "\047"); kernel = plain(part[2]) }
    /bytes stack frame/ { stack = $1; stores = $5; loads = $9 }
    /Used [0-9]+ registers/ {
        match($0, /Used [0-9]+/)
        registers = substr($0, RSTART + 5, RLENGTH - 5)
        n++
        is_bad = stores + loads > 0 || (stack > 0 && !(kernel in by_design))
        bad += is_bad
        if (format == "json")
            row[n] = sprintf("{\"arch\": \"%s\", \"kernel\": \"%s\", \"registers\": %d, \"stack\": %d, " \
                "\"spill_stores\": %d, \"spill_loads\": %d}", arch, kernel, registers, stack, stores, loads)
        else
            row[n] = sprintf("%-7s %-12s %4d registers %4d stack %4d spill stores %4d spill loads%s",
                arch, kernel, registers, stack, stores, loads,
                is_bad ? "  <--" : stack > 0 ? "  (by design)" : "")
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
            printf "%d kernels, %d with spills or an unwanted stack frame (nvcc %s)\n", n, bad, nvcc
        }
        exit bad > 0 || n == 0
    }' "$work/log"
