"""JupyterHub for a class on one machine, without The Littlest JupyterHub.

    sudo /opt/classroom/bin/jupyterhub -f /opt/hammered-iron-sheet/classroom/jupyterhub_config.py

Start it in the folder of the class: there lie students.txt (one name a line) and what the hub
keeps. Nothing listens beyond this machine: README.md beside this file says how to open it to a
class.
"""

import sys
from pathlib import Path

c = get_config()  # noqa: F821
HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

# What the hub keeps lets one in as anybody.
if Path.cwd().stat().st_mode & 0o077:
    raise PermissionError(
        f"Others can look into {Path.cwd()}, where the hub keeps its database and passwords: "
        f"chmod 700 {Path.cwd()}"
    )

load_subconfig(str(HERE / "server_settings.py"))  # noqa: F821

c.JupyterHub.bind_url = "http://127.0.0.1:8000"
c.JupyterHub.hub_bind_url = "http://127.0.0.1:8081"
c.ConfigurableHTTPProxy.api_url = "http://127.0.0.1:8001"
c.ConfigurableHTTPProxy.command = str(Path(sys.executable).parent / "configurable-http-proxy")
c.Spawner.ip = "127.0.0.1"
c.Spawner.cmd = [str(Path(sys.executable).parent / "jupyterhub-singleuser")]

# Each student chooses a password at the first login.
c.JupyterHub.authenticator_class = "firstuse"
students = Path("students.txt")
if not students.is_file():
    raise FileNotFoundError(
        f"There is no {students.absolute()}: write one name a line into it, in lowercase."
    )
c.Authenticator.allowed_users = set(students.read_text(encoding="utf-8").split())
c.Authenticator.username_pattern = "^[a-z][a-z0-9_-]{0,19}$"
c.FirstUseAuthenticator.dbm_path = str(Path("passwords.dbm").absolute())

# systemd holds the limits where it runs. In a container it does not.
c.JupyterHub.spawner_class = (
    "classroom.spawners.OwnAccountSpawner"
    if Path("/run/systemd/system").is_dir()
    else "classroom.spawners.LimitedSpawner"
)

# A server that nobody has used for an hour ends; its files stay.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", "--timeout=3600"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
# A class in the same minute: all may start at once, and wait for each other.
c.JupyterHub.concurrent_spawn_limit = 64
c.Spawner.start_timeout = 300
c.Spawner.http_timeout = 300
