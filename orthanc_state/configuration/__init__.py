"""Orthanc's own configuration files: read as Orthanc reads them, and written. No network."""
