#!/usr/bin/env bash
# Checks the manifests of deploy/ with what a build does not have: "api" with a real API server, "podman" with real pods.
# README.md beside this file says what each needs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
case "${1:-}" in
  api) exec "$here/api.sh" "$root" ;;
  podman) exec "$here/podman.sh" "$root" "${2:-bactrian:0.1.0}" ;;
  *)
    echo "usage: it/kubernetes/run.sh api | podman [image]" >&2
    exit 2
    ;;
esac
