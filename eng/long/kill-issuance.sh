#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills a server by SIGKILL at every step of an issuance, of a private CA and of a pebble, again and again.
# Usage: eng/long/kill-issuance.sh [ROUNDS, 10 by default]; a round takes about a minute.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_KILL_STEPS='*'
dotnet build tests/Sealock.EndToEnd
for _ in $(seq "${1:-10}"); do
    dotnet test --no-build tests/Sealock.EndToEnd --filter FullyQualifiedName~KilledAtStepsTests --logger "console;verbosity=detailed"
done
