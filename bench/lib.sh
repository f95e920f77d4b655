# The tools of run.sh: finding, building, starting and stopping. Sourced, not run.
# shellcheck shell=bash disable=SC2034,SC2154

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*" >&2; }
die() { printf 'bench: %s\n' "$*" >&2; exit 1; }
wanted() { [[ " ${parts[*]} " == *" $1 "* ]]; }
wanted_streams() { wanted streams || wanted rescue || wanted memory; }
wanted_java() { wanted_streams || wanted queue; }

find_tool() { # COMMAND DEBIAN-PACKAGE
    PATH="$PATH:/usr/sbin:/sbin" command -v "$1" || die "$1 is missing (Debian: apt-get install $2)"
}

java_feature() {
    "$1" -XshowSettings:properties -version 2>&1 | sed -n 's/^ *java.specification.version = \([0-9]*\).*/\1/p'
}

# The home of a JDK that is new enough: JAVA_HOME, the java on the path, else the newest below /usr/lib/jvm.
find_java_home() {
    local candidate feature best=0 home=''
    for candidate in "${JAVA_HOME:-}/bin/java" "$(command -v java || true)"; do
        if [[ -x $candidate ]] && (($(java_feature "$candidate") >= 21)); then
            dirname "$(dirname "$(realpath "$candidate")")"
            return
        fi
    done
    for candidate in /usr/lib/jvm/*/bin/java; do
        [[ -x $candidate ]] || continue
        feature=$(java_feature "$candidate")
        if ((feature >= 21 && feature > best)); then
            best=$feature home=$(dirname "$(dirname "$candidate")")
        fi
    done
    [[ $home ]] || die "no Java 21 or newer (JAVA_HOME, PATH and /usr/lib/jvm were searched)"
    echo "$home"
}

need_tools() {
    [[ -r /proc/self/stat ]] || die "needs Linux (/proc)"
    JAVA_HOME=$(find_java_home) && export JAVA_HOME
    java=$JAVA_HOME/bin/java
    python=$(find_tool python3 python3)
    nginx=nginx wrk=wrk
    if wanted load || wanted latency || wanted start || wanted queue; then nginx=$(find_tool nginx nginx); fi
    if wanted load || wanted latency || wanted queue; then wrk=$(find_tool wrk wrk); fi
    if wanted_java; then
        [[ -x $JAVA_HOME/bin/javac ]] || die "$JAVA_HOME has no javac; a whole JDK is needed for streams and queue"
    fi
    if wanted memory; then
        [[ -x $JAVA_HOME/bin/jcmd ]] || die "$JAVA_HOME has no jcmd; a whole JDK is needed for the memory"
    fi
}

# Builds a checkout whose jar is missing or older than its sources.
build() {
    local built=$1/target/bactrian.jar sources=() path
    for path in src routes pom.xml application.properties; do
        [[ ! -e $1/$path ]] || sources+=("$1/$path")
    done
    ((${#sources[@]})) || die "$1 is no checkout of the gateway"
    if [[ ! -f $built || ! -d $1/target/lib || $(find "${sources[@]}" -type f -newer "$built" -print -quit) ]]; then
        say "building $1"
        (cd "$1" && "$(find_tool mvn maven)" -B -q -DskipTests package >&2)
    fi
}

# The folder for everything temporary, the pinning, the compiled programs, and the description of the machine.
prepare() {
    tmp=$(mktemp -d "${TMPDIR:-/tmp}/bactrian-bench.XXXXXX")
    raw=$tmp/raw.jsonl
    : >"$raw"
    trap finish EXIT
    trap 'exit 130' INT TERM HUP
    ulimit -n "$(ulimit -Hn)"
    cores=none
    if command -v taskset >/dev/null && taskset -cp "${BENCH_CORES:-0,1}" $$ >/dev/null 2>&1; then
        cores=${BENCH_CORES:-0,1}
    else
        say "not pinned: no taskset, or cores ${BENCH_CORES:-0,1} are not ours"
    fi
    # Nothing of the caller's surroundings reaches the gateways: no settings, no keys, no proxy.
    local name
    for name in $(compgen -e); do
        case $name in
            BACTRIAN_* | CAMEL_* | *_API_KEY | JAVA_TOOL_OPTIONS | JDK_JAVA_OPTIONS) unset "$name" ;;
            http_proxy | https_proxy | HTTP_PROXY | HTTPS_PROXY | ALL_PROXY | all_proxy) unset "$name" ;;
        esac
    done
    if wanted_java; then
        mkdir "$tmp/classes"
        "$JAVA_HOME/bin/javac" -nowarn -Xlint:none -d "$tmp/classes" -cp "$root/target/lib/*" "$here"/src/*.java
    fi
    describe_machine >"$tmp/machine.json"
}

describe_machine() {
    COMMIT=$(git -C "$root" describe --always --dirty 2>/dev/null || true) CORES=$cores QUICK=$quick \
        BASELINE=${jar[baseline]:-} COMMAND=${BENCH_GATEWAY_CMD:-} JAVA_OPTIONS=${java_options[*]-} \
        JAVA=$("$java" -version 2>&1 | grep -v -i '^picked up' | sed -n 2p) \
        NGINX=$("$nginx" -v 2>&1 || true) WRK=$({ "$wrk" -v 2>&1 || true; } | sed 's/ *\[.*//;q') \
        SETTINGS="warm-up ${warm} s; load ${load_time} s, latency ${latency_time} s a round; $streams streams of $events events, one every $interval_ms ms, opened within $ramp_ms ms; $rescue_settings; $queue_settings" \
        "$python" - <<'PYTHON'
import datetime, json, os, platform
model = next((l.split(":")[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.machine())
memory = int(open("/proc/meminfo").readline().split()[1]) // 1024
names = ["COMMIT", "BASELINE", "COMMAND", "CORES", "QUICK", "JAVA", "JAVA_OPTIONS", "NGINX", "WRK", "SETTINGS"]
machine = {name.lower(): os.environ[name].strip() for name in names}
machine |= {"time": datetime.datetime.now().astimezone().isoformat(timespec="seconds"), "cpu": model,
            "cpus": os.cpu_count(), "memory_mb": memory, "kernel": platform.release()}
print(json.dumps(machine))
PYTHON
}

# A port nobody listens on, below the range the kernel hands out; BENCH_PORT_<NAME> overrides it.
free_port() {
    local override=BENCH_PORT_${1//-/_}
    override=${override^^}
    if [[ ${!override:-} ]]; then
        echo "${!override}"
        return
    fi
    "$python" - <<'PYTHON'
import random, socket
while True:
    port = random.randrange(18000, 32000)
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            continue
    print(port)
    break
PYTHON
}

# configure NAME PROPERTY...: a folder with the built-in defaults and these properties.
configure() {
    local name=$1
    mkdir -p "$tmp/$name"
    port["$name"]=$(free_port "$name")
    {
        echo "camel.server.port=${port[$name]}"
        printf '%s\n' "${@:2}"
    } >"$tmp/$name/application.properties"
}

# The properties of a provider without a key.
provider() { # NAME ADDRESS [API]
    echo "bactrian.providers.$1.api=${3:-openai}"
    echo "bactrian.providers.$1.keyless=true"
    echo "bactrian.providers.$1.base-url=http://127.0.0.1:$2"
}

# The properties of one provider and one chain.
only_stub() { # ADDRESS [API]
    provider stub "$@"
    echo "bactrian.chains.default=stub/bench-model"
}

# Sets "command" to what starts a gateway in a configured folder.
gateway_command() {
    if [[ $1 == gateway && ${BENCH_GATEWAY_CMD:-} ]]; then
        command=(bash -c "exec $BENCH_GATEWAY_CMD")
    else
        command=("$java" ${java_options[@]+"${java_options[@]}"} -jar "${jar[$1]}")
    fi
}

started() { pid["$1"]=$2; }

wait_for_answer() {
    "$python" "$here/start.py" wait "${port[$1]}" "${pid[$1]}" || fail "$1"
}

fail() {
    tail -n 30 "$tmp/$1.log" >&2 || true
    die "$1 gave no answer; its log ends above"
}

measure() {
    "$python" "$here/measure.py" "$@"
}

stop_all() { stop "${!pid[@]}"; }

stop() { # NAME...
    local name waited
    for name in "$@"; do
        kill -TERM "${pid[$name]}" 2>/dev/null || true
    done
    for name in "$@"; do
        for ((waited = 0; waited < 100; waited++)); do
            kill -0 "${pid[$name]}" 2>/dev/null || break
            sleep 0.1
        done
        kill -KILL "${pid[$name]}" 2>/dev/null || true
        wait "${pid[$name]}" 2>/dev/null || true
        unset "pid[$name]"
    done
}

finish() {
    local status=$?
    trap - EXIT INT TERM HUP
    stop_all
    if [[ ${BENCH_KEEP:-} ]]; then
        say "kept: $tmp"
    else
        rm -rf "$tmp"
        ((status == 0)) || say "ended with $status; BENCH_KEEP=1 keeps the logs of a run"
    fi
    exit "$status"
}

common_conf() {
    ((EUID)) || echo "user root;"
    cat <<CONF
worker_processes 2;
pid $tmp/$1.pid;
error_log $tmp/$1.log warn;
events { worker_connections 4096; }
http {
    access_log off;
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
    client_body_temp_path $tmp/$1-body;
    proxy_temp_path $tmp/$1-proxy;
    fastcgi_temp_path $tmp/$1-fastcgi;
    uwsgi_temp_path $tmp/$1-uwsgi;
    scgi_temp_path $tmp/$1-scgi;
CONF
}

answer='Your parcel is held at the sorting centre in Kassel and leaves with the van of Wednesday morning. Yes, it can be sent on: confirm the office address before eight this evening.'

# The same answer as one document, and as a stream with an event for each word.
stub_conf() {
    common_conf stub
    cat <<CONF
    server {
        listen 127.0.0.1:${port[stub]} backlog=4096 reuseport;
        set \$event 'data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1767225600,"model":"bench-model","choices":[{"index":0,"delta":{';
        set \$next '},"finish_reason":null}]}\n\n';
        location = /v1/chat/completions {
            default_type application/json;
            return 200 '{"id":"chatcmpl-bench","object":"chat.completion","created":1767225600,"model":"bench-model","choices":[{"index":0,"message":{"role":"assistant","content":"$answer","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":74,"completion_tokens":38,"total_tokens":112,"prompt_tokens_details":{"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}},"system_fingerprint":"fp_bench"}';
        }
        location = /streamed/v1/chat/completions {
            default_type text/event-stream;
            return 200 '\${event}"role":"assistant","content":""\${next}$(words)\${event}},"finish_reason":"stop"}]}\n\ndata: [DONE]\n\n';
        }
    }
}
CONF
}

words() {
    local word
    for word in $answer; do
        # shellcheck disable=SC2016
        printf '${event}"content":"%s "${next}' "$word"
    done
}

proxy_conf() {
    common_conf nginx
    cat <<CONF
    upstream provider {
        server 127.0.0.1:${port[stub]};
        keepalive 128;
        keepalive_requests 1000000000;
        keepalive_timeout 1h;
    }
    server {
        listen 127.0.0.1:${port[nginx]} backlog=4096 reuseport;
        location / {
            proxy_pass http://provider;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
        }
    }
}
CONF
}
