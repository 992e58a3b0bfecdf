import pytest

from gateway.errors import ConfigurationError
from gateway.storage.directory_files import DirectoryFolder


@pytest.fixture
def folder(tmp_path):
    """A folder that does not exist yet."""
    return DirectoryFolder(tmp_path / "partners.d")


def test_a_folder_that_does_not_exist_holds_nothing(folder):
    """A gateway without imported directories needs no folder."""
    assert folder.read() == {}


def test_only_what_was_placed_counts(folder):
    """A crash between writing and placing leaves the old edition in force."""
    folder.place(folder.prepare("hub", b"first"))
    waiting = folder.prepare("hub", b"second")
    assert folder.read() == {folder.file_of("hub"): b"first"}
    folder.place(waiting)
    assert folder.read() == {folder.file_of("hub"): b"second"}
    assert [file.name for file in folder.path.iterdir()] == ["hub.xml"]


def test_a_folder_that_cannot_be_used_is_a_sentence(tmp_path):
    """A file where the folder should be, and a folder where a file should be, give no traceback."""
    (tmp_path / "partners.d").write_bytes(b"")
    with pytest.raises(ConfigurationError, match="cannot be written"):
        DirectoryFolder(tmp_path / "partners.d").prepare("hub", b"")
    (tmp_path / "other" / "hub.xml").mkdir(parents=True)
    with pytest.raises(ConfigurationError, match="cannot be read"):
        DirectoryFolder(tmp_path / "other").read()
    with pytest.raises(ConfigurationError, match="put in its place"):
        DirectoryFolder(tmp_path / "other").place(tmp_path / "other" / "missing.new")
