#!/usr/bin/env bash
# Restores, checks the format, builds with warnings as errors and runs every test. Last line: N passed, N failed, N skipped
# usage: ./test.sh [extra arguments of "dotnet test", such as --filter FullyQualifiedName~Pki]
set -u
cd "$(dirname "$0")" || exit 1
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

step() { printf '\n== %s\n' "$1"; }
fail() { echo "$1" >&2; echo "0 passed, 1 failed, 0 skipped"; exit 1; }

step "restore"
locked=(); [ "${CI:-}" = true ] && locked=(--locked-mode)
dotnet restore Sealock.slnx "${locked[@]}" -v q || fail "The restore failed."

step "format"
dotnet format whitespace Sealock.slnx --no-restore --verify-no-changes || fail "Run 'dotnet format' and commit what it changed."

step "build"
dotnet build Sealock.slnx --no-restore -c Release -v q -nologo || fail "The build failed."

step "test"
code=0
for project in tests/Sealock.Tests tests/Sealock.EndToEnd; do
  dotnet test "$project" --no-build -c Release -nologo --logger "trx;LogFileName=$(basename "$project").trx" \
    --results-directory "$results" "$@" || code=1
done

step "skipped"
sed -n 's/.*<UnitTestResult [^>]*testName="\([^"]*\)"[^>]*outcome="NotExecuted".*/\1/p' "$results"/*.trx | sort

count() { # the sum of an attribute of the Counters elements
  sed -n "s/.*<Counters [^>]*\b$1=\"\([0-9]*\)\".*/\1/p" "$results"/*.trx 2>/dev/null | awk '{n += $1} END {print n + 0}'
}
total=$(count total) executed=$(count executed) passed=$(count passed) failed=$(count failed)
[ "$code" = 0 ] || [ "$failed" -gt 0 ] || failed=1
echo
echo "$passed passed, $failed failed, $((total - executed)) skipped"
[ "$failed" = 0 ]
