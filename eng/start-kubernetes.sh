#!/usr/bin/env bash
# Starts a real control plane (etcd, kube-apiserver, kube-controller-manager) on loopback, to compare with and measure
# against. It has to be built elsewhere: SEALOCK_KUBERNETES names the folder with the programs and kubeadm.
#
# usage: eng/start-kubernetes.sh DIR PORT [FLAG-OF-KUBE-APISERVER…]     stop it with: eng/stop-kubernetes.sh DIR
#   DIR/admin.conf   kubeconfig of the administrator        DIR/pki   certificates        DIR/*.pid   process ids
#   tokens: "admin-token" is in system:masters
# Ports PORT to PORT+3 are used. NO_CONTROLLER_MANAGER=1 leaves the controller-manager out, NO_SIGNER=1 its CSR signer.
# etcd runs without fsync, unless FSYNC=1.
set -eu
dir=$1 port=$2
shift 2
bin=${SEALOCK_KUBERNETES:?names the folder with kube-apiserver, kube-controller-manager and kubeadm}
mkdir -p "$dir/log"
dir=$(cd "$dir" && pwd) pki=$dir/pki etcd=$((port + 1)) peer=$((port + 2)) kcm=$((port + 3))

if [ ! -f "$dir/admin.conf" ]; then
  # kubeadm refuses loopback as an address to advertise, so a documentation address stands in until the end
  where=(--cert-dir "$pki" --kubernetes-version v1.20.2 --apiserver-advertise-address 198.51.100.1 --control-plane-endpoint "127.0.0.1:$port")
  "$bin/kubeadm" init phase certs all "${where[@]}" --apiserver-cert-extra-sans localhost,127.0.0.1 --service-cidr 10.96.0.0/16 >"$dir/log/kubeadm.log" 2>&1
  for user in admin controller-manager; do
    "$bin/kubeadm" init phase kubeconfig "$user" "${where[@]}" --apiserver-bind-port "$port" --kubeconfig-dir "$dir" >>"$dir/log/kubeadm.log" 2>&1
  done
  sed -i "s#server: https://.*#server: https://127.0.0.1:$port#" "$dir"/*.conf
  echo 'admin-token,admin,admin,"system:masters"' >"$dir/tokens.csv"
fi

run() { # name, command…: in the background, detached, its process id kept
  local name=$1
  shift
  setsid nohup "$@" >"$dir/log/$name.log" 2>&1 </dev/null &
  echo $! >"$dir/$name.pid"
}

fsync=--unsafe-no-fsync
[ -z "${FSYNC:-}" ] || fsync=
run etcd etcd --name=default --data-dir="$dir/etcd" $fsync \
  --listen-client-urls="https://127.0.0.1:$etcd" --advertise-client-urls="https://127.0.0.1:$etcd" \
  --listen-peer-urls="https://127.0.0.1:$peer" --initial-advertise-peer-urls="https://127.0.0.1:$peer" \
  --initial-cluster="default=https://127.0.0.1:$peer" \
  --cert-file="$pki/etcd/server.crt" --key-file="$pki/etcd/server.key" --client-cert-auth --trusted-ca-file="$pki/etcd/ca.crt" \
  --peer-cert-file="$pki/etcd/peer.crt" --peer-key-file="$pki/etcd/peer.key" --peer-client-cert-auth --peer-trusted-ca-file="$pki/etcd/ca.crt"

run kube-apiserver "$bin/kube-apiserver" --bind-address=127.0.0.1 --secure-port="$port" --advertise-address=127.0.0.1 \
  --endpoint-reconciler-type=none --authorization-mode=Node,RBAC --enable-bootstrap-token-auth=true --allow-privileged=true \
  --etcd-servers="https://127.0.0.1:$etcd" --etcd-cafile="$pki/etcd/ca.crt" \
  --etcd-certfile="$pki/apiserver-etcd-client.crt" --etcd-keyfile="$pki/apiserver-etcd-client.key" \
  --client-ca-file="$pki/ca.crt" --tls-cert-file="$pki/apiserver.crt" --tls-private-key-file="$pki/apiserver.key" \
  --kubelet-client-certificate="$pki/apiserver-kubelet-client.crt" --kubelet-client-key="$pki/apiserver-kubelet-client.key" \
  --service-account-key-file="$pki/sa.pub" --service-account-signing-key-file="$pki/sa.key" \
  --service-account-issuer=https://kubernetes.default.svc.cluster.local --service-cluster-ip-range=10.96.0.0/16 \
  --token-auth-file="$dir/tokens.csv" "$@"

for _ in $(seq 300); do
  [ "$(curl -s --max-time 2 --cacert "$pki/ca.crt" -H 'Authorization: Bearer admin-token' "https://127.0.0.1:$port/readyz")" = ok ] && ready=1 && break
  kill -0 "$(cat "$dir/kube-apiserver.pid")" 2>/dev/null || break
  sleep 0.2
done
if [ -z "${ready:-}" ]; then
  echo "kube-apiserver did not get ready:" >&2
  tail -n 3 "$dir/log/kube-apiserver.log" >&2
  "$(dirname "$0")/stop-kubernetes.sh" "$dir"
  exit 1
fi

if [ -z "${NO_CONTROLLER_MANAGER:-}" ]; then
  controllers='*,bootstrapsigner,tokencleaner'
  [ -z "${NO_SIGNER:-}" ] || controllers="$controllers,-csrsigning"
  config=$dir/controller-manager.conf
  run kube-controller-manager "$bin/kube-controller-manager" --kubeconfig="$config" --authentication-kubeconfig="$config" \
    --authorization-kubeconfig="$config" --bind-address=127.0.0.1 --secure-port="$kcm" --port=0 --leader-elect=false \
    --client-ca-file="$pki/ca.crt" --cluster-signing-cert-file="$pki/ca.crt" --cluster-signing-key-file="$pki/ca.key" \
    --root-ca-file="$pki/ca.crt" --service-account-private-key-file="$pki/sa.key" --use-service-account-credentials=true \
    --node-monitor-grace-period=24h --controllers="$controllers"
fi
