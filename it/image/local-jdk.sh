#!/usr/bin/env bash
# Makes an image with a JDK of this machine and Debian's base packages, where no registry of images can be reached.
#
# usage: it/image/local-jdk.sh JDK_HOME [NAME, localhost/local-jdk]
#
# Needs Debian, root, podman or docker ($ENGINE), and the package mmdebstrap. Then: deploy/image/build.sh --jdk localhost/local-jdk
set -euo pipefail
if (($# < 1)) || [[ ! -x $1/bin/jlink ]]; then
    sed -n '/^# usage/,/^set/s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
fi
home=$(realpath "$1")
# shellcheck source=/dev/null
mmdebstrap --quiet --variant=essential \
    --customize-hook='mkdir -p "$1/opt/jdk"' --customize-hook="tar -C '$home' -h -c . | tar -C \"\$1/opt/jdk\" -x" \
    "$(. /etc/os-release && echo "$VERSION_CODENAME")" - |
    "${ENGINE:-podman}" import --change ENV=PATH=/opt/jdk/bin:/usr/sbin:/usr/bin:/sbin:/bin - "${2:-localhost/local-jdk}"
