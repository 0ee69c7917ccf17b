"""A run's folder is written all of it or not at all, and nothing that a person put there is ever lost."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest

import planshift
from planshift import disk
from planshift.problems import OutputError
from planshift.reports import folder
from planshift.reports.folder import InputFile, check_target, digest, write_folder

FIRST = {"invoices.csv": "date,amount\n2026-01-01,1.00\n", "charts/seats.png": b"\x89PNG"}
SECOND = {"invoices.csv": "date,amount\n2026-01-01,2.00\n"}
MANIFEST = {"command": "planshift simulate"}


def written(below: Path) -> dict[str, bytes]:
    """Every file below a folder, hidden ones included, and what it holds."""
    return {path.relative_to(below).as_posix(): path.read_bytes() for path in below.rglob("*") if path.is_file()}


def entries(below: Path) -> set[str]:
    """Every name below a folder, folders included."""
    return {path.relative_to(below).as_posix() for path in below.rglob("*")}


@contextlib.contextmanager
def unchanged(below: Path) -> Iterator[None]:
    """Everything below a folder is afterwards as it was before."""
    before = written(below), entries(below)
    yield
    assert (written(below), entries(below)) == before


def raising(error: BaseException) -> Callable[..., None]:
    """A writer that writes something and then fails."""

    def writer(path: Path, *_: object) -> None:
        with path.open("w") as file:
            file.write("half")
        raise error

    return writer


def refused(out: Path, words: str) -> None:
    """``out`` is refused with these words, early and late, and nothing is changed around it."""
    with unchanged(out.parent):
        with pytest.raises(OutputError) as early:
            check_target(out)
        with pytest.raises(OutputError) as late:
            write_folder(out, SECOND, MANIFEST)
    assert words in str(early.value)
    assert str(early.value) == str(late.value)


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """A folder that planshift wrote."""
    out = tmp_path / "run"
    write_folder(out, FIRST, MANIFEST)
    return out


class TestWhatIsWritten:
    def test_text_bytes_and_what_a_writer_writes(self, tmp_path: Path) -> None:
        write_folder(tmp_path / "run", {**FIRST, "by_writer.txt": lambda path: path.write_text("é")}, MANIFEST)
        files = written(tmp_path / "run")
        assert files.keys() == {"invoices.csv", "charts/seats.png", "by_writer.txt", "manifest.json"}
        assert files["invoices.csv"] == b"date,amount\n2026-01-01,1.00\n"
        assert files["charts/seats.png"] == b"\x89PNG"

    def test_nothing_beside_the_folder(self, run: Path) -> None:
        assert [path.name for path in run.parent.iterdir()] == ["run"]

    def test_the_manifest_says_who_how_and_from_what(self, tmp_path: Path) -> None:
        source = tmp_path / "scenario.yaml"
        source.write_bytes(b"kind: scenario\n")
        said = {"command": "planshift renew x", "inputs": [InputFile.of(source, "x.yaml")], "total": Decimal("1.50")}
        write_folder(tmp_path / "run", {"b.csv": "b", "a.csv": "a"}, said)
        text = (tmp_path / "run" / "manifest.json").read_text(encoding="utf-8")
        assert json.loads(text) == {
            "command": "planshift renew x",
            "files": [
                {"name": "a.csv", "sha256": hashlib.sha256(b"a").hexdigest()},
                {"name": "b.csv", "sha256": hashlib.sha256(b"b").hexdigest()},
            ],
            "inputs": [
                {"path": "x.yaml", "sha256": hashlib.sha256(b"kind: scenario\n").hexdigest(), "bytes": 15},
            ],
            "made_by": "planshift",
            "seed": None,
            "total": "1.50",
            "version": planshift.__version__,
        }
        assert text == json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n"

    def test_what_is_handed_in_does_not_replace_what_is_filled_in(self, tmp_path: Path) -> None:
        write_folder(tmp_path / "run", FIRST, {"made_by": "me", "files": []})
        manifest = json.loads((tmp_path / "run" / "manifest.json").read_bytes())
        assert manifest["made_by"] == "planshift"
        assert len(manifest["files"]) == 2

    def test_the_same_run_gives_the_same_bytes(self, tmp_path: Path) -> None:
        write_folder(tmp_path / "one", FIRST, MANIFEST)
        write_folder(tmp_path / "two", dict(reversed(FIRST.items())), MANIFEST)
        assert written(tmp_path / "one") == written(tmp_path / "two")

    def test_missing_parents_are_made(self, tmp_path: Path) -> None:
        write_folder(tmp_path / "a" / "b" / "run", FIRST, MANIFEST)
        assert written(tmp_path).keys() == {f"a/b/run/{name}" for name in (*FIRST, "manifest.json")}

    def test_the_folder_can_be_read_by_whom_the_user_lets(self, tmp_path: Path) -> None:
        (tmp_path / "usual").mkdir()
        write_folder(tmp_path / "run", FIRST, MANIFEST)
        assert (tmp_path / "run").stat().st_mode == (tmp_path / "usual").stat().st_mode

    @pytest.mark.parametrize("name", ["", ".", "..", "../x", "/x", "a/../x", "a//x", "a\\x", "C:x", "manifest.json"])
    def test_a_name_that_leads_out_of_the_folder_is_refused(self, tmp_path: Path, name: str) -> None:
        with pytest.raises(OutputError, match="plain name"):
            write_folder(tmp_path / "run", {name: "x"}, MANIFEST)
        assert entries(tmp_path) == set()

    def test_digest(self, tmp_path: Path) -> None:
        (tmp_path / "x").write_bytes(b"abc")
        assert digest(tmp_path / "x") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


class TestWhatWasThere:
    def test_planshifts_own_folder_is_replaced_whole(self, run: Path) -> None:
        write_folder(run, SECOND, MANIFEST)
        assert written(run.parent).keys() == {"run/invoices.csv", "run/manifest.json"}
        assert b"2.00" in (run / "invoices.csv").read_bytes()

    def test_it_is_also_when_some_of_it_was_removed(self, run: Path) -> None:
        shutil.rmtree(run / "charts")
        write_folder(run, SECOND, MANIFEST)
        assert entries(run.parent) == {"run", "run/invoices.csv", "run/manifest.json"}

    def test_it_keeps_its_permissions(self, run: Path) -> None:
        run.chmod(0o750)
        write_folder(run, SECOND, MANIFEST)
        assert run.stat().st_mode & 0o777 == 0o750

    def test_an_empty_folder_is_used(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / ".DS_Store").touch()
        write_folder(tmp_path / "run", SECOND, MANIFEST)
        assert written(tmp_path).keys() == {"run/invoices.csv", "run/manifest.json"}

    def test_the_folder_may_be_written_again_and_again(self, run: Path) -> None:
        for _ in range(3):
            check_target(run)
            write_folder(run, FIRST, MANIFEST)
        assert entries(run) == {*FIRST, "charts", "manifest.json"}

    def test_a_folder_of_somebody_else_is_left_alone(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "thesis.txt").write_text("mine")
        refused(tmp_path / "run", "holds thesis.txt and was not made by planshift - choose another folder")

    @pytest.mark.parametrize(
        "text", ["", "[]", "{}", '{"made_by": "me", "files": []}', '{"made_by": "planshift"}', "[" * 100_000]
    )
    def test_a_manifest_of_something_else_makes_nothing_planshifts(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "run").mkdir()
        (tmp_path / "run" / "manifest.json").write_text(text)
        refused(tmp_path / "run", "holds manifest.json and was not made by planshift")

    @pytest.mark.parametrize("name", ["notes.txt", "charts/notes.txt", "mine/notes.txt"])
    def test_a_file_that_the_user_added_is_never_deleted(self, run: Path, name: str) -> None:
        (run / name).parent.mkdir(exist_ok=True)
        (run / name).write_text("mine")
        refused(run, f"holds {name}, which planshift did not write - move what you want to keep elsewhere")

    def test_nor_an_empty_folder_that_the_user_added(self, run: Path) -> None:
        (run / "mine").mkdir()
        refused(run, "holds mine/, which planshift did not write")

    def test_nor_a_file_that_the_user_changed(self, run: Path) -> None:
        (run / "invoices.csv").write_text("my corrections")
        refused(run, "was changed since: invoices.csv - move what you want to keep")

    def test_nor_a_link_that_the_user_put_in_place_of_a_file(self, run: Path) -> None:
        (run / "invoices.csv").rename(run.parent / "mine.csv")
        (run / "invoices.csv").symlink_to(run.parent / "mine.csv")
        refused(run, "holds invoices.csv, which planshift did not write")

    def test_many_foreign_files_are_counted(self, tmp_path: Path) -> None:
        (tmp_path / "run").mkdir()
        for number in range(5):
            (tmp_path / "run" / f"{number}.txt").touch()
        refused(tmp_path / "run", "holds 0.txt, 1.txt, 2.txt and 2 more and was not made")

    def test_a_file_added_while_the_run_is_written_is_not_lost(self, run: Path) -> None:
        def writer(path: Path) -> None:
            path.write_text("x")
            (run / "notes.txt").write_text("mine")

        with pytest.raises(OutputError, match=r"holds notes\.txt, which planshift did not write"):
            write_folder(run, {"x": writer}, MANIFEST)
        assert entries(run) == {*FIRST, "charts", "notes.txt", "manifest.json"}
        assert [path.name for path in run.parent.iterdir()] == ["run"]

    def test_nor_one_added_at_the_last_moment(self, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        copymode = shutil.copymode

        def late(source: Path, target: Path) -> None:
            copymode(source, target)
            (run / "notes.txt").write_text("mine")

        monkeypatch.setattr(shutil, "copymode", late)
        with pytest.raises(OutputError, match=r"holds notes\.txt"):
            write_folder(run, SECOND, MANIFEST)
        assert (run / "notes.txt").read_text() == "mine"
        assert [path.name for path in run.parent.iterdir()] == ["run"]


class TestWhereNothingCanBeWritten:
    def test_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "run").write_text("mine")
        refused(tmp_path / "run", "is a file - choose another folder")

    def test_below_a_file(self, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("mine")
        refused(tmp_path / "file" / "a" / "run", "file: is a file, so no folder can be made in it")

    def test_a_link_to_a_folder(self, run: Path) -> None:
        (run.parent / "latest").symlink_to(run)
        refused(run.parent / "latest", f"is a link to {run} - name that folder itself")

    def test_a_link_to_nothing(self, tmp_path: Path) -> None:
        (tmp_path / "latest").symlink_to(tmp_path / "gone")
        refused(tmp_path / "latest", "is a link to")

    def test_a_folder_reached_through_a_link_is_as_good_as_any(self, tmp_path: Path) -> None:
        (tmp_path / "real").mkdir()
        (tmp_path / "link").symlink_to(tmp_path / "real")
        write_folder(tmp_path / "link" / "run", FIRST, MANIFEST)
        write_folder(tmp_path / "link" / "run", SECOND, MANIFEST)
        assert written(tmp_path / "real").keys() == {"run/invoices.csv", "run/manifest.json"}

    @pytest.mark.parametrize("out", [".", "..", "../run"])
    def test_the_folder_that_the_user_is_in(self, run: Path, monkeypatch: pytest.MonkeyPatch, out: str) -> None:
        monkeypatch.chdir(run / "charts" if out == ".." else run)
        with pytest.raises(OutputError, match="is the folder you are in"):
            write_folder(Path(out), SECOND, MANIFEST)

    def test_a_mount_point(self) -> None:
        with pytest.raises(OutputError, match=r"is a mount point|is the folder you are in|may not"):
            check_target(Path("/"))

    def test_a_parent_that_may_not_be_written(self, tmp_path: Path) -> None:
        (tmp_path / "locked").mkdir(mode=0o555)
        if os.access(tmp_path / "locked", os.W_OK):
            pytest.skip("this user may write everywhere")
        refused(tmp_path / "locked" / "a" / "run", "you may not write here")

    def test_nor_where_the_system_says_so(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: False)
        refused(tmp_path / "a" / "run", "you may not write here - choose another folder")

    def test_a_folder_that_may_not_be_written(self, run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(os, "access", lambda path, mode: Path(path) != run)
        refused(run, "you may not read or write it")


class TestAllOrNothing:
    @pytest.fixture(params=["new", "new parents", "empty", "replaced"])
    def out(self, request: pytest.FixtureRequest, tmp_path: Path) -> Path:
        out = tmp_path / "a" / "run" if request.param == "new parents" else tmp_path / "run"
        if request.param == "empty":
            out.mkdir()
        if request.param == "replaced":
            write_folder(out, FIRST, MANIFEST)
        return out

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(1), ValueError("a mistake"), MemoryError()])
    def test_whatever_a_writer_raises(self, tmp_path: Path, out: Path, error: BaseException) -> None:
        with unchanged(tmp_path), pytest.raises(type(error)):
            write_folder(out, {**SECOND, "fails.csv": raising(error)}, MANIFEST)

    def test_a_writer_that_writes_nothing(self, tmp_path: Path, out: Path) -> None:
        with unchanged(tmp_path), pytest.raises(RuntimeError, match=r"the writer of lazy\.csv wrote no such file"):
            write_folder(out, {**SECOND, "lazy.csv": lambda path: None}, MANIFEST)

    def test_a_manifest_that_json_cannot_hold(self, tmp_path: Path, out: Path) -> None:
        with unchanged(tmp_path), pytest.raises(TypeError, match="a manifest cannot hold"):
            write_folder(out, SECOND, {"command": object()})

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_a_full_disk(self, tmp_path: Path, out: Path, number: int) -> None:
        full = raising(OSError(number, os.strerror(number)))
        with unchanged(tmp_path), pytest.raises(OutputError, match="the disk is full; nothing was written - make room"):
            write_folder(out, {**SECOND, "long.csv": full}, MANIFEST)

    def test_a_disk_that_is_full_for_our_own_writes(
        self, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Path, "write_bytes", raising(OSError(errno.ENOSPC, "No space left on device")))
        with unchanged(tmp_path), pytest.raises(OutputError, match=rf"^{out}: the disk is full"):
            write_folder(out, SECOND, MANIFEST)

    def test_a_disk_that_refuses(self, tmp_path: Path, out: Path) -> None:
        refusing = raising(OSError(errno.EROFS, "Read-only file system"))
        with unchanged(tmp_path), pytest.raises(OutputError, match=r"cannot be written \(Read-only file system\)"):
            write_folder(out, {"long.csv": refusing}, MANIFEST)

    def test_an_error_that_is_not_the_disks_goes_through(self, tmp_path: Path, out: Path) -> None:
        with unchanged(tmp_path), pytest.raises(FileNotFoundError, match=r"template\.html"):
            write_folder(out, {"page.html": raising(FileNotFoundError(errno.ENOENT, "no", "template.html"))}, MANIFEST)

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.EIO, "Input/output error")])
    def test_when_the_renaming_fails(
        self, tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        rename = Path.rename

        def failing(self: Path, target: Path) -> Path:
            if target == out and (self / "new.csv").exists():
                raise error
            return rename(self, target)

        monkeypatch.setattr(disk, "_exchanged", lambda *_: False)
        for name in ("rename", "replace"):
            monkeypatch.setattr(Path, name, failing)
        with unchanged(tmp_path), pytest.raises((KeyboardInterrupt, OutputError)):
            write_folder(out, {"new.csv": "x"}, MANIFEST)

    @pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(errno.EIO, "Input/output error")])
    def test_when_something_fails_after_the_exchange(
        self, tmp_path: Path, run: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
    ) -> None:
        exchanged = disk._exchanged
        times: list[int] = []

        def failing(one: Path, other: Path) -> bool:
            done = exchanged(one, other)
            if not times:
                times.append(1)
                raise error
            return done

        monkeypatch.setattr(disk, "_exchanged", failing)
        with unchanged(tmp_path), pytest.raises((KeyboardInterrupt, OutputError)):
            write_folder(run, {"new.csv": "x"}, MANIFEST)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="a fork dies in place of a run")
    def test_an_old_folder_that_a_dead_run_put_aside_comes_back(self, tmp_path: Path, run: Path) -> None:
        before = written(tmp_path)
        child = os.fork()
        if not child:
            disk._exchanged = lambda *_: False
            rename = Path.rename
            Path.rename = lambda old, new: os._exit(9) if new == run else rename(old, new)  # type: ignore[method-assign]
            try:
                write_folder(run, SECOND, MANIFEST)
            finally:
                os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        assert not run.exists()
        check_target(run)
        assert written(tmp_path) == before

    def test_what_a_living_run_has_hidden_is_left_alone(self, tmp_path: Path, run: Path) -> None:
        def writer(path: Path) -> None:
            write_folder(run, SECOND, MANIFEST)
            assert path.parent.is_dir()
            path.write_text("x")

        write_folder(tmp_path / "other", {"x": writer}, MANIFEST)
        assert written(tmp_path).keys() >= {"other/x", "run/invoices.csv"}

    def test_a_file_that_a_user_put_in_a_folder_that_a_dead_run_replaced_is_kept(self, run: Path) -> None:
        hidden = run.parent / ".planshift-0123456789ab"
        run.rename(hidden)
        (hidden / "notes.txt").write_text("mine")
        (run.parent / f"{hidden.name}.lock").write_text("run")
        write_folder(run, SECOND, MANIFEST)
        assert (hidden / "notes.txt").read_text() == "mine"
        (hidden / "notes.txt").unlink()
        check_target(run)
        assert [path.name for path in run.parent.iterdir()] == ["run"]

    def test_a_hidden_folder_of_somebody_else_is_left_alone(self, run: Path) -> None:
        (run.parent / ".planshift-notes").mkdir()
        write_folder(run, SECOND, MANIFEST)
        assert (run.parent / ".planshift-notes").is_dir()

    def test_parallel_runs_into_new_folders_beside_each_other(self, tmp_path: Path) -> None:
        def writer(path: Path) -> None:
            write_folder(tmp_path / "runs" / "two", SECOND, MANIFEST)
            path.write_text("x")

        write_folder(tmp_path / "runs" / "one", {"x": writer}, MANIFEST)
        assert {path.name for path in (tmp_path / "runs").iterdir()} == {"one", "two"}


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A filesystem of 64 KiB, where the machine lets the tests mount one."""
    mount, umount = shutil.which("mount"), shutil.which("umount")
    if not mount or not umount:
        pytest.skip("no mount command here")
    disk = tmp_path / "disk"
    disk.mkdir()
    command = [mount, "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("this user may not mount a filesystem here")
    yield disk
    subprocess.run([umount, str(disk)], check=True)


class TestReallyFullDisk:
    def test_a_run_that_does_not_fit_leaves_nothing(self, tiny_disk: Path) -> None:
        with pytest.raises(OutputError, match="the disk is full"):
            write_folder(tiny_disk / "a" / "run", {"long.csv": "x" * 100_000}, MANIFEST)
        assert entries(tiny_disk) == set()

    def test_one_that_a_library_writes_neither(self, tiny_disk: Path) -> None:
        pandas = pytest.importorskip("pandas")
        frame = pandas.DataFrame({"amount": range(50_000)})
        write_folder(tiny_disk / "run", FIRST, MANIFEST)
        with unchanged(tiny_disk), pytest.raises(OutputError, match="the disk is full"):
            write_folder(tiny_disk / "run", {"long.csv": frame.to_csv}, MANIFEST)

    def test_the_mount_point_itself_cannot_be_the_folder(self, tiny_disk: Path) -> None:
        with pytest.raises(OutputError, match="is a mount point - name a folder inside it"):
            check_target(tiny_disk)


def test_nothing_but_the_documented_names_is_public() -> None:
    public = {name for name, value in vars(folder).items() if getattr(value, "__module__", "") == folder.__name__}
    documented = {"InputFile", "check_picture_target", "check_target", "digest", "write_folder", "write_picture"}
    assert {name for name in public if not name.startswith("_")} == documented
