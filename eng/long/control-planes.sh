#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Starts real control planes with every layout, kind of key and kind of authority one by one, from nothing but what
# sealock pki makes. Needs SEALOCK_KUBERNETES (a folder with kube-apiserver and the others) and etcd; takes about 2 minutes.
set -eu
cd "$(dirname "$0")/../.."
export SEALOCK_CONTROL_PLANES=all
dotnet test tests/Sealock.EndToEnd --filter 'FullyQualifiedName~ControlPlane' --logger "console;verbosity=detailed"
