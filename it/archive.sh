#!/usr/bin/env bash
# Makes the archives of a release, unpacks them elsewhere, and uses what they hold.
#
# usage: it/archive.sh [--built | option of Maven …]   --built takes the archives that are in target/
#
# Needs Linux, Maven, curl, unzip, and a JDK of 21 or newer in JAVA_HOME or on the PATH. Exits with 1 at the first thing that is
# not as it should be.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
work=$(mktemp -d "${TMPDIR:-/tmp}/bactrian-archive.XXXXXX")
gateway=''
finish() {
    local status=$?
    trap - EXIT
    [[ ! $gateway ]] || kill -KILL "$gateway" 2>/dev/null || true
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
die() { printf 'archive: %s\n' "$*" >&2; exit 1; }
for name in $(compgen -e); do
    case $name in BACTRIAN_* | CAMEL_* | *_API_KEY | JAVA_OPTS | JAVA_TOOL_OPTIONS | JDK_JAVA_OPTIONS) unset "$name" ;; esac
done

cd "$root"
[[ ${1:-} == --built ]] || mvn -B -q -Prelease -DskipTests "$@"
(cd target && sha256sum -c bactrian-*.tar.gz.sha256 bactrian-*.zip.sha256)

start() { # FOLDER-OF-THE-ARCHIVE
    : >"$work/log"
    (cd / && exec env CAMEL_SERVER_PORT=0 BACTRIAN_QUEUE_PORT=0 "$1/bin/bactrian") >"$work/log" 2>&1 &
    gateway=$!
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        port=$(sed -n 's/.*Bactrian listens on http:.*:\([0-9]*\).*/\1/p' "$work/log")
        [[ -z $port ]] || break
        kill -0 "$gateway" 2>/dev/null || { cat "$work/log" >&2; die "it did not start"; }
        sleep 0.1
    done
    [[ $port ]] || die "it did not listen within a minute"
}

ask() { # PATH BODY EXPECTED
    curl -sSf "http://127.0.0.1:$port$1" -H 'content-type: application/json' -d "$2" >"$work/answer"
    grep -q -- "$3" "$work/answer" || { cat "$work/answer" >&2; die "no $3 in the answer of $1"; }
    echo "  $1: $(wc -c <"$work/answer") bytes with $3"
}

stop() {
    local status=0
    kill -TERM "$gateway"
    wait "$gateway" || status=$?
    gateway=''
    ((status == 0)) || die "it ended with $status"
}

question='"max_tokens":100,"messages":[{"role":"user","content":"Are you there?"}]'
use() { # FOLDER-OF-THE-ARCHIVE
    start "$1"
    ask /v1/chat/completions "{$question}" '"chat.completion"'
    ask /v1/chat/completions "{\"stream\":true,$question}" 'data: \[DONE\]'
    ask /v1/messages "{\"model\":\"default\",$question}" '"type":"message"'
    ask /v1/messages "{\"model\":\"default\",\"stream\":true,$question}" message_stop
    stop
    echo "  ended with 0 after SIGTERM"
}

version=$(sed -n 's:^  <version>\(.*\)</version>$:\1:p' pom.xml | head -n 1)
for kind in tar.gz zip; do
    mkdir "$work/$kind"
    case $kind in
        tar.gz) tar -xzf "target/bactrian-$version.tar.gz" -C "$work/$kind" ;;
        zip) unzip -q "target/bactrian-$version.zip" -d "$work/$kind" ;;
    esac
    folder=$work/$kind/bactrian-$version
    [[ $("$folder/bin/bactrian" --version) == "Bactrian $version, "* ]] || die "not version $version"
    echo "bactrian-$version.$kind: $(du -sm "$folder" | cut -f 1) MB unpacked; $(ls "$folder" | tr '\n' ' ')"
    use "$folder"
done
echo "the same with an AOT cache:"
echo "  $("$folder/bin/bactrian" --train)"
export JAVA_OPTS=-XX:AOTMode=on
[[ ! -f $folder/bactrian.aot ]] || use "$folder"
if command -v systemd-analyze >/dev/null; then
    mkdir -p "$work/systemd"
    sed "s:/opt/bactrian:$folder:" "$folder/bactrian.service" >"$work/systemd/bactrian.service"
    systemd-analyze verify "$work/systemd/bactrian.service" && echo "bactrian.service: nothing to say of it"
    systemd-analyze security --offline=true "$work/systemd/bactrian.service" | tail -n 1
fi
