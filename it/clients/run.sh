#!/usr/bin/env bash
# Asks a gateway with simulated providers through real clients. docs/clients.md says how to use it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/driver" "$@"
