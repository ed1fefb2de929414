"""Fuzz the readers of layout files with atheris: only LayoutError, with one sentence, may come out of them.

    pip install atheris
    python scripts/fuzz_readers.py micromouse --seconds 600 --work fuzz
    python scripts/fuzz_readers.py all --seconds 600 --work fuzz      every reader, one after another
    python scripts/fuzz_readers.py keep --work fuzz                   the smallest input of each refusal into the tests

Under `--work` each reader gets a folder: `corpus`, what was found worth keeping; `findings`, inputs that crash, hang or
take more than 2 GiB; `log`. The seeds are `tests/layout/corpus/READER` and what the format's own writer makes. An input
of the reader `ros` is the yaml, then `SEPARATOR`, then the image that it names `image.png`.
"""

from __future__ import annotations

import argparse
import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
SEEDS = ROOT / "tests" / "layout" / "corpus"
SEPARATOR = b"\n\x00image\x00\n"
KEPT_BYTES, KEPT_FILES = 1024, 20
LIMITS = ["-max_len=16384", "-timeout=20", "-rss_limit_mb=2048", "-verbosity=1", "-print_final_stats=1"]


def main() -> None:
    """Fuzz one reader in this process, or all of them in one process each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("reader", help="a key of mazenav.layout.formats.registry.FORMATS, all or keep")
    parser.add_argument("--seconds", type=int, default=600)
    parser.add_argument("--work", type=Path, default=Path("fuzz"))
    options = parser.parse_args()
    if options.reader == "keep":
        keep(options.work)
        return
    if options.reader != "all":
        fuzz(options.reader, options.seconds, options.work / options.reader)
    from mazenav.layout.formats.registry import FORMATS

    for reader in FORMATS:
        command = [sys.executable, __file__, reader, "--seconds", str(options.seconds), "--work", str(options.work)]
        (options.work / reader).mkdir(parents=True, exist_ok=True)
        with (options.work / reader / "log").open("wb") as log:
            status = subprocess.run(command, stdout=log, stderr=log, check=False).returncode
        findings = sorted(path.name for path in (options.work / reader / "findings").iterdir())
        print(
            f"{reader}: {'no finding' if not findings and status == 0 else f'status {status}, {findings}'}", flush=True
        )


def fuzz(reader: str, seconds: int, work: Path) -> None:
    """Fuzz one reader; the process ends with it."""
    import atheris

    with atheris.instrument_imports(include=["mazenav.layout", "yaml", "zipfile", "json", "numpy.lib"]):
        from mazenav.layout.formats.reading import parse_file
        from mazenav.layout.formats.registry import FORMATS
        from mazenav.layout.formats.source_file import SourceFile
        from mazenav.types import LayoutError

    corpus, findings, folder = work / "corpus", work / "findings", Path(tempfile.mkdtemp(prefix="fuzz"))
    for each in (corpus, findings):
        each.mkdir(parents=True, exist_ok=True)
    write_seeds(reader, corpus)

    # A mutated member would end at its checksum, and what is behind that would never be fuzzed.
    zipfile.ZipExtFile._update_crc = lambda self, content: None  # type: ignore[attr-defined]

    def read(content: bytes) -> None:
        text, separator, image = content.partition(SEPARATOR)
        if separator:
            (folder / "image.png").write_bytes(image)
        try:
            layouts = parse_file(SourceFile("fuzz", text, folder), reader)
        except LayoutError as error:
            if "\n" in str(error) or len(str(error)) > 1000:
                raise AssertionError("not one sentence") from error
            return
        if not layouts or any(layout.walls.all() for layout in layouts):
            raise AssertionError("a layout without free cells")

    def both(content: bytes) -> None:
        for format in FORMATS.values():  # no test of a format may raise either
            format.recognise(SourceFile("fuzz", content))
        read(content)

    arguments = [sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-artifact_prefix={findings}/", *LIMITS]
    atheris.Setup(arguments, both)
    atheris.Fuzz()


def keep(work: Path) -> None:
    """Copy into `tests/layout/corpus/READER/bad` the smallest input of every sentence that a reader refuses with.

    A folder that holds `KEPT_FILES` gets no more.
    """
    from mazenav.layout.formats.reading import parse_file
    from mazenav.layout.formats.source_file import SourceFile
    from mazenav.types import LayoutError

    for corpus in sorted(work.glob("*/corpus")):
        reader = corpus.parent.name
        smallest: dict[str, bytes] = {}
        for path in sorted(corpus.iterdir()):
            content = path.read_bytes()
            with tempfile.TemporaryDirectory() as folder:
                text, separator, image = content.partition(SEPARATOR)
                if separator:
                    (Path(folder) / "image.png").write_bytes(image)
                try:
                    parse_file(SourceFile("fuzz", text, Path(folder)), reader)
                    continue
                except LayoutError as error:
                    sentence = re.sub(r"'.*'|\".*\"|\d+", "", str(error).replace(folder, ""))[:60]
            if len(content) < len(smallest.get(sentence, bytes(KEPT_BYTES))):
                smallest[sentence] = content
        kept = SEEDS / reader / "bad"
        kept.mkdir(parents=True, exist_ok=True)
        named = {hashlib.sha256(content).hexdigest()[:12]: content for content in sorted(smallest.values(), key=len)}
        new = [name for name in named if not (kept / name).exists()]
        for name in new[: max(0, KEPT_FILES - len(list(kept.iterdir())))]:
            (kept / name).write_bytes(named[name])


def write_seeds(reader: str, corpus: Path) -> None:
    """Examples of the format: those of the tests, and what its writer makes of two small layouts."""
    from mazenav.layout.formats.writing import write_layouts
    from mazenav.types import Layout, MazenavError

    for path in sorted((SEEDS / reader).rglob("*")):
        if path.is_file():
            (corpus / f"seed-{path.name}").write_bytes(path.read_bytes())
    lattice = np.ones((7, 5), np.bool_)
    lattice[1:-1, 1::2] = lattice[3, 2] = False
    with tempfile.TemporaryDirectory() as folder:
        for number, walls in enumerate((lattice, np.pad(np.zeros((31, 31), np.bool_), 1, constant_values=True))):
            walls[2::2, 2::2] = True
            source = {"starts": [[1, 1]], "goals": [[1, 3]]}
            path = Path(folder) / f"written-{number}.yaml"
            try:
                write_layouts([Layout(walls, "maze", source, thin_walls=number == 0)], path, reader)
            except MazenavError:
                continue
            image = path.with_suffix(".pgm")
            content = path.read_bytes().replace(image.name.encode(), b"image.png")
            if image.exists():
                content += SEPARATOR + image.read_bytes()
            (corpus / path.name).write_bytes(content)


if __name__ == "__main__":
    main()
