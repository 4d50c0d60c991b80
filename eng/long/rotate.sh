# SPDX-License-Identifier: Apache-2.0
# Rotates an etcd's and a cluster's CA under load, kills the tool at random moments and goes on, and undoes every phase.
# Usage: eng/long/rotate.sh [ROTATIONS, 20 by default] [KILLS, 100 by default]; took 52 minutes on two busy cores.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_ROTATIONS="${1:-20}" SEALOCK_ROTATION_KILLS="${2:-100}"
dotnet test tests/Sealock.EndToEnd --filter "FullyQualifiedName~EndToEnd.Cluster&FullyQualifiedName~RotationTests" --logger "console;verbosity=detailed"
