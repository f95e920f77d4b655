#!/usr/bin/env bash
# Builds the image and runs it as a platform would: no writable root, no rights, little memory. docs/image.md says how to use it.
#
# usage: it/image/run.sh [--image NAME] [--engine COMMAND] [option of deploy/image/build.sh …]
#
#   --image NAME      checks this image instead of building one
#   --engine COMMAND  podman or docker; the one that works here if missing
#
# Needs curl, openssl and Python 3. Prints what it checked, the size and the times; exits with 1 at the first thing that is wrong.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
image='' engine='' build=()
while (($#)); do
    case $1 in
        --image | --engine)
            (($# > 1)) || exit 2
            [[ $1 == --image ]] && image=$2 || engine=$2
            shift
            ;;
        -h | --help)
            sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}"
            exit
            ;;
        *) build+=("$1") ;;
    esac
    shift
done
for candidate in podman docker; do
    if [[ -z $engine ]] && "$candidate" info >/dev/null 2>&1; then engine=$candidate; fi
done
[[ $engine ]] || { echo "neither podman nor docker runs here" >&2; exit 1; }
[[ $image ]] || image=$("$here/../../deploy/image/build.sh" --engine "$engine" "${build[@]}")

work=$(mktemp -d "${TMPDIR:-/tmp}/bactrian-image.XXXXXX")
name=bactrian-image-$$ provider=''
finish() {
    local status=$?
    trap - EXIT
    if ((status != 0)); then
        echo "FAILED; the end of the log:" >&2
        "$engine" logs "$name" 2>&1 | tail -n 20 >&2 || true
    fi
    "$engine" rm -f -v "$name" >/dev/null 2>&1 || true
    [[ -z $provider ]] || kill "$provider" 2>/dev/null || true
    rm -rf "$work"
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT TERM

good() { printf 'ok    %s\n' "$*"; }
bad() { printf 'WRONG %s\n' "$*"; exit 1; }
millis() { echo $(($(date +%s%N) / 1000000)); }
fact() { "$engine" inspect --format "$1" "$name"; }
# No file may be written except in the volume, podman's usual temporary folders included.
bare=(--read-only --cap-drop=ALL --security-opt=no-new-privileges --memory=512m)
[[ $("$engine" --version) != *podman* ]] || bare+=(--read-only-tmpfs=false)

# create OPTION…: a container; "start" starts it, waits until it is ready, and sets "base" and "ready" (ms).
create() { "$engine" create --name "$name" "${bare[@]}" "$@" >/dev/null; }
start() { # [PORT on the host's network]
    local begun
    begun=$(millis)
    "$engine" start "$name" >/dev/null
    base=http://127.0.0.1:${1:-}
    [[ ${1:-} ]] || base=http://$("$engine" port "$name" 8080 | head -n 1)
    until curl -sf -o /dev/null "$base/health/ready"; do
        (($(millis) - begun < 60000)) || bad "it was not ready within a minute"
        [[ $(fact '{{.State.Running}}') == true ]] || bad "it ended with $(fact '{{.State.ExitCode}}')"
        sleep 0.02
    done
    ready=$(($(millis) - begun))
}
stop() {
    local begun
    begun=$(millis)
    "$engine" stop -t 60 "$name" >/dev/null
    stopped=$(($(millis) - begun))
    [[ $(fact '{{.State.ExitCode}}') == 0 ]] || bad "SIGTERM: exit code $(fact '{{.State.ExitCode}}')"
}
remove() { "$engine" rm -f -v "$name" >/dev/null; }
# ask PATH WORDS [option of curl …]: the answer has these words.
ask() {
    local path=$1 words=$2 answer
    shift 2
    answer=$(curl -s -m 30 -H 'Authorization: Bearer secret-1' -H 'Content-Type: application/json' "$@" "$base$path" | tr -d '\0')
    [[ $answer == *"$words"* ]] || bad "$path: ${answer:0:300}"
    good "$path: …$words…"
}
said() { # WORDS
    for ((tries = 0; tries < 300; tries++)); do
        if "$engine" logs "$name" 2>&1 | grep -qF -- "$1"; then
            good "log: …$1…"
            return
        fi
        sleep 0.1
    done
    bad "the log does not say: $1"
}

echo "== as it is, with a key for callers"
create -p 127.0.0.1::8080 -e BACTRIAN_SERVER_KEYS=team-a:secret-1 "$image"
start
good "ready $ready ms after the start"
pid=$(fact '{{.State.Pid}}')
id=$(awk '/^(Uid|Gid):/ {printf "%s%s ", tolower($1), $3} /^(CapEff|NoNewPrivs):/ {printf "%s%s ", tolower($1), $2}' "/proc/$pid/status" 2>/dev/null || true)
if [[ $id ]]; then
    [[ $id == 'uid:10001 gid:10001 capeff:0000000000000000 nonewprivs:1 ' ]] || bad "it runs as $id"
    good "it runs as $id"
    awk '$5 == "/" {exit $6 !~ /^ro(,|$)/}' "/proc/$pid/mountinfo" || bad "its root can be written to"
    good "its root cannot be written to"
fi
question='"max_tokens":50,"messages":[{"role":"user","content":"Are you there?"}]'
ask /v1/chat/completions '"object":"chat.completion"' -d "{$question}"
ask /v1/messages '"type":"message"' -d "{\"model\":\"default\",$question}"
ask /v1/chat/completions 'data: [DONE]' -d "{\"stream\":true,$question}"
ask /v1/messages 'event: message_stop' -d "{\"model\":\"default\",\"stream\":true,$question}"
ask / '<!doctype html>' -H 'Accept: text/html'
ask /page/page.css '{'
{
    printf '{"messages":[{"role":"user","content":"'
    head -c 2000000 /dev/zero | tr '\0' x
    printf '"}]}'
} >"$work/large.json"
ask /v1/chat/completions '"object":"chat.completion"' --data-binary "@$work/large.json"
[[ $(curl -s -o /dev/null -w '%{http_code}' "$base/v1/models") == 401 ]] || bad "a caller without a key got in"
good "without a key: 401"
ask /status '"breaker"'
! "$engine" logs "$name" 2>&1 | grep -E 'Exception|ERROR|^\[|There is no queue' || bad "the log has complaints"
good "the log has no complaints"
[[ ! -r /proc/$pid/status ]] || good "memory (RSS): $(awk '/^VmRSS/ {print int($2 / 1024)}' "/proc/$pid/status") MB"
stop
good "SIGTERM: exit code 0 after $stopped ms"
remove

echo "== with its own configuration and routes, without a folder for the queue"
mkdir -p "$work/etc/routes" "$work/etc/config"
cp "$here"/../../routes/*.camel.yaml "$work/etc/routes/"
printf '%s\n' bactrian.server.keys=team-a:secret-1 bactrian.demo=on bactrian.aliases=quick:default \
    'bactrian.queue.directory=/proc/data' >"$work/etc/config/application.properties"
chmod -R a+rX "$work"
create -p 127.0.0.1::8080 -v "$work/etc/config:/bactrian/config:ro" \
    -v "$work/etc/routes:/bactrian/routes:ro" "$image"
start
said 'cannot write to the folder /proc/data'
ask /v1/chat/completions '"object":"chat.completion"' -d "{\"model\":\"quick\",$question}"
printf '%s\n' bactrian.aliases=later:default >>"$work/etc/config/application.properties"
for ((tries = 0; tries < 200; tries++)); do
    ! curl -s -H 'Authorization: Bearer secret-1' "$base/v1/chat/completions" -d "{\"model\":\"later\",$question}" |
        grep -q '"object":"chat.completion"' || break
    sleep 0.1
done
ask /v1/chat/completions '"object":"chat.completion"' -d "{\"model\":\"later\",$question}"
stop
good "SIGTERM: exit code 0 after $stopped ms"
remove

echo "== a provider behind a certificate of its own"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$work/key.pem" -out "$work/ca.pem" 2>/dev/null
free() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
tls=$(free) port=$(free)
python3 "$here/provider.py" "$tls" "$work/ca.pem" "$work/key.pem" &
provider=$!
mkdir "$work/tls"
cp "$work/ca.pem" "$work/tls/"
create "$image"
"$engine" cp "$name:/opt/java/lib/security/cacerts" "$work/tls/truststore"
remove
chmod -R a+rwX "$work/tls"
"$engine" run --rm -v "$work/tls:/tls" --entrypoint /opt/java/bin/keytool "$image" -importcert -noprompt -alias own \
    -file /tls/ca.pem -keystore /tls/truststore -storepass changeit 2>/dev/null
for mount in "$work/tls:/tls:ro" "$work/tls/truststore:/opt/java/lib/security/cacerts:ro"; do
    create --network host -v "$mount" -e CAMEL_SERVER_PORT="$port" -e CAMEL_SERVER_HOST=127.0.0.1 \
        -e BACTRIAN_PROVIDERS_OWN_BASE_URL="https://localhost:$tls/v1" -e BACTRIAN_PROVIDERS_OWN_KEYLESS=true \
        -e BACTRIAN_CHAINS_DEFAULT=own/m -e BACTRIAN_QUEUE_ENABLED=false "$image"
    start "$port"
    if [[ $mount == *cacerts* ]]; then
        ask /v1/chat/completions 'over TLS' -d "{$question}"
    else
        ask /v1/chat/completions 'own/m=NETWORK' -i -d "{$question}"
    fi
    stop
    remove
done

echo "== the trained cache"
create "$image"
"$engine" cp "$name:/opt/bactrian/java.options" "$work/java.options"
remove
if grep -q AOTCache "$work/java.options"; then
    # Java refuses to start with a cache that does not fit.
    create -p 127.0.0.1::8080 -e JDK_JAVA_OPTIONS=-XX:AOTMode=on "$image"
    start
    with=$ready
    stop
    remove
    create -p 127.0.0.1::8080 -e JDK_JAVA_OPTIONS=-XX:AOTMode=off "$image"
    start
    good "it fits: ready $with ms after the start, and $ready ms without it"
    stop
else
    good "this image has none"
fi
size=$("$engine" image inspect --format '{{.Size}}' "$image")
echo "== $image: $((size / 1000000)) MB"
