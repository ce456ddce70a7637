#!/bin/sh
# Starts Janus with the configuration of this folder, in which variables stand for what the environment says.
set -eu
templates=${1:-/templates}
folder=$(mktemp -d)
for file in "$templates"/*.jcfg; do
  # Of these alone: a dollar may be part of anything else.
  envsubst '$JANUS_ADMIN_KEY $JANUS_PORT $JANUS_ADDRESS' <"$file" >"$folder/$(basename "$file")"
done
exec janus --configs-folder="$folder" ${JANUS_OPTIONS:-}
