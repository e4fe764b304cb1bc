"""Unpacks wheels, each into a directory named after its package, with the executable bits an installation sets."""

import shutil
import sys
import zipfile
from pathlib import Path


def unpack(wheels, packages):
    for wheel in sorted(wheels.glob("*.whl")):
        place = packages / wheel.name.split("-")[0].replace("_", "-").lower()
        with zipfile.ZipFile(wheel) as archive:
            for record in archive.infolist():
                path = Path(archive.extract(record, place))
                if not record.is_dir() and (record.external_attr >> 16) & 0o100:
                    path.chmod(0o755)


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    unpack(source, partial)
    partial.rename(target)
