"""The judge's certificate: texts of known direction in, what the judge earned out. No I/O but the texts."""
