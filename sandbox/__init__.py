"""Paperboy without an account and without the internet. It may import any folder; none imports it."""
