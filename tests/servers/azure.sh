# Azurite, Microsoft's emulator of Azure Blob Storage, for the tests: sourced by ./test, which names a folder for it.
# Nothing of it is part of xt; it is installed outside the tree, listens on loopback only, and ends with the tests.

azurite_version=3.35.0
azurite_home="${XDG_CACHE_HOME:-$HOME/.cache}/xt-tests/azurite-$azurite_version"
azurite_pid=

azurite_install() {
  [ -x "$azurite_home/node_modules/.bin/azurite-blob" ] && return
  need npm npm
  say "installing Azurite"
  mkdir -p "$azurite_home"
  npm install --prefix "$azurite_home" --silent --no-audit --no-fund "azurite@$azurite_version"
}

# Starts one for the whole run on a port that is free now, and waits until it answers.
azurite_start() {
  local folder=$1 port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$azurite_home/node_modules/.bin/azurite-blob" --blobHost 127.0.0.1 --blobPort "$port" --location "$folder" \
    --silent --disableTelemetry --skipApiVersionCheck >"$folder/azurite.log" 2>&1 &
  azurite_pid=$!
  python3 - "$port" <<'PY' || { echo "test: Azurite does not start: see $folder/azurite.log" >&2; exit 1; }
import socket, sys, time
end = time.monotonic() + 60
while True:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        break
    except OSError:
        if time.monotonic() > end:
            sys.exit(1)
        time.sleep(0.05)
PY
  export XT_TEST_AZURE="http://127.0.0.1:$port/devstoreaccount1"
}

azurite_stop() {
  [ -z "$azurite_pid" ] || { kill "$azurite_pid" 2>/dev/null; wait "$azurite_pid" 2>/dev/null || true; }
  azurite_pid=
}
