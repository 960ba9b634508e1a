"""Builders of what tests read: indexes and mirrors, pages, homes with Spack's configuration."""
