"""The Ray cluster: an existing one through ``RAY_ADDRESS``, else one on this machine."""

from __future__ import annotations

import logging
import os
import socket
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from kojudge.engines.opening import Placement
from kojudge.errors import UnavailableError, said

_STORE_BYTES = 256 * 2**20
"""Shared memory of a local cluster: requests and answers are short texts."""
_SPARE_CPUS = 2
"""Logical CPUs beyond the workers', for Ray Data's own tasks."""
_KNOCK_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Cluster:
    """A connection to Ray. ``ours``: made here, so that :meth:`leave` ends it."""

    ray: Any
    ours: bool

    @property
    def nodes(self) -> int:
        """How many nodes are alive."""
        return sum(node["Alive"] for node in self.ray.nodes())

    @property
    def machines(self) -> int:
        """On how many addresses the nodes live."""
        return len({node["NodeManagerAddress"] for node in self.ray.nodes() if node["Alive"]})

    def require(self, placement: Placement) -> None:
        """Refuse what the cluster can never place: Ray would wait for it without a word.

        Raises:
            UnavailableError: there are too few GPUs or logical CPUs.
        """
        there = self.ray.cluster_resources()
        gpus = placement.workers * placement.num_gpus_per_worker
        for name, wanted in (("GPU", gpus), ("CPU", placement.workers)):
            if wanted > there.get(name, 0):
                raise _too_few(name, wanted, there.get(name, 0), placement)

    def leave(self) -> None:
        """Disconnect, and stop the cluster if it was started for this."""
        if self.ours:
            self.ray.shutdown()


def join(placement: Placement) -> Cluster:
    """Connect to the cluster of ``RAY_ADDRESS``, or start one on this machine.

    A process that is connected already stays so, now and afterwards.

    Raises:
        UnavailableError: Ray is not installed, the cluster cannot be reached or is too small.
    """
    _be_quiet()
    try:
        import ray
        import ray.data  # noqa: F401 - so that a missing part of it shows here
    except ImportError as error:
        raise UnavailableError(
            said(f"ray 엔진에 필요한 패키지가 없습니다: {error.name}",
                 f"The ray engine needs a package that is missing: {error.name}."),
            said('`pip install "kojudge[ray]"`로 설치하세요.',
                 'Install it: pip install "kojudge[ray]"'),
        ) from error  # fmt: skip
    cluster = Cluster(ray, ours=not ray.is_initialized())
    if cluster.ours:
        _connect(ray, placement)
    logging.getLogger("ray.data").setLevel(logging.CRITICAL)
    try:
        cluster.require(placement)
    except UnavailableError:
        cluster.leave()
        raise
    return cluster


def _be_quiet() -> None:
    """Keep Ray off stdout, stderr and the network; read when it is first imported.

    A worker that asked for no GPU sees none: else all would load their model on the first.
    """
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "1")
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")
    warnings.filterwarnings("ignore", module=r"ray\.")


def _connect(ray: Any, placement: Placement) -> None:
    quiet = {"log_to_driver": False, "logging_level": logging.CRITICAL}
    address = os.environ.get("RAY_ADDRESS", "")
    if address.startswith("ray://"):
        raise _no_cluster(address, "ray:// is for clients outside the cluster")
    _knock(address)
    try:
        with _hushed():
            if address and address != "local":
                ray.init(address=address, **quiet)
                return
            ray.init(
                address="local",
                num_cpus=max(os.cpu_count() or 1, placement.workers + _SPARE_CPUS),
                object_store_memory=_STORE_BYTES,
                include_dashboard=False,
                _node_ip_address="127.0.0.1",
                **quiet,
            )
    except Exception as error:  # what a cluster's trouble raises is not documented
        ray.shutdown()
        raise _no_cluster(address, str(error).partition("\n")[0]) from error


def _knock(address: str) -> None:
    """See at once whether anybody listens at ``host:port``; Ray would try for minutes."""
    host, _, port = address.rpartition(":")
    if host and port.isdecimal():
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=_KNOCK_SECONDS).close()
        except OSError as error:
            raise _no_cluster(address, str(error)) from error


@contextmanager
def _hushed() -> Iterator[None]:
    """Send the process's stderr nowhere: Ray's core announces its log level there at any level."""
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def _no_cluster(address: str, why: str) -> UnavailableError:
    if not address:
        return UnavailableError(
            said(f"이 컴퓨터에서 Ray를 시작할 수 없습니다: {why}",
                 f"Cannot start Ray on this machine: {why}"),
            said("컴퓨터가 다른 일로 바쁘면 잠시 뒤에 다시 실행하세요. 아니면 /dev/shm과 /tmp의 빈 공간을 확인하세요.",
                 "If the machine is busy, try again later; else check the free space of /dev/shm "
                 "and /tmp."),
        )  # fmt: skip
    return UnavailableError(
        said(f"RAY_ADDRESS의 Ray 클러스터 {address}에 연결할 수 없습니다: {why}",
             f"Cannot reach the Ray cluster {address} of RAY_ADDRESS: {why}"),
        said("클러스터에 속한 컴퓨터에서 실행하고 주소를 host:6379처럼 적으세요. `ray status`로 확인할 수 "
             "있습니다. 이 컴퓨터만 쓰려면 RAY_ADDRESS를 지우세요.",
             "Run on a machine of the cluster, with an address like host:6379; `ray status` tells "
             "whether it is up. Unset RAY_ADDRESS to use this machine alone."),
    )  # fmt: skip


def _too_few(name: str, wanted: float, there: float, placement: Placement) -> UnavailableError:
    share = f" (--num-gpus-per-worker {placement.num_gpus_per_worker:g})" if name == "GPU" else ""
    more = said("GPU가 있는 노드를 더하거나 --num-gpus-per-worker를 줄이세요",
                "Add nodes with GPUs, lower --num-gpus-per-worker")  # fmt: skip
    if name == "CPU":
        more = said("노드를 시작할 때 `ray start --num-cpus`로 논리 CPU를 늘리세요",
                    "Give nodes more logical CPUs (`ray start --num-cpus`)")  # fmt: skip
    return UnavailableError(
        said(f"Ray 클러스터에 {name}가 {there:g}개뿐이라 작업자 {placement.workers}개{share}를 둘 수 "
             f"없습니다: {wanted:g}개가 필요합니다.",
             f"The Ray cluster has {there:g} {name}s; {placement.workers} workers{share} need "
             f"{wanted:g}."),
        said(f"{more.ko}. 또는 --workers를 줄이세요.", f"{more.en}, or use fewer --workers."),
    )  # fmt: skip
