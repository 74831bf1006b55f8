#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Everything that needs a GPU, in one command of less than 8 minutes: the tests of label gpu, the memory
# and race checkers of compute-sanitizer, the benchmark of workload W1 on GPU and CPU, the registers of
# the kernels. Results go to bench/results/DEVICE-DATE.json; exit code 1 when a step failed, 77 when
# there is no GPU.
#   bench/gpu.sh [BUILD]      a built tree; default: build, configured and built here
# Shared libraries may come from LD_LIBRARY_PATH.
set -euo pipefail
# shellcheck source=cmake/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/../cmake/setup.sh"

find_nvcc
build=${1:-$root/build}
if (($# == 0)); then
    CUDAARCHS=${CUDAARCHS:-native} configure "$build" -DCMAKE_BUILD_TYPE=Release -DSEVENS_CUDA=ON \
        -DSEVENS_TESTS=ON
    cmake --build "$build"
fi
build=$(cd "$build" && pwd -P)
sevens=$build/sevens
test_gpu=$build/tests/test_gpu
for program in "$sevens" "$test_gpu"; do
    if [[ ! -x $program ]]; then
        echo "gpu.sh: $program is not there: build first, or name the built tree" >&2
        exit 2
    fi
done
export SEVENS_DATA=${SEVENS_DATA:-$root/releases}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# step NAME SECONDS COMMAND...: runs it and keeps its output, exit code and time.
step() {
    local name=$1 limit=$2 status=0 begin=$SECONDS
    shift 2
    say "$name: $*"
    timeout "$limit" "$@" >"$work/$name.out" 2>"$work/$name.err" || status=$?
    tail -q -n 3 "$work/$name.out" "$work/$name.err" | cut -c 1-160 >&2
    printf '%s\n' "$*" >"$work/$name.command"
    printf '%d %d\n' "$status" $((SECONDS - begin)) >"$work/$name.status"
    if ((status != 0 && status != 77)); then
        failed=1
    fi
    return 0
}

# A build tree that was moved has stale paths in its list of tests.
if command -v ctest >/dev/null &&
    grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$build/CMakeCache.txt" 2>/dev/null; then
    step tests 80 ctest --test-dir "$build" -L gpu --output-on-failure
else
    step tests 80 "$test_gpu"
fi
step accuracy 80 env SEVENS_TEST_VERBOSE=1 "$test_gpu"
if grep -q '^77 ' "$work/accuracy.status"; then
    cat "$work/accuracy.out"
    exit 77
fi
sanitizer=$(command -v compute-sanitizer || echo /usr/local/cuda/bin/compute-sanitizer)
if [[ -x $sanitizer ]]; then
    for tool in memcheck racecheck; do
        step "$tool" 75 env SEVENS_TEST_SMALL=1 "$sanitizer" --tool "$tool" --error-exitcode 9 \
            "$test_gpu"
    done
else
    say "compute-sanitizer is not here: memcheck and racecheck are left out"
fi
step bench 90 "$sevens" bench W1 --compare --json
step kernels 60 bash "$root/bench/kernel_report.sh" --json

gpu="" driver=""
if command -v nvidia-smi >/dev/null; then
    IFS=, read -r gpu driver < <(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader)
fi
gpu=${gpu:-$(sed -n 1p "$work/accuracy.out")}
device=$(tr -cs 'A-Za-z0-9\n' '-' <<<"$gpu" | sed 's/^-*//; s/-*$//')
out=$root/bench/results/$device-$(date -u +%Y%m%d).json
mkdir -p "$root/bench/results"
python3 - "$work" "$gpu" "${driver# }" "$("$sevens" --version | head -n 1)" >"$out" <<'END'
import datetime, json, pathlib, sys

work, gpu, driver, version = pathlib.Path(sys.argv[1]), *sys.argv[2:5]


def step(name):
    status, seconds = map(int, (work / f"{name}.status").read_text().split())
    text = (work / f"{name}.out").read_text(errors="replace")
    try:
        result = json.loads(text)
    except ValueError:
        result = text.splitlines()[-120:]
    errors = (work / f"{name}.err").read_text(errors="replace").splitlines()[-20:] if status else []
    command = (work / f"{name}.command").read_text().strip()
    return {"command": command, "exit": status, "seconds": seconds, "result": result, "errors": errors}


names = ["tests", "accuracy", "memcheck", "racecheck", "bench", "kernels"]
json.dump(
    {
        "device": gpu,
        "driver": driver,
        "program": version,
        "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "steps": {name: step(name) for name in names if (work / f"{name}.status").exists()},
    },
    sys.stdout,
    indent=1,
)
print()
END
say "results: $out"
exit "$failed"
