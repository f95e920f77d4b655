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

# Older versions of podman take variables from a secret of this form only.
value() { printf %s "$1" | base64 -w0; }
printf '{"BACTRIAN_SERVER_KEYS": "%s", "BACTRIAN_DEMO": "%s"}' "$(value team-a:secret-1)" "$(value on)" \
  | podman secret create bactrian-keys - > /dev/null
mkdir -p "$root/target"
work=$(mktemp -d -p "$root/target" kubernetes-podman.XXXX)
stop() {
  podman play kube --down "$work/pod.yaml" > /dev/null 2>&1 || true
  podman secret rm bactrian-keys > /dev/null
  podman volume rm bactrian-config bactrian-routes > /dev/null 2>&1 || true
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
podman play kube "$work/pod.yaml" > /dev/null
container=$(podman ps -a --format '{{.Names}}' | grep '^bactrian-pod.*-bactrian$')
fail() {
  podman logs "$container" >&2
  echo "$1" >&2
  exit 1
}

for _ in $(seq 300); do
  curl -sf "localhost:$port/health/ready" > /dev/null && break
  sleep 0.2
done
podman inspect "$container" --format 'user {{.Config.User}}, read-only root {{.HostConfig.ReadonlyRootfs}}, memory {{.HostConfig.Memory}}'
ask() {
  curl -sS -o "$work/answer" -w '%{http_code}' "localhost:$port/ask" -H 'content-type: text/plain' -d 'Are you there?' "$@"
}
[ "$(ask)" = 401 ] || fail "a request without a key was not refused"
[ "$(ask -H 'authorization: Bearer secret-1')" = 200 ] || fail "POST /ask was not answered: $(cat "$work/answer")"
echo "POST /ask: $(cat "$work/answer")"
podman logs "$container" 2>&1 | grep -m1 'listens on'
begin=$(date +%s%N)
podman stop -t 60 "$container" > /dev/null
echo "stopped in $((($(date +%s%N) - begin) / 1000000)) ms, exit code $(podman inspect "$container" --format '{{.State.ExitCode}}')"
