#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Replaces a server's certificate and its clients' CA again and again, in files and in a Secret, while 148 clients ask and watch.
# Usage: eng/long/serving-rotation.sh [ROTATIONS in files, 200 by default] [of the clients' CA, 10] [in a Secret, 40]
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_SERVING_ROTATIONS="${1:-200}" SEALOCK_CLIENT_CA_ROTATIONS="${2:-10}" SEALOCK_SECRET_ROTATIONS="${3:-40}"
export SEALOCK_FLEET="64 64 20" SEALOCK_ROTATION_PAUSE=1000
dotnet test tests/Sealock.EndToEnd -c Release --filter FullyQualifiedName~ServingRotationTests --logger "console;verbosity=detailed"
