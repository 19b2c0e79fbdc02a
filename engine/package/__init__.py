"""The contest package: a whole contest in a folder or zip, in and out."""

from engine.package.compute import Computed, Turn, compute, computed_rounds
from engine.package.faults import PackageFault, PackageFaults
from engine.package.read import read_contest, read_package
from engine.package.write import package_files, write_package

__all__ = [
    "Computed",
    "PackageFault",
    "PackageFaults",
    "Turn",
    "compute",
    "computed_rounds",
    "package_files",
    "read_contest",
    "read_package",
    "write_package",
]
