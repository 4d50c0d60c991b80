#!/usr/bin/env bash
# usage: eng/stop-kubernetes.sh DIR     ends what eng/start-kubernetes.sh started there
set -u
for name in kube-controller-manager kube-apiserver etcd; do
  pid=$(cat "$1/$name.pid" 2>/dev/null) || continue
  kill "$pid" 2>/dev/null
  for _ in $(seq 50); do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
  kill -9 "$pid" 2>/dev/null
  rm -f "$1/$name.pid"
done
exit 0
