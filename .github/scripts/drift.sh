#!/usr/bin/env bash
# Is the stack $STACK still what the program says, within the policy pack, and its access as expected? What is not, goes
# into a report in Markdown; the report is empty where all is well, and missing where not all could be asked. Ends with 1
# where something is not as it should be.
#     STACK=prod .github/scripts/drift.sh REPORT
set -euo pipefail
: "${STACK:?is not set; it is the name of the stack, such as dev}"
report="${1:?name the report}"
scripts="$(dirname "${BASH_SOURCE[0]}")"
failed=0
fence="~~~~~~"
unfinished="${report}.unfinished"
: > "${unfinished}"

# look HEADING COMMAND…: all three are asked, whatever the first one says.
look() {
  local heading="$1" output
  shift
  echo "▸ ${heading}"
  if output="$("$@" 2>&1)"; then
    echo "${output}"
    return
  fi
  failed=1
  echo "${output}"
  output="${output%%<details>*}"
  printf '### %s\n\n%s\n%s\n%s\n\n' "${heading}" "${fence}" "${output:0:18000}" "${fence}" >> "${unfinished}"
}

look "What is there is not what the program says" \
  pulumi preview --stack "${STACK}" --non-interactive --color never --refresh --expect-no-changes --diff
# Judges the state, which `preview --refresh` does not write: what the last update left, under the rules of today. What
# somebody changed since is for the look before and the one after.
look "The policy pack refuses what is deployed" \
  "${scripts}/under_pack.sh" policy analyze
# This one is Markdown by itself; what differs comes first, and what is folded below is left out.
fence=""
look "Who may do what is not what is expected" \
  .venv/bin/python -m access --live --stack "${STACK}" --check --format markdown
mv "${unfinished}" "${report}"
exit "${failed}"
