#!/usr/bin/env bash
# Measures the gateway beside a bare stub provider and nginx on this machine. See README.md.
set -euo pipefail

usage() {
    cat <<'USAGE'
bench/run.sh [--quick] [--only load|latency|streams|start] [--streams N] [--rounds N] [--baseline DIR|JAR] [--json FILE]

  --quick       a short run that shows that everything works; its figures are not for comparison
  --only PART   one part; may be given several times
  --streams N   concurrent streams of the part "streams" (2000)
  --rounds N    rounds of every part (load and latency 5, streams 3, start 5)
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
((${#parts[@]})) || parts=(load latency streams start)
for part in "${parts[@]}"; do
    [[ $part =~ ^(load|latency|streams|start)$ ]] || { usage >&2; exit 2; }
done

# Seconds, unless the name says otherwise.
if $quick; then
    load_rounds=2 stream_rounds=1 start_rounds=2 warm=5 load_time=3 latency_time=2
    streams=${streams:-200} events=50 ramp_ms=1000 stream_warm=2
else
    load_rounds=5 stream_rounds=3 start_rounds=5 warm=20 load_time=10 latency_time=5
    streams=${streams:-2000} events=200 ramp_ms=4000 stream_warm=10
fi
load_rounds=${rounds:-$load_rounds} stream_rounds=${rounds:-$stream_rounds} start_rounds=${rounds:-$start_rounds}
interval_ms=100
read -ra variants <<<"${BENCH_VARIANTS:-off auto streamed}"
read -ra java_options <<<"${BENCH_JAVA_OPTS:-}"

# shellcheck source-path=SCRIPTDIR source=lib.sh
source "$here/lib.sh"
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

# start_gateway NAME VERSION BASE-URL [PROPERTY...]
start_gateway() {
    local name=$1 version=$2
    configure "$@"
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
                off) start_gateway "$name" "$version" "${port[stub]}/v1" bactrian.defaults.upstream-streaming=off ;;
                auto) start_gateway "$name" "$version" "${port[stub]}/v1" ;;
                streamed) start_gateway "$name" "$version" "${port[stub]}/streamed/v1" ;;
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

read_streams() { # SUBJECT STREAMS EVENTS RAMP-MS [TAG...]
    measure "${pid[$1]}" "subject=$1" "${@:5}" -- \
        "${stream_java[@]}" StreamClient "${port[$1]}" "$2" "$3" "$interval_ms" "$4"
}

paced_streams() {
    local subjects=(stub) version round name quiet=''
    local open_files=$((2 * streams + 1000))
    (($(ulimit -n) >= open_files)) || die "$streams streams need $open_files open files (ulimit -n is $(ulimit -n))"
    # Netty's use of Unsafe is announced at length from Java 24 on.
    (($(java_feature "$java") < 24)) || quiet=--sun-misc-unsafe-memory-access=allow
    stream_java=("$java" -Xmx1g -XX:+UseSerialGC ${quiet:+"$quiet"} -cp "$tmp/classes:$root/target/lib/*")
    port[stub]=$(free_port STREAM_STUB)
    "${stream_java[@]}" StreamStub "${port[stub]}" "$interval_ms" >>"$tmp/stream-stub.log" 2>&1 &
    started stub $!
    wait_for_answer stub
    for version in "${versions[@]}"; do
        start_gateway "$version-streams" "$version" "${port[stub]}/v1" \
            "bactrian.providers.stub.max-connections=$((streams > 2000 ? streams : 2000))"
        subjects+=("$version-streams")
    done
    for name in "${subjects[@]}"; do
        say "warm-up: $name, ${stream_warm} s"
        read_streams "$name" $((streams / 4 + 1)) $((stream_warm * 1000 / interval_ms)) 500 >/dev/null
    done
    for ((round = 1; round <= stream_rounds; round++)); do
        for name in "${subjects[@]}"; do
            say "streams, round $round of $stream_rounds: $name"
            read_streams "$name" "$streams" "$events" "$ramp_ms" part=streams "round=$round" >>"$raw"
        done
    done
    stop_all
}

first_answers() {
    local version round name
    start_nginx_pair
    for version in "${versions[@]}"; do
        configure "$version-start" "$version" "${port[stub]}/v1"
    done
    for ((round = 1; round <= start_rounds; round++)); do
        for version in "${versions[@]}"; do
            name=$version-start
            say "start, round $round of $start_rounds: $version"
            gateway_command "$version"
            measure $$ "subject=$version" part=start "round=$round" -- \
                "$python" "$here/start.py" time "${port[$name]}" "$tmp/$name" "$tmp/$name.log" -- "${command[@]}" >>"$raw"
        done
    done
    stop_all
}

if wanted load || wanted latency; then load_and_latency; fi
if wanted streams; then paced_streams; fi
if wanted start; then first_answers; fi
mkdir -p "$(dirname "$json")"
"$python" "$here/report.py" "$raw" "$tmp/machine.json" "$json"
