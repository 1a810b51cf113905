# Sourced by ./test: a server of MongoDB's protocol for the whole run, in XT_TEST_MONGO. It is SecantusDB, which is
# neither MongoDB's own server nor Cosmos DB.

mongo_venv="${XDG_CACHE_HOME:-$HOME/.cache}/xt-tests/secantusdb-0.7.0b3"

mongo_install() {
  [ -x "$mongo_venv/bin/secantusd-py" ] && return
  say "installing SecantusDB"
  rm -rf "$mongo_venv"
  python3 -m venv "$mongo_venv"
  "$mongo_venv/bin/pip" install -q secantusdb==0.7.0b3
}

mongo_start() {
  mongo_folder=$(mktemp -d)
  local port
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  "$mongo_venv/bin/secantusd-py" --enable-test-commands --host 127.0.0.1 --port "$port" \
    --storage-path "$mongo_folder/data" >"$mongo_folder/log" 2>&1 &
  mongo_pid=$!
  local tries=0
  until python3 -c "import socket; socket.create_connection(('127.0.0.1', $port), 1)" 2>/dev/null; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 "$mongo_pid" 2>/dev/null; then
      echo "test: SecantusDB does not start:" >&2
      cat "$mongo_folder/log" >&2
      return 1
    fi
    sleep 0.1
  done
  export XT_TEST_MONGO="mongodb://127.0.0.1:$port"
}

mongo_stop() {
  [ -n "${mongo_pid:-}" ] || return 0
  kill "$mongo_pid" 2>/dev/null || true
  wait "$mongo_pid" 2>/dev/null || true
  rm -rf "$mongo_folder"
}
