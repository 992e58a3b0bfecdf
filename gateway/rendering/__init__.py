"""Permits and reports as people read them: text, HTML, PDF. Pure: values in, text or bytes out."""
