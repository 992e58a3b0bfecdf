"""What runs beside the web server; each worker calls flows."""
