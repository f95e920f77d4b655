#!/usr/bin/env bash
# Builds the applications of examples/ with the jar of this repository, starts each, and asks it. Needs Maven's registry, curl and
# port 8080; puts the jar into the local Maven repository.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
mvn=$PWD/mvnw
! command -v mvn >/dev/null || mvn=mvn
# shellcheck source=../bench/lib.sh
source bench/lib.sh
JAVA_HOME=$(find_java_home)
export JAVA_HOME
"$mvn" -B -q install -Dmaven.test.skip=true
version=$(sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml)
work=$(mktemp -d)
trap '[[ -z ${pid:-} ]] || kill "$pid" 2>/dev/null || true; rm -rf "$work"' EXIT

fail() {
    echo "FAILED: $1" >&2
    cat "$work/log" >&2
    exit 1
}

# Waits for a command to succeed, for a minute.
wait_for() {
    for _ in $(seq 120); do
        if "$@" >/dev/null 2>&1; then return; fi
        kill -0 "$pid" 2>/dev/null || fail "it has ended"
        sleep 0.5
    done
    fail "$*"
}

# Ends the application, which has to end by itself.
stop() {
    kill "$pid"
    wait "$pid" || [[ $? == 143 ]] || fail "exit code"
    pid=
}

echo "camel-main"
"$mvn" -B -q -f examples/camel-main/pom.xml -Dbactrian.version="$version" compile dependency:build-classpath \
    -Dmdep.outputFile="$work/classpath"
classes=$PWD/examples/camel-main/target/classes
(cd "$work" && exec "$JAVA_HOME/bin/java" -cp "$classes:$(<"$work/classpath")" example.App) >"$work/log" 2>&1 &
pid=$!
mkdir -p "$work/questions"
echo "Are you there?" >"$work/questions/one.txt"
wait_for test -s "$work/answers/one.txt"
grep -q "Hello" "$work/answers/one.txt" || fail "no answer"
stop

echo "spring-boot"
"$mvn" -B -q -f examples/spring-boot/pom.xml -Dbactrian.version="$version" package
"$JAVA_HOME/bin/java" -jar examples/spring-boot/target/spring-boot-1.jar --management.endpoint.health.show-details=always >"$work/log" 2>&1 &
pid=$!
wait_for curl -sf localhost:8080/actuator/health
curl -sf localhost:8080/ask -H 'content-type: text/plain' -d 'Are you there?' | grep -q Hello || fail "no answer"
curl -s -o "$work/error" -w '%{http_code}' localhost:8080/ask -H 'content-type: text/plain' -d '{"messages":7}' | grep -q 400 ||
    fail "no 400"
grep -q '"error"' "$work/error" || fail "no error document"
stop
echo "2 passed, 0 failed"
