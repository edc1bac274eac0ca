# A script's own status.
echo out; echo err >&2; (exit 3); echo $?; trap 'echo bye' EXIT; exit 42
