#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Renews the OpenAPI schemas of Kubernetes' own kinds.
# usage: update.sh SOURCE VERSION     for example: update.sh /usr/share/gocode/src 1.36.4
# SOURCE holds k8s.io/api and k8s.io/apimachinery of that VERSION (Debian: golang-k8s-api-dev, golang-k8s-apimachinery-dev).
# Needs go. Kinds are added in definitions.go.
set -eu
[ $# = 2 ] || { sed -n '3,6s/^# //p' "$0"; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
data=$here/../../src/Sealock.Api/OpenApi/Data
mkdir -p "$data"
go run "$here/definitions.go" -source "$1" -version "$2" > "$data/kubernetes.json.new"
mv "$data/kubernetes.json.new" "$data/kubernetes.json"
wc -c "$data/kubernetes.json"
