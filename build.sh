#!/usr/bin/env bash
# Publishes the single-file program, framework-dependent and self-contained, and runs what was published.
# usage: ./build.sh [RUNTIME [FLAVOUR]]     default: this machine's (linux-x64, linux-arm64, …), both flavours
# Result: artifacts/publish/<flavour>/sealock
set -eu
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
runtime=${1:-$(dotnet --info | sed -n 's/^ *RID: *//p' | sed 's/^debian.*-/linux-/; s/^ubuntu.*-/linux-/')}

publish() { # flavour, self-contained
  out=artifacts/publish/$1
  rm -rf "$out"
  dotnet publish src/Sealock -c Release -r "$runtime" --self-contained "$2" -v q -nologo \
    -p:PublishSingleFile=true -p:PublishReadyToRun=true -p:IncludeNativeLibrariesForSelfExtract=true \
    -p:DebugType=embedded -p:RestoreLockedMode=false -p:NuGetLockFilePath="$PWD/artifacts/publish.$1.lock.json" -o "$out"
  smoke "$out/sealock"
  printf '%-20s %s\n' "$1" "$(du -h "$out/sealock" | cut -f1)B  $out/sealock"
}

smoke() { # the published file creates a cluster's data, serves, and stops cleanly
  data=$(mktemp -d)
  "$1" version >/dev/null
  "$1" up --data "$data/d" --secure-port 0 >"$data/log" 2>&1 &
  pid=$!
  for _ in $(seq 100); do
    grep -q 'kubectl' "$data/log" && break
    kill -0 "$pid" 2>/dev/null || break
    sleep 0.1
  done
  if ! grep -q 'kubectl' "$data/log"; then
    cat "$data/log" >&2
    echo "build.sh: the published program did not start" >&2
    exit 1
  fi
  kill -TERM "$pid"
  wait "$pid" || { echo "build.sh: the published program did not stop cleanly" >&2; exit 1; }
  rm -rf "$data"
}

case ${2:-both} in
  framework-dependent) publish framework-dependent false ;;
  self-contained) publish self-contained true ;;
  *) publish framework-dependent false; publish self-contained true ;;
esac
