"""The work behind `ecites permit check`: one file, or folders of any size on all cores."""
