"""The one build step that pyproject.toml cannot say: `layouts/` and `models/` travel inside the wheel."""

from __future__ import annotations

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).parent
DATA = ("layouts", "models")


class BuildWithData(build_py):
    """Copies the plural folders of the repository into `mazenav/_data` of what is built."""

    def run(self) -> None:
        """Build the modules, then lay the data beside them; an editable install reads the repository itself."""
        super().run()
        if self.editable_mode:
            return
        for name in DATA:
            target = Path(self.build_lib, "mazenav", "_data", name)
            shutil.rmtree(target, ignore_errors=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, target, ignore=shutil.ignore_patterns(".*", "*.tmp"))


setup(cmdclass={"build_py": BuildWithData})
