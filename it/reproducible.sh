#!/usr/bin/env bash
# Builds the last commit twice, in two folders and in different surroundings, and compares what -Prelease makes byte by byte.
#
# usage: it/reproducible.sh [option of Maven …]
#
# Needs a JDK of 21 or newer, Maven and git. Exits with 1 if a file differs, and names the entries that do.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/bactrian-reproducible.XXXXXX")
trap 'rm -rf "$work"' EXIT

build() { # FOLDER [option of Maven …]
    (cd "$1" && mvn -B -q -Prelease -Dmaven.test.skip -Daot.skip "${@:2}")
    (cd "$1/target" && sha256sum bactrian.jar bactrian-*.jar bactrian-*.tar.gz bactrian-*.zip) >"$1.sums"
}

# The entries of an archive, each with its checksum; beside them the list with modes, owners and times.
entries() { # ARCHIVE FOLDER
    mkdir -p "$2"
    case $1 in
        *.tar.gz) tar -tvzf "$1" >"$2.list" && tar -xzf "$1" -C "$2" ;;
        *) unzip -Z "$1" | tail -n +3 >"$2.list" && unzip -q "$1" -d "$2" ;;
    esac
    (cd "$2" && find . -type f -exec sha256sum {} + | sort -k 2)
}

# A jar has the modes of its files.
umask 022
git clone -q "$root" "$work/first"
git clone -q "$root" "$work/a second folder"
git -C "$work/first" log -1 --format='%h %s'
TZ=UTC LC_ALL=C build "$work/first" "$@"
TZ=Asia/Kolkata LC_ALL=C.UTF-8 build "$work/a second folder" "$@"

cat "$work/first.sums"
if cmp -s "$work/first.sums" "$work/a second folder.sums"; then
    echo "The second build has the same bytes."
    exit
fi
join -j 2 <(sort -k 2 "$work/first.sums") <(sort -k 2 "$work/a second folder.sums") |
    while read -r file first second; do
        [[ $first != "$second" ]] || continue
        echo "$file differs:"
        diff <(entries "$work/first/target/$file" "$work/1/$file") \
            <(entries "$work/a second folder/target/$file" "$work/2/$file") || true
        diff "$work/1/$file.list" "$work/2/$file.list" || true
    done | head -n 60
exit 1
