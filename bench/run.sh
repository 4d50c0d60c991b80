#!/usr/bin/env bash
# Measures the published sealock program and, beside it, a real Kubernetes control plane; its front door also beside nginx,
# haproxy and Kestrel with nothing around it.
#
# usage: bench/run.sh [quick|full] [NAME…] [--only SERVER[,SERVER…]] [-o table|json|markdown]      names are listed by: run.sh help
#   SEALOCK_KUBERNETES  folder with kube-apiserver, kube-controller-manager and kubeadm (etcd in PATH); without it the
#                       column of the peer is empty
#   SEALOCK_PEBBLE      a pebble in place of the one in PATH
#   SEALOCK_PROGRAM     the program to measure, instead of one published from this source tree
#   TMPDIR              where the servers keep their data, for the time of the run
set -eu
cd "$(dirname "$0")/.."
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
if [ -z "${SEALOCK_PROGRAM:-}" ]; then
  ./build.sh "" framework-dependent >&2
  SEALOCK_PROGRAM=$PWD/artifacts/publish/framework-dependent/sealock
fi
runtime=$(dotnet --info | sed -n 's/^ *RID: *//p' | sed 's/^debian.*-/linux-/; s/^ubuntu.*-/linux-/')
dotnet publish bench/Sealock.Bare -c Release -r "$runtime" --self-contained false -v q -nologo -p:PublishSingleFile=true \
  -p:PublishReadyToRun=true -p:RestoreLockedMode=false -p:NuGetLockFilePath="$PWD/artifacts/publish.bare.lock.json" \
  -o artifacts/publish/bare >&2
dotnet build bench/Sealock.Bench -c Release -v q -nologo -clp:NoSummary >&2
ulimit -n "$(ulimit -Hn)"
exec dotnet artifacts/bin/Sealock.Bench/release/Sealock.Bench.dll --program "$SEALOCK_PROGRAM" \
  --bare "$PWD/artifacts/publish/bare/Sealock.Bare" --scripts "$PWD/eng" "$@"
