"""From settings to the things that a gateway works with: keys, certificates, directories, the database."""
