"""ROS maps: what the pixels mean, how they become cells, and what a yaml may not do."""

from __future__ import annotations

import io
import math
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from mazenav.layout.formats import grey_image, ros
from mazenav.layout.formats.coarse_grid import Pixels
from mazenav.layout.formats.reading import read_layout, read_layouts
from mazenav.layout.formats.writing import write_layouts
from mazenav.layout.graph import components
from mazenav.types import Layout, LayoutError
from tests.layout.drawings import drawn, free_shapes

MAZE = "#########\n#   #   #\n# # # # #\n# #   # #\n# # ### #\n# #     #\n#########"


def fields(**changed):
    known = {"image": "map.pgm", "resolution": 0.5, "origin": "[0, 0, 0]", "negate": 0, "mode": "trinary"}
    known |= {"occupied_thresh": 0.65, "free_thresh": 0.196}
    return "".join(f"{key}: {value}\n" for key, value in (known | changed).items() if value is not None)


def pgm(pixels):
    pixels = np.asarray(pixels, np.uint8)
    return f"P5\n# by hand\n{pixels.shape[1]} {pixels.shape[0]}\n255\n".encode() + pixels.tobytes()


def saved(pixels, kind="PNG"):
    file = io.BytesIO()
    Image.fromarray(np.asarray(pixels, np.uint8)).save(file, kind)
    return file.getvalue()


def put(folder, yaml, image, name="map.pgm"):
    (folder / name).write_bytes(image)
    (folder / "map.yaml").write_text(yaml)
    return folder / "map.yaml"


def grey(picture):
    """`#` occupied, `?` unknown, else free."""
    shades = {"#": 0, "?": 205, " ": 254}
    return np.array([[shades[letter] for letter in line] for line in picture.split("\n")], np.uint8)


@pytest.mark.parametrize("kind", ["P2", "P5", "png", "rgb", "bmp"])
def test_every_kind_of_image_is_the_same_map(kind, tmp_path):
    pixels = grey(MAZE)
    images = {
        "P2": b"P2 # plain\n9 # columns\n7\n255\n" + "\n".join(" ".join(map(str, row)) for row in pixels).encode(),
        "P5": pgm(pixels),
        "png": saved(pixels),
        "rgb": saved(np.dstack([pixels] * 3)),
        "bmp": saved(pixels, "BMP"),
    }
    layout = read_layout(put(tmp_path, fields(), images[kind]))
    assert layout == drawn(MAZE)
    assert (layout.cell_size, layout.name, layout.source["format"]) == (0.5, "map", "ros")


def occupancy(pixels, alpha=None, **changed):
    pixels = np.asarray(pixels, np.float64)[None] / 255
    opacity = None if alpha is None else np.asarray(alpha, np.float64)[None] / 255
    info = ros.MapInfo("a", 1.0, (0, 0, 0), **({"occupied_thresh": 0.65, "free_thresh": 0.196} | changed))
    return ros.occupancy_of(grey_image.Brightness(pixels, opacity, 3), info)[0].tolist()


def test_the_modes_are_those_of_map_server():
    assert occupancy([0, 89, 90, 205, 206, 254]) == [100, 100, -1, -1, 0, 0]
    assert occupancy([0, 49, 50, 254], negate=True) == [0, 0, -1, 100]
    # The trap of 205: unknown to the saver of ROS 1, free at the threshold of 0.25.
    assert occupancy([205], free_thresh=0.25) == [0]
    assert occupancy([0, 100, 128, 205, 255], mode="scale", free_thresh=0.2) == [100, 91, 66, 0, 0]
    assert occupancy([0, 50, 100, 101, 255], mode="raw", negate=True) == [0, 50, 100, -1, -1]
    # Transparency: unknown in scale, one more channel of brightness in trinary.
    assert occupancy([0, 0], alpha=[255, 254], mode="scale") == [100, -1]
    assert occupancy([0, 0, 255], alpha=[255, 0, 0], mode="trinary") == [100, 100, -1]


@pytest.mark.parametrize("mode", ["trinary", "scale", "raw"])
@pytest.mark.parametrize("negate", ["0", "1", "true", "false"])
def test_modes_and_negation_reach_the_layout(mode, negate, tmp_path):
    is_wall = grey(MAZE) == 0
    white = negate in ("1", "true")
    pixels = np.where(is_wall, 100, 0) if mode == "raw" else np.where(is_wall == white, 254, 0)
    layout = read_layout(put(tmp_path, fields(mode=mode, negate=negate), pgm(pixels)))
    assert layout == drawn(MAZE)


def test_unknown_space_is_wall_and_the_layout_is_cropped_to_what_is_free(tmp_path):
    outside = np.pad(grey("####?\n#  ?#\n#   #\n#####"), ((3, 2), (4, 1)), constant_values=205)
    layout = read_layout(put(tmp_path, fields(origin="[1.0, 2.0, 0.0]"), pgm(outside)))
    assert layout == drawn("#####\n#  ##\n#   #\n#####")
    assert layout.source["origin"] == [1.0 + 4 * 0.5, 2.0 + 2 * 0.5, 0.0]
    turned = read_layout(put(tmp_path, fields(origin=f"[1.0, 2.0, {math.pi / 2}]"), pgm(outside)))
    assert turned.source["origin"] == pytest.approx([1.0 - 2 * 0.5, 2.0 + 4 * 0.5, math.pi / 2])


@given(layout=free_shapes(closed=True), size=st.sampled_from([0.05, 0.18, 0.25, 1.0, 100.0]), x=st.floats(-1e3, 1e3))
def test_written_maps_are_read_back(layout, size, x, tmp_path_factory):
    path = tmp_path_factory.mktemp("ros") / "deep" / "map.yaml"
    write_layouts([Layout(layout.walls, "a", {"origin": [x, 0, 1]}, cell_size=size)], path)
    read = read_layout(path)
    assert read == layout
    assert read.cell_size == pytest.approx(size)
    assert read.source["origin"] == pytest.approx([x, 0, 1], abs=1e-6)
    assert sorted(file.name for file in path.parent.iterdir()) == ["map.pgm", "map.yaml"]
    assert set(np.unique(np.asarray(Image.open(path.with_suffix(".pgm"))))) <= {0, 254}


def test_a_maze_drawn_finely_is_found_again_at_its_cell_size_wherever_it_begins(tmp_path):
    rng = np.random.default_rng(0)
    for _ in range(5):
        fine = grey(MAZE).repeat(8, axis=0).repeat(8, axis=1)
        (top, left), outer = rng.integers(1, 9, 2), rng.integers(9, 15)
        fine = np.pad(fine, ((top, outer), (left, outer)), constant_values=205)
        path = put(tmp_path, fields(resolution=0.05), pgm(fine))
        assert read_layout(path, cell_size=0.4) == drawn(MAZE)
        assert read_layout(path, cell_size=0.4).cell_size == pytest.approx(0.4)


@given(seed=st.integers(0, 2**32), pixels=st.integers(2, 30))
def test_no_wall_of_one_pixel_is_lost(seed, pixels):
    rng = np.random.default_rng(seed)
    height, width = rng.integers(3 * pixels, 8 * pixels, 2)
    occupied = np.zeros((height, width), np.bool_)
    column = rng.integers(pixels, width - pixels)
    occupied[:, column] = True
    coarse = Pixels(~occupied, occupied).cropped(pixels)
    labels = components(coarse.walls)
    assert labels.max() <= 1
    free = np.flatnonzero((~coarse.walls).any(axis=0)).tolist()
    assert int((column + 0.5 - coarse.left) // pixels) not in free


@given(seed=st.integers(0, 2**32), pixels=st.floats(1.0, 9.0))
def test_shares_are_those_of_counting(seed, pixels):
    rng = np.random.default_rng(seed)
    free = rng.random(rng.integers(1, 12, 2)) < 0.7
    free[0, 0] = True
    fine = 40
    coarse = Pixels(free, ~free)._coarse(pixels, -0.5, 0.25, 3, 2)
    spread = np.pad(free, 40).repeat(fine, axis=0).repeat(fine, axis=1)
    for row, column in np.ndindex(3, 2):
        top, left = (40 - 0.5 + row * pixels) * fine, (40 + 0.25 + column * pixels) * fine
        part = spread[round(top) : round(top + pixels * fine), round(left) : round(left + pixels * fine)]
        if abs(part.mean() - 0.5) > 0.1:
            few_walls = part.mean() > 0.5 and ((1 - part.mean()) < 0.4 / pixels)
            assert not coarse.walls[row, column] or not few_walls
            assert coarse.walls[row, column] or part.mean() > 0.5


ALIASES = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n" + fields()
BAD = [
    ({"image": None}, "needs the field image, found none"),
    ({"image": "[a, b]"}, "field image: expected the name of a file"),
    ({"image": "/etc/passwd"}, "it names '/etc/passwd', which leads out of the folder it lies in"),
    ({"image": "../map.pgm"}, r"it names '\.\./map\.pgm', which leads out of the folder"),
    ({"image": "away/map.pgm"}, "it names 'away/map.pgm', which leads out of the folder"),
    ({"image": "missing.pgm"}, r"missing\.pgm: the layout file cannot be read: No such file"),
    ({"image": '"a\\nb"'}, "the layout file cannot be read"),
    ({"image": "a" * 5000}, "cannot be"),
    ({"resolution": None}, "needs the field resolution"),
    ({"resolution": "wide"}, "field resolution: expected a number, found 'wide'"),
    ({"resolution": 0}, "expected a resolution above 0"),
    ({"resolution": ".nan"}, "field resolution: expected a number"),
    ({"resolution": "1" * 5000}, "field resolution: expected a number"),
    ({"origin": "[0, 0]"}, r"field origin: expected \[x, y, yaw\]"),
    ({"origin": "[0, 0, inf]"}, "field origin: expected a number, found 'inf'"),
    ({"negate": 2}, "field negate: expected 0, 1, true or false, found '2'"),
    ({"mode": "blue"}, "field mode: expected trinary, scale, raw, found 'blue'"),
    ({"free_thresh": 0.9}, "expected 0 <= free_thresh <= occupied_thresh <= 1, found 0.9 and 0.65"),
    ({"cell_size": 0.1}, "and no cell_size below it"),
    ({"cell_size": 100}, "no cell of 100 m is free"),
]


@pytest.mark.parametrize(("changed", "words"), BAD)
def test_bad_fields_get_one_sentence(changed, words, tmp_path):
    folder = tmp_path / "maps"
    folder.mkdir()
    (tmp_path / "map.pgm").write_bytes(pgm(grey(MAZE)))
    (folder / "away").symlink_to(tmp_path)
    path = put(folder, fields(**changed), pgm(grey(MAZE)))
    with pytest.raises(LayoutError, match=words) as caught:
        read_layout(path, "ros")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("yaml", "words"),
    [
        (ALIASES, "line 2: this is no yaml of a map: found an alias"),
        ("[" * 9000, "line 1: this is no yaml of a map: it is nested too deeply"),
        (fields() + "x: " + "y" * 20000, "bytes are more than the yaml of a map may have"),
        (fields() + "x: [1", "this is no yaml of a map: "),
        (fields() + "x: !!python/object/apply:os.system [ls]\ny: *no", "found an alias"),
        ("- image: x\n- resolution: y\n", "line 1: expected the fields of a map"),
        ("", "the layout file is empty"),
    ],
)
def test_yaml_bombs_and_broken_yaml_are_refused(yaml, words, tmp_path):
    with pytest.raises(LayoutError, match=words) as caught:
        read_layout(put(tmp_path, yaml, pgm(grey(MAZE))), "ros")
    assert "\n" not in str(caught.value)


def test_tags_in_a_yaml_make_nothing(tmp_path):
    path = put(tmp_path, fields() + "x: !!python/object/apply:os.mkdir [made]\n", pgm(grey(MAZE)))
    assert read_layout(path) == drawn(MAZE)
    assert sorted(file.name for file in tmp_path.iterdir()) == ["map.pgm", "map.yaml"]


def png_of_size(width, height):
    content = bytearray(saved(np.zeros((1, 1))))
    content[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    content[29:33] = zlib.crc32(content[12:29]).to_bytes(4, "big")
    return bytes(content)


@pytest.mark.parametrize(
    ("image", "words"),
    [
        (b"P5 60000 60000 255\n", "has more pixels than may be|60000 x 60000 pixels, expected 1 to"),
        (b"P2 60000 60000 255\n0", "has more pixels than may be|60000 x 60000 pixels, expected 1 to"),
        (png_of_size(60000, 60000), "has more pixels than may be|60000 x 60000 pixels, expected 1 to"),
        (png_of_size(4097, 4096), "an image of 4097 x 4096 pixels, expected 1 to 16777216 pixels"),
        (png_of_size(0, 3), "this is no whole PGM, PNG or BMP image|0 x 3"),
        (pgm(grey(MAZE))[:-1], "this is no whole PGM, PNG or BMP image"),
        (saved(grey(MAZE))[:-32], "this is no whole PGM, PNG or BMP image"),
        (b"GIF89a", "unknown content"),
        (b"", "unknown content"),
        (pgm(np.zeros((3, 3))), "no pixel of the image is free"),
    ],
    ids=range(10),
)
def test_bad_images_get_one_sentence(image, words, tmp_path):
    with pytest.raises(LayoutError, match=words) as caught:
        read_layout(put(tmp_path, fields(), image))
    assert "\n" not in str(caught.value)


def test_wanted_cells_must_fit_and_are_for_maps_only(tmp_path):
    path = put(tmp_path, fields(), pgm(grey(MAZE)))
    with pytest.raises(LayoutError, match=r"cells of 0\.1 m are finer than the map's 0\.5 m a pixel"):
        read_layout(path, cell_size=0.1)
    with pytest.raises(LayoutError, match="the size of a cell must be above 0, found -1"):
        read_layout(path, cell_size=-1.0)
    (tmp_path / "a.txt").write_text("###\n# #\n###\n")
    with pytest.raises(LayoutError, match="cells of a wanted size are made of ros only, not of text"):
        read_layout(tmp_path / "a.txt", cell_size=1.0)
    (tmp_path / "a.txt").unlink()
    assert read_layouts(tmp_path, cell_size=0.5) == [drawn(MAZE)]


def test_what_a_map_cannot_hold_is_said(tmp_path):
    thin = drawn("#####\n#   #\n#####", thin_walls=True)
    with pytest.raises(LayoutError, match="a ROS map has walls as thick as its cells"):
        write_layouts([thin], tmp_path / "a.yaml")
    with pytest.raises(LayoutError, match="a ROS map holds one layout, found 2"):
        write_layouts([drawn(MAZE)] * 2, tmp_path / "a.yaml")
    with pytest.raises(LayoutError, match="named by its yaml"):
        write_layouts([drawn(MAZE)], tmp_path / "a.pgm", "ros")
    assert list(tmp_path.iterdir()) == []


def test_real_maps_become_navigable_layouts(external):
    layouts = {layout.name: layout for layout in read_layouts(external / "ros")}
    assert sorted(layouts) == ["depot", "maze", "testmap", "turtlebot3"]
    for name, layout in layouts.items():
        assert layout.walls[[0, -1]].all(), name
        assert layout.walls[:, [0, -1]].all(), name
        labels = components(layout.walls)
        sizes = np.bincount(labels[labels >= 0])
        assert sizes.max() >= 0.9 * sizes.sum(), name
        assert 10 <= max(layout.shape) <= 40, name
    assert layouts["testmap"].cell_size == 0.1
    # The saved map of map_server's own tests, ten cells a side, all free or occupied.
    free = (np.asarray(Image.open(external / "ros" / "testmap.pgm")) > 200).sum()
    assert len(layouts["testmap"].free_cells()) == free
