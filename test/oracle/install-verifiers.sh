#!/bin/sh
# Brings the outside verifiers that test/independent-verifiers.test.ts runs: litewitness and witnessctl
# (torchwood), and a small Go program over Tessera's fsck and torchwood's proof check (outside.go).
# They come from Debian unstable through apt with a state of its own: nothing is installed on the system.
# About 70 MB and one minute; does nothing when they are there already.
#
#   test/oracle/install-verifiers.sh [DIR]      default: ${XDG_CACHE_HOME:-~/.cache}/wardkeep/verifiers
set -eu

here=$(cd "$(dirname "$0")" && pwd -P)
dir=${1:-${XDG_CACHE_HOME:-$HOME/.cache}/wardkeep/verifiers}
if [ -x "$dir/outside" ] && [ -x "$dir/litewitness" ] && [ -x "$dir/witnessctl" ]; then
  echo "the verifiers are in $dir"
  exit 0
fi

packages='torchwood golang-1.27-go golang-1.27-src golang-filippo-torchwood-dev
  golang-github-transparency-dev-tessera-dev golang-github-transparency-dev-merkle-dev
  golang-github-transparency-dev-formats-dev golang-golang-x-mod-dev golang-golang-x-sync-dev
  golang-golang-x-crypto-dev golang-k8s-klog-dev golang-github-go-logr-logr-dev
  golang-github-go-logr-stdr-dev golang-github-cespare-xxhash-v2-dev golang-opentelemetry-otel-dev'

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root" "$dir"
echo 'deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main' >"$work/sources.list"

sid() {
  apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root "$@"
}

sid update
# shellcheck disable=SC2086
(cd "$work/debs" && sid download $packages)
for deb in "$work"/debs/*.deb; do dpkg -x "$deb" "$work/root"; done

cp "$work/root/usr/bin/litewitness" "$work/root/usr/bin/witnessctl" "$dir/"
cd "$here"
env GOROOT="$work/root/usr/lib/go-1.27" GOPATH="$work/root/usr/share/gocode" GOCACHE="$work/go-cache" \
  GO111MODULE=off GOTOOLCHAIN=local GOFLAGS= CGO_ENABLED=0 \
  "$work/root/usr/lib/go-1.27/bin/go" build -o "$dir/outside" outside.go
echo "the verifiers are in $dir"
