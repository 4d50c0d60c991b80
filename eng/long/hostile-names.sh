#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Comes to a server under random names, before set-up and after, and sees that nothing of them lasts.
# Usage: eng/long/hostile-names.sh [NAMES before and after, 10000 by default]
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_HOSTILE_NAMES="${1:-10000}"
dotnet test tests/Sealock.EndToEnd -c Release --filter FullyQualifiedName~HostileNamesTests --logger "console;verbosity=detailed"
