#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No kernel spills registers on sm_80 and sm_90, none has a stack frame but those that are meant to, and
# the report would say so if one did. Exit code 77: there is no nvcc.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

status=0
bash "$root/bench/kernel_report.sh" sm_80 sm_90 >"$work/report" 2>"$work/error" || status=$?
cat "$work/report" "$work/error"
if ((status != 0)); then
    exit "$status"
fi
for kernel in row_f64_k1 row_f64_k5 row_f64_any row_f32_k1 row_f32_k5 row_f32_any; do
    for arch in sm_80 sm_90; do
        grep -Eq "^$arch +$kernel +[0-9]+ registers +0 stack" "$work/report" || {
            echo "$kernel is not in the report for $arch"
            exit 1
        }
    done
done
for kernel in joint_f64 on_off_f64; do
    for arch in sm_80 sm_90; do
        grep -Eq "^$arch +$kernel +[0-9]+ registers +[1-9][0-9]* stack +0 spill stores +0 spill loads" \
            "$work/report" || {
            echo "$kernel is not in the report for $arch, with its stack frame and without spills"
            exit 1
        }
    done
done

# The same report on a tree with a kernel that needs a stack frame.
mkdir -p "$work/tree/bench" "$work/tree/kernels" "$work/tree/include" "$work/tree/host"
cp "$root/bench/kernel_report.sh" "$work/tree/bench/"
cat >"$work/tree/kernels/bad.cu" <<'END'
__global__ void needs_stack(const int *index, double *out)
{
    double local[64];

    for (int i = 0; i < 64; i++)
        local[index[i] & 63] = out[i];
    out[0] = local[index[64] & 63];
}
END
if bash "$work/tree/bench/kernel_report.sh" sm_80 >"$work/bad"; then
    echo "a stack frame was not noticed:"
    cat "$work/bad"
    exit 1
fi
grep -q "needs_stack .*<--" "$work/bad"
