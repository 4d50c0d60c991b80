#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Renews a CA with many Certificates under it while clients ask an nginx that checks their certificates.
# Usage: eng/long/ca-renewal.sh [CERTIFICATES, 500 by default] [SECONDS of each overlap, 20 by default]
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_CA_LEAVES="${1:-500}" SEALOCK_CA_OVERLAP="${2:-20}"
dotnet test tests/Sealock.EndToEnd --filter FullyQualifiedName~CaRenewalTests --logger "console;verbosity=detailed"
