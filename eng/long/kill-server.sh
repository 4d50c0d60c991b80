#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills a server some hundred times while clients write, ask for certificates and watch, and compares what is left with
# what they were told. Usage: eng/long/kill-server.sh [TIMES, 200 by default]; takes about TIMES * 2 seconds.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_KILLS="${1:-200}"
dotnet test tests/Sealock.EndToEnd --filter FullyQualifiedName~KillTests --logger "console;verbosity=detailed"
