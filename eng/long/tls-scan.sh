#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Has testssl and sslscan look at the port in every mode that has TLS, with all that they check. The reports stay in
# artifacts/tls-scan, or in the folder tls-scan of SEALOCK_ARTIFACTS. Usage: eng/long/tls-scan.sh; takes about three minutes a mode.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_TLS_SCAN=all
dotnet test tests/Sealock.EndToEnd -c Release --filter FullyQualifiedName~TlsScan --logger "console;verbosity=detailed"
