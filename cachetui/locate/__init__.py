"""What a location means: paths, configured mirrors and public names to sources."""
