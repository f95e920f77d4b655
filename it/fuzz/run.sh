#!/usr/bin/env bash
# Gives the gateway odd requests and odd answers of providers by the million. docs/security.md says how to use it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
inputs=${1:-1000000} seed=${2:-$RANDOM$RANDOM}
if [[ ! $inputs =~ ^[0-9]+$ || ! $seed =~ ^[0-9]+$ ]]; then
    echo "usage: it/fuzz/run.sh [inputs, 1000000] [seed, a random number]" >&2
    exit 2
fi
mvn=./mvnw
! command -v mvn >/dev/null || mvn=mvn
each=$(((inputs + 1) / 2))
echo "seed $seed: $each requests and $each answers" >&2
exec "$mvn" -B -q test -Dtest=FuzzTest -Dsurefire.failIfNoSpecifiedTests=false -Dspotless.check.skip=true \
    -Dfuzz.seed="$seed" -Dfuzz.inputs="$each"
