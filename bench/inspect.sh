#!/usr/bin/env bash
# Measures `sealock inspect` of one file as a whole process beside `openssl x509 -text`: median and worst of RUNS, taken in turns.
# usage: bench/inspect.sh [RUNS, 41 by default]
#   SEALOCK_PROGRAM  the program to measure, instead of one published from this source tree
set -eu
cd "$(dirname "$0")/.."
runs=${1:-41}
if [ -z "${SEALOCK_PROGRAM:-}" ]; then
  ./build.sh "" framework-dependent >&2
  SEALOCK_PROGRAM=$PWD/artifacts/publish/framework-dependent/sealock
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/key" -out "$folder/one.crt" -days 90 -subj /O=bench/CN=one \
  -addext subjectAltName=DNS:a.example.com,DNS:b.example.com,IP:10.0.0.1 -addext extendedKeyUsage=serverAuth,clientAuth 2>/dev/null

measure() { # name, command
  local name=$1 start end
  shift
  start=$(date +%s%N)
  "$@" >/dev/null
  end=$(date +%s%N)
  echo $(((end - start) / 1000)) >>"$folder/$name"
}

# Not counted: the first run of each brings the files into memory.
for run in $(seq 0 "$runs"); do
  [ "$run" = 1 ] && rm -f "$folder"/{sealock,json,openssl}
  measure sealock "$SEALOCK_PROGRAM" inspect "$folder/one.crt"
  measure json "$SEALOCK_PROGRAM" inspect -o json "$folder/one.crt"
  measure openssl openssl x509 -in "$folder/one.crt" -noout -text
done

echo "one certificate, whole processes, $runs runs each"
for name in sealock json openssl; do
  sort -n "$folder/$name" | awk -v name="$name" '{ value[NR] = $1 } END {
    printf "%-8s  median %6.1f ms   worst %6.1f ms\n", name, value[int((NR + 1) / 2)] / 1000, value[NR] / 1000 }'
done
