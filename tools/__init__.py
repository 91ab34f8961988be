"""What makes the documentation: the site, its pictures; and what makes a release. Not part of the program."""
