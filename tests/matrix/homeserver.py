"""A homeserver for tests: writes its settings into a directory unless they are there, and becomes it.

    homeserver.py DIRECTORY PORT [BYTES OF AN UPLOAD]
"""

import os
import pathlib
import sys

directory, port = pathlib.Path(sys.argv[1]), int(sys.argv[2])
upload = sys.argv[3] if len(sys.argv) > 3 else "50M"

# Far from what tests do: the limits have a test of their own, by an account that has some.
FREE = "{ per_second: 10000, burst_count: 10000 }"
SETTINGS = f"""
server_name: matrix.test
pid_file: {directory}/pid
report_stats: false
listeners:
  - port: {port}
    bind_addresses: ["127.0.0.1"]
    type: http
    tls: false
    resources: [{{ names: [client], compress: false }}]
database: {{ name: sqlite3, args: {{ database: {directory}/homeserver.db }} }}
media_store_path: {directory}/media
signing_key_path: {directory}/signing.key
macaroon_secret_key: tests
form_secret: tests
registration_shared_secret: tests
enable_authenticated_media: true
max_upload_size: {upload}
trusted_key_servers: []
suppress_key_server_warning: true
presence: {{ enabled: false }}
url_preview_enabled: false
rc_message: {FREE}
rc_registration: {FREE}
rc_joins: {{ local: {FREE}, remote: {FREE} }}
rc_joins_per_room: {FREE}
rc_invites: {{ per_room: {FREE}, per_user: {FREE}, per_issuer: {FREE} }}
rc_admin_redaction: {FREE}
rc_key_requests: {FREE}
rc_login: {{ address: {FREE}, account: {FREE}, failed_attempts: {FREE} }}
# Tests break off and come again faster than any client does.
background_updates: {{ sleep_enabled: false }}
caches: {{ global_factor: 0.5 }}
"""

settings = directory / "homeserver.yaml"
if not settings.exists():
    settings.write_text(SETTINGS)
arguments = [sys.executable, "-m", "synapse.app.homeserver", "-c", str(settings)]
if not (directory / "signing.key").exists():
    os.spawnv(os.P_WAIT, sys.executable, arguments + ["--generate-keys"])
os.execv(sys.executable, arguments)
