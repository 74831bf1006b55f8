# shellcheck shell=bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What run.sh and test.sh share: system packages, nvcc, configuration. To be sourced.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)

say() {
    printf '== %s\n' "$*" >&2
}

# The packages of the arguments that are missing. A tool counts as there when its command is, wherever
# it comes from.
missing_packages() {
    local -A command_of=([build-essential]=g++ [cmake]=cmake [ninja-build]=ninja
        [pkg-config]=pkg-config)
    local package
    for package in "$@"; do
        if [[ -n ${command_of[$package]-} ]]; then
            command -v "${command_of[$package]}" >/dev/null || echo "$package"
        elif command -v dpkg-query >/dev/null; then
            [[ $(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null) == installed ]] ||
                echo "$package"
        fi
    done
}

# install_packages run|test: installs what is missing of the packages. Where that cannot be done it says
# what is needed and goes on: CMake then decides whether it is there in another way.
install_packages() {
    local -a needed missing as_root=()
    needed=(build-essential cmake ninja-build pkg-config libhdf5-dev libgsl-dev zlib1g-dev
        libyaml-dev libjansson-dev libnlopt-dev libmd-dev python3-numpy python3-matplotlib
        python3-h5netcdf)
    if [[ $1 == test ]]; then
        needed+=(check python3-xarray)
    fi
    mapfile -t missing < <(missing_packages "${needed[@]}")
    if ! command -v apt-get >/dev/null; then
        say "no apt-get here; what these Debian packages hold is needed: ${needed[*]}"
        return
    fi
    if ((${#missing[@]} == 0)); then
        return
    fi
    if ((EUID != 0)); then
        if ! command -v sudo >/dev/null; then
            say "neither root nor sudo; please install: ${missing[*]}"
            return
        fi
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    "${as_root[@]}" apt-get update -qq || say "apt-get update failed; going on with the lists there are"
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# nvcc from PATH, else from where NVIDIA's packages put it.
find_nvcc() {
    if ! command -v nvcc >/dev/null && [[ -x /usr/local/cuda/bin/nvcc ]]; then
        PATH="/usr/local/cuda/bin:$PATH"
    fi
}

# configure FOLDER [CMake option...]; SEVENS_CUDA=OFF in the environment builds without CUDA. A folder
# configured for another source tree or by another generator starts afresh.
configure() {
    local build=$1 cache=$1/CMakeCache.txt
    local -a fresh=() cuda=()
    shift
    if [[ -n ${SEVENS_CUDA-} ]]; then
        cuda=("-DSEVENS_CUDA=$SEVENS_CUDA")
    fi
    if [[ -f $cache ]] && ! { grep -qxF "CMAKE_HOME_DIRECTORY:INTERNAL=$root" "$cache" &&
        grep -qxF "CMAKE_GENERATOR:INTERNAL=Ninja" "$cache"; }; then
        fresh=(--fresh)
    fi
    cmake "${fresh[@]}" -S "$root" -B "$build" -G Ninja "${cuda[@]}" "$@"
}
