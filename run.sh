#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Sets up, builds and runs the default scan; see --help.
set -euo pipefail
# shellcheck source=cmake/setup.sh
source "$(dirname "${BASH_SOURCE[0]}")/cmake/setup.sh"

usage() {
    cat <<'END'
usage: ./run.sh [--build | OPTION...]
Installs the missing system packages, builds the program (with CUDA if nvcc is there), scans a universal
Z' against the CsI data of COHERENT 2021 and plots the map.
  --build    only set up and build
  OPTION...  given to `sevens scan`, such as --backend cuda, --threads 4, --set axes.0.n=400, -o MAP.h5
END
}

# The map that was asked for, and the options that change the scan and so hold for the limits as well.
map=""
resume=no
problem_options=()
add_problem_option() {
    case $1 in
    --at=m_zp=* | --at=g_zp=*) ;; # the limits on g_zp choose m_zp themselves
    *) problem_options+=("$1") ;;
    esac
}
read_options() {
    while (($# > 0)); do
        case $1 in
        -o | --output)
            map=${2-}
            shift
            ;;
        -o*) map=${1#-o} ;;
        --output=*) map=${1#--output=} ;;
        --resume) resume=yes ;;
        --set | --at)
            add_problem_option "$1=${2-}"
            shift
            ;;
        --set=* | --at=*) add_problem_option "$1" ;;
        esac
        shift || true
    done
}

# The smallest excluded coupling: the upper end of the first allowed interval.
limit_at() {
    local answer
    answer=$("$sevens" interval "$scan" "${problem_options[@]}" --param g_zp --at "m_zp=$1" \
        --cl 0.90 --dof 1 --reference sm --json) || return
    "$python" -c '
import json, sys

allowed = json.loads(sys.argv[1])["intervals"]
end = allowed[0][1] if allowed else None
print("none in the scanned range" if end is None else f"{end:.5e}")
' "$answer"
}

case ${1-} in
-h | --help)
    usage
    exit 0
    ;;
--build)
    if (($# > 1)); then
        echo "run.sh: --build takes no further argument, but got '$2'" >&2
        exit 2
    fi
    ;;
esac

install_packages run
find_nvcc
configure "$root/build" -DCMAKE_BUILD_TYPE=Release
cmake --build "$root/build" --target sevens_program
sevens=$root/build/sevens
scan=$root/scans/csi2021-universal.yaml
python=${SEVENS_PYTHON:-$(sed -n 's/^SEVENS_PYTHON:FILEPATH=//p' "$root/build/CMakeCache.txt")}
if [[ ${1-} == --build ]]; then
    echo "built $sevens"
    exit 0
fi

read_options "$@"
if [[ -z $map ]]; then
    map=$root/out/csi2021-universal.h5
    mkdir -p "$root/out"
    set -- -o "$map" "$@"
    if [[ $resume == no ]]; then # the map of an earlier run with other options or of an older version
        set -- --force "$@"
    fi
fi
scan_status=0
"$sevens" scan "$scan" "$@" || scan_status=$?
if ((scan_status != 0 && scan_status != 4)); then # 4: finished, some points did not converge
    exit "$scan_status"
fi
picture=${map%.h5}.png
"$sevens" plot "$map" -o "$picture"

echo "smallest g_zp with chi2 - chi2_SM = 2.7055 (90 % CL, 1 dof):"
for m_zp in 10 100 1000; do
    limit=$(limit_at "$m_zp")
    printf '  m_zp = %4d MeV   g_zp = %s\n' "$m_zp" "$limit"
done
echo "picture: $picture"
exit "$scan_status"
