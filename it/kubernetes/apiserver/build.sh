#!/usr/bin/env bash
# Compiles kube-apiserver from its Go modules, where no release of Kubernetes can be had: build.sh <where it is put>
set -euo pipefail
minor=34.3
to=$1
build=$(mktemp -d)
trap 'rm -rf "$build"' EXIT
cd "$build"
go mod init apiserver 2> /dev/null
cat > main.go << 'END'
package main

import (
	"os"

	"k8s.io/component-base/cli"
	"k8s.io/kubernetes/cmd/kube-apiserver/app"
)

func main() { os.Exit(cli.Run(app.NewAPIServerCommand())) }
END
# The parts of Kubernetes that are modules of their own are part of its repository; as modules they have versions.
parts=$(go mod download -json "k8s.io/kubernetes@v1.$minor" | sed -n 's/.*"GoMod": "\(.*\)",/\1/p' | xargs sed -n 's/^replace \(k8s.io[^ ]*\) =>.*/\1/p; s/^\t\(k8s.io[^ ]*\) => .*/\1/p')
for part in $parts; do go mod edit -replace "$part=$part@v0.$minor"; done
go mod edit -require "k8s.io/kubernetes@v1.$minor"
go mod tidy 2> tidy.log || { tail -5 tidy.log >&2; exit 1; }
version=k8s.io/component-base/version
go build -trimpath -o "$to" -ldflags "-s -w -X $version.gitVersion=v1.$minor -X $version.gitMajor=1 -X $version.gitMinor=${minor%.*}" .
