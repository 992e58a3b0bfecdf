"""What tests share: builders of real documents, keys and records, and the ports fulfilled in memory."""
