#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Measures `sealock pki` and `sealock inspect` as whole processes beside kubeadm, cfssl and openssl, in turns.
#
# usage: bench/pki.sh [ROUNDS, 5 by default]
#   SEALOCK_KUBERNETES  folder with kubeadm; without it, and without cfssl in PATH, their columns are left out
#   SEALOCK_PROGRAM     the program to measure, instead of one published from this source tree
#   TMPDIR              where the sets are written
set -eu
cd "$(dirname "$0")/.."
rounds=${1:-5}
if [ -z "${SEALOCK_PROGRAM:-}" ]; then
  ./build.sh "" framework-dependent >&2
  SEALOCK_PROGRAM=$PWD/artifacts/publish/framework-dependent/sealock
fi
sealock=$SEALOCK_PROGRAM
kubeadm=${SEALOCK_KUBERNETES:+$SEALOCK_KUBERNETES/kubeadm}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
TIMEFORMAT='%R %U %S'

# ---- what is made: the leaves of kubeadm's set, as NAME CA CN O USAGE NAMES

control_plane() { # NODE
  cat <<END
apiserver ca kube-apiserver - server DNS:$1,DNS:kubernetes,DNS:kubernetes.default,DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local,IP:10.96.0.1,IP:10.0.0.1
apiserver-kubelet-client ca kube-apiserver-kubelet-client kubeadm:cluster-admins client -
front-proxy-client front-proxy-ca front-proxy-client - client -
etcd-server etcd-ca $1 - peer DNS:$1,DNS:localhost,IP:10.0.0.1,IP:127.0.0.1
etcd-peer etcd-ca $1 - peer DNS:$1,DNS:localhost,IP:10.0.0.1,IP:127.0.0.1
etcd-healthcheck-client etcd-ca kube-etcd-healthcheck-client - client -
apiserver-etcd-client etcd-ca kube-apiserver-etcd-client - client -
admin ca kubernetes-admin kubeadm:cluster-admins client -
super-admin ca kubernetes-super-admin system:masters client -
controller-manager ca system:kube-controller-manager - client -
scheduler ca system:kube-scheduler - client -
END
}

worker() { # NODE
  cat <<END
$1-kubelet ca system:node:$1 system:nodes client -
$1-kubelet-serving ca system:node:$1 system:nodes server DNS:$1,IP:10.1.0.1
$1-kube-proxy ca system:kube-proxy - client -
END
}

nodes() { # COUNT: one of the control plane, the rest workers
  echo "endpoint: api.example.com:6443"
  echo "nodes:"
  echo "- {name: node0, role: control-plane, addresses: [10.0.0.1]}"
  for i in $(seq 1 $(($1 - 1))); do echo "- {name: node$i, addresses: [10.$((1 + i / 65536)).$((i / 256 % 256)).$((i % 256))]}"; done
}

leaves() { # COUNT
  control_plane node0
  for i in $(seq 0 $(($1 - 1))); do worker "node$i"; done
}

for count in 1 100 1000; do nodes $count >nodes-$count.yaml; leaves $count >leaves-$count; done

# ---- how each makes it; every one is called with the number of nodes, in an empty folder

by_sealock() { "$sealock" pki init --config "../nodes-$1.yaml" --out set >/dev/null; }

kubeadm_config() {
  cat <<END
apiVersion: kubeadm.k8s.io/v1beta2
kind: InitConfiguration
localAPIEndpoint: {advertiseAddress: 10.0.0.1}
nodeRegistration: {name: node0}
---
apiVersion: kubeadm.k8s.io/v1beta2
kind: ClusterConfiguration
kubernetesVersion: v1.20.2
controlPlaneEndpoint: api.example.com:6443
certificatesDir: $PWD/pki
featureGates: {PublicKeysECDSA: true}
END
}

by_kubeadm() {
  kubeadm_config >config.yaml
  "$kubeadm" init phase certs all --config config.yaml >/dev/null 2>&1
  "$kubeadm" init phase kubeconfig all --config config.yaml --kubeconfig-dir conf >/dev/null 2>&1
  for i in $(seq 1 $(($1 - 1))); do
    sed "s/node0/node$i/" config.yaml >"config-$i.yaml"
    "$kubeadm" init phase kubeconfig kubelet --config "config-$i.yaml" --kubeconfig-dir "conf-$i" >/dev/null 2>&1
  done
}

by_cfssl() {
  cat >profiles.json <<END
{"signing":{"default":{"expiry":"8760h"},"profiles":{
"server":{"expiry":"8760h","usages":["digital signature","server auth"]},
"client":{"expiry":"8760h","usages":["digital signature","client auth"]},
"peer":{"expiry":"8760h","usages":["digital signature","server auth","client auth"]}}}}
END
  for ca in ca front-proxy-ca etcd-ca; do
    echo "{\"CN\":\"$ca\",\"key\":{\"algo\":\"ecdsa\",\"size\":256},\"ca\":{\"expiry\":\"87600h\"}}" |
      cfssl gencert -loglevel 5 -initca - 2>/dev/null | cfssljson -bare "$ca"
  done
  while read -r name ca cn o usage names; do
    hosts=$(echo "$names" | sed 's/DNS://g;s/IP://g;s/^-$//')
    echo "{\"CN\":\"$cn\",\"key\":{\"algo\":\"ecdsa\",\"size\":256},\"names\":[{\"O\":\"$o\"}]}" |
      cfssl gencert -loglevel 5 -ca "$ca.pem" -ca-key "$ca-key.pem" -config profiles.json -profile "$usage" -hostname "$hosts" - 2>/dev/null |
      cfssljson -bare "$name"
  done <"../leaves-$1"
}

by_openssl() {
  for ca in ca front-proxy-ca etcd-ca; do
    openssl ecparam -name prime256v1 -genkey -noout -out $ca.key
    openssl req -x509 -new -key $ca.key -subj "/CN=$ca" -days 3650 -addext "keyUsage=critical,keyCertSign,cRLSign" -out $ca.crt
  done
  while read -r name ca cn o usage names; do
    openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
    subject="/CN=$cn"
    [ "$o" = - ] || subject="/O=$o/CN=$cn"
    openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
    {
      echo "basicConstraints=critical,CA:FALSE"
      echo "keyUsage=critical,digitalSignature"
      case $usage in
        server) echo "extendedKeyUsage=serverAuth" ;;
        client) echo "extendedKeyUsage=clientAuth" ;;
        *) echo "extendedKeyUsage=serverAuth,clientAuth" ;;
      esac
      [ "$names" = - ] || echo "subjectAltName=$names"
    } >"$name.ext"
    openssl x509 -req -in "$name.csr" -CA "$ca.crt" -CAkey "$ca.key" -CAcreateserial -days 365 -extfile "$name.ext" -out "$name.crt" 2>/dev/null
  done <"../leaves-$1"
}

# ---- measuring

run() { # LABEL FUNCTION ARGUMENT…: one run in an empty folder; "seconds processor-seconds" goes to LABEL.times
  local label=$1 home
  shift
  home=$scratch/run
  rm -rf "$home"
  mkdir "$home"
  (cd "$home" && { time "$@"; } 2>"$scratch/time" >/dev/null) || { echo "bench/pki.sh: $label failed" >&2; exit 1; }
  tail -n 1 "$scratch/time" | awk '{ print $1, $2 + $3 }' >>"$scratch/$label.times"
}

median() { sort -n | awk '{ v[NR] = $1 } END { print NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2 }'; }
seconds() { cut -d' ' -f1 "$1.times" | median; }
processor() { cut -d' ' -f2 "$1.times" | median; }

row() { # LABEL REFERENCE TITLE
  awk -v t="$3" -v s="$(seconds "$1")" -v c="$(processor "$1")" -v r="$(seconds "$2")" \
    'BEGIN { printf "%-44s %9.3f %9.3f %8.1fx\n", t, s, c, s / r }'
}

contest() { # NODES ROUNDS
  local i
  for i in $(seq "$2"); do
    echo "$1 nodes, round $i of $2" >&2
    run "sealock-$1" by_sealock "$1"
    run "openssl-$1" by_openssl "$1"
    if command -v cfssl >/dev/null; then run "cfssl-$1" by_cfssl "$1"; fi
    if [ -n "$kubeadm" ]; then run "kubeadm-$1" by_kubeadm "$1"; fi
  done
  row "sealock-$1" "sealock-$1" "set of $1 node(s), sealock"
  for peer in kubeadm cfssl openssl; do
    if [ -e "$peer-$1.times" ]; then row "$peer-$1" "sealock-$1" "set of $1 node(s), $peer"; fi
  done
}

peak() { # COMMAND…: runs it and prints the largest resident memory in MB, as the kernel counts it
  "$@" >/dev/null 2>&1 &
  local pid=$! high=0 now
  while now=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now" ]; do high=$now; done
  wait $pid
  awk -v k="$high" 'BEGIN { printf "%.0f\n", k / 1024 }'
}

printf '%-44s %9s %9s %9s\n' measured seconds cpu-s "/sealock"
contest 1 "$rounds"
contest 100 3

rm -rf thousand
echo "1,000 nodes" >&2
mkdir -p times && (cd times && run sealock-1000 by_sealock 1000)
row sealock-1000 sealock-1000 "set of 1000 nodes, sealock"
printf '%-44s %9s\n' "its peak of memory, MB" "$(peak "$sealock" pki init --config nodes-1000.yaml --out thousand)"

one=$(find thousand -name apiserver.crt | head -n 1)
inspect_sealock() { "$sealock" inspect "$one"; }
inspect_openssl() { openssl x509 -in "$one" -noout -text; }
one=$scratch/$one
for _ in $(seq $((rounds * 2))); do
  run inspect-sealock inspect_sealock
  run inspect-openssl inspect_openssl
done
row inspect-sealock inspect-sealock "inspect one file, sealock"
row inspect-openssl inspect-sealock "openssl x509 -text of it"

check_all() { "$sealock" pki check --dir "$scratch/set"; }
nodes 3334 >nodes-3334.yaml
"$sealock" pki init --config nodes-3334.yaml --out set >/dev/null
for _ in $(seq 3); do run check check_all; done
row check check "check of $(find set -name '*.crt' -o -name '*.conf' | wc -l) files with certificates"
