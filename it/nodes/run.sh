#!/usr/bin/env bash
# Starts two gateways behind nginx and measures what they do as one. README.md says how to use it.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"
mvn=./mvnw
! command -v mvn >/dev/null || mvn=mvn
classpath=target/nodes.classpath
if [[ ${1:-} == -h || ${1:-} == --help ]]; then
    sed -n '/^| option/,/^$/p' it/nodes/README.md
    exit
fi
"$mvn" -B -q -DskipTests package dependency:build-classpath -Dmdep.outputFile="$classpath" -Dmdep.includeScope=test >&2
# shellcheck source=../../bench/lib.sh
source bench/lib.sh
exec "$(find_java_home)/bin/java" -Dlogback.configurationFile=src/main/resources/io/bactrian/logback.xml -cp "target/test-classes:target/classes:$(<"$classpath")" \
    io.bactrian.severalnodes.NodesRun "$@"
