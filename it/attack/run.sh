#!/usr/bin/env bash
# Attacks a gateway of its own while another caller uses it. docs/security.md says how to use it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONDONTWRITEBYTECODE=1
exec python3 "$here/driver" "$@"
