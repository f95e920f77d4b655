#!/usr/bin/env bash
# Gives all manifests of deploy/ to a real kube-apiserver, in a dry run with strict validation: api.sh <repository>
set -euo pipefail
root=$1
work=$root/target/kubernetes-api
mkdir -p "$work"
cd "$work"
server=${KUBE_APISERVER:-$(command -v kube-apiserver || true)}
camel_k=github.com/apache/camel-k/v2@v2.10.1
keda=github.com/kedacore/keda/v2@v2.18.1

for tool in etcd kubectl go openssl; do
  command -v $tool > /dev/null || { echo "$tool is missing; see it/kubernetes/README.md" >&2; exit 1; }
done

if [ -z "$server" ]; then
  server=$work/kube-apiserver
  [ -x "$server" ] || "$root/it/kubernetes/apiserver/build.sh" "$server"
fi

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
etcd_port=$(free_port)
peer_port=$(free_port)
api_port=$(free_port)
data=$(mktemp -d)
pids=()
stop() {
  for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null || true; done
  wait
  rm -rf "$data"
}
trap stop EXIT

etcd --data-dir "$data/etcd" --listen-client-urls "http://127.0.0.1:$etcd_port" \
  --advertise-client-urls "http://127.0.0.1:$etcd_port" --listen-peer-urls "http://127.0.0.1:$peer_port" > etcd.log 2>&1 &
pids+=($!)
openssl genrsa -out "$data/accounts.key" 2048 2> /dev/null
echo 'check,admin,admin,system:masters' > "$data/tokens"
"$server" --etcd-servers "http://127.0.0.1:$etcd_port" --secure-port "$api_port" --bind-address 127.0.0.1 \
  --cert-dir "$data/certs" --token-auth-file "$data/tokens" --authorization-mode AlwaysAllow \
  --service-account-issuer https://localhost --service-account-key-file "$data/accounts.key" \
  --service-account-signing-key-file "$data/accounts.key" --disable-admission-plugins ServiceAccount \
  --service-cluster-ip-range 10.96.0.0/16 > kube-apiserver.log 2>&1 &
pids+=($!)

kube() {
  KUBECONFIG=/dev/null kubectl --server "https://127.0.0.1:$api_port" --token check --insecure-skip-tls-verify \
    --cache-dir "$data/cache" "$@"
}
for _ in $(seq 300); do
  kube get --raw /readyz > /dev/null 2>&1 && break
  kill -0 "${pids[1]}" 2> /dev/null || { tail -5 kube-apiserver.log >&2; exit 1; }
  sleep 0.5
done
echo "kube-apiserver $(kube version -o json | python3 -c 'import json, sys; print(json.load(sys.stdin)["serverVersion"]["gitVersion"])')"

module() { go mod download -json "$1" | python3 -c 'import json, sys; print(json.load(sys.stdin)["Dir"])'; }
kube create -f "$(module $camel_k)/pkg/resources/config/crd/bases" > /dev/null
kube create -f "$(module $keda)/config/crd/bases" > /dev/null
operator=${PROMETHEUS_CRDS:-}
[ -z "$operator" ] || kube create -f "$operator" > /dev/null
kube wait --for=condition=Established crd --all --timeout=60s > /dev/null
kube create namespace llm > /dev/null
kube label namespace llm pod-security.kubernetes.io/enforce=restricted pod-security.kubernetes.io/warn=restricted > /dev/null

# A field that is unknown is an error, and so is a warning, such as one about the Pod Security Standard.
take() { kube -n llm apply --dry-run=server --validate=strict --warnings-as-errors "$@"; }
render() {
  kube kustomize "$root/deploy/kubernetes/$1" \
    | if [ -n "$operator" ]; then cat; else awk 'BEGIN { RS = "---\n"; ORS = "---\n" } !/monitoring.coreos.com/'; fi
}
for kustomization in base overlays/queue overlays/monitoring overlays/full; do
  echo "--- deploy/kubernetes/$kustomization"
  render $kustomization | take -f -
done
for file in "$root"/deploy/camel-k/*.yaml; do
  echo "--- deploy/camel-k/$(basename "$file")"
  take -f "$file"
done

refuse() {
  echo "--- $1 in place of $2"
  if { render overlays/full; echo ---; cat "$root/deploy/camel-k/integration.yaml"; } | sed "s/$2/$1/" | take -f - > refused.txt 2>&1; then
    echo "it was taken" >&2
    exit 1
  fi
  grep -m1 -oE '(unknown field|must be less|would violate)[^,;]*' refused.txt
}
refuse 'readinesProbe:' 'readinessProbe:'
refuse 'memory: 1Gi' 'memory: 256Mi'
refuse 'runAsNonRoot: false' 'runAsNonRoot: true'
refuse 'maxReplicas: 10' 'maxReplicaCount: 10'
refuse 'servicePrt: 8080' 'servicePort: 8080'
[ -n "$operator" ] || echo "Not checked, for lack of PROMETHEUS_CRDS: PodMonitor, PrometheusRule."
echo "All manifests were taken, and all mistakes refused."
