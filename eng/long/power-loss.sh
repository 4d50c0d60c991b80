#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills a writing store some hundred times on a disk that forgets what was not synced, and compares what is left with
# what was acknowledged. Usage: eng/long/power-loss.sh [TIMES, 200 by default]; needs cc; takes about TIMES * 2 seconds.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_POWER_LOSSES="${1:-200}"
dotnet test tests/Sealock.Tests --filter FullyQualifiedName~PowerLoss --logger "console;verbosity=detailed"
