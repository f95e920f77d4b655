#!/usr/bin/env bash
# Trains a cache that lets the gateway start in less time and memory: starts it with simulated providers, asks it a few things,
# and stops it.
#
# usage: deploy/train.sh JAVA JAR CACHE [option of the JVM …]
#
# Prints the option with which this Java takes the cache: -XX:AOTCache=CACHE, or -XX:SharedArchiveFile=CACHE before Java 25.
# The cache fits this Java, this jar and its lib folder, and these options only. Needs nothing but bash and the base tools.
set -euo pipefail

say() { printf 'train: %s\n' "$*" >&2; }

if (($# < 3)); then
    sed -n '/^# usage/s/^# //p' "$0" >&2
    exit 2
fi
absolute() { (cd "$(dirname "$1")" && printf '%s/%s\n' "$PWD" "$(basename "$1")"); }
java=$1
[[ $java != */* ]] || java=$(absolute "$java")
jar=$(absolute "$2")
cache=$(absolute "$3")
shift 3

feature=$("$java" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = \([0-9]*\).*/\1/p')
work=$(mktemp -d "${TMPDIR:-/tmp}/bactrian-train.XXXXXX")
gateway=''
finish() {
    local status=$?
    trap - EXIT
    if [[ $gateway ]] && kill -0 "$gateway" 2>/dev/null; then
        kill -KILL "$gateway" 2>/dev/null || true
    fi
    if ((status != 0)) && [[ -s $work/log ]]; then
        say "no cache; the end of the gateway's log:"
        tail -n 20 "$work/log" >&2
    fi
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM HUP

if ((feature >= 25)); then
    record=-XX:AOTCacheOutput=$work/cache use=-XX:AOTCache=$cache
else
    record=-XX:ArchiveClassesAtExit=$work/cache use=-XX:SharedArchiveFile=$cache
fi

# Nothing of the surroundings reaches it: no settings, no keys of providers.
mkdir "$work/run"
cd "$work/run"
env -i "PATH=$PATH" CAMEL_SERVER_PORT=0 CAMEL_SERVER_HOST=127.0.0.1 BACTRIAN_QUEUE_PORT=0 \
    "$java" "$record" "$@" -jar "$jar" >"$work/log" 2>&1 &
gateway=$!

port=''
for ((tries = 0; tries < 600; tries++)); do
    port=$(sed -n 's/.*Bactrian listens on http:.*:\([0-9]*\).*/\1/p' "$work/log")
    [[ -z $port ]] || break
    kill -0 "$gateway" 2>/dev/null || { say "the gateway ended before it listened"; exit 1; }
    sleep 0.1
done
[[ $port ]] || { say "the gateway did not listen within a minute"; exit 1; }

ask() { # METHOD PATH [body]
    local body=${3:-} status
    exec 3<>"/dev/tcp/127.0.0.1/$port"
    printf '%s %s HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s' \
        "$1" "$2" "${#body}" "$body" >&3
    read -r _ status _ <&3
    cat <&3 >/dev/null
    exec 3>&-
    [[ $status == 200 ]] || { say "$1 $2 was answered with $status"; exit 1; }
}

question='"max_tokens":100,"messages":[{"role":"user","content":"Are you there?"}]'
ask GET /health/ready
for round in 1 2; do
    ask POST /v1/chat/completions "{$question}"
    ask POST /v1/chat/completions "{\"stream\":true,$question}"
    ask POST /v1/messages "{\"model\":\"default\",$question}"
    ask POST /v1/messages "{\"model\":\"default\",\"stream\":true,$question}"
    ask GET /v1/models
    ask GET /metrics
    ask GET /status
    ask GET /
    # The second round is answered by a provider of the other protocol, after a failure.
    ((round == 2)) || ask POST '/demo/anthropic/fault?kind=503'
done

kill -TERM "$gateway"
status=0
wait "$gateway" || status=$?
gateway=''
((status == 0)) || { say "the gateway ended with $status"; exit 1; }
[[ -s $work/cache ]] || { say "Java $feature wrote no cache"; exit 1; }
mv -f "$work/cache" "$cache"
printf '%s\n' "$use"
