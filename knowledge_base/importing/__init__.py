"""FAQ files and pages: read row by row, compared with what is served before anything is written, and exported."""
