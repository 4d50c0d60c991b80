#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Feeds hostile inputs to every parser that a stranger reaches, and to a running server, and prints the counts.
# Usage: eng/long/fuzz.sh [INPUTS per parser, 100000 by default] [SEED, the time by default]; takes some minutes.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_FUZZ_ITERATIONS="${1:-100000}" SEALOCK_FUZZ_SEED="${2:-$(date +%s)}"
echo "seed $SEALOCK_FUZZ_SEED"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
code=0
for project in tests/Sealock.Tests tests/Sealock.EndToEnd; do
  dotnet test "$project" --filter FullyQualifiedName~Fuzz --logger "console;verbosity=detailed" >"$log" 2>&1 || code=1
  grep -E '^ *fuzz ' "$log" || true
  grep -E -A 30 '^ *Failed |error ' "$log" && code=1
done
exit "$code"
