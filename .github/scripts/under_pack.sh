#!/usr/bin/env bash
# A pulumi command on the stack $STACK, under the policy pack, with the stack's configuration of it if there is one:
#     STACK=prod .github/scripts/under_pack.sh preview --diff
set -euo pipefail
: "${STACK:?is not set; it is the name of the stack, such as dev}"
pack=(--policy-pack policies)
configuration="policies/config/${STACK}.json"
if [[ -f "${configuration}" ]]; then
  pack+=(--policy-pack-config "${configuration}")
fi
exec pulumi "$@" --stack "${STACK}" --non-interactive --color never "${pack[@]}"
