#!/usr/bin/env bash
# Runs the base as a pod under podman, with its configuration and its keys: podman.sh <repository> <image>
set -euo pipefail
root=$1
image=$2
port=${PORT:-18080}
for tool in podman kubectl curl; do
  command -v $tool > /dev/null || { echo "$tool is missing; see it/kubernetes/README.md" >&2; exit 1; }
done
podman image exists "$image" || { echo "there is no image $image; deploy/image/build.sh makes it" >&2; exit 1; }

work=$(mktemp -d -p "$root/target" kubernetes-podman.XXXX)
stop() {
  podman play kube --down "$work/pod.yaml" > /dev/null 2>&1 || true
  rm -rf "$work"
}
trap stop EXIT
cat > "$work/kustomization.yaml" << END
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../../deploy/kubernetes/base
images:
  - name: bactrian
    newName: ${image%:*}
    newTag: "${image##*:}"
generatorOptions:
  disableNameSuffixHash: true
secretGenerator:
  - name: bactrian-keys
    literals:
      - BACTRIAN_SERVER_KEYS=team-a:secret-1
      - BACTRIAN_DEMO=on
patches:
  - target: {kind: Deployment}
    patch: |
      - {op: replace, path: /spec/replicas, value: 1}
      - {op: add, path: /spec/template/spec/containers/0/ports/0/hostPort, value: $port}
      # podman has health checks by systemd only.
      - {op: remove, path: /spec/template/spec/containers/0/startupProbe}
      - {op: remove, path: /spec/template/spec/containers/0/livenessProbe}
      - {op: remove, path: /spec/template/spec/containers/0/readinessProbe}
  # podman knows neither of them.
  - {target: {kind: Service}, patch: "{\$patch: delete, kind: Service, metadata: {name: bactrian}}"}
  - {target: {kind: PodDisruptionBudget}, patch: "{\$patch: delete, kind: PodDisruptionBudget, metadata: {name: bactrian}}"}
  - {target: {kind: NetworkPolicy}, patch: "{\$patch: delete, kind: NetworkPolicy, metadata: {name: bactrian}}"}
END
kubectl kustomize "$work" > "$work/pod.yaml"
podman play kube "$work/pod.yaml"

for _ in $(seq 300); do
  curl -sf "localhost:$port/health/ready" > /dev/null && break
  sleep 0.2
done
container=$(podman ps --format '{{.Names}}' | grep bactrian-bactrian)
podman inspect "$container" --format 'user {{.Config.User}}, read-only root {{.HostConfig.ReadonlyRootfs}}, memory {{.HostConfig.Memory}}'
ask() { curl -sS -o "$work/answer" -w '%{http_code}' "localhost:$port$1" "${@:2}"; }
[ "$(ask /ask -H 'content-type: text/plain' -d Hi)" = 401 ]
[ "$(ask /ask -H 'content-type: text/plain' -H 'authorization: Bearer secret-1' -d 'Are you there?')" = 200 ]
echo "POST /ask: $(cat "$work/answer")"
podman logs "$container" 2>&1 | grep -m1 'listens on'
begin=$(date +%s%N)
podman stop -t 60 "$container" > /dev/null
echo "stopped in $((($(date +%s%N) - begin) / 1000000)) ms, exit code $(podman inspect "$container" --format '{{.State.ExitCode}}')"
