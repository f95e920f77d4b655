#!/usr/bin/env bash
# Measures the gateway beside a bare stub provider and nginx on this machine. See README.md.
set -euo pipefail

usage() {
    cat <<'USAGE'
bench/run.sh [--quick] [--only PART] [--streams N] [--rounds N] [--baseline DIR|JAR] [--json FILE]

  --quick       a short run that shows that everything works; its figures are not for comparison
  --only PART   load, latency, streams, rescue, memory, start or queue; may be given several times
  --streams N   concurrent streams of the parts "streams" and "memory" (2000)
  --rounds N    rounds of every part (load, latency and start 5, the others 3)
  --baseline X  another checkout, or a bactrian.jar with its lib/ beside it, measured in the same rounds
  --json FILE   where all the raw figures go (target/bench/result.json)
USAGE
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(dirname "$here")
parts=() baseline='' json="$root/target/bench/result.json" quick=false rounds='' streams=''
while (($#)); do
    case $1 in
        --quick) quick=true ;;
        --only) parts+=("${2:?--only needs a part}"); shift ;;
        --streams) streams=${2:?--streams needs a number}; shift ;;
        --rounds) rounds=${2:?--rounds needs a number}; shift ;;
        --baseline) baseline=$(realpath "${2:?--baseline needs a folder or a jar}"); shift ;;
        --json) json=$(realpath -m "${2:?--json needs a file}"); shift ;;
        -h | --help) usage; exit ;;
        *) usage >&2; exit 2 ;;
    esac
    shift
done
((${#parts[@]})) || parts=(load latency streams rescue memory start queue)
for part in "${parts[@]}"; do
    [[ $part =~ ^(load|latency|streams|rescue|memory|start|queue)$ ]] || { usage >&2; exit 2; }
done

# Seconds, unless the name says otherwise.
if $quick; then
    load_rounds=2 stream_rounds=1 start_rounds=2 warm=5 load_time=3 latency_time=2
    streams=${streams:-200} events=50 ramp_ms=1000 stream_warm=2 rescue_streams=40
    queue_warm=5 queue_time=3 queue_messages=3000
else
    load_rounds=5 stream_rounds=3 start_rounds=5 warm=20 load_time=10 latency_time=5
    streams=${streams:-2000} events=200 ramp_ms=4000 stream_warm=10 rescue_streams=200
    queue_warm=30 queue_time=10 queue_messages=20000
fi
load_rounds=${rounds:-$load_rounds} stream_rounds=${rounds:-$stream_rounds} start_rounds=${rounds:-$start_rounds}
interval_ms=100
queue_clients=50
rescue_streams=${BENCH_RESCUE_STREAMS:-$rescue_streams} rescue_at_once=20 rescue_events=40 rescue_interval_ms=20
rescue_settings="$rescue_streams rescues, $rescue_at_once at once, of $rescue_events events, one every $rescue_interval_ms ms"
queue_settings="queue: warm-up $queue_warm s, $queue_clients consumers; $queue_clients clients for $queue_time s, or $queue_messages messages"
read -ra variants <<<"${BENCH_VARIANTS:-off auto streamed}"
read -ra pairs <<<"${BENCH_STREAM_PAIRS:-chat-chat chat-messages}"
read -ra ways <<<"${BENCH_RESCUE_WAYS:-replay prefill}"
read -ra java_options <<<"${BENCH_JAVA_OPTS:-}"

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$here/lib.sh"
for pair in "${pairs[@]}"; do
    [[ $pair =~ ^(chat|messages)-(chat|messages)$ ]] ||
        die "BENCH_STREAM_PAIRS: $pair is none of chat-chat, chat-messages, messages-messages, messages-chat"
done
for way in "${ways[@]}"; do
    [[ $way =~ ^(replay|prefill)$ ]] || die "BENCH_RESCUE_WAYS: $way is none of replay, prefill"
done
need_tools
build "$root"
versions=(gateway)
declare -A jar=([gateway]="$root/target/bactrian.jar")
if [[ $baseline ]]; then
    if [[ -d $baseline ]]; then
        build "$baseline"
        baseline=$baseline/target/bactrian.jar
    fi
    [[ -f $baseline ]] || die "no gateway at $baseline"
    versions+=(baseline)
    jar[baseline]=$baseline
fi
prepare

declare -A port pid

start_nginx_pair() {
    port[stub]=$(free_port STUB) port[nginx]=$(free_port NGINX)
    stub_conf >"$tmp/stub.conf"
    proxy_conf >"$tmp/nginx.conf"
    for name in stub nginx; do
        "$nginx" -p "$tmp" -c "$tmp/$name.conf" -g 'daemon off;' >>"$tmp/$name.log" 2>&1 &
        started "$name" $!
        wait_for_answer "$name"
    done
}

# start_gateway NAME VERSION PROPERTY...
start_gateway() {
    local name=$1 version=$2
    configure "$name" "${@:3}"
    (cd "$tmp/$name" && gateway_command "$version" && exec "${command[@]}") >>"$tmp/$name.log" 2>&1 &
    started "$name" $!
    wait_for_answer "$name"
}

load_wrk() { # SUBJECT CONNECTIONS SECONDS [TAG...]
    local name=$1 connections=$2 seconds=$3 threads=2
    ((connections > 1)) || threads=1
    measure "${pid[$name]}" "subject=$name" "${@:4}" -- "$wrk" -t"$threads" -c"$connections" -d"${seconds}s" \
        --timeout 10s --latency -s "$here/request.lua" "http://127.0.0.1:${port[$name]}/v1/chat/completions"
}

load_and_latency() {
    local subjects=(stub nginx) variant version round name seconds
    start_nginx_pair
    for variant in "${variants[@]}"; do
        for version in "${versions[@]}"; do
            name=$version-$variant
            case $variant in
                off) start_gateway "$name" "$version" "$(only_stub "${port[stub]}/v1")" bactrian.defaults.upstream-streaming=off ;;
                auto) start_gateway "$name" "$version" "$(only_stub "${port[stub]}/v1")" ;;
                streamed) start_gateway "$name" "$version" "$(only_stub "${port[stub]}/streamed/v1")" ;;
                *) die "BENCH_VARIANTS: $variant is none of off, auto, streamed" ;;
            esac
            subjects+=("$name")
        done
    done
    for name in "${subjects[@]}"; do
        [[ $name == *-* ]] && seconds=$warm || seconds=1
        say "warm-up: $name, $seconds s"
        load_wrk "$name" 64 "$seconds" >/dev/null
    done
    if wanted load; then
        for ((round = 1; round <= load_rounds; round++)); do
            for name in "${subjects[@]}"; do
                say "load, round $round of $load_rounds: $name"
                load_wrk "$name" 64 "$load_time" part=load "round=$round" >>"$raw"
            done
        done
    fi
    if wanted latency; then
        for ((round = 1; round <= load_rounds; round++)); do
            for name in "${subjects[@]}"; do
                say "latency, round $round of $load_rounds: $name"
                load_wrk "$name" 1 "$latency_time" part=latency "round=$round" >>"$raw"
            done
        done
    fi
    stop_all
}

# Netty's use of Unsafe is announced at length from Java 24 on.
set_quiet() {
    quiet=()
    (($(java_feature "$java") < 24)) || quiet=(--sun-misc-unsafe-memory-access=allow --enable-native-access=ALL-UNNAMED)
}

start_stream_stub() { # INTERVAL-MS
    set_quiet
    stream_java=("$java" -Xmx1g -XX:+UseSerialGC ${quiet[@]+"${quiet[@]}"} -cp "$tmp/classes:$root/target/lib/*")
    port[stub]=$(free_port STREAM_STUB)
    "${stream_java[@]}" StreamStub "${port[stub]}" "$1" >>"$tmp/stream-stub.log" 2>&1 &
    started stub $!
    wait_for_answer stub
}

need_open_files() {
    local open_files=$((2 * streams + 1000))
    (($(ulimit -n) >= open_files)) || die "$streams streams need $open_files open files (ulimit -n is $(ulimit -n))"
}

# start_stream_gateway NAME VERSION: the name ends in the protocols of its caller and its provider.
start_stream_gateway() {
    local api=openai
    [[ $1 != *-messages ]] || api=anthropic
    start_gateway "$1" "$2" "$(only_stub "${port[stub]}/v1" "$api")" \
        "bactrian.providers.stub.max-connections=$((streams > 2000 ? streams : 2000))"
}

# Sets "reader" to what reads the streams of a subject: stub-PROVIDER, or VERSION-CALLER-PROVIDER.
stream_reader() { # SUBJECT STREAMS EVENTS RAMP-MS
    local process=$1 protocol=${1#*-}
    [[ $1 != stub-* ]] || process=stub
    reader=("${stream_java[@]}" StreamClient "${port[$process]}" "${protocol%-*}" "$2" "$3" "$interval_ms" "$4")
}

read_streams() { # SUBJECT STREAMS EVENTS RAMP-MS [TAG...]
    local process=$1
    [[ $1 != stub-* ]] || process=stub
    stream_reader "${@:1:4}"
    measure "${pid[$process]}" "subject=$1" "${@:5}" -- "${reader[@]}"
}

warm_streams() { # SUBJECT
    say "warm-up: $1, ${stream_warm} s"
    read_streams "$1" $((streams / 4 + 1)) $((stream_warm * 1000 / interval_ms)) 500 >/dev/null
}

paced_streams() {
    local subjects=() version round name pair
    need_open_files
    start_stream_stub "$interval_ms"
    for pair in "${pairs[@]}"; do
        [[ " ${subjects[*]} " == *" stub-${pair#*-} "* ]] || subjects+=("stub-${pair#*-}")
        for version in "${versions[@]}"; do
            start_stream_gateway "$version-$pair" "$version"
            subjects+=("$version-$pair")
        done
    done
    for name in "${subjects[@]}"; do
        warm_streams "$name"
    done
    for ((round = 1; round <= stream_rounds; round++)); do
        for name in "${subjects[@]}"; do
            say "streams, round $round of $stream_rounds: $name"
            read_streams "$name" "$streams" "$events" "$ramp_ms" part=streams "round=$round" >>"$raw"
        done
    done
    stop_all
}

# A new gateway for every round: what it keeps from one round would be missing from the memory of the next.
memory_of_streams() {
    local version round name pair
    need_open_files
    start_stream_stub "$interval_ms"
    for ((round = 1; round <= stream_rounds; round++)); do
        for pair in "${pairs[@]}"; do
            for version in "${versions[@]}"; do
                name=$version-$pair
                start_stream_gateway "$name" "$version"
                warm_streams "$name"
                say "memory, round $round of $stream_rounds: $name"
                stream_reader "$name" "$streams" "$events" "$ramp_ms"
                measure "${pid[$name]}" "subject=$name" part=memory "round=$round" -- \
                    "$python" "$here/memory.py" "$JAVA_HOME/bin/jcmd" "${pid[$name]}" -- "${reader[@]}" >>"$raw"
                stop "$name"
            done
        done
    done
    stop_all
}

read_rescues() { # SUBJECT STREAMS [TAG...]
    local process=$1 gateway=${port[$1]:-0}
    [[ $1 != caller ]] || process=stub
    measure "${pid[$process]}" "subject=$1" "${@:3}" -- "${stream_java[@]}" RescueClient \
        "${port[stub]}" "$gateway" "$2" "$rescue_at_once" "$rescue_events" "$rescue_interval_ms"
}

# Every stream of the first provider is cut, which no breaker may stop.
rescues() {
    local subjects=(caller) version round name way chain
    start_stream_stub "$rescue_interval_ms"
    for way in "${ways[@]}"; do
        chain=("bactrian.chains.default=first/bench-model, second/bench-model")
        [[ $way == replay ]] || chain=("bactrian.chains.default=first/bench-model, able"
            bactrian.targets.able.{provider=second,model=bench-model,supports=prefill})
        for version in "${versions[@]}"; do
            start_gateway "$version-$way" "$version" "$(provider first "${port[stub]}/first/v1")" \
                "$(provider second "${port[stub]}/second/v1")" "${chain[@]}" bactrian.defaults.breaker.failures=1000000
            subjects+=("$version-$way")
        done
    done
    for name in "${subjects[@]}"; do
        say "warm-up: $name"
        read_rescues "$name" "$rescue_streams" >/dev/null
    done
    for ((round = 1; round <= stream_rounds; round++)); do
        for name in "${subjects[@]}"; do
            say "rescue, round $round of $stream_rounds: $name"
            read_rescues "$name" "$rescue_streams" part=rescue "round=$round" >>"$raw"
        done
    done
    stop_all
}

# Each version, and once more with its AOT cache if it has one; a cache that does not fit ends the run.
first_answers() {
    local version round name subjects=() cache
    start_nginx_pair
    for version in "${versions[@]}"; do
        subjects+=("$version")
        if [[ -f ${jar[$version]%.jar}.aot && ! ( $version == gateway && ${BENCH_GATEWAY_CMD:-} ) ]]; then
            subjects+=("$version-aot")
        fi
    done
    for name in "${subjects[@]}"; do
        configure "$name-start" "$(only_stub "${port[stub]}/v1")"
    done
    for ((round = 1; round <= start_rounds; round++)); do
        for name in "${subjects[@]}"; do
            say "start, round $round of $start_rounds: $name"
            version=${name%-aot}
            gateway_command "$version"
            if [[ $name == *-aot ]]; then
                cache=${jar[$version]%.jar}.aot
                command=("${command[0]}" "-XX:AOTCache=$cache" -XX:AOTMode=on "${command[@]:1}")
            fi
            measure $$ "subject=$name" part=start "round=$round" -- \
                "$python" "$here/start.py" time "${port[$name-start]}" "$tmp/$name-start" "$tmp/$name-start.log" -- \
                "${command[@]}" >>"$raw"
        done
    done
    stop_all
}

# The broker with consumers that answer at once.
start_loop() {
    port[loop]=$(free_port LOOP)
    mkdir -p "$tmp/loop"
    set_quiet
    queue_java=("$java" -Xmx1g ${quiet[@]+"${quiet[@]}"} "-Dlogback.configurationFile=$root/src/main/resources/io/bactrian/logback.xml"
        -cp "$tmp/classes:$root/target/lib/*")
    "${queue_java[@]}" QueueLoop "${port[loop]}" "$tmp/loop" "$queue_clients" >>"$tmp/loop.log" 2>&1 &
    started loop $!
    broker[loop]=${port[loop]}
}

wait_for_broker() { # SUBJECT
    local waited
    for ((waited = 0; waited < 300; waited++)); do
        (exec 3<>"/dev/tcp/127.0.0.1/${broker[$1]}") 2>/dev/null && return
        sleep 0.1
    done
    fail "$1"
}

# queue_load SUBJECT TAG... -- MODE ARGUMENT...
queue_load() {
    local name=$1 tags=()
    shift
    while [[ $1 != -- ]]; do
        tags+=("$1")
        shift
    done
    measure "${pid[$name]}" "subject=$name" ${tags[@]+"${tags[@]}"} -- \
        "${queue_java[@]}" QueueLoad "${broker[$name]}" "${@:2}"
}

queues() {
    local version round name subjects=(loop)
    declare -gA broker
    start_nginx_pair
    start_loop
    for version in "${versions[@]}"; do
        broker[$version]=$(free_port "$version-queue")
        start_gateway "$version" "$version" "$(only_stub "${port[stub]}/v1")" bactrian.queue.enabled=true \
            "bactrian.queue.port=${broker[$version]}" "bactrian.queue.consumers=$queue_clients"
        subjects+=("$version")
    done
    for name in "${subjects[@]}"; do
        say "warm-up: $name, $queue_warm s"
        wait_for_broker "$name"
        queue_load "$name" -- live "$queue_clients" "$queue_warm" >/dev/null
        [[ $name == loop ]] || load_wrk "$name" 1 "$latency_time" >/dev/null
    done
    for ((round = 1; round <= stream_rounds; round++)); do
        measure $$ subject=disk part=queue kind=disk "round=$round" -- "$python" "$here/disk.py" "$tmp" 3 >>"$raw"
        for name in "${subjects[@]}"; do
            say "queue, round $round of $stream_rounds: $name"
            queue_load "$name" part=queue kind=live "round=$round" -- live "$queue_clients" "$queue_time" >>"$raw"
            queue_load "$name" part=queue kind=drain "round=$round" -- drain "$queue_messages" >>"$raw"
            queue_load "$name" part=queue kind=one "round=$round" -- live 1 "$latency_time" >>"$raw"
            [[ $name == loop ]] ||
                load_wrk "$name" 1 "$latency_time" part=queue kind=http "round=$round" >>"$raw"
        done
    done
    stop "${subjects[@]}"
    queue_costs
    stop_all
}

# What the broker adds to a gateway that has nothing to do.
queue_costs() {
    local version round name enabled
    for ((round = 1; round <= stream_rounds; round++)); do
        for version in "${versions[@]}"; do
            for enabled in true false; do
                name=$version-queue-$enabled
                say "queue, start $round of $stream_rounds: $name"
                configure "$name" "$(only_stub "${port[stub]}/v1")" "bactrian.queue.enabled=$enabled" \
                    "bactrian.queue.port=$(free_port "$name-port")"
                gateway_command "$version"
                measure $$ "subject=$name" part=queue kind=start "round=$round" -- \
                    "$python" "$here/start.py" time "${port[$name]}" "$tmp/$name" "$tmp/$name.log" -- "${command[@]}" >>"$raw"
                (cd "$tmp/$name" && exec "${command[@]}") >>"$tmp/$name.log" 2>&1 &
                started "$name" $!
                wait_for_answer "$name"
                measure "${pid[$name]}" "subject=$name" part=queue kind=idle "round=$round" -- \
                    "$python" -c 'import time; time.sleep(5); print("{}")' >>"$raw"
                stop "$name"
            done
        done
    done
}

if wanted load || wanted latency; then load_and_latency; fi
if wanted streams; then paced_streams; fi
if wanted rescue; then rescues; fi
if wanted memory; then memory_of_streams; fi
if wanted start; then first_answers; fi
if wanted queue; then queues; fi
mkdir -p "$(dirname "$json")"
"$python" "$here/report.py" "$raw" "$tmp/machine.json" "$json"
