#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Kills what changes files of a cluster, again and again: a process that switches between sets of files, the shell on a
# node as it starts each of its programs, and `sealock pki distribute` or its connections; and looks whether every set is
# whole afterwards. Usage: eng/long/kill-staging.sh [TIMES, 200 by default]; needs openssh-server; takes about TIMES * 6 seconds.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_STAGING_KILLS="${1:-200}" SEALOCK_NODE_KILLS="${1:-200}" SEALOCK_DISTRIBUTE_KILLS="$((${1:-200} / 4))"
dotnet test tests/Sealock.Tests --filter "FullyQualifiedName~Cluster.Staging.KillTests|FullyQualifiedName~NodeInterruptionTests" --logger "console;verbosity=detailed"
dotnet test tests/Sealock.EndToEnd --filter FullyQualifiedName~KilledDistributionTests --logger "console;verbosity=detailed"
