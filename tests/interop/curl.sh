#!/bin/sh
# curl gets a token as the README shows: -K reads the secret from a file, so that it is no argument that others can see.
set -eu

# The value of a text member of the description.
member() {
    sed -n "s/.*\"$1\": *\"\([^\"]*\)\".*/\1/p" "$CHANCERY_INTEROP"
}

# Says what came of a case: a name, what the answer must be like, and the answer.
say() {
    outcome=failed
    case $3 in $2) outcome=ok ;; esac
    printf '{"library":"curl","version":"%s","case":"%s","outcome":"%s"}\n' "$version" "$1" "$outcome"
}

version=$(curl --version | sed -n '1s/curl \([0-9.]*\).*/\1/p')
config=$(member curl_file)
wrong=$(mktemp)
trap 'rm -f "$wrong"' EXIT
sed '/^user = /s/[0-9]/x/g' "$config" >"$wrong"

say 'gets a token' '{"access_token":"eyJ*","token_type":"Bearer","expires_in":*,"scope":"documents:read"}' \
    "$(curl -s -K "$config")"
say 'is told why' '*"error":"invalid_client"*' "$(curl -s -K "$wrong")"
