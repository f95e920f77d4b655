#!/usr/bin/env bash
# Builds the image of the gateway with podman or docker, and prints its name. docs/image.md says how to use it.
#
# usage: deploy/image/build.sh [--tag NAME] [--jdk IMAGE] [--engine COMMAND] [--no-aot] [-- option of Maven …]
#
#   --tag NAME        bactrian:VERSION if missing
#   --jdk IMAGE       an image with a JDK, from which the runtime is taken; docker.io/library/eclipse-temurin:25-jdk if missing
#   --engine COMMAND  podman or docker; the one that works here if missing
#   --no-aot          without the trained cache: a smaller image that starts in more time
#   -- -Pkafka        with the client of Kafka
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

usage() {
    sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' deploy/image/build.sh >&2
    exit 2
}
tag='' engine='' arguments=() maven=()
while (($#)); do
    case $1 in
        --no-aot) arguments+=(--build-arg AOT=false) ;;
        --)
            shift
            maven=("$@")
            break
            ;;
        --tag | --jdk | --engine)
            (($# > 1)) || usage
            case $1 in
                --tag) tag=$2 ;;
                --jdk) arguments+=(--build-arg "JDK=$2") ;;
                --engine) engine=$2 ;;
            esac
            shift
            ;;
        *) usage ;;
    esac
    shift
done
for candidate in podman docker; do
    if [[ -z $engine ]] && "$candidate" info >/dev/null 2>&1; then engine=$candidate; fi
done
[[ $engine ]] || { echo "neither podman nor docker runs here" >&2; exit 1; }

mvn=./mvnw
! command -v mvn >/dev/null || mvn=mvn
"$mvn" -B -q -DskipTests -Daot.skip -Dcyclonedx.skip=false ${maven[@]+"${maven[@]}"} package >&2

version=$(sed -n 's:^  <version>\(.*\)</version>:\1:p' pom.xml)
: "${tag:=bactrian:$version}"
context=target/image
rm -rf "$context"
mkdir -p "$context/bactrian"
cp -a deploy/image/runtime.sh "$context/"
cp -a target/bactrian.jar target/lib target/bactrian.cdx.json LICENSE "$context/bactrian/"
"$engine" build -f deploy/image/Containerfile -t "$tag" ${arguments[@]+"${arguments[@]}"} \
    --build-arg VERSION="$version" \
    --build-arg REVISION="$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
    --build-arg CREATED="$(git log -1 --format=%cI 2>/dev/null || date -Is)" \
    "$context" >&2
echo "$tag"
