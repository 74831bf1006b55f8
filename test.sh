#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds with warnings as errors (and CUDA if nvcc is there) and runs all tests; then the same
# under AddressSanitizer and UndefinedBehaviorSanitizer, unless SEVENS_TEST_ASAN=0. Environment:
# CUDAARCHS chooses the GPU architectures to compile for. Further arguments go to ctest.
set -euo pipefail
# shellcheck source=cmake/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/cmake/setup.sh"

log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
failed=0

# run_tests NAME FOLDER [ctest option...]
run_tests() {
    local name=$1 folder=$2
    shift 2
    say "tests: $name"
    ctest --test-dir "$folder" --output-on-failure -j2 "$@" 2>&1 | tee "$log/$name" || failed=1
}

install_packages test
find_nvcc
export CUDAARCHS=${CUDAARCHS:-75;80;90}
configure "$root/build" -DCMAKE_BUILD_TYPE=Release -DSEVENS_WERROR=ON -DSEVENS_TESTS=ON
cmake --build "$root/build"
run_tests release "$root/build" "$@"

if [[ ${SEVENS_TEST_ASAN:-1} != 0 ]]; then
    configure "$root/build-asan" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_C_FLAGS_DEBUG="-O1 -g" \
        -DSEVENS_CUDA=OFF -DSEVENS_SANITIZE=address,undefined -DSEVENS_TESTS=ON
    cmake --build "$root/build-asan"
    run_tests asan "$root/build-asan" -LE lint "$@"
fi

# One summary of both runs, in the words of CTest.
cat "$log"/* | awk -v failed="$failed" '
    match($0, /[0-9]+ tests failed out of [0-9]+/) {
        split(substr($0, RSTART, RLENGTH), word, " ")
        bad += word[1]
        all += word[6]
    }
    END {
        share = all > 0 ? int(100 * (all - bad) / all) : 0
        printf "%d%% tests passed, %d tests failed out of %d\n", share, bad, all
        exit failed != 0 || all == 0
    }'
