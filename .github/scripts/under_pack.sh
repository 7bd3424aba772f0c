#!/usr/bin/env bash
# A pulumi command on the stack $STACK, under the policy pack as it is configured for the stack:
#     STACK=prod .github/scripts/under_pack.sh preview --diff
set -euo pipefail
: "${STACK:?is not set; it is the name of the stack, such as dev}"
configuration="policies/config/${STACK}.json"
if [[ ! -f "${configuration}" ]]; then
  echo "${configuration} is missing, and without it the pack does not know whom ${STACK} trusts; write one" >&2
  exit 1
fi
exec pulumi "$@" --stack "${STACK}" --non-interactive --color never \
  --policy-pack policies --policy-pack-config "${configuration}"
