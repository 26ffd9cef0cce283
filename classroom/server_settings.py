"""What every student's server gets: limits, threads, and when it is let go.

JupyterHub reads this file on one machine (jupyterhub_config.py loads it) and in The Littlest
JupyterHub (copied to /opt/tljh/config/jupyterhub_config.d/). z2jh/values.yaml says the same for
Kubernetes; tests/test_classroom.py holds the two together, and both to the measured memory.
"""

c = get_config()  # noqa: F821

# Measured by benchmarks/try_class.py: see benchmarks/results/classroom.json. The limit has room for
# the lesson that needs most, beside the kernel of another that was left open.
c.Spawner.mem_guarantee = "1G"
c.Spawner.mem_limit = "2G"
c.Spawner.cpu_limit = 2
PROCESSES = 400  # threads count too: a lesson with TensorFlow needs about 60

# As many threads as the limit has cores. On a large machine each TensorFlow would otherwise start
# one for every core of it.
threads = str(int(c.Spawner.cpu_limit))
c.Spawner.environment = {
    "OMP_NUM_THREADS": threads,
    "OPENBLAS_NUM_THREADS": threads,
    "TF_NUM_INTRAOP_THREADS": threads,
    "TF_NUM_INTEROP_THREADS": threads,
    # Sockets of kernels have a path of at most 107 letters, so they lie near the root: with
    # isolate_tmp, /tmp is each student's own.
    "JUPYTER_RUNTIME_DIR": "/tmp/jupyter",
}
c.Spawner.default_url = "/lab"
c.Spawner.args = [
    # A kernel that has run nothing for half an hour ends, also when its tab is open. What is
    # written in the notebook stays.
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--MappingKernelManager.cull_interval=60",
    "--MappingKernelManager.cull_connected=True",
    # Nobody is asked whether to fetch Jupyter's official news.
    "--LabApp.news_url=None",
    # By TCP, anybody on the machine could listen to what another's kernel prints.
    "--KernelManager.transport=ipc",
]

c.SystemdSpawner.isolate_tmp = True
c.SystemdSpawner.unit_extra_properties = {"TasksMax": str(PROCESSES), "UMask": "0077"}
c.LimitedSpawner.process_limit = PROCESSES
